"""Completeness as rate tables, so that it passes the one gate: a "rate" is a field, its denominator the people.

Numerator, denominator and population are the same number everywhere: there is nothing but people to count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.categories.dimensions import ATTRIBUTED
from vbpmeasure.results.categories.strata import Strata, raw_strata
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


def of_people(answers: Mapping[str, pl.Series], frame: ResultFrame) -> Rows:
    """Count all people, and by payer and by those to whom they are attributed, where that is known."""
    columns = [name for name in (PAYER, *ATTRIBUTED) if name in frame.people.columns]
    groups = [strata for strata in (raw_strata(name, frame.people) for name in columns) if _few(strata)]
    dimensions = [TOTAL_DIMENSION, _answer_dimension()]
    for group in groups:
        dimensions.append(TableDimension(group.name, (group.name,), group.labels, group.texts))
        dimensions.append(_crossed(group))
    parts: list[_Part] = []
    for number, given in enumerate(answers.values()):
        parts += _answer_counts(number, given.to_numpy())
        for position, group in enumerate(groups):
            cells = group.ids.to_numpy().astype(np.int64) * len(ANSWERS) + given.to_numpy()
            counts = np.bincount(cells, minlength=len(group.labels) * len(ANSWERS))
            parts.append(_Part(number, 2 + 2 * position, counts.reshape(-1, len(ANSWERS)).sum(axis=1)))
            parts.append(_Part(number, 3 + 2 * position, counts))
    names = tuple((PEOPLE, "", "", "", field) for field in answers)
    return Rows(_table(frame, names, dimensions, parts), names, tuple(group.name for group in groups))


def of_measures(answers: Mapping[str, pl.Series], frame: ResultFrame) -> Rows:
    """Count the distinct people in the denominator of every rate of the frame."""
    inside = frame.rows.filter(pl.col("failed_step").is_null() & pl.col("exclusion").is_null())
    units = inside.select("rate", "person").unique()
    by_rate = {
        number: part["person"].to_numpy() for (number,), part in units.partition_by("rate", as_dict=True).items()
    }
    nobody = np.zeros(0, dtype=np.uint32)
    names: list[Name] = []
    parts: list[_Part] = []
    members: list[tuple[str, ...]] = []
    for number, key in enumerate(frame.rates):
        persons = by_rate.get(number, nobody)
        for field, given in answers.items():
            parts += _answer_counts(len(names), given.to_numpy()[persons])
            names.append((MEASURE, key.measure, key.rate, "", field))
            members.append(tuple(f"{key.measure} {member} {field}" for member in key.members))
    dimensions = [TOTAL_DIMENSION, _answer_dimension()]
    return Rows(_table(frame, tuple(names), dimensions, parts, members), tuple(names))


def of_months(answers: Mapping[str, pl.Series], frame: ResultFrame, enrolled: Sequence[pl.Series]) -> Rows:
    """Count the people enrolled in each month of the period; ``enrolled`` as from `months.enrolled`."""
    names: list[Name] = []
    parts: list[_Part] = []
    for (first, _), there in zip(months_of(frame.period), enrolled, strict=True):
        flags = there.to_numpy()
        for field, given in answers.items():
            parts += _answer_counts(len(names), given.to_numpy()[flags])
            names.append((MONTH, "", "", f"{first:%Y-%m}", field))
    dimensions = [TOTAL_DIMENSION, _answer_dimension()]
    return Rows(_table(frame, tuple(names), dimensions, parts), tuple(names))


def _few(strata: Strata) -> bool:
    return len(strata.labels) <= MOST_GROUPS


def _answer_dimension() -> TableDimension:
    return TableDimension(ANSWER, (ANSWER,), tuple((answer,) for answer in ANSWERS), ANSWERS)


def _crossed(group: Strata) -> TableDimension:
    labels = tuple((*label, answer) for label in group.labels for answer in ANSWERS)
    return TableDimension(
        f"{group.name}*{ANSWER}", (group.name, ANSWER), labels, tuple(" * ".join(label) for label in labels)
    )


def _answer_counts(rate: int, given: NDArray[np.uint32]) -> Iterator[_Part]:
    yield _Part(rate, 0, np.array([len(given)]))
    yield _Part(rate, 1, np.bincount(given, minlength=len(ANSWERS)))


def _table(
    frame: ResultFrame,
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
    period: Period = frame.period
    return RateTable(period, keys, tuple(dimensions), counts, frame.people.height)
