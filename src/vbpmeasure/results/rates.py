"""Rates: whole-number counts per rate, dimension and stratum. The counts come first; rates only at the very end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.combinations import every_cell, put_together
from vbpmeasure.results.frame import RateKey, ResultFrame
from vbpmeasure.results.knowledge import Block, Nested, blocks, nested_counts
from vbpmeasure.results.persons import PERSON_COUNTS, PERSON_SCHEMA, event_rates, person_counts, person_flags
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

    Strata that overlap say in ``combines`` of which disjoint combinations each is the sum: positions in ``atoms``, the
    labels of the combinations, and in the counts of ``RateTable.latent``. Both are empty where strata are a partition.
    """

    name: str
    components: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    combines: tuple[tuple[int, ...], ...] = ()
    atoms: tuple[tuple[str, ...], ...] = ()

    @property
    def overlapping(self) -> bool:
        """Whether a person may be in several strata: then they do not add up to the total."""
        return bool(self.combines)


TOTAL_DIMENSION = TableDimension(TOTAL, (), ((),), (TOTAL,))


@dataclass(frozen=True, slots=True)
class RateTable:
    """True counts, not for publication: pass it through `results.disclosure.published.PublishedTable`.

    ``counts`` follows ``COUNT_SCHEMA``: one row per rate, dimension and stratum, sorted by those three;
    dimension 0 is the total, and every dimension has the same strata for every rate. Strata of a dimension leave no one
    out and do not overlap, so they add up to the total, unless the dimension says that they overlap: then its atoms do,
    in ``latent`` (``COUNT_SCHEMA``, stratum: position in the dimension's atoms; every atom that has anyone for
    every rate, sorted) and ``latent_persons``; both are empty without such a dimension. ``nested`` and ``blocks`` are
    what else a reader may know about the counts.

    ``persons`` follows ``PERSON_SCHEMA`` and says how many persons stand behind the counts of rates of index events:
    one row per cell that has anyone, none for other rates.
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
    categories: Mapping[str, str] = field(default_factory=dict)  # as in StrataSet

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
    atom_parts, latent_persons = [pl.DataFrame(schema=COUNT_SCHEMA)], [pl.DataFrame(schema=PERSON_SCHEMA)]
    for one in strata.strata if strata is not None else ():
        number = pl.lit(len(dimensions), dtype=pl.UInt16).alias("dimension")
        counts = _counts(slim, one.ids, len(frame.rates), len(one.disjoint))
        labels, texts = one.labels, one.texts
        atoms, combines = one.atoms, one.made_of
        counted = person_counts(flags, one.ids, len(dimensions)) if flags is not None else None
        if one.overlaps:
            counts, kept = _without_empty(counts)
            counted = _renumbered(counted, kept) if counted is not None else None
            atoms = tuple(one.atoms[i] for i in kept)
            new = {old: position for position, old in enumerate(kept)}
            combines = tuple(tuple(new[atom] for atom in row if atom in new) for row in one.made_of)
            atom_parts.append(counts.with_columns(number).select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA))
            latent_persons += [counted] if counted is not None else []
            counts = every_cell(put_together(counts, combines, COUNTS), len(frame.rates), len(labels), COUNTS)
            counted = put_together(counted, combines, PERSON_COUNTS) if counted is not None else None
        if not one.fixed:
            counts, kept = _without_empty(counts)
            labels = tuple(labels[i] for i in kept)
            texts = tuple(texts[i] for i in kept)
            combines = tuple(combines[i] for i in kept) if combines else ()
            counted = _renumbered(counted, kept) if counted is not None else None
            ids.append(None if one.overlaps else _new_ids(one.ids, len(one.labels), kept))
        else:
            ids.append(None if one.overlaps else one.ids)
        persons += [counted] if counted is not None else []
        parts.append(counts.with_columns(number))
        dimensions.append(TableDimension(one.name, one.dimension.components, labels, texts, combines, atoms))
    order = ("rate", "dimension", "stratum")
    table = pl.concat([part.select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA) for part in parts]).sort(order)
    behind = pl.concat([pl.DataFrame(schema=PERSON_SCHEMA), *persons]).sort(order)
    return RateTable(
        frame.period,
        frame.rates,
        tuple(dimensions),
        table,
        frame.people.height,
        behind,
        nested_counts(frame, ids, of_events),
        blocks([d.components for d in dimensions], ids),
        pl.concat(atom_parts).sort(order),
        pl.concat(latent_persons).sort(order),
        categories=strata.categories if strata is not None else {},
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
