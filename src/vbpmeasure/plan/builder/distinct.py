"""Several counts whose dates must all be different, as plain counts."""

from __future__ import annotations

from itertools import combinations

from vbpmeasure.plan.builder.order import in_order
from vbpmeasure.plan.dates import Windowed
from vbpmeasure.plan.flags import AllOf, CountAtLeast, Flag

MAX_PARTS = 6


def different_dates(parts: list[tuple[tuple[Windowed, ...], int]]) -> Flag:
    """Return a flag that is true when each part gets its number of dates and no date serves two parts.

    By Hall's theorem such a choice exists exactly when every group of parts has, among all dates of the group
    together, at least as many as the group needs in total. The flag's date is right too: the latest over all
    groups is the first day on which the condition holds. ``parts`` are (sources, number of dates needed).
    """
    counts = []
    for size in range(1, len(parts) + 1):
        for group in combinations(parts, size):
            sources = in_order(source for part, _ in group for source in part)
            counts.append(CountAtLeast(sources, sum(needed for _, needed in group)))
    distinct = list(dict.fromkeys(counts))
    return distinct[0] if len(distinct) == 1 else AllOf(tuple(distinct))
