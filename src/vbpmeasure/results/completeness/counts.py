"""Completeness as rate tables, so that it passes the one gate: a "rate" is a field, its denominator the people.

Numerator, denominator and population are the same number everywhere: there is nothing but people to count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.dimensions import ATTRIBUTED
from vbpmeasure.results.categories.strata import UNATTRIBUTED, UNKNOWN, raw_strata
from vbpmeasure.results.completeness.answers import ANSWERS
from vbpmeasure.results.completeness.months import months_of
from vbpmeasure.results.frame import RateKey, ResultFrame
from vbpmeasure.results.rates import COUNT_SCHEMA, TOTAL_DIMENSION, RateTable, TableDimension

PEOPLE, MEASURE, MONTH, PAYER = "people", "measure", "month", "payer"
ANSWER = "answer"

Name = tuple[str, str, str, str, str]  # scope, measure, rate, group, field

# More groups than this are no overview (and no table that a reader looks through).
MOST_GROUPS = 500


@dataclass(frozen=True, slots=True)
class Rows:
    """A rate table of completeness: what each of its "rates" stands for.

    ``names`` has per rate: scope, measure, rate, group, field. ``groups`` are the dimensions beside total and answer.
    """

    table: RateTable
    names: tuple[Name, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """The people of every stratum of one dimension, for one rate."""

    rate: int
    dimension: int
    counts: NDArray[np.int64]


# How many people told what: of all, by payer and attribution, and by month; and in the denominator of each rate.
TOLD_SCHEMA = pl.Schema(
    {"scope": pl.String, "group": pl.String, "field": pl.String, "answer": pl.UInt8, "people": pl.Int64}
)
RATE_TOLD_SCHEMA = pl.Schema({"rate": pl.UInt16, "field": pl.String, "answer": pl.UInt8, "people": pl.Int64})


def told_by_people(answers: Mapping[str, pl.Series], frame: ResultFrame, enrolled: Sequence[pl.Series]) -> pl.DataFrame:
    """Count answers of all people, by payer and those to whom they are attributed where that is known, and by month.

    One row per scope, group, field and answer with anyone (``TOLD_SCHEMA``; answer: position in ``ANSWERS``), sorted;
    they can be added to those of other people. ``enrolled`` as from `months.enrolled`.
    """
    if not answers:
        return pl.DataFrame(schema=TOLD_SCHEMA)
    groups = [raw_strata(name, frame.people) for name in (PAYER, *ATTRIBUTED) if name in frame.people.columns]
    months = [f"{first:%Y-%m}" for first, _ in months_of(frame.period)]
    parts = [pl.DataFrame(schema=TOLD_SCHEMA)]
    for field, given in answers.items():
        told = given.to_numpy()
        parts.append(_told(PEOPLE, ("",), field, _bins(told)))
        for group in groups:
            cells = group.ids.to_numpy().astype(np.int64) * len(ANSWERS) + told
            counts = np.bincount(cells, minlength=len(group.labels) * len(ANSWERS))
            parts.append(_told(group.name, group.texts, field, counts))
        counts = np.concatenate([_bins(told[there.to_numpy()]) for there in enrolled])
        parts.append(_told(MONTH, months, field, counts))
    return pl.concat(parts).sort("scope", "group", "field", "answer")


def told_by_rates(answers: Mapping[str, pl.Series], frame: ResultFrame, rates: Collection[int]) -> pl.DataFrame:
    """Count answers of the distinct people in the denominator of some rates (positions); rows as `told_by_people`."""
    if not answers:
        return pl.DataFrame(schema=RATE_TOLD_SCHEMA)
    wanted = pl.col("rate").is_in(pl.Series(list(rates), dtype=pl.UInt16).implode())
    inside = frame.rows.filter(wanted & pl.col("failed_step").is_null() & pl.col("exclusion").is_null())
    units = inside.select("rate", "person")
    if inside["index_date"].null_count() < inside.height:  # else nobody is there twice
        units = units.unique()
    cells = units["rate"].to_numpy().astype(np.int64) * len(ANSWERS)
    persons = units["person"].to_numpy()
    parts = [pl.DataFrame(schema=RATE_TOLD_SCHEMA)]
    for field, given in answers.items():
        counts = np.bincount(cells + given.to_numpy()[persons], minlength=len(frame.rates) * len(ANSWERS))
        there = np.flatnonzero(counts)
        told = {"rate": there // len(ANSWERS), "answer": there % len(ANSWERS), "people": counts[there]}
        named = pl.DataFrame(told).with_columns(field=pl.lit(field))
        parts.append(named.select(RATE_TOLD_SCHEMA.names()).cast(RATE_TOLD_SCHEMA))
    return pl.concat(parts).sort("rate", "field", "answer")


def _bins(given: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.bincount(given, minlength=len(ANSWERS))


def _told(scope: str, groups: Sequence[str], field: str, counts: NDArray[np.int64]) -> pl.DataFrame:
    found = pl.DataFrame(
        {
            "group": np.repeat(np.arange(len(groups)), len(ANSWERS)),
            "answer": np.tile(np.arange(len(ANSWERS)), len(groups)),
            "people": counts,
        }
    ).filter(pl.col("people") > 0)
    names = pl.Series(groups, dtype=pl.String).gather(found["group"])
    return (
        found.with_columns(scope=pl.lit(scope), group=names, field=pl.lit(field))
        .select(TOLD_SCHEMA.names())
        .cast(TOLD_SCHEMA)
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What everybody told, ready to be published: the counts, and what they are counts of.

    ``by_people`` follows ``TOLD_SCHEMA``, ``by_rates`` ``RATE_TOLD_SCHEMA`` with the positions of ``rates``, which are
    shares of units.
    """

    fields: tuple[str, ...]
    period: Period
    people: int
    rates: tuple[RateKey, ...]
    by_people: pl.DataFrame
    by_rates: pl.DataFrame


def of_people(told: Told) -> Rows:
    """Return the table of all people, and by payer and attribution."""
    counted: dict[tuple[str, str], dict[str, NDArray[np.int64]]] = {}
    for scope, group, field, answer, people in told.by_people.filter(pl.col("scope") != MONTH).iter_rows():
        counted.setdefault((scope, field), {}).setdefault(group, _nothing())[answer] = people
    groups = [(name, _labels(name, told)) for name in (PAYER, *ATTRIBUTED)]
    groups = [(name, labels) for name, labels in groups if 0 < len(labels) <= MOST_GROUPS]
    dimensions = [TOTAL_DIMENSION, _answer_dimension()]
    for name, labels in groups:
        dimensions.append(TableDimension(name, (name,), tuple((label,) for label in labels), labels))
        dimensions.append(_crossed(name, labels))
    parts: list[_Part] = []
    for number, field in enumerate(told.fields):
        parts += _answer_counts(number, counted.get((PEOPLE, field), {}).get("", _nothing()))
        for position, (name, labels) in enumerate(groups):
            found = counted.get((name, field), {})
            counts = np.stack([found.get(label, _nothing()) for label in labels])
            parts.append(_Part(number, 2 + 2 * position, counts.sum(axis=1)))
            parts.append(_Part(number, 3 + 2 * position, counts.reshape(-1)))
    names = tuple((PEOPLE, "", "", "", field) for field in told.fields)
    return Rows(_table(told, names, dimensions, parts), names, tuple(name for name, _ in groups))


def of_measures(told: Told) -> Rows:
    """Return the table of the distinct people in the denominator of every rate."""
    counted: dict[tuple[int, str], NDArray[np.int64]] = {}
    for rate, field, answer, people in told.by_rates.iter_rows():
        counted.setdefault((rate, field), _nothing())[answer] = people
    names: list[Name] = []
    parts: list[_Part] = []
    members: list[tuple[str, ...]] = []
    for number, key in enumerate(told.rates):
        for field in told.fields:
            parts += _answer_counts(len(names), counted.get((number, field), _nothing()))
            names.append((MEASURE, key.measure, key.rate, "", field))
            members.append(tuple(f"{key.measure} {member} {field}" for member in key.members))
    dimensions = [TOTAL_DIMENSION, _answer_dimension()]
    return Rows(_table(told, tuple(names), dimensions, parts, members), tuple(names))


def of_months(told: Told) -> Rows:
    """Return the table of the people enrolled in each month of the period."""
    counted: dict[tuple[str, str], NDArray[np.int64]] = {}
    for _, month, field, answer, people in told.by_people.filter(pl.col("scope") == MONTH).iter_rows():
        counted.setdefault((month, field), _nothing())[answer] = people
    names: list[Name] = []
    parts: list[_Part] = []
    for first, _ in months_of(told.period):
        month = f"{first:%Y-%m}"
        for field in told.fields:
            parts += _answer_counts(len(names), counted.get((month, field), _nothing()))
            names.append((MONTH, "", "", month, field))
    dimensions = [TOTAL_DIMENSION, _answer_dimension()]
    return Rows(_table(told, tuple(names), dimensions, parts), tuple(names))


def _nothing() -> NDArray[np.int64]:
    return np.zeros(len(ANSWERS), dtype=np.int64)


def _labels(name: str, told: Told) -> tuple[str, ...]:
    """Return the groups of a kind in order, those that belong to nobody last; none when there are no such groups."""
    seen = set(told.by_people.filter(pl.col("scope") == name)["group"])
    nobody = UNATTRIBUTED if name in ATTRIBUTED else UNKNOWN
    return (*sorted(seen - {nobody}), nobody) if seen else ()


def _answer_dimension() -> TableDimension:
    return TableDimension(ANSWER, (ANSWER,), tuple((answer,) for answer in ANSWERS), ANSWERS)


def _crossed(name: str, groups: tuple[str, ...]) -> TableDimension:
    labels = tuple((group, answer) for group in groups for answer in ANSWERS)
    return TableDimension(f"{name}*{ANSWER}", (name, ANSWER), labels, tuple(" * ".join(label) for label in labels))


def _answer_counts(rate: int, counts: NDArray[np.int64]) -> Iterator[_Part]:
    yield _Part(rate, 0, counts.sum(keepdims=True))
    yield _Part(rate, 1, counts)


def _table(
    told: Told,
    names: tuple[Name, ...],
    dimensions: list[TableDimension],
    parts: list[_Part],
    members: Sequence[tuple[str, ...]] = (),
) -> RateTable:
    keys = tuple(
        RateKey(scope, " ".join(part for part in rest if part), "", "", (), (), members=members[i] if members else ())
        for i, (scope, *rest) in enumerate(names)
    )
    sizes = [len(part.counts) for part in parts]
    people = np.concatenate([part.counts for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    counts = pl.DataFrame(
        {
            "rate": np.repeat([part.rate for part in parts], sizes),
            "dimension": np.repeat([part.dimension for part in parts], sizes),
            "stratum": np.concatenate([np.arange(size) for size in sizes]) if sizes else people,
            "population": people,
            "excluded": np.zeros(len(people), dtype=np.int64),
            "denominator": people,
            "numerator": people,
        }
    ).cast(COUNT_SCHEMA)
    counts = counts.sort("rate", "dimension", "stratum")
    return RateTable(told.period, keys, tuple(dimensions), counts, told.people)
