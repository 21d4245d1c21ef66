"""What each person answered, by field, and where the answer comes from: five kinds of answers that leave no one out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.dimensions import Dimension
from vbpmeasure.results.categories.rollup import roll_up
from vbpmeasure.results.categories.strata import roll_row, text_column

# An answer that the person gave; one that was inferred; one of which nobody knows where it comes from; asked and not
# answered; nothing. Declining is no answer, but it is no gap in the data either (equity page B1, B3).
DIRECT, INDIRECT, SOURCE_UNKNOWN, DECLINED, UNKNOWN = ANSWERS = (
    "direct",
    "indirect",
    "source_unknown",
    "declined",
    "unknown",
)
KNOWN = (DIRECT, INDIRECT, SOURCE_UNKNOWN)

_OF_SOURCE = {"Direct": DIRECT, "Indirect": INDIRECT}


def fields(dimensions: Iterable[Dimension], systems: Mapping[str, CategorySystem]) -> tuple[str, ...]:
    """Return the dimensions whose completeness is looked at: those asked for whose values have a source column."""
    names = dict.fromkeys(name for dimension in dimensions for name in dimension.components)
    return tuple(name for name in names if name in systems and systems[name].source_column is not None)


def columns_of_completeness(dimensions: Iterable[Dimension], systems: Mapping[str, CategorySystem]) -> tuple[str, ...]:
    """Return the columns of eligibility that completeness reads, each once: none without a field, else payer too."""
    names = fields(dimensions, systems)
    found = [c for name in names for c in (*systems[name].columns, *_source_columns(systems[name], systems))]
    return tuple(dict.fromkeys((*found, *(("payer",) if names else ()))))


def answers(names: Iterable[str], systems: Mapping[str, CategorySystem], people: pl.DataFrame) -> dict[str, pl.Series]:
    """Return, by field, the position in ``ANSWERS`` of every person (UInt32, in the order of ``people``)."""
    return {name: _answers(systems[name], systems, people) for name in names}


def _answers(system: CategorySystem, systems: Mapping[str, CategorySystem], people: pl.DataFrame) -> pl.Series:
    sources = _source_columns(system, systems)
    columns = tuple(dict.fromkeys((*system.columns, *sources)))
    raw = pl.DataFrame([text_column(people, column) for column in columns])
    distinct = raw.unique(maintain_order=True)
    kinds = [_kind(system, systems, dict(zip(columns, row, strict=True))) for row in distinct.iter_rows()]
    table = distinct.with_columns(pl.Series("answer", [ANSWERS.index(kind) for kind in kinds], dtype=pl.UInt32))
    return raw.join(table, on=list(columns), how="left", nulls_equal=True, maintain_order="left")["answer"]


def _kind(system: CategorySystem, systems: Mapping[str, CategorySystem], raw: Mapping[str, str | None]) -> str:
    donor = systems.get(system.fill_from) if system.fill_from is not None else None
    rolled = roll_row(system, donor, [raw[column] for column in system.columns])
    if rolled.category == system.declined:
        return DECLINED
    if rolled.category == system.unknown:
        return UNKNOWN
    teller = _teller(system, systems, raw)
    column = teller.source_column
    known = systems.get(column) if column is not None else None
    if known is None or column is None:
        return SOURCE_UNKNOWN
    return _OF_SOURCE.get(roll_up(known, raw[column]).category, SOURCE_UNKNOWN)


def _teller(
    system: CategorySystem, systems: Mapping[str, CategorySystem], raw: Mapping[str, str | None]
) -> CategorySystem:
    """Return the system of the column that told the answer: the second one where the first says nothing."""
    second = system.also or (systems.get(system.fill_from) if system.fill_from is not None else None)
    if second is None or second.source_column is None:
        return system
    own = roll_up(replace(system, also=None), raw[system.columns[0]])
    return system if own.parts else second


def _source_columns(system: CategorySystem, systems: Mapping[str, CategorySystem]) -> tuple[str, ...]:
    donor = systems.get(system.fill_from) if system.fill_from is not None else None
    found = (one.source_column for one in (system, system.also, donor) if one is not None)
    return tuple(dict.fromkeys(column for column in found if column is not None))
