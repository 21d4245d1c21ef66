"""Rates that are no share of units, on the screen: their parts, their values, their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from vbpmeasure.outputs.table import HIDDEN, NARROWEST, NO_DATA, NOT_APPLICABLE
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.results.rates import TOTAL
from vbpmeasure.results.shown_amounts import ShownAmount

_HIDDEN = (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY)
_WIDTHS = (10, 13, 9, 17)
_HEADS = ("part", "whole", "value", "95% interval")


def amounts_text(cells: Sequence[ShownAmount], width: int = 80) -> str:
    """Return the cells as plain text, one block per rate; nothing when there are none.

    Events per 1,000 have events, member-months and the exact Poisson interval; shares are in per cent.
    """
    blocks = []
    for key, group in groupby(cells, key=lambda cell: cell.key):
        own = list(group)
        room = max(width, NARROWEST) - sum(_WIDTHS) - len(_WIDTHS)
        heads = ("events", "member-months", "per 1,000", _HEADS[3]) if _per_1000(own[0]) else (*_HEADS[:2], "%", "")
        lines = [f"{key.measure}.{key.rate}  {key.rate_title}".rstrip(), _line("", heads, room)]
        dimension = TOTAL
        for cell in own:
            if cell.dimension != dimension:
                lines.append(f"  {cell.dimension}")
                dimension = cell.dimension
            words = TOTAL if cell.dimension == TOTAL else f"  {cell.stratum}"
            lines.append(_line(f"  {words}", tuple(_numbers(cell)), room))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _per_1000(cell: ShownAmount) -> bool:
    return cell.key.kind is RateKind.EVENTS_PER_1000


def _numbers(cell: ShownAmount) -> Iterator[str]:
    if cell.status in _HIDDEN:
        yield from (HIDDEN,) * (4 if _per_1000(cell) else 3)
        return
    yield _whole(cell.part)
    yield f"{cell.member_months:,.2f}" if cell.member_months is not None else _whole(cell.whole)
    if cell.value is None:
        yield NOT_APPLICABLE if cell.status is Status.NA_SMALL_DENOM else NO_DATA
    else:
        # Aggregates from outside come as they are; they may be a score and no share.
        outside = cell.key.kind is RateKind.EXTERNAL and cell.whole is None
        yield f"{cell.value:.2f}" if _per_1000(cell) or outside else f"{cell.value * 100:.2f}"
    yield f"{cell.low:.2f} - {cell.high:.2f}" if cell.low is not None and cell.high is not None else ""


def _whole(count: int | None) -> str:
    return NO_DATA if count is None else f"{count:,}"


def _line(words: str, numbers: tuple[str, ...], room: int) -> str:
    cut = words if len(words) <= room else words[: room - 3] + "..."
    cells = "".join(f" {number:>{width}}" for number, width in zip(numbers, _WIDTHS, strict=False))
    return (cut.ljust(room) + cells).rstrip()
