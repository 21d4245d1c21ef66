"""The waterfall on the screen: what each step and each exclusion removed, rate by rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from vbpmeasure.outputs.table import HIDDEN, NARROWEST
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.waterfall import EVENTS

_INDENT = "  "
_NUMBER = 10


def waterfall_text(table: PublishedTable, width: int = 80) -> str:
    """Return the waterfall as plain text, no line wider than ``width`` (at least 60), one block per rate.

    Rates of index events have a third column, the distinct persons among the events that are left.
    """
    titles = {(key.measure, key.rate): key.rate_title for key in table.keys}
    rows = table.waterfall.iter_rows(named=True)
    blocks = []
    for (measure, rate), stages in groupby(rows, key=lambda row: (str(row["measure"]), str(row["rate"]))):
        own = list(stages)
        events = own[0]["unit"] == EVENTS
        room = max(width, NARROWEST) - len(_INDENT) - (_NUMBER + 1) * (3 if events else 2)
        head = ("events out", "left", "persons") if events else ("removed", "left")
        lines = [_cut(f"{measure}.{rate}  {titles[measure, rate]}".rstrip(), max(width, NARROWEST))]
        lines.append(_line("", head, room))
        lines += [_line(str(stage["label"]), tuple(_numbers(stage, events=events)), room) for stage in own]
        blocks.append("\n".join(lines))
    text = "\n\n".join(blocks)
    legend = f"\n\n{HIDDEN}  hidden, or one from which a hidden count follows" if f" {HIDDEN}" in text else ""
    return f"{text}{legend}\n"


def _numbers(stage: Mapping[str, Any], *, events: bool) -> Iterator[str]:
    # Where nothing is taken away there is nothing to show; a removed count may also be hidden.
    takes = stage["kind"] in ("step", "exclusion", "numerator") and not (events and stage["stage"] == 0)
    yield _count(stage["removed"]) if takes else ""
    yield _count(stage["remaining"])
    if events:
        yield _count(stage["persons"])


def _line(label: str, numbers: tuple[str, ...], room: int) -> str:
    words = _cut(label, room).ljust(room)
    return (_INDENT + words + "".join(f" {number:>{_NUMBER}}" for number in numbers)).rstrip()


def _cut(words: str, room: int) -> str:
    return words if len(words) <= room else words[: room - 3] + "..."


def _count(value: int | None) -> str:
    return HIDDEN if value is None else f"{value:,}"
