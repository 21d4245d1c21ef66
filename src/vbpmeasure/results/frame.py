"""The result frame: one row per (rate, unit). Rates, strata, waterfall, gaps and exports all derive from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class ResultFrame:
    """The outcome of one run.

    ``rows`` follows ``ROW_SCHEMA``, sorted by rate, person, index date, and holds the units that met the first
    population step. ``people`` has one row per person of the eligibility table, in the order of ``person_id``:
    ``person_id``, ``birth_date`` and the raw attributes asked for (text, at the period end).
    ``counters`` holds whole numbers by name (people, bad rows left out, conflicts, unknown providers ...).
    """

    period: Period
    rates: tuple[RateKey, ...]
    rows: pl.DataFrame
    people: pl.DataFrame
    counters: Mapping[str, int] = field(default_factory=dict)
