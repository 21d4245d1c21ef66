"""The gaps that stand out, as sentences: the widest of each measure and dimension, and those leveled down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vbpmeasure.report.equity import NARROWED, WORSE, Equity
from vbpmeasure.report.figures import Rate
from vbpmeasure.report.numbers import interval, one, percent
from vbpmeasure.report.pages.common import Material, dimension_words, rate_anchor

# Of a list of gaps; the pages of the measures have all.
MOST_GAPS = 12


@dataclass(frozen=True, slots=True)
class GapLine:
    """One gap in words; ``members`` is how many results must change until the group is level, ``units`` whose."""

    rate: Rate
    dimension: str
    stratum: str
    text: str
    members: int
    anchor: str
    units: str = "children"


def gap_lines(material: Material, dimension: str | None = None) -> tuple[GapLine, ...]:
    """Return the gaps judged ``worse``, the most children first: one for each measure, dimension and group.

    Rates of a measure overlap (ages and their total, the parts of a bundle), so only the one with the most children to
    parity stands for them.
    """
    equity = material.equity
    if equity is None:
        return ()
    best: dict[tuple[str, str, str], GapLine] = {}
    for rate in material.now.rates:
        for (measure, name, by), rows in equity.pairs.items():
            if (measure, name) != rate.key or (dimension is not None and by != dimension):
                continue
            for row in rows.values():
                if row["verdict"] == WORSE:
                    line = _line(rate, by, row, _units(material, rate))
                    key = (measure, by, line.stratum)
                    if key not in best or best[key].members < line.members:
                        best[key] = line
    return tuple(sorted(best.values(), key=lambda line: (-line.members, line.rate.key, line.dimension, line.stratum)))


def leveling_down(material: Material) -> tuple[GapLine, ...]:
    """Return the gaps that narrowed because the reference group got worse.

    Of all that did by their point estimates, those where the change is more than chance or a gap is still there: the
    pages of the measures name the others. Of a measure, the rate whose gap changed most stands for it.
    """
    equity = material.equity
    if equity is None:
        return ()
    found: dict[tuple[str, str, str], tuple[float, GapLine]] = {}
    for rate in material.now.rates:
        for (measure, name, by), rows in equity.trends.items():
            if (measure, name) != rate.key:
                continue
            for row in rows.values():
                change = abs(row["previous_gap"] or 0.0) - abs(row["gap"] or 0.0)
                key = (measure, by, row["stratum"])
                if row["leveling_down"] and _matters(equity, rate, by, row) and change > found.get(key, (0.0,))[0]:
                    found[key] = (change, _leveled(rate, by, row))
    return tuple(line for _, line in found.values())


def _matters(equity: Equity, rate: Rate, dimension: str, row: Mapping[str, Any]) -> bool:
    now = equity.of((*rate.key, dimension), row["stratum"])
    return row["direction"] == NARROWED or (now is not None and now["verdict"] == WORSE)


def _units(material: Material, rate: Rate) -> str:
    stages = material.now.stages.get(rate.key, ())
    return "events" if stages and stages[0].unit == "events" else "children"


def _line(rate: Rate, dimension: str, row: Mapping[str, Any], units: str) -> GapLine:
    way = "above" if row["rd"] > 0 else "below"
    unsure = interval(*sorted((abs(row["rd_low"]) * 100, abs(row["rd_high"]) * 100)))
    members = int(row["gap_to_parity"] or 0)
    text = (
        f"{row['stratum']}: {percent(row['value'] * 100)}, {one(abs(row['rd']) * 100)} points {way} {row['reference']} "
        f"({percent(row['reference_value'] * 100)}; 95% interval {unsure})."
    )
    return GapLine(rate, dimension, row["stratum"], text, members, rate_anchor(rate), units)


def _leveled(rate: Rate, dimension: str, row: Mapping[str, Any]) -> GapLine:
    text = (
        f"{dimension_words(dimension)}, {row['stratum']}: the gap went from {one(abs(row['previous_gap']) * 100)} to "
        f"{one(abs(row['gap']) * 100)} points because {row['reference']} went from "
        f"{percent(row['reference_previous_value'] * 100)} to {percent(row['reference_value'] * 100)}."
    )
    return GapLine(rate, dimension, row["stratum"], text, 0, rate_anchor(rate))
