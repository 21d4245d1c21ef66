"""Scores of organizations in words, for the screen and for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vbpmeasure.equity.analysis.analyze import EquityTables
from vbpmeasure.equity.composite_settings import CompositeSettings

TITLE = "Scores of organizations"
NO_SCORE = "-"
_PARTS = ("level", "improvement", "benchmarked improvement")


def composite_words(settings: CompositeSettings, *, has_past: bool, fixed: bool) -> str:
    """Return what the scores are: whose, with which weights, against which reference."""
    weights = settings.weights if has_past else (settings.weights[0], 0.0, 0.0)
    told = ", ".join(f"{name} {weight:g}" for name, weight in zip(_PARTS, weights, strict=True) if weight)
    reference = "mean and standard deviation from the settings" if fixed else "against the organizations shown"
    return (
        f"HESS-like and index of thirds as this project computes them: unaudited, and no official scores. HESS-like: "
        f"{told}; {reference}; from {settings.min_members:,} members at risk. Thirds: -1 to +1 among organizations; "
        f"reward up to {settings.reward_cap:g}. Both only of shown rates, with {settings.min_measures:.0%} of the "
        "weight or more."
    )


def words_of(tables: EquityTables) -> str:
    """Return `composite_words` for the scores of a run."""
    sources = set(tables.composite_parts["reference_from"].to_list())
    return composite_words(tables.settings.composites, has_past=tables.trend is not None, fixed=sources == {"settings"})


def score_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return members, rates shown of those counted, and the three scores of a row of ``COMPOSITE_SCHEMA`` as texts."""
    shown = max(row["hess_rates"], row["thirds_rates"])
    scores = ((row["hess_like"], "+.2f"), (row["thirds_index"], "+.2f"), (row["thirds_reward"], ".2f"))
    texts = (NO_SCORE if value is None else format(value + 0.0, form) for value, form in scores)
    return (f"{row['members']:,}", f"{shown} of {row['rates']}", *texts)
