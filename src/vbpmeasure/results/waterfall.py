"""The waterfall: how many units each population step and each exclusion removed, in the order of the definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from vbpmeasure.results.frame import RateKey, ResultFrame

ALL_PEOPLE = "all people"


@dataclass(frozen=True, slots=True)
class WaterfallStage:
    """One stage: ``kind`` is start, step, exclusion, denominator or numerator; ``label`` its words.

    ``removed`` is what this stage took away (None where nothing is taken: start and denominator), ``remaining``
    what is left after it. For the numerator, removed are the units of the denominator that do not meet it. ``persons``
    are the distinct persons among those that are left, None where persons are the units.
    """

    kind: str
    label: str
    removed: int | None
    remaining: int
    persons: int | None = None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The stages of one rate: (start,) steps, exclusions, denominator, numerator. True counts, not for publication.

    ``rate`` is the position in `ResultFrame.rates`. The start (all people) is left out when the units are index events.
    """

    rate: int
    key: RateKey
    stages: tuple[WaterfallStage, ...]


def waterfalls(frame: ResultFrame) -> tuple[Waterfall, ...]:
    """Count the waterfall of every rate, in the order of the rates, from the result frame alone."""
    rows = frame.rows
    grouped = rows.group_by("rate", "failed_step", "exclusion", "numerator").len().iter_rows(named=True)
    failed: dict[int, Counter[int]] = {i: Counter() for i in range(len(frame.rates))}
    excluded: dict[int, Counter[int]] = {i: Counter() for i in range(len(frame.rates))}
    kept: dict[int, Counter[bool]] = {i: Counter() for i in range(len(frame.rates))}
    for group in grouped:
        rate, count = group["rate"], group["len"]
        if group["failed_step"] is not None:
            failed[rate][group["failed_step"]] += count
        elif group["exclusion"] is not None:
            excluded[rate][group["exclusion"]] += count
        else:
            kept[rate][bool(group["numerator"])] += count
    index_rates = set(rows.filter(rows["index_date"].is_not_null())["rate"].unique().to_list())
    people = frame.people.height
    found = []
    for i, key in enumerate(frame.rates):
        of_events = key.per_event or i in index_rates
        stages = _stages(_words(frame, key), None if of_events else people, failed[i], excluded[i], kept[i])
        found.append(Waterfall(i, key, _with_persons(frame, i, stages) if of_events else stages))
    return tuple(found)


def _with_persons(frame: ResultFrame, rate: int, stages: tuple[WaterfallStage, ...]) -> tuple[WaterfallStage, ...]:
    """Add to each stage of a rate of index events the distinct persons of the events that are left after it."""
    rows = frame.rows.filter(pl.col("rate") == rate)
    failed, excluded = pl.col("failed_step"), pl.col("exclusion")
    judged = failed.is_null() & excluded.is_null()
    steps, exclusions = 0, 0
    counted = []
    for stage in stages:
        if stage.kind == "step":
            left = failed.is_null() | (failed > steps)
            steps += 1
        elif stage.kind == "exclusion":
            left = failed.is_null() & (excluded.is_null() | (excluded > exclusions))
            exclusions += 1
        else:
            left = judged & pl.col("numerator") if stage.kind == "numerator" else judged
        counted.append(replace(stage, persons=rows.filter(left)["person"].n_unique()))
    return tuple(counted)


def _words(frame: ResultFrame, key: RateKey) -> RateKey:
    """Return the key of a total with steps in words of its own where its members differ (ages, say)."""
    members = [r for r in frame.rates if r.measure == key.measure and r.rate in key.members]
    longest = max((len(m.steps) for m in members), default=0)
    if not longest:
        return key
    steps = []
    for number in range(longest):
        words = {m.steps[number] for m in members if number < len(m.steps)}
        steps.append(words.pop() if len(words) == 1 else f"step {number + 1} of any of {', '.join(key.members)}")
    return replace(key, steps=tuple(steps))


def _stages(
    key: RateKey, people: int | None, failed: Mapping[int, int], excluded: Mapping[int, int], kept: Mapping[bool, int]
) -> tuple[WaterfallStage, ...]:
    numerator = kept.get(True, 0)
    denominator = numerator + kept.get(False, 0)
    past_first_step = denominator + sum(excluded.values()) + sum(failed.values())
    stages: list[WaterfallStage] = []
    remaining = past_first_step
    if people is not None:
        stages.append(WaterfallStage("start", ALL_PEOPLE, None, people))
        remaining = people
    for number in range(max([len(key.steps), 1, *(number + 1 for number in failed)])):
        label = key.steps[number] if number < len(key.steps) else f"step {number + 1}"
        removed: int | None = failed.get(number, 0)
        if number == 0:
            # Units that fail the first step are not in the frame: they are what is missing.
            removed = None if people is None else people - past_first_step
        remaining -= removed or 0
        stages.append(WaterfallStage("step", label, removed, remaining))
    for number, (_, title) in enumerate(key.exclusions):
        removed = excluded.get(number, 0)
        remaining -= removed
        stages.append(WaterfallStage("exclusion", title, removed, remaining))
    stages.append(WaterfallStage("denominator", "denominator", None, denominator))
    stages.append(WaterfallStage("numerator", "numerator", denominator - numerator, numerator))
    return tuple(stages)
