"""Every group against its reference: differences, ratios, p-values over a family, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

import polars as pl

from vbpmeasure.equity.analysis.cells import HIDDEN_REASON, NA_REASON, NA_SMALL, Cell, RateCells, shown_counts
from vbpmeasure.equity.analysis.references import Reference, find_reference
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.differences import from_fixed, from_overall, newcombe
from vbpmeasure.equity.statistics.estimate import EMPTY, Count, Estimate, undefined
from vbpmeasure.equity.statistics.multiplicity import benjamini_hochberg
from vbpmeasure.equity.statistics.parity import gap_to_parity
from vbpmeasure.equity.statistics.rates import wilson
from vbpmeasure.equity.statistics.ratios import ratio_to_fixed, ratio_to_overall, risk_ratio
from vbpmeasure.equity.statistics.reference import ReferenceRule
from vbpmeasure.equity.statistics.significance import compare_rates, compare_to_fixed
from vbpmeasure.equity.statistics.verdicts import Verdict, framings, verdict

_TEXTS = ("measure", "rate", "dimension", "stratum")
PAIRWISE_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(_TEXTS, pl.String),
        "lower_is_better": pl.Boolean,
        "status": pl.String,
        **dict.fromkeys(("denominator", "numerator"), pl.Int64),
        **dict.fromkeys(("value", "value_low", "value_high"), pl.Float64),
        **dict.fromkeys(("reference", "reference_rule", "reference_note"), pl.String),
        **dict.fromkeys(("reference_value", "rd", "rd_low", "rd_high", "rr", "rr_low", "rr_high"), pl.Float64),
        "rr_method": pl.String,
        **dict.fromkeys(("relative_favorable", "relative_adverse", "p"), pl.Float64),
        "p_method": pl.String,
        "p_adjusted": pl.Float64,
        "family_size": pl.Int64,
        "verdict": pl.String,
        "reason": pl.String,
        "gap_to_parity": pl.Int64,
    }
)

_THE_REFERENCE = "this is the reference"
_NO_GROUP = "no group of people: not compared"


@dataclass(slots=True)
class Pair:
    """One group of one rate beside its reference; ``p`` is filled in where the two are compared."""

    rate: RateCells
    dimension: str
    cell: Cell
    reference: Reference
    verdict: Verdict | None = None  # where there is nothing to compare
    reason: str | None = None
    p: Estimate = field(default_factory=lambda: undefined("not compared"))
    p_adjusted: float | None = None
    family_size: int | None = None


@dataclass(slots=True)
class _Family:
    """Comparisons that are adjusted together: those that are displayed, and those that only might have been."""

    pairs: list[Pair] = field(default_factory=list)
    unseen: list[float] = field(default_factory=list)

    def adjust(self) -> None:
        displayed = [pair.p.value for pair in self.pairs if pair.p.value is not None]
        adjusted = benjamini_hochberg([*displayed, *self.unseen])
        for pair, p in zip(self.pairs, adjusted, strict=False):
            pair.p_adjusted, pair.family_size = p, len(adjusted)


def compare_groups(rates: Iterable[RateCells], dimensions: Iterable[str], settings: EquitySettings) -> list[Pair]:
    """Return one pair per rate, dimension and group, judged, in the order of the results.

    A reference that was chosen for its rate is the winner among several: each of the others might have been it. The
    family then holds every two groups of which one could have been the reference, not the displayed comparisons alone.
    """
    names = list(dimensions)
    families: dict[tuple[str, str], _Family] = {}
    pairs: list[Pair] = []
    for rate in rates:
        for dimension in names:
            if dimension not in rate.by:
                continue
            reference = find_reference(rate, dimension, settings)
            key = ("", "") if settings.family == "report" else (rate.measure, dimension)
            family = families.setdefault(key, _Family())
            own = [_pair(rate, dimension, cell, reference, settings) for cell in rate.by[dimension]]
            compared = [pair for pair in own if pair.verdict is None and pair.p.value is not None]
            family.pairs += compared
            if reference.by_rate:
                family.unseen += _might_have_been(rate, dimension, reference, settings)
            pairs += own
    for family in families.values():
        family.adjust()
    for pair in pairs:
        if pair.verdict is None:
            _judge(pair, settings)
    return pairs


def _pair(rate: RateCells, dimension: str, cell: Cell, reference: Reference, settings: EquitySettings) -> Pair:
    pair = Pair(rate, dimension, cell, reference)
    if cell.is_hidden:
        pair.verdict, pair.reason = Verdict.SUPPRESSED, HIDDEN_REASON
    elif cell.status == NA_SMALL:
        pair.verdict, pair.reason = Verdict.INSUFFICIENT, NA_REASON
    elif not cell.has_rate:
        pair.verdict, pair.reason = Verdict.INSUFFICIENT, EMPTY
    elif reference.is_group and cell.stratum == reference.label:
        pair.verdict, pair.reason = Verdict.REFERENCE, _THE_REFERENCE
    elif not settings.is_group(cell.names):
        pair.verdict, pair.reason = Verdict.NOT_COMPARED, _NO_GROUP
    elif reference.against is None:
        pair.verdict, pair.reason = Verdict.NOT_COMPARED, reference.note
    else:
        assert cell.count is not None
        pair.p = _p_value(cell.count, reference)
    return pair


def _might_have_been(
    rate: RateCells, dimension: str, reference: Reference, settings: EquitySettings
) -> Iterator[float]:
    """Yield the p-values of the comparisons that another best group would have brought."""
    own = rate.by[dimension]
    groups = shown_counts(own, {c.stratum: settings.is_group(c.names) for c in own})
    for (one, first), (two, second) in combinations(groups.items(), 2):
        able = max(first.denominator, second.denominator) >= settings.min_n
        if able and reference.label not in (one, two):
            p = compare_rates(first, second).value
            if p is not None:
                yield p


def _p_value(group: Count, reference: Reference) -> Estimate:
    against = reference.against
    if isinstance(against, Fraction):
        return compare_to_fixed(group, float(against))
    assert against is not None
    if reference.rule is ReferenceRule.OVERALL:
        rest = against.without(group)
        return compare_rates(group, rest) if rest.denominator else undefined("the group is all there is")
    return compare_rates(group, against)


def _judge(pair: Pair, settings: EquitySettings) -> None:
    count, against = pair.cell.count, pair.reference.against
    assert count is not None
    assert against is not None
    if pair.p.value is None:
        pair.verdict, pair.reason = Verdict.INSUFFICIENT, pair.p.reason
        return
    p = pair.p.value if settings.decide_by == "raw" else pair.p_adjusted
    pair.verdict, pair.reason = verdict(count, against, p, settings.rule, lower_is_better=pair.rate.lower_is_better)


def pairwise_frame(pairs: Iterable[Pair], settings: EquitySettings) -> pl.DataFrame:
    """Return the pairs as a frame of ``PAIRWISE_SCHEMA``, one row per pair."""
    return pl.DataFrame([_row(pair, settings) for pair in pairs], schema=PAIRWISE_SCHEMA, orient="row")


def _row(pair: Pair, settings: EquitySettings) -> dict[str, object]:
    cell, reference = pair.cell, pair.reference
    row: dict[str, object] = {
        **dict.fromkeys(PAIRWISE_SCHEMA),
        "measure": pair.rate.measure,
        "rate": pair.rate.rate,
        "dimension": pair.dimension,
        "stratum": cell.stratum,
        "lower_is_better": pair.rate.lower_is_better,
        "status": cell.status,
        "denominator": cell.denominator,
        "numerator": None if cell.count is None else cell.count.numerator,
        "reference": reference.label,
        "reference_rule": reference.rule.value,
        "reference_note": reference.note,
        "reference_value": reference.value,
        "verdict": None if pair.verdict is None else pair.verdict.value,
        "reason": pair.reason,
    }
    if cell.has_rate and cell.count is not None:
        own = wilson(cell.count)
        row |= {"value": own.value, "value_low": own.low, "value_high": own.high}
    if pair.p.value is not None:
        row |= _compared(pair, settings)
    return row


def _compared(pair: Pair, settings: EquitySettings) -> dict[str, object]:
    count, against = pair.cell.count, pair.reference.against
    assert count is not None
    lower = pair.rate.lower_is_better
    if isinstance(against, Fraction):
        base = against
        rd, rr = from_fixed(count, float(against)), ratio_to_fixed(count, float(against))
    else:
        assert against is not None
        base = Fraction(against.numerator, against.denominator)
        within = pair.reference.rule is ReferenceRule.OVERALL
        rd = from_overall(count, against) if within else newcombe(count, against)
        ratio = ratio_to_overall if within else risk_ratio
        rr = ratio(count, against, interval=settings.ratio_interval)
    relative = framings(Fraction(count.numerator, count.denominator), base, lower_is_better=lower)
    return {
        "rd": rd.value,
        "rd_low": rd.low,
        "rd_high": rd.high,
        "rr": rr.value,
        "rr_low": rr.low,
        "rr_high": rr.high,
        "rr_method": rr.method,
        "relative_favorable": relative.favorable,
        "relative_adverse": relative.adverse,
        "p": pair.p.value,
        "p_method": pair.p.method,
        "p_adjusted": pair.p_adjusted,
        "family_size": pair.family_size,
        "gap_to_parity": gap_to_parity(count, against, lower_is_better=lower),
        # A ratio that is undefined says so, where the verdict needs no words of its own.
        "reason": pair.reason or (f"no ratio: {rr.reason}" if rr.reason else None),
    }
