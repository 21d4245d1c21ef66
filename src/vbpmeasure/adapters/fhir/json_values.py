"""Values out of parsed JSON of unknown quality: what is not of the expected shape is as if it were not there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def mapping(value: object) -> Json:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Iterator[Json]:
    """Yield the objects of a JSON array (a lone object is an array of one)."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def text(value: object) -> str | None:
    """Return a text without outer blanks; None for an empty one and for anything else."""
    return (value.strip() or None) if isinstance(value, str) else None


def integer(value: object) -> int | None:
    """Return a whole number that fits 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) < 2**63 else None


def number(value: object) -> float | None:
    """Return a number."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def day(value: object) -> dt.date | None:
    """Return the local day that a FHIR date or dateTime writes; None for a month, a year, and what is no date.

    The time and its zone are passed over: the day is the one on the wall calendar where the thing happened.
    """
    if not isinstance(value, str) or _DAY.match(value) is None or (len(value) > 10 and value[10] not in "T "):
        return None
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        return None


def first_day(resource: Json, *fields: str) -> tuple[dt.date | None, bool]:
    """Return the day of the first of the fields that is there, and whether one was there that is no day.

    A field may hold a Period: then its start counts.
    """
    spoiled = False
    for field in fields:
        value = resource.get(field)
        if value is None:
            continue
        value = value.get("start") if isinstance(value, dict) else value
        found = day(value)
        if found is not None:
            return found, False
        spoiled = spoiled or value is not None
    return None, spoiled
