"""One order for things that are sets in meaning, so that equal plans are equal objects whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable

from vbpmeasure.plan.dates import DateExpr, Windowed


def in_order(sources: Iterable[Windowed]) -> tuple[Windowed, ...]:
    """Return the distinct sources in an order that does not depend on the names of pieces."""
    return tuple(sorted(dict.fromkeys(sources), key=_source_key))


def _source_key(source: Windowed) -> str:
    return f"{source.events.triggers!r} {_date_key(source.window.start)} {_date_key(source.window.end)}"


def _date_key(date: DateExpr) -> str:
    event = _source_key(date.event.source) if date.event is not None else ""
    return f"{date.anchor} {date.years} {date.months} {date.days} ({event})"
