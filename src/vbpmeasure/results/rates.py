"""Rates: whole-number counts per rate, dimension and stratum. The counts come first; rates only at the very end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.strata import Strata, StrataSet
from vbpmeasure.results.combinations import every_cell, put_together
from vbpmeasure.results.frame import RateKey, ResultFrame
from vbpmeasure.results.knowledge import LINK_SCHEMA, Block, Nested, Relations, blocks, nested_of
from vbpmeasure.results.persons import PERSON_COUNTS, PERSON_SCHEMA, event_rates, person_counts, person_flags
from vbpmeasure.results.stats import wilson

TOTAL = "total"
COUNTS = ("population", "excluded", "denominator", "numerator")

_ORDER = ("rate", "dimension", "stratum")

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


def count_cells(frame: ResultFrame, strata: StrataSet | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the counts of a frame that can be added to those of other people, and the persons behind events.

    The first has one row per rate, dimension and stratum with anyone in the population (``COUNT_SCHEMA``; dimension 0
    is the total, dimension n the n-th of ``strata``; strata that overlap are counted by atom), the second follows
    ``PERSON_SCHEMA`` in the same way.
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
    sizes = [(None, 1), *((one.ids, len(one.disjoint)) for one in (strata.strata if strata is not None else ()))]
    for number, (ids, labels) in enumerate(sizes):
        counts = _counts(slim, ids, len(frame.rates), labels).with_columns(dimension=pl.lit(number, dtype=pl.UInt16))
        parts.append(counts.select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA).filter(pl.col("population") > 0))
        if flags is not None:
            persons.append(person_counts(flags, ids, number))
    return pl.concat(parts).sort(_ORDER), pl.concat(persons).sort(_ORDER)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of counts beside sums: between rates, and between strata (``LINK_SCHEMA``).

    Dimensions and strata are numbered as in `count_cells`; ``of_events`` are the rates of index events.
    """

    relations: Relations = field(default_factory=Relations)
    links: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINK_SCHEMA))
    of_events: frozenset[int] = frozenset()


def table_of(
    period: Period,
    rates: tuple[RateKey, ...],
    strata: Sequence[Strata],
    cells: pl.DataFrame,
    persons: pl.DataFrame,
    people: int,
    known: Known,
    categories: Mapping[str, str],
) -> RateTable:
    """Return the table of counts as `count_cells` gives them, every stratum with every rate.

    ``strata`` are the dimensions after the total; nobody's ids are looked at.
    """
    parts = [_with_zeros(cells.filter(pl.col("dimension") == 0), 0, len(rates), 1)]
    behind = [pl.DataFrame(schema=PERSON_SCHEMA), persons.filter(pl.col("dimension") == 0)]
    latent, latent_persons = [pl.DataFrame(schema=COUNT_SCHEMA)], [pl.DataFrame(schema=PERSON_SCHEMA)]
    dimensions = [TOTAL_DIMENSION]
    kept_of: dict[int, list[int]] = {0: [0]}
    for number, one in enumerate(strata, start=1):
        counts = cells.filter(pl.col("dimension") == number)
        counted = persons.filter(pl.col("dimension") == number)
        atoms, combines = one.atoms, one.made_of
        if one.overlaps:
            inside = _not_empty(counts)
            counts, counted = _renumbered(counts, inside), _renumbered(counted, inside)
            new = {old: position for position, old in enumerate(inside)}
            atoms = tuple(one.atoms[i] for i in inside)
            combines = tuple(tuple(new[atom] for atom in row if atom in new) for row in one.made_of)
            latent.append(_with_zeros(counts, number, len(rates), len(inside)))
            latent_persons.append(counted)
            counts, counted = put_together(counts, combines, COUNTS), put_together(counted, combines, PERSON_COUNTS)
        kept = list(range(len(one.labels))) if one.fixed else _not_empty(counts)
        if not one.fixed:
            counts, counted = _renumbered(counts, kept), _renumbered(counted, kept)
            combines = tuple(combines[i] for i in kept) if combines else ()
        if not one.overlaps:
            kept_of[number] = kept
        labels, texts = tuple(one.labels[i] for i in kept), tuple(one.texts[i] for i in kept)
        dimensions.append(TableDimension(one.name, one.dimension.components, labels, texts, combines, atoms))
        parts.append(_with_zeros(counts, number, len(rates), len(kept)))
        behind.append(counted)
    found = replace(known.relations, behind=_of_kept(known.relations.behind, kept_of, "dimension", "stratum"))
    linked = _of_kept(known.links, kept_of, "one", "stratum_of_one")
    return RateTable(
        period,
        rates,
        tuple(dimensions),
        pl.concat(parts).sort(_ORDER),
        people,
        pl.concat(behind).sort(_ORDER),
        nested_of(found, [key.measure for key in rates], known.of_events),
        blocks(_of_kept(linked, kept_of, "other", "stratum_of_other")),
        pl.concat(latent).sort(_ORDER),
        pl.concat(latent_persons).sort(_ORDER),
        categories,
    )


def _not_empty(counts: pl.DataFrame) -> list[int]:
    """Return the strata that have anyone in the population of any rate, in order."""
    return counts.filter(pl.col("population") > 0)["stratum"].unique().sort().to_list()


def _of_kept(frame: pl.DataFrame, kept: Mapping[int, list[int]], dimension: str, stratum: str) -> pl.DataFrame:
    """Return the rows of the strata that are kept, by dimension, numbered anew; same columns and order."""
    rows = [(number, old, new) for number, strata in kept.items() for new, old in enumerate(strata)]
    schema = {dimension: pl.UInt16, stratum: pl.UInt32, "new": pl.UInt32}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    found = frame.join(table, on=[dimension, stratum], how="inner", maintain_order="left")
    return found.with_columns(pl.col("new").alias(stratum)).select(frame.columns)


def _with_zeros(counts: pl.DataFrame, dimension: int, rates: int, strata: int) -> pl.DataFrame:
    """Return a row for every rate and stratum of one dimension, zeros where nothing was counted."""
    found = every_cell(counts.drop("dimension").cast({"rate": pl.UInt32}), rates, strata, COUNTS)
    return found.with_columns(dimension=pl.lit(dimension)).select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA)


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
