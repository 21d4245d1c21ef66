"""`different_dates` as plain counts: Hall's theorem against trying every choice."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from vbpmeasure.plan.builder.distinct import different_dates
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet, Role, Trigger
from vbpmeasure.plan.flags import CountAtLeast

PERIOD = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))


def source(number: int) -> Windowed:
    return Windowed(EventSet((Trigger(Role.ANY, (f"set_{number}",)),)), PERIOD)


def reached(count: CountAtLeast, days: dict[Windowed, set[int]]) -> int | None:
    """Return the day on which a count of different dates is reached, or None."""
    found = sorted(set().union(*(days[s] for s in count.sources)))
    return found[count.n - 1] if len(found) >= count.n else None


def by_trying(parts: list[tuple[set[int], int]], last: int) -> bool:
    """Return whether each part can get its number of days up to ``last``, none of them twice."""
    choices = [list(combinations(sorted(d for d in days if d <= last), needed)) for days, needed in parts]
    return any(len(set().union(*pick)) == sum(map(len, pick)) for pick in product(*choices))


PARTS = st.lists(st.tuples(st.sets(st.integers(1, 6), max_size=5), st.integers(1, 3)), min_size=1, max_size=3)


@given(PARTS)
def test_the_counts_hold_exactly_when_a_choice_exists_and_on_the_same_day(parts: list[tuple[set[int], int]]) -> None:
    sources = [source(n) for n in range(len(parts))]
    days = {s: part[0] for s, part in zip(sources, parts, strict=True)}
    flag = different_dates([((s,), part[1]) for s, part in zip(sources, parts, strict=True)])
    counts = [f for f in flag.walk() if isinstance(f, CountAtLeast)]
    reached_days = [reached(count, days) for count in counts]
    met = None not in reached_days
    first = next((day for day in range(1, 7) if by_trying(parts, day)), None)
    assert met == (first is not None)
    if met:
        assert max(day for day in reached_days if day is not None) == first


def test_parts_that_look_at_the_same_events_share_their_counts() -> None:
    one = different_dates([((source(1),), 1), ((source(1),), 1)])
    assert [(len(f.sources), f.n) for f in one.walk() if isinstance(f, CountAtLeast)] == [(1, 1), (1, 2)]


def test_a_single_part_is_its_own_count() -> None:
    assert different_dates([((source(1),), 3)]) == CountAtLeast((source(1),), 3)
