"""The equity page: by dimension, which groups fare worse, by how much, how sure, and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.report.equity import Equity
from vbpmeasure.report.numbers import interval, one, points
from vbpmeasure.report.pages.common import Material, Table, TableRow, dimension_words, rate_words
from vbpmeasure.report.pages.completeness import completeness_tables
from vbpmeasure.report.pages.dimension import DimensionSection, dimension_section
from vbpmeasure.report.pages.gaps import MOST_GAPS, GapLine, leveling_down
from vbpmeasure.report.pages.scores import Scores, scores

_REFERENCES = {
    "best": "the best group with {n} children or more",
    "largest": "the largest group",
    "named": "named in the settings",
    "overall": "all children together",
    "benchmark": "the benchmark",
}


@dataclass(frozen=True, slots=True)
class EquityPage:
    """The equity page."""

    facts: tuple[tuple[str, str], ...]
    sections: tuple[DimensionSection, ...]
    leveled: tuple[GapLine, ...]
    more_leveled: int
    completeness: tuple[Table, ...]
    adjusted: Table | None
    scores: Scores | None


def equity_page(material: Material) -> EquityPage | None:
    """Return the equity page; None when the run has no groups to compare."""
    equity = material.equity
    if equity is None:
        return None
    dimensions = [name for name in material.now.people_dimensions if any(key[2] == name for key in equity.pairs)]
    leveled = leveling_down(material)
    return EquityPage(
        tuple(_facts(material, equity)),
        tuple(dimension_section(material, equity, name) for name in dimensions),
        tuple(leveled[:MOST_GAPS]),
        max(len(leveled) - MOST_GAPS, 0),
        completeness_tables(material),
        _adjusted(material, equity),
        scores(equity),
    )


def _facts(material: Material, equity: Equity) -> Iterator[tuple[str, str]]:
    settings, policy = equity.settings, material.now.run.suppression
    yield (
        "Reference group",
        _REFERENCES.get(settings.reference.value, settings.reference.value).format(n=settings.min_n),
    )
    for dimension, group in sorted(settings.named.items()):
        yield f"Reference for {dimension}", group
    family = "one measure and dimension" if settings.family == "measure_dimension" else "the whole report"
    yield "Comparisons adjusted together", f"those of {family} (Benjamini-Hochberg, alpha {settings.alpha:g})"
    yield (
        "Verdict",
        f"a difference counts when p is at most {settings.alpha:g} and it is {settings.min_relative:.0%} or more",
    )
    if material.now.run.is_public:
        least = int(policy.get("suppress_below", 1)) - 1
        yield "Small cells", f"profile {policy.get('profile', '')}: counts of 1 to {least} hidden"
    else:
        yield "Small cells", "shown: internal use only"


def _adjusted(material: Material, equity: Equity) -> Table | None:
    rows: list[TableRow] = []
    for rate in material.now.rates:
        for (measure, name, dimension), own in equity.adjusted.items():
            if (measure, name) == rate.key:
                rows += [
                    (
                        rate_words(rate),
                        f"{dimension_words(dimension)}: {row['stratum']}",
                        one(points(row["crude"])),
                        one(points(row["adjusted"])),
                        interval(points(row["adjusted_low"]), points(row["adjusted_high"])),
                    )
                    for row in own
                    if row["adjusted"] is not None
                ]
    if not rows:
        return None
    by = equity.settings.standardize_by.replace("_", " ")
    heads = ("Rate", "Group", "Crude %", "Adjusted %", "95% interval")
    return Table(
        f"Rates as they would be with the whole program's mix of {by}", heads, tuple(rows), words=2, sortable=True
    )
