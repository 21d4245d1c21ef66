"""Results with and without supplemental evidence, side by side.

Both have the same units, populations and exclusions; only numerators differ. So a reader can subtract them, and the
difference, those who meet the numerator by supplemental evidence alone, must not be a small count either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import polars as pl

from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.published import AlsoHidden, CellName, PublishedTable
from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame
from vbpmeasure.results.rates import TOTAL

COMPARISON_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "dimension", "stratum"), pl.String),
        "denominator": pl.Float64,  # member-months have decimals
        **dict.fromkeys(("numerator_with", "numerator_without"), pl.Int64),
        **dict.fromkeys(("value_with", "value_without", "change"), pl.Float64),
        **dict.fromkeys(("status_with", "status_without"), pl.String),
    }
)

# What differs by rate, dimension (0 is the total, n the n-th of the strata) and stratum: how much the judgement without
# supplemental evidence has more and less, and how many persons are behind each.
CHANGE_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "dimension": pl.UInt16,
        "stratum": pl.UInt32,
        **dict.fromkeys(("gained", "gaining", "lost", "losing"), pl.Int64),
    }
)

# What is published: a result frame, or the counts of one.
Judgement = TypeVar("Judgement")

_UNIT = ["rate", "person", "index_date"]
_HIDDEN = (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY)


def same_units(base: ResultFrame, judged: ResultFrame) -> ResultFrame:
    """Return the frame of the base with the numerators of ``judged``, the same rates judged without some evidence.

    A unit that is in the denominator of the base alone (its index event is itself supplemental, say) stays there, with
    its numerator not met. Both frames are over the same people.
    """
    columns = [c for c in ("numerator", "evidence_date", "evidence_sources", "part") if c in judged.rows.columns]
    inside = pl.col("failed_step").is_null() & pl.col("exclusion").is_null()
    found = judged.rows.filter(inside).select(*_UNIT, pl.col(columns).name.suffix("_new"))
    rows = base.rows.join(found, on=_UNIT, how="left", nulls_equal=True, maintain_order="left")
    met = inside & pl.col("numerator_new").fill_null(value=False)
    new = {
        "evidence_date": pl.when(met).then("evidence_date_new"),
        "evidence_sources": pl.when(met).then("evidence_sources_new"),
    }
    if "part" in columns:
        # No more than there was to be met: a component that is eligible here alone would count above the whole.
        bounded = pl.min_horizontal(pl.col("part_new").fill_null(0), "whole")
        events = [n for n, key in enumerate(base.rates) if key.kind is RateKind.EVENTS_PER_1000]
        part = pl.when(_one_of(events)).then(pl.col("part_new").fill_null(0)).otherwise(bounded)
        new["part"] = pl.when(pl.col("part").is_not_null()).then(part)
        # A composite is met when all is met that was eligible in the base.
        whole = [n for n, k in enumerate(base.rates) if k.kind in (RateKind.ALL_OR_NONE, RateKind.OPPORTUNITY)]
        met = pl.when(_one_of(whole)).then(met & (bounded == pl.col("whole"))).otherwise(met)
    return replace(base, rows=rows.with_columns(numerator=met, **new).select(base.rows.columns))


def paired(
    publish: Callable[[Judgement, AlsoHidden], PublishedTable],
    policy: SuppressionPolicy,
    both: tuple[Judgement, Judgement],
    as_one: Judgement,
    rates: Sequence[RateKey],
    labels: Sequence[tuple[str, tuple[str, ...]]],
    changes: pl.DataFrame,
) -> tuple[PublishedTable, PublishedTable]:
    """Publish the judgement with all evidence and the one without, of the same rates and strata.

    What one hides the other hides too: they have the same denominators. Where few units or persons differ, the one
    without supplemental evidence hides all strata of the dimension, and everything when it is the total. Then both
    pass the gate as one table (``as_one``, as `joined` makes it), whose audit knows that their numerators are nested
    and their denominators the same; what it hides in either is hidden there. ``labels`` are the strata by dimension,
    ``changes`` as `change_cells` gives them.
    """
    first, second = publish(both[0], AlsoHidden()), publish(both[1], AlsoHidden())
    if not policy.is_public:
        return first, second
    hidden = first.hidden | second.hidden
    more = replace(hidden, rates=hidden.rates | _few_differ(policy, rates, labels, changes))
    found = publish(as_one, hidden | _as_second(more)).hidden
    return publish(both[0], hidden | _first_of(found)), publish(both[1], more | _second_of(found))


def joined(first: ResultFrame, second: ResultFrame) -> ResultFrame:
    """Return both frames as one with twice the rates; those of the second have names of their own."""
    shift = pl.lit(len(first.rates), dtype=first.rows.schema["rate"])
    rows = pl.concat([first.rows, second.rows.with_columns(pl.col("rate") + shift).select(first.rows.columns)])
    return replace(first, rates=twice(first.rates), rows=rows)


def twice(rates: tuple[RateKey, ...]) -> tuple[RateKey, ...]:
    """Return the rates, and after them the same with names of their own: those of the second judgement."""
    second = (
        replace(
            key,
            rate=key.rate + _SECOND,
            members=tuple(name + _SECOND for name in key.members),
            components=tuple((measure, name + _SECOND) for measure, name in key.components),
        )
        for key in rates
    )
    return (*rates, *second)


_SECOND = " (without)"  # with a space: no rate of a definition is called so


def _as_second(hidden: AlsoHidden) -> AlsoHidden:
    rates, populations = (
        frozenset((measure, rate + _SECOND, d, s) for measure, rate, d, s in cells)
        for cells in (hidden.rates, hidden.populations)
    )
    return AlsoHidden(rates, populations, hidden.dimensions)


def _first_of(hidden: AlsoHidden) -> AlsoHidden:
    rates, populations = (
        frozenset(cell for cell in cells if not cell[1].endswith(_SECOND))
        for cells in (hidden.rates, hidden.populations)
    )
    return AlsoHidden(rates, populations, hidden.dimensions)


def _second_of(hidden: AlsoHidden) -> AlsoHidden:
    rates, populations = (
        frozenset((m, rate.removesuffix(_SECOND), d, s) for m, rate, d, s in cells if rate.endswith(_SECOND))
        for cells in (hidden.rates, hidden.populations)
    )
    return AlsoHidden(rates, populations, hidden.dimensions)


def _few_differ(
    policy: SuppressionPolicy,
    rates: Sequence[RateKey],
    labels: Sequence[tuple[str, tuple[str, ...]]],
    changes: pl.DataFrame,
) -> frozenset[CellName]:
    """Return the cells to hide: (measure, rate, dimension, stratum)."""
    texts = {TOTAL: (TOTAL,), **dict(labels)}
    names = list(texts)
    small: set[tuple[int, str]] = set()
    for rate, dimension, _, gained, gaining, lost, losing in changes.select(CHANGE_SCHEMA.names()).iter_rows():
        if policy.any_small((gained, gaining, lost, losing, abs(gained - lost))):
            small.add((rate, names[dimension]))
    _spread(rates, small, names)
    return frozenset(
        (rates[rate].measure, rates[rate].rate, dimension, label)
        for rate, dimension in small
        for label in texts[dimension]
    )


def _spread(rates: Sequence[RateKey], small: set[tuple[int, str]], dimensions: list[str]) -> None:
    """Take along what would give a hidden cell away: totals and composites of it, and all strata when it is a total."""
    place = {(key.measure, key.rate): number for number, key in enumerate(rates)}
    changed = True
    while changed:
        before = len(small)
        small |= {(rate, other) for rate, dimension in small if dimension == TOTAL for other in dimensions}
        for number, key in enumerate(rates):
            members = [*((key.measure, member) for member in key.members), *key.components]
            positions = {place[member] for member in members if member in place}
            small |= {(number, dimension) for rate, dimension in small if rate in positions}
        changed = len(small) > before


def change_cells(with_all: ResultFrame, without: ResultFrame, strata: StrataSet) -> pl.DataFrame:
    """Count what differs between two judgements of the same units, by stratum (``CHANGE_SCHEMA``).

    One row per rate, dimension and stratum where anything differs; counts can be added to those of other people.
    """
    changes = _changes(with_all, without)
    delta, person = pl.col("delta"), pl.col("person")
    found = [pl.DataFrame(schema=CHANGE_SCHEMA)]
    for number, ids in enumerate([None, *(one.ids for one in strata.strata)]):
        stratum = ids.gather(changes["person"]) if ids is not None else pl.lit(0)
        counted = (
            changes.with_columns(stratum=stratum, dimension=pl.lit(number))
            .with_columns(
                pl.when(delta > 0).then(person).alias("gainer"),
                pl.when(delta < 0).then(person).alias("loser"),
            )
            .group_by("rate", "dimension", "stratum")
            .agg(
                delta.clip(0).sum().alias("gained"),
                pl.col("gainer").drop_nulls().n_unique().alias("gaining"),
                (-delta).clip(0).sum().alias("lost"),
                pl.col("loser").drop_nulls().n_unique().alias("losing"),
            )
        )
        found.append(counted.select(CHANGE_SCHEMA.names()).cast(CHANGE_SCHEMA))
    return pl.concat(found).sort("rate", "dimension", "stratum")


def _changes(with_all: ResultFrame, without: ResultFrame) -> pl.DataFrame:
    """Return the units whose numerator or part differs: rate, person, delta (below zero when evidence was lost)."""
    names = [name for name in ("numerator", "part") if name in with_all.rows.columns]
    new = without.rows.select(*_UNIT, pl.col(names).name.suffix("_new"))
    rows = with_all.rows.join(new, on=_UNIT, how="left", nulls_equal=True)
    delta = pl.col("numerator_new").cast(pl.Int64) - pl.col("numerator").cast(pl.Int64)
    if "part" in names:
        own = [n for n, k in enumerate(with_all.rates) if k.kind.has_amounts and k.kind is not RateKind.ALL_OR_NONE]
        delta = pl.when(_one_of(own)).then(pl.col("part_new") - pl.col("part")).otherwise(delta)
    return rows.select("rate", "person", delta.alias("delta")).filter(pl.col("delta") != 0)


def _one_of(rates: list[int]) -> pl.Expr:
    return pl.col("rate").is_in(pl.Series(rates, dtype=pl.UInt16).implode())


def comparison(with_all: PublishedTable, without: PublishedTable) -> pl.DataFrame:
    """Return both results side by side, one row per rate, dimension and stratum (``COMPARISON_SCHEMA``).

    Shares are in per cent with two decimals, events per 1,000 member-months as they are; ``change`` is without - with.
    """
    rows: list[tuple[object, ...]] = []
    for one, other in zip(with_all.results.rows(named=True), without.results.rows(named=True), strict=True):
        numbers = (one["denominator"], one["numerator"], other["numerator"], one["percent"], other["percent"])
        name = (one["measure"], one["rate"], one["dimension"], one["stratum"])
        rows.append(_row(name, numbers, one["status"], other["status"]))
    for a, b in zip(with_all.amounts, without.amounts, strict=True):
        scale, places = (1, 6) if a.key.kind is RateKind.EVENTS_PER_1000 else (100, 2)
        values = [None if cell.value is None else round(cell.value * scale, places) for cell in (a, b)]
        whole = a.whole if a.member_months is None else a.member_months
        name = (a.key.measure, a.key.rate, a.dimension, a.stratum)
        rows.append(_row(name, (whole, a.part, b.part, *values), a.status.value, b.status.value))
    return pl.DataFrame(rows, schema=COMPARISON_SCHEMA, orient="row")


def _row(name: tuple[str, ...], numbers: tuple[float | None, ...], one: str, other: str) -> tuple[object, ...]:
    value, value_without = numbers[-2:]
    change = None if value is None or value_without is None else round(value_without - value, 6)
    return (*name, *numbers, change, one, other)
