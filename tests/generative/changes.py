"""Changes of the input that must not change any result."""

import datetime as dt
import random
from dataclasses import replace

from vbpmeasure.plan.measures import Period

# Every 1,461 days the calendar is the same again, leap days included, between 1901 and 2099.
FOUR_YEARS = 1461
LAST_SHIFTED = dt.date(2090, 1, 1)


def shuffled(rows, seed):
    """Return the same rows in another order."""
    rng = random.Random(seed)
    return {table: rng.sample(found, len(found)) for table, found in rows.items()}


def renamed(rows):
    """Return the rows with other person ids, in the same order, and the new id of each old one."""
    ids = sorted(
        {row["person_id"] for found in rows.values() for row in found if row.get("person_id") is not None}, key=str
    )
    new = {old: f"x{number:05d}" for number, old in enumerate(ids)}
    changed = {
        table: [row | {"person_id": new[row["person_id"]]} if "person_id" in row else row for row in found]
        for table, found in rows.items()
    }
    texts = {str(old): text for old, text in new.items()}
    changed["indicator"] = [
        row | {"entity_id": texts.get(str(row.get("entity_id")), "nobody")} if row["entity_type"] == "person" else row
        for row in rows.get("indicator", ())
    ]
    return changed, {str(old): text for old, text in new.items()}


def doubled(rows, seed):
    """Return the rows with some claim and record rows twice."""
    rng = random.Random(seed)
    return {
        table: found
        if table in {"eligibility", "practitioner", "indicator"}
        else found + [row for row in found if rng.random() < 0.5]
        for table, found in rows.items()
    }


def split_spans(rows, seed):
    """Return the rows with some spans cut in two that touch; the parts say the same as the whole."""
    rng = random.Random(seed)
    spans = []
    for row in rows["eligibility"]:
        start = row["enrollment_start_date"]
        end = row.get("enrollment_end_date") or start + dt.timedelta(days=2000)
        days = (min(end, start + dt.timedelta(days=2000)) - start).days
        if days < 1 or rng.random() < 0.5:
            spans.append(row)
            continue
        cut = start + dt.timedelta(days=rng.randrange(days))
        spans.append(row | {"enrollment_end_date": cut})
        spans.append(row | {"enrollment_start_date": cut + dt.timedelta(days=1)})
    return rows | {"eligibility": spans}


def _later(cell):
    if isinstance(cell, dt.date) and cell < LAST_SHIFTED:
        return cell + dt.timedelta(days=FOUR_YEARS)
    return cell


def four_years_later(program, rows):
    """Return the program and all its data four years later."""
    period = Period(_later(program.period.start), _later(program.period.end))
    later = {
        table: [{name: _later(cell) for name, cell in row.items()} for row in found] for table, found in rows.items()
    }
    return replace(program, period=period), later


def verdicts_later(verdicts):
    """Return the verdicts with their dates four years later."""
    return [
        verdict._replace(evidence_date=_later(verdict.evidence_date), index_date=_later(verdict.index_date))
        for verdict in verdicts
    ]
