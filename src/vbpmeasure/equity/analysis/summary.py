"""The summary indices of every rate and dimension, over the groups that are shown."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import polars as pl

from vbpmeasure.equity.analysis.cells import NO_DATA, RateCells, shown_counts
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.bootstrap import index_intervals
from vbpmeasure.equity.statistics.indices import INDICES, summary_indices

SUMMARY_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "dimension"), pl.String),
        "lower_is_better": pl.Boolean,
        **dict.fromkeys(("groups_shown", "groups"), pl.Int64),
        **dict.fromkeys(("best", "worst"), pl.String),
        "overall": pl.Float64,
        **{column: pl.Float64 for name in INDICES for column in ((name, "bgv_se") if name == "bgv" else (name,))},
        "reasons": pl.String,
        **{f"{name}_{end}": pl.Float64 for name in INDICES for end in ("low", "high")},
    }
)


def summary_frame(rates: Iterable[RateCells], dimensions: Iterable[str], settings: EquitySettings) -> pl.DataFrame:
    """Return a frame of ``SUMMARY_SCHEMA``, one row per rate and dimension.

    ``groups`` are those of people that have anyone or are hidden, ``groups_shown`` those with a rate: the indices say
    nothing of the others. ``overall`` is the rate of the shown groups together.
    """
    names = list(dimensions)
    rows = [_row(rate, name, settings) for rate in rates for name in names if name in rate.by]
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA, orient="row")


def _row(rate: RateCells, dimension: str, settings: EquitySettings) -> dict[str, object]:
    cells = rate.by[dimension]
    is_group = {cell.stratum: settings.is_group(cell.names) for cell in cells}
    shown = shown_counts(cells, is_group)
    found = summary_indices(list(shown.values()), lower_is_better=rate.lower_is_better)
    intervals = index_intervals(
        list(shown.values()), lower_is_better=rate.lower_is_better, draws=settings.draws, seed=settings.seed
    )
    order = sorted(
        shown,
        key=lambda name: Fraction(shown[name].numerator, shown[name].denominator),
        reverse=not rate.lower_is_better,
    )
    members = sum(count.denominator for count in shown.values())
    return {
        "measure": rate.measure,
        "rate": rate.rate,
        "dimension": dimension,
        "lower_is_better": rate.lower_is_better,
        "groups_shown": len(shown),
        "groups": sum(is_group[cell.stratum] and cell.status != NO_DATA for cell in cells),
        "best": order[0] if order else None,
        "worst": order[-1] if len(order) > 1 else None,
        "overall": sum(count.numerator for count in shown.values()) / members if members else None,
        **{name: one.value for name, one in found.items()},
        "bgv_se": found["bgv"].error,
        "reasons": _reasons({name: one.reason for name, one in found.items() if one.reason}),
        **{
            f"{name}_{end}": None if pair is None else pair[place]
            for name, pair in intervals.items()
            for place, end in enumerate(("low", "high"))
        },
    }


def _reasons(reasons: dict[str, str]) -> str | None:
    """Return `index, index: reason; ...`, each reason once."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()) or None
