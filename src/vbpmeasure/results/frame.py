"""The result frame: one row per (rate, unit). Rates, strata, waterfall, gaps and exports all derive from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from vbpmeasure.plan.measures import Period

ROW_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,  # position in ResultFrame.rates
        "person": pl.UInt32,  # position in ResultFrame.people
        "index_date": pl.Date,  # null for person-level units
        "failed_step": pl.UInt8,  # first population step not met; null when in the population
        "exclusion": pl.UInt8,  # position in RateKey.exclusions; null when not excluded
        "numerator": pl.Boolean,
        "evidence_date": pl.Date,
        "evidence_sources": pl.UInt16,  # bit i = data.contract.EVENT_TABLES[i]; null when not asked for
    }
)

# Two more columns of whole numbers, there when a rate of the frame is no share of units (`RateKey.kind.has_amounts`),
# null for the rates that are: events and 1/377,580 member-months, met and eligible components, numerator and
# denominator of an indicator (semantics page, sections 8 to 10).
AMOUNT_SCHEMA = pl.Schema({"part": pl.Int64, "whole": pl.Int64})

# The lines of indicators that are not about persons: one row per rate and entity.
EXTERNAL_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "entity_id": pl.String,
        "numerator": pl.Int64,
        "denominator": pl.Int64,
        "value": pl.Float64,
        "source": pl.String,
    }
)

# The enrollment of people: any rows that together have a person's days of it (no end: still enrolled).
SPAN_SCHEMA = pl.Schema({"person": pl.UInt32, "start": pl.Date, "end": pl.Date})


class RateKind(StrEnum):
    """What a rate of the frame is; the composites that are made from counts have no rows."""

    PROPORTION = "proportion"
    EVENTS_PER_1000 = "events_per_1000_member_months"
    POOLED = "pooled"
    EQUAL_WEIGHT = "equal_weight"
    ALL_OR_NONE = "all_or_none"
    OPPORTUNITY = "opportunity"
    INDICATOR = "indicator"
    EXTERNAL = "external_indicator"

    @property
    def has_amounts(self) -> bool:
        """Whether the rows of the rate carry ``part`` and ``whole``."""
        return self in (
            RateKind.EVENTS_PER_1000,
            RateKind.ALL_OR_NONE,
            RateKind.OPPORTUNITY,
            RateKind.INDICATOR,
        )

    @property
    def from_members(self) -> bool:
        """Whether the rate is made from the counts of its members."""
        return self in (RateKind.POOLED, RateKind.EQUAL_WEIGHT)


def unknown_provider_counter(measure: str) -> str:
    """Return the counter of person-days of a measure that lack nothing for an event but a known provider taxonomy."""
    return f"unknown provider {measure}"


@dataclass(frozen=True, slots=True)
class RateKey:
    """What a rate number stands for; ``steps`` and ``exclusions`` give the words behind the row's numbers."""

    measure: str
    rate: str
    measure_title: str
    rate_title: str
    steps: tuple[str, ...]
    exclusions: tuple[tuple[str, str], ...]  # (id, title) in declared order
    lower_is_better: bool = False
    members: tuple[str, ...] = ()  # of a total
    kind: RateKind = RateKind.PROPORTION
    components: tuple[tuple[str, str], ...] = ()  # of a composite: (measure, rate)
    per_event: bool = False  # the units are index events
    support: bool = False  # judged for a composite of another measure only, and not reported


@dataclass(frozen=True, slots=True)
class ResultFrame:
    """The outcome of one run.

    ``rows`` follows ``ROW_SCHEMA``, sorted by rate, person, index date, and holds the units that met the first
    population step. ``people`` has one row per person of the eligibility table, in the order of ``person_id``:
    ``person_id``, ``birth_date`` and the raw attributes asked for (text, at the period end).
    ``counters`` holds whole numbers by name (people, bad rows left out, conflicts, unknown providers ...).
    ``external`` follows ``EXTERNAL_SCHEMA``, sorted by rate and entity id. ``peaks`` has, by counter, the numbers of
    which it is the largest. ``spans`` follows ``SPAN_SCHEMA``; none where nobody will ask for them any more.
    """

    period: Period
    rates: tuple[RateKey, ...]
    rows: pl.DataFrame
    people: pl.DataFrame
    counters: Mapping[str, int] = field(default_factory=dict)
    external: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EXTERNAL_SCHEMA))
    peaks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    spans: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SPAN_SCHEMA))
