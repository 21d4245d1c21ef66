"""The waterfall: how many units each population step and each exclusion removed, in the order of the definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.results.either import either
from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame
from vbpmeasure.results.persons import event_rates

ALL_PEOPLE = "all people"
PERSONS, EVENTS = "persons", "events"

# What the last stage of a rate with amounts counts: persons, its numerator is another thing.
_LAST_WORDS = {
    RateKind.EVENTS_PER_1000: "with an event",
    RateKind.OPPORTUNITY: "every eligible component met",
    RateKind.INDICATOR: "numerator reaches denominator",
}


@dataclass(frozen=True, slots=True)
class WaterfallStage:
    """One stage: ``kind`` is start, step, exclusion, denominator or numerator; ``label`` its words.

    ``removed`` is what this stage took away (None where nothing is taken: start and denominator), ``remaining``
    what is left after it. For the numerator, removed are the units of the denominator that do not meet it. ``persons``
    are the distinct persons among those that are left; where persons are the units, that is ``remaining``.
    """

    kind: str
    label: str
    removed: int | None
    remaining: int
    persons: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The stages of one rate: (start,) steps, exclusions, denominator, numerator. True counts, not for publication.

    ``rate`` is the position in `ResultFrame.rates`. The start (all people) is left out when the units are index events;
    ``people`` says how many there are. ``unit`` is ``persons`` or ``events``. ``paths`` counts the persons of a rate of
    events by the stages at which their events leave: bit i is set when some event of theirs does not get past stage i,
    the bit after the last stage when one meets the numerator. It is empty for rates of persons.
    """

    rate: int
    key: RateKey
    stages: tuple[WaterfallStage, ...]
    people: int
    unit: str = PERSONS
    paths: Mapping[int, int] = field(default_factory=dict, hash=False)

    def persons_removed(self, before: int, after: int) -> int:
        """Return the persons with an event that is left after stage ``before`` and not after stage ``after``."""
        if self.unit == PERSONS:
            return self.stages[before].remaining - self.stages[after].remaining
        return _with_path(self.paths, before + 1, after)


STAGE_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "failed_step": pl.UInt8,
        "exclusion": pl.UInt8,
        "numerator": pl.Boolean,  # null for units that are not in the denominator
        "units": pl.Int64,
    }
)
# ``leaves``: at which places the events of a person leave, in order: a failed step by its number, an exclusion by its
# number above 1,000, the denominator 2,000, the numerator 2,001; joined with commas.
PATH_SCHEMA = pl.Schema({"rate": pl.UInt16, "leaves": pl.String, "persons": pl.Int64})
_EXCLUSION, _NOT_MET, _MET = 1_000, 2_000, 2_001


def stage_counts(frame: ResultFrame) -> pl.DataFrame:
    """Count the units by where they leave: one row per rate and outcome (``STAGE_SCHEMA``); counts can be added."""
    inside = pl.col("failed_step").is_null() & pl.col("exclusion").is_null()
    named = frame.rows.select(
        "rate",
        "failed_step",
        pl.when(pl.col("failed_step").is_null()).then("exclusion").alias("exclusion"),
        pl.when(inside).then(pl.col("numerator").fill_null(value=False)).alias("numerator"),
    )
    keys = ["rate", "failed_step", "exclusion", "numerator"]
    return named.group_by(keys).agg(pl.len().alias("units")).sort(keys).cast(STAGE_SCHEMA)


def path_counts(frame: ResultFrame) -> pl.DataFrame:
    """Count the persons of the rates of events by the places at which their events leave (``PATH_SCHEMA``)."""
    of_events = pl.Series(sorted(event_rates(frame)), dtype=pl.UInt16)
    failed, excluded = pl.col("failed_step").cast(pl.UInt16), pl.col("exclusion").cast(pl.UInt16)
    leaves = (
        pl.when(failed.is_not_null())
        .then(failed)
        .when(excluded.is_not_null())
        .then(excluded + _EXCLUSION)
        .otherwise(pl.when("numerator").then(_MET).otherwise(_NOT_MET))
    )
    rows = frame.rows.filter(pl.col("rate").is_in(of_events.implode()))
    by_person = (
        rows.select("rate", "person", leaves.alias("leaves"))
        .unique()
        .group_by("rate", "person")
        .agg(pl.col("leaves").sort())
        .with_columns(pl.col("leaves").cast(pl.List(pl.String)).list.join(","))
    )
    keys = ["rate", "leaves"]
    return by_person.group_by(keys).agg(pl.len().alias("persons")).sort(keys).cast(PATH_SCHEMA)


def waterfalls_of(
    rates: tuple[RateKey, ...], people: int, of_events: Container[int], counted: pl.DataFrame, walked: pl.DataFrame
) -> tuple[Waterfall, ...]:
    """Return the waterfalls behind counts as `stage_counts` and `path_counts` give them.

    ``of_events`` are the positions of the rates of index events.
    """
    failed: dict[int, Counter[int]] = {i: Counter() for i in range(len(rates))}
    excluded: dict[int, Counter[int]] = {i: Counter() for i in range(len(rates))}
    kept: dict[int, Counter[bool]] = {i: Counter() for i in range(len(rates))}
    for rate, step, exclusion, numerator, count in counted.select(STAGE_SCHEMA.names()).iter_rows():
        if step is not None:
            failed[rate][step] += count
        elif exclusion is not None:
            excluded[rate][exclusion] += count
        else:
            kept[rate][bool(numerator)] += count
    found = []
    for i, key in enumerate(rates):
        if key.kind.from_members or key.kind is RateKind.EXTERNAL:
            continue
        words = _words(rates, key)
        if i in of_events:
            stages = _stages(words, None, failed[i], excluded[i], kept[i])
            paths = _paths(walked.filter(pl.col("rate") == i), stages)
            found.append(Waterfall(i, key, _with_persons(stages, paths), people, EVENTS, paths))
        else:
            found.append(Waterfall(i, key, _stages(words, people, failed[i], excluded[i], kept[i]), people))
    return tuple(found)


def _paths(walked: pl.DataFrame, stages: tuple[WaterfallStage, ...]) -> dict[int, int]:
    """Count the persons of a rate of events by the set of stages at which their events leave."""
    steps = sum(1 for stage in stages if stage.kind == "step")
    last = len(stages) - 1

    def stage(place: int) -> int:
        if place < _EXCLUSION:
            return place
        return {_NOT_MET: last, _MET: last + 1}.get(place, place - _EXCLUSION + steps)

    return {
        sum(1 << stage(int(place)) for place in leaves.split(",")): persons
        for leaves, persons in walked.select("leaves", "persons").iter_rows()
    }


def _with_path(paths: Mapping[int, int], first: int, last: int) -> int:
    """Return the persons with an event that leaves at one of the stages ``first`` to ``last``."""
    wanted = sum(1 << stage for stage in range(first, last + 1))
    return sum(count for path, count in paths.items() if path & wanted)


def _with_persons(stages: tuple[WaterfallStage, ...], paths: Mapping[int, int]) -> tuple[WaterfallStage, ...]:
    """Put the distinct persons of the events that are left into each stage."""
    return tuple(
        replace(stage, persons=_with_path(paths, number + 1, len(stages))) for number, stage in enumerate(stages)
    )


def _words(rates: tuple[RateKey, ...], key: RateKey) -> RateKey:
    """Return the key of a total with steps in the words of all its members where they differ (ages, say)."""
    members = [r for r in rates if r.measure == key.measure and r.rate in key.members]
    longest = max((len(m.steps) for m in members), default=0)
    if not longest:
        return key
    steps = [dict.fromkeys(m.steps[number] for m in members if number < len(m.steps)) for number in range(longest)]
    return replace(key, steps=tuple(either(list(labels)) for labels in steps))


def _stages(
    key: RateKey, people: int | None, failed: Mapping[int, int], excluded: Mapping[int, int], kept: Mapping[bool, int]
) -> tuple[WaterfallStage, ...]:
    numerator = kept.get(True, 0)
    denominator = numerator + kept.get(False, 0)
    past_first_step = denominator + sum(excluded.values()) + sum(failed.values())
    stages: list[WaterfallStage] = []

    def add(kind: str, label: str, removed: int | None, left: int) -> None:
        stages.append(WaterfallStage(kind, label, removed, left, left))

    remaining = past_first_step
    if people is not None:
        add("start", ALL_PEOPLE, None, people)
        remaining = people
    for number in range(max([len(key.steps), 1, *(number + 1 for number in failed)])):
        label = key.steps[number] if number < len(key.steps) else f"step {number + 1}"
        removed: int | None = failed.get(number, 0)
        if number == 0:
            # Units that fail the first step are not in the frame: they are what is missing.
            removed = None if people is None else people - past_first_step
        remaining -= removed or 0
        add("step", label, removed, remaining)
    for number, (_, title) in enumerate(key.exclusions):
        removed = excluded.get(number, 0)
        remaining -= removed
        add("exclusion", title, removed, remaining)
    add("denominator", "denominator", None, denominator)
    add("numerator", _LAST_WORDS.get(key.kind, "numerator"), denominator - numerator, numerator)
    return tuple(stages)
