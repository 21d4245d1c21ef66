"""Coverage: when each child was enrolled, with whom, and how the extract delivers it.

Some payers send one row a month, some one a calendar year, some one a stay; some rows are open, some are sent twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbpmeasure.sample.arrays import NULL, Bools, Chunk, Ints, day, month_number, month_start, uniform_days, year_number
from vbpmeasure.sample.people import People

PAYERS = ("synthetic_payer_a", "synthetic_payer_b", "synthetic_payer_c")
PLANS = ("synthetic_plan_a1", "synthetic_plan_b1", "synthetic_plan_c1")
PRODUCTS = ("medicaid", "medicaid", "chip")
DOTTED_PAYER = 2  # this payer writes ICD-10-CM codes with their dot

_MONTHLY, _YEARLY, _STAY = 0, 1, 2
_FAR = day(2099, 12, 31)
_SEGMENTS = 3
_STRIDE = 1 << 21  # more than any day number: person * stride + day orders by person, then day


@dataclass(slots=True)
class Coverage:
    """Covered runs of days, one entry per run, ordered by child and start; runs of one child do not touch."""

    person: Ints
    start: Ints
    end: Ints
    payer_before: Ints
    payer_after: Ints
    switch: Ints  # first day with the second payer, per child; far in the future when there is none

    def covers(self, person: Ints, days: Ints) -> Bools:
        """Return whether each (child, day) lies in a covered run."""
        at = np.searchsorted(self.person * _STRIDE + self.start, person * _STRIDE + days, side="right") - 1
        safe = np.maximum(at, 0)
        return np.asarray((at >= 0) & (self.person[safe] == person) & (self.end[safe] >= days))

    def payer_on(self, person: Ints, days: Ints) -> Ints:
        """Return the payer (position in ``PAYERS``) of each (child, day)."""
        return np.where(days < self.switch[person], self.payer_before[person], self.payer_after[person])


@dataclass(slots=True)
class Spans:
    """Rows of the eligibility table, ordered by child and start; ``end`` is NULL for an open row."""

    person: Ints
    start: Ints
    end: Ints
    payer: Ints
    last: Bools  # the child's last row


def _gap_lengths(rng: np.random.Generator, size: int, kind: Ints) -> Ints:
    """Return gap lengths in days: short ones crowd around the 45-day allowance, long ones break it."""
    short = rng.choice(np.array([14, 28, 30, 31, 44, 45, 45, 46]), size=size)
    long = rng.integers(60, 300, size=size)
    return np.where(kind == 2, long, short).astype(np.int64)


def _segments(chunk: Chunk, people: People, rng: np.random.Generator, delivery: Ints) -> tuple[Ints, Ints]:
    """Return starts and ends, each of shape (children, 3); a run with its start after its end is no run."""
    size = people.size
    kind = rng.choice(6, size=size, p=[0.70, 0.10, 0.07, 0.02, 0.06, 0.05])
    late = np.where(rng.random(size) < 0.10, rng.integers(1, 40, size=size), 0)
    first = np.maximum(np.where(people.birth >= chunk.start, people.birth + late, people.birth), chunk.start)
    # For some of the deceased nobody has ended the coverage yet.
    ended = (people.death > NULL) & (rng.random(size) < 0.5)
    last = np.where(ended, people.death, chunk.end)
    last = np.where(kind == 4, uniform_days(rng, first, last, size), last)
    first = np.where(kind == 5, uniform_days(rng, first, last, size), first)
    monthly = delivery == _MONTHLY
    first = np.where(monthly & (kind == 5), np.maximum(month_start(month_number(first)), people.birth), first)
    last = np.where(monthly & (kind == 4) & ~ended, month_start(month_number(last) + 1) - 1, last)
    starts = np.stack([first, np.full(size, 1), np.full(size, 1)], axis=1)
    ends = np.stack([last, np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)], axis=1)
    begin = first
    for gap in (1, 2):
        has = (kind == 3) | ((gap == 1) & ((kind == 1) | (kind == 2)))
        at = uniform_days(rng, begin + 30, np.maximum(last - 120, begin + 31) if gap == 2 else last - 60, size)
        length = _gap_lengths(rng, size, kind)
        until = at + length - 1
        at = np.where(monthly, month_start(month_number(at)), at)
        until = np.where(monthly, month_start(month_number(until)) - 1, until)
        until = np.where(monthly & (until < at), month_start(month_number(at) + 1) - 1, until)
        has &= (at > begin + 5) & (until < last - 5)
        ends[:, gap - 1] = np.where(has, at - 1, ends[:, gap - 1])
        starts[:, gap] = np.where(has, until + 1, starts[:, gap])
        ends[:, gap] = np.where(has, last, ends[:, gap])
        begin = np.where(has, until + 1, last)
    return starts, ends


def make_coverage(chunk: Chunk, people: People) -> tuple[Coverage, Ints]:
    """Return the coverage of the chunk, and per child how its payer delivers rows (monthly, yearly, by stay)."""
    rng = chunk.rng("enrollment")
    size = people.size
    payer = rng.choice(3, size=size, p=[0.55, 0.33, 0.12]).astype(np.int64)
    u = rng.random(size)
    delivery = np.where(u < 0.55, _MONTHLY, np.where(u < 0.8, _YEARLY, _STAY)).astype(np.int64)
    starts, ends = _segments(chunk, people, rng, delivery)
    switches = rng.random(size) < 0.05
    switch = month_start(month_number(uniform_days(rng, chunk.start + 30, chunk.end - 30, size)))
    switch = np.where(switches & (switch > people.birth), switch, _FAR)
    rows, columns = np.nonzero(starts <= ends)
    return Coverage(
        person=rows.astype(np.int64),
        start=starts[rows, columns],
        end=ends[rows, columns],
        payer_before=payer,
        payer_after=(payer + 1 + rng.integers(0, 2, size=size)) % 3,
        switch=switch,
    ), delivery


def _expand(person: Ints, start: Ints, end: Ints, delivery: Ints) -> tuple[Ints, Ints, Ints]:
    """Cut each run into the months or the years that its payer sends."""
    monthly, yearly = delivery[person] == _MONTHLY, delivery[person] == _YEARLY
    months = month_number(end) - month_number(start) + 1
    years = year_number(end) - year_number(start) + 1
    pieces = np.where(monthly, months, np.where(yearly, years, 1))
    of = np.repeat(np.arange(person.shape[0]), pieces)
    number = np.arange(of.shape[0]) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = np.where(monthly[of], 1, 12)
    base = np.where(monthly, month_number(start), (year_number(start) - 1970) * 12)[of]
    low = month_start(base + number * step)
    high = month_start(base + (number + 1) * step) - 1
    whole = ~(monthly | yearly)[of]
    return (
        person[of],
        np.where(whole, start[of], np.maximum(low, start[of])),
        np.where(whole, end[of], np.minimum(high, end[of])),
    )


def _split_at_switch(cover: Coverage) -> tuple[Ints, Ints, Ints]:
    """Cut the runs in two where the child changes its payer."""
    switch = cover.switch[cover.person]
    cut = (cover.start < switch) & (switch <= cover.end)
    person = np.concatenate([cover.person, cover.person[cut]])
    start = np.concatenate([cover.start, switch[cut]])
    end = np.concatenate([np.where(cut, switch - 1, cover.end), cover.end[cut]])
    order = np.lexsort((start, person))
    return person[order], start[order], end[order]


def make_spans(chunk: Chunk, cover: Coverage, delivery: Ints) -> Spans:
    """Return the eligibility rows: one per month, year or stay, some open, a few doubled or overlapping."""
    rng = chunk.rng("spans")
    person, start, end = _expand(*_split_at_switch(cover), delivery)
    still = (end == chunk.end) & (delivery[person] == _STAY)
    u = rng.random(person.shape[0])
    end = np.where(still & (u < 0.8), NULL, np.where(still, _FAR, end))
    # A few rows are sent twice, a few again from their second day on: quality rates must not notice.
    twice = (delivery[person] != _MONTHLY) & (u > 0.97)
    later = start[twice] + (rng.random(int(twice.sum())) < 0.5)
    later = np.where((end[twice] != NULL) & (later > end[twice]), start[twice], later)
    person = np.concatenate([person, person[twice]])
    start, end = np.concatenate([start, later]), np.concatenate([end, end[twice]])
    order = np.lexsort((end, start, person))
    person, start, end = person[order], start[order], end[order]
    last = np.append(person[1:] != person[:-1], True)
    return Spans(person, start, end, cover.payer_on(person, start), last)
