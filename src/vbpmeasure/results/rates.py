"""Rates: whole-number counts per rate, dimension and stratum. The counts come first; rates only at the very end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.frame import RateKey, ResultFrame
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
    """One dimension of a rate table; the total is the one without components. ``labels`` as in `Strata`."""

    name: str
    components: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]


TOTAL_DIMENSION = TableDimension(TOTAL, (), ((),), (TOTAL,))


@dataclass(frozen=True, slots=True)
class RateTable:
    """True counts, not for publication: pass it through `results.disclosure.published.PublishedTable`.

    ``counts`` follows ``COUNT_SCHEMA``: one row per rate, dimension and stratum, sorted by those three;
    dimension 0 is the total, and every dimension has the same strata for every rate. Strata of a dimension do not
    overlap and leave no one out, so they add up to the total. ``persons`` follows ``PERSON_SCHEMA`` and says how many
    persons stand behind the counts of rates of index events: one row per cell that has anyone, none for other rates.
    """

    period: Period
    rates: tuple[RateKey, ...]
    dimensions: tuple[TableDimension, ...]
    counts: pl.DataFrame
    people: int
    persons: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PERSON_SCHEMA))

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
    cells, persons = count_cells(frame, strata)
    dimensions = [
        (TableDimension(one.name, one.dimension.components, one.labels, one.texts), one.fixed)
        for one in (strata.strata if strata is not None else ())
    ]
    return table_of(frame.period, frame.rates, dimensions, cells, persons, frame.people.height)


def count_cells(frame: ResultFrame, strata: StrataSet | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the counts of a frame that can be added to those of other people, and the persons behind events.

    The first has one row per rate, dimension and stratum with anyone in the population (``COUNT_SCHEMA``; dimension 0
    is the total, dimension n the n-th of ``strata``), the second follows ``PERSON_SCHEMA`` in the same way.
    """
    units = frame.rows.filter(pl.col("failed_step").is_null())
    slim = units.select(
        "rate",
        "person",
        pl.col("exclusion").is_not_null().alias("excluded"),
        (pl.col("exclusion").is_null() & pl.col("numerator")).alias("numerator"),
    )
    of_events = event_rates(frame)
    flags = person_flags(slim, of_events) if of_events else None
    parts, persons = [pl.DataFrame(schema=COUNT_SCHEMA)], [pl.DataFrame(schema=PERSON_SCHEMA)]
    sizes = [(None, 1), *((one.ids, len(one.labels)) for one in (strata.strata if strata is not None else ()))]
    for number, (ids, labels) in enumerate(sizes):
        counts = _counts(slim, ids, len(frame.rates), labels).with_columns(dimension=pl.lit(number, dtype=pl.UInt16))
        parts.append(counts.select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA).filter(pl.col("population") > 0))
        if flags is not None:
            persons.append(person_counts(flags, ids, number))
    order = ("rate", "dimension", "stratum")
    return pl.concat(parts).sort(order), pl.concat(persons).sort(order)


def table_of(
    period: Period,
    rates: tuple[RateKey, ...],
    strata: Sequence[tuple[TableDimension, bool]],
    cells: pl.DataFrame,
    persons: pl.DataFrame,
    people: int,
) -> RateTable:
    """Return the table of counts as `count_cells` gives them, every stratum with every rate.

    ``strata`` are the dimensions after the total, each with whether its empty strata are kept.
    """
    parts: list[pl.DataFrame] = []
    behind = [pl.DataFrame(schema=PERSON_SCHEMA)]
    dimensions: list[TableDimension] = []
    for number, (one, fixed) in enumerate([(TOTAL_DIMENSION, True), *strata]):
        counts = cells.filter(pl.col("dimension") == number)
        counted = persons.filter(pl.col("dimension") == number)
        kept = list(range(len(one.labels)))
        if not fixed:
            kept = counts.filter(pl.col("population") > 0)["stratum"].unique().sort().to_list()
            counts, counted = _renumbered(counts, kept), _renumbered(counted, kept)
        labels, texts = tuple(one.labels[i] for i in kept), tuple(one.texts[i] for i in kept)
        dimensions.append(TableDimension(one.name, one.components, labels, texts))
        parts.append(_with_zeros(counts, number, len(rates), len(kept)))
        behind.append(counted)
    order = ("rate", "dimension", "stratum")
    table = pl.concat(parts).sort(order)
    return RateTable(period, rates, tuple(dimensions), table, people, pl.concat(behind).sort(order))


def _with_zeros(counts: pl.DataFrame, dimension: int, rates: int, strata: int) -> pl.DataFrame:
    """Return a row for every rate and stratum of one dimension, zeros where nothing was counted."""
    keys = {
        "rate": np.repeat(np.arange(rates, dtype=np.uint16), strata),
        "dimension": np.full(rates * strata, dimension, dtype=np.uint16),
        "stratum": np.tile(np.arange(strata, dtype=np.uint32), rates),
    }
    every = pl.DataFrame(keys, schema_overrides={"rate": pl.UInt16, "dimension": pl.UInt16, "stratum": pl.UInt32})
    found = every.join(counts, on=["rate", "dimension", "stratum"], how="left", maintain_order="left")
    return found.with_columns(pl.col(COUNTS).fill_null(0)).select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA)


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


def _renumbered(counts: pl.DataFrame, kept: list[int]) -> pl.DataFrame:
    """Return counts of the strata that are kept, numbered anew."""
    new = {old: position for position, old in enumerate(kept)}
    found = counts.filter(pl.col("stratum").is_in(kept))
    return found.with_columns(pl.col("stratum").replace_strict(new, return_dtype=pl.UInt32))
