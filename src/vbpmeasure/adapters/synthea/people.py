"""Patients, payers and payer transitions: eligibility spans."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from vbpmeasure.adapters.synthea import reasons
from vbpmeasure.adapters.synthea.export import Row
from vbpmeasure.adapters.synthea.shared import Work
from vbpmeasure.adapters.synthea.values import day, ethnicity, gender, is_uninsured, payer_type, race, year

_DIRECT = "direct"
# The simulator derives a payer's id from its name, so these two have the same ids everywhere: `NO_INSURANCE` of the
# first and of the later generations. They are needed where payers.csv is missing.
_UNINSURED = frozenset({"b1c428d6-4f07-31e0-90f0-68ffa6ff8c76", "e03e23c9-4df1-3eb6-a62d-f70f02301496"})


def read_people(work: Work) -> None:
    """Put patients and payers into the index."""
    for row in work.export.rows("patients"):
        birth = work.day(row, "BIRTHDATE")
        if birth is None:
            work.tell(reasons.NO_BIRTH_DATE, row)
            continue
        death = work.day(row, "DEATHDATE")
        work.keep(
            "patient", row, birth.isoformat(), death.isoformat() if death else None, gender(row["GENDER"]),
            race(row["RACE"]), ethnicity(row["ETHNICITY"]), row["LANGUAGE"] or None, row["ZIP"] or None,
            row["STATE"] or None,
        )  # fmt: skip
    for row in work.export.rows("payers"):
        work.keep("payer", row, row["NAME"], row["OWNERSHIP"])


def payer_name(work: Work, id_: str) -> str | None:
    """Return the name of a payer, None for no insurance; the id itself where payers.csv does not name it."""
    known = work.index.get("payer", id_) if id_ else None
    name = known["name"] if known is not None else id_
    return None if not name or is_uninsured(name) or id_ in _UNINSURED else name


def write_spans(work: Work) -> None:
    """Write eligibility: one row per payer transition with insurance, in the order of the file."""
    for row, following in _with_following(work.export.rows("payer_transitions")):
        if (person := _covered(work, row)) is None:
            continue
        payer = payer_name(work, row["PAYER"])
        if payer is None:
            work.tell(reasons.NO_INSURANCE, row)
            continue
        if (span := _span(work, row, following, person)) is None:
            continue
        known = work.index.get("payer", row["PAYER"])
        if known is None:
            work.tell(reasons.UNKNOWN_PAYER, row)
        work.index.put("covered", person["id"])
        member = row["MEMBERID"] or None
        work.folder.add(
            "eligibility",
            {
                **_who(person),
                "enrollment_start_date": span[0],
                "enrollment_end_date": span[1],
                "payer": payer,
                "payer_type": payer_type(payer, known["ownership"] if known is not None else ""),
                "member_id": member,
                "subscriber_id": member,
                "data_source": work.data_source,
            },
        )
    if without := work.index.without_coverage():
        work.report.skip(reasons.NO_COVERAGE, what="patients.csv", count=without)
    if not work.folder.rows("eligibility"):
        work.report.skip(reasons.NO_SPANS)


def _who(person: sqlite3.Row) -> dict[str, Any]:
    """Return the columns of a span that say who the person is."""
    return {
        "person_id": person["id"],
        "birth_date": day(person["birth"]),
        "death_date": day(person["death"] or ""),
        "gender": person["gender"],
        "race": person["race"],
        "ethnicity": person["ethnicity"],
        "language": person["language"],
        "race_source": _DIRECT if person["race"] else None,
        "ethnicity_source": _DIRECT if person["ethnicity"] else None,
        "language_source": _DIRECT if person["language"] else None,
        "zip_code": person["zip"],
        "state": person["state"],
    }


def _covered(work: Work, row: Row) -> sqlite3.Row | None:
    """Return the patient of a spell, or None, told."""
    if not row["PATIENT"]:
        work.tell(reasons.EMPTY_CELL, row)
        return None
    person = work.index.get("patient", row["PATIENT"])
    if person is None:
        work.tell(reasons.UNKNOWN_COVERED, row)
    return person


def _with_following(rows: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Yield each row with the one after it."""
    row: Row | None = None
    for following in rows:
        if row is not None:
            yield row, following
        row = following
    if row is not None:
        yield row, None


def _start(row: Row) -> str:
    return row.first("START_DATE", "START_YEAR")


def _span(work: Work, row: Row, following: Row | None, person: sqlite3.Row) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of a spell, or None, told.

    Years: the next spell begins in the year after END_YEAR, so that one counts whole. Timestamps: the day of the end
    is covered, unless the person's next spell begins on it: then the day before is the last.
    """
    start, end = _start(row), row.first("END_DATE", "END_YEAR")
    by_year = year(start)
    first: dt.date | None
    last: dt.date | None
    if by_year is not None:
        first, birth = dt.date(by_year, 1, 1), day(person["birth"])
        last_year = year(end)
        last = dt.date(last_year, 12, 31) if last_year is not None else None
        if birth is not None and last is not None and first < birth <= last:
            first = birth
            work.tell(reasons.CLIPPED, row)
    else:
        first, last = day(start), day(end)
        handed_over = (
            following is not None and following["PATIENT"] == row["PATIENT"] and day(_start(following)) == last
        )
        if handed_over and first is not None and last is not None and first < last:
            last -= dt.timedelta(days=1)
    if first is None or last is None:
        work.tell(reasons.NO_START if first is None else reasons.NO_END, row)
        return None
    if last < first:
        work.tell(reasons.ENDS_BEFORE_START, row)
        return None
    return first, last
