"""Rates: whole-number counts per rate, dimension and stratum. The counts come first; rates only at the very end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.frame import RateKey, ResultFrame
from vbpmeasure.results.knowledge import Block, Nested, blocks, nested_counts
from vbpmeasure.results.persons import PERSON_SCHEMA, event_rates, person_counts, person_flags
from vbpmeasure.results.stats import wilson

TOTAL = "total"
COUNTS = ("population", "excluded", "denominator", "numerator")

COUNT_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,  # position in RateTable.rates
        "dimension": pl.UInt16,  # position in RateTable.dimensions
        "stratum": pl.UInt32,  # position in the labels of that dimension
        **dict.fromkeys(COUNTS, pl.Int64),
    }
)


@dataclass(frozen=True, slots=True)
class TableDimension:
    """One dimension of a rate table; the total is the one without components. ``labels`` as in `Strata`.

    Strata that overlap say in ``combines`` of which disjoint combinations each is the sum: positions in the counts of
    ``RateTable.latent``, one tuple per stratum. It is empty where every person has one stratum.
    """

    name: str
    components: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    combines: tuple[tuple[int, ...], ...] = ()


TOTAL_DIMENSION = TableDimension(TOTAL, (), ((),), (TOTAL,))


@dataclass(frozen=True, slots=True)
class RateTable:
    """True counts, not for publication: pass it through `results.disclosure.published.PublishedTable`.

    ``counts`` follows ``COUNT_SCHEMA``: one row per rate, dimension and stratum, sorted by those three;
    dimension 0 is the total, and every dimension has the same strata for every rate. Strata of a dimension do not
    overlap and leave no one out, so they add up to the total; the exception are dimensions with ``combines``, whose
    disjoint combinations stand in ``latent`` (``COUNT_SCHEMA``, and as persons in ``latent_persons``) and do add up.
    ``nested`` and ``blocks`` are what else a reader may know about the counts. ``persons`` follows ``PERSON_SCHEMA``
    and says how many persons stand behind the counts of rates of index events: one row per cell that has anyone, none
    for other rates.
    """

    period: Period
    rates: tuple[RateKey, ...]
    dimensions: tuple[TableDimension, ...]
    counts: pl.DataFrame
    people: int
    persons: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERSON_SCHEMA))
    nested: tuple[Nested, ...] = ()
    blocks: tuple[Block, ...] = ()
    latent: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COUNT_SCHEMA))
    latent_persons: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERSON_SCHEMA))

    def named(self) -> pl.DataFrame:
        """Return the table with names, and with rates.

        Columns: measure, rate, dimension, stratum, the four counts, value, ci_low, ci_high, status; one row per row
        of ``counts``, in the same order. ``value`` is numerator / denominator and the interval is Wilson's at 95 %,
        both as shares, null when the denominator is zero (status NO_DATA, else value).
        """
        low, high = wilson(pl.col("numerator"), pl.col("denominator"))
        has_data = pl.col("denominator") > 0
        return self._with_names().select(
            "measure",
            "rate",
            "dimension",
            "stratum",
            *COUNTS,
            pl.when(has_data).then(pl.col("numerator") / pl.col("denominator")).alias("value"),
            low.alias("ci_low"),
            high.alias("ci_high"),
            pl.when(has_data).then(pl.lit("value")).otherwise(pl.lit("NO_DATA")).alias("status"),
        )

    def _with_names(self) -> pl.DataFrame:
        names = name_columns(self.rates, self.dimensions, self.counts)
        return pl.concat([names, self.counts.select(COUNTS)], how="horizontal")


def name_columns(
    rates: tuple[RateKey, ...], dimensions: tuple[TableDimension, ...], counts: pl.DataFrame
) -> pl.DataFrame:
    """Return the names behind the positions of a count frame: measure, rate, dimension, stratum (text, same rows)."""
    measures = pl.Series([r.measure for r in rates], dtype=pl.String)
    ids = pl.Series([r.rate for r in rates], dtype=pl.String)
    names = pl.Series([d.name for d in dimensions], dtype=pl.String)
    offsets = list(_offsets(dimensions))
    texts = pl.Series([text for d in dimensions for text in d.texts], dtype=pl.String)
    starts = pl.Series(offsets, dtype=pl.UInt32)
    position = starts.gather(counts["dimension"]) + counts["stratum"]
    return pl.DataFrame(
        [
            measures.gather(counts["rate"]).alias("measure"),
            ids.gather(counts["rate"]).alias("rate"),
            names.gather(counts["dimension"]).alias("dimension"),
            texts.gather(position).alias("stratum"),
        ]
    )


def _offsets(dimensions: tuple[TableDimension, ...]) -> Iterator[int]:
    start = 0
    for dimension in dimensions:
        yield start
        start += len(dimension.labels)


def rate_table(frame: ResultFrame, strata: StrataSet | None = None) -> RateTable:
    """Count population, excluded, denominator and numerator per rate, in total and by stratum of every dimension.

    One pass over the rows per dimension. Strata without anyone in any population are kept only where the
    category system is fixed (race has its nine rows always), and dropped from columns' own values and crossings.
    """
    dimensions = [TOTAL_DIMENSION]
    units = frame.rows.filter(pl.col("failed_step").is_null())
    slim = units.select(
        "rate",
        "person",
        pl.col("exclusion").is_not_null().alias("excluded"),
        (pl.col("exclusion").is_null() & pl.col("numerator")).alias("numerator"),
    )
    parts = [_counts(slim, None, len(frame.rates), 1).with_columns(dimension=pl.lit(0, dtype=pl.UInt16))]
    of_events = event_rates(frame)
    flags = person_flags(slim, of_events) if of_events else None
    persons = [person_counts(flags, None, 0)] if flags is not None else []
    ids: list[pl.Series | None] = [None]
    for one in strata.strata if strata is not None else ():
        counts = _counts(slim, one.ids, len(frame.rates), len(one.labels))
        labels, texts = one.labels, one.texts
        counted = person_counts(flags, one.ids, len(dimensions)) if flags is not None else None
        if not one.fixed:
            counts, kept = _without_empty(counts)
            labels = tuple(labels[i] for i in kept)
            texts = tuple(texts[i] for i in kept)
            ids.append(_new_ids(one.ids, len(one.labels), kept))
            counted = _renumbered(counted, kept) if counted is not None else None
        else:
            ids.append(one.ids)
        persons += [counted] if counted is not None else []
        parts.append(counts.with_columns(dimension=pl.lit(len(dimensions), dtype=pl.UInt16)))
        dimensions.append(TableDimension(one.name, one.dimension.components, labels, texts))
    table = pl.concat([part.select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA) for part in parts])
    table = table.sort("rate", "dimension", "stratum")
    behind = pl.concat([pl.DataFrame(schema=PERSON_SCHEMA), *persons]).sort("rate", "dimension", "stratum")
    return RateTable(
        frame.period,
        frame.rates,
        tuple(dimensions),
        table,
        frame.people.height,
        behind,
        nested_counts(frame, ids, of_events),
        blocks([d.components for d in dimensions], ids),
    )


def _counts(slim: pl.DataFrame, ids: pl.Series | None, rates: int, strata: int) -> pl.DataFrame:
    """Return one row per rate and stratum, zeros included: rate, stratum, the four counts."""
    # Rate, stratum and the two flags in one small integer: counting is then one pass without a table of groups.
    stratum = ids.gather(slim["person"]) if ids is not None else pl.repeat(0, slim.height, dtype=pl.UInt32, eager=True)
    state = pl.col("excluded").cast(pl.UInt32) * 2 + pl.col("numerator").cast(pl.UInt32)
    cell = pl.col("rate").cast(pl.UInt32) * strata + pl.col("stratum")
    keys = slim.with_columns(stratum.alias("stratum")).select((cell * 4 + state).alias("key"))["key"]
    plain, met, *excluded = np.bincount(keys.to_numpy(), minlength=rates * strata * 4).reshape(-1, 4).T
    out = excluded[0] + excluded[1]
    return pl.DataFrame(
        {
            "rate": np.repeat(np.arange(rates, dtype=np.uint32), strata),
            "stratum": np.tile(np.arange(strata, dtype=np.uint32), rates),
            "population": plain + met + out,
            "excluded": out,
            "denominator": plain + met,
            "numerator": met,
        }
    )


def _new_ids(ids: pl.Series, before: int, kept: list[int]) -> pl.Series:
    """Return the stratum of each person by the new numbers; null where the stratum was dropped."""
    new = np.full(before, -1, dtype=np.int64)
    new[kept] = np.arange(len(kept))
    return pl.Series(new[ids.to_numpy()]).replace(-1, None).cast(pl.UInt32)


def _renumbered(persons: pl.DataFrame, kept: list[int]) -> pl.DataFrame:
    """Return person counts with their strata numbered anew, as `_without_empty` does for counts."""
    new = {old: position for position, old in enumerate(kept)}
    return persons.with_columns(pl.col("stratum").replace_strict(new, return_dtype=pl.UInt32))


def _without_empty(counts: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """Drop strata that are empty in every rate and number the rest anew; return the counts and the old numbers."""
    totals = counts.group_by("stratum").agg(pl.col("population").sum()).filter(pl.col("population") > 0)
    kept = totals.select("stratum").sort("stratum")
    renumbered = kept.with_row_index("new")
    counts = counts.join(renumbered, on="stratum", how="inner").drop("stratum").rename({"new": "stratum"})
    return counts, kept["stratum"].to_list()
