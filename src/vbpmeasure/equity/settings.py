"""What can be set of the statistics of disparities; every default is written on docs/equity.md with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vbpmeasure.equity.composite_settings import CompositeSettings
from vbpmeasure.equity.statistics.indices import INDICES
from vbpmeasure.equity.statistics.reference import ReferenceRule
from vbpmeasure.equity.statistics.verdicts import Rule

# Answers that are no group of people: they are shown, and neither compared nor summed up.
NO_GROUPS = ("Asked But No Answer", "Declined", "Unknown")
# What is no group of people either, or stands for time: analyzed only when named.
NOT_BY_DEFAULT = ("age_band", "provider", "practice", "organization", "entity")
AGE_BAND = "age_band"

FAMILIES = ("measure_dimension", "report")
# Draws behind the intervals of summary indices, and the seed that makes them the same every time.
DRAWS, SEED = 1000, 20_240_328
SHOWN_INDICES = ("max_diff", "srr", "bgv", "idisw", "theil", "paf")


@dataclass(frozen=True, slots=True)
class EquitySettings:
    """How groups are compared.

    ``reference`` is the rule, ``named`` the reference group by dimension where one is fixed (it wins over the rule),
    ``min_n`` the least size of a best group. ``family`` says which comparisons are adjusted together: those of one
    measure and dimension, or of the whole report. ``decide_by`` is ``adjusted`` or ``raw``: the p-value of the verdict.
    ``ratio_interval`` is ``auto``, ``katz`` or ``koopman``. ``benchmarks`` are percentages by measure (``wcv``) or rate
    (``w30.w30_6``). ``dimensions`` are those to analyze, all that are groups of people when empty. ``summary`` names
    the indices that the screen shows; the files have them all. Their intervals come from ``draws`` draws (0: no
    intervals) that start from ``seed``. ``composites`` say how organizations are scored.
    """

    reference: ReferenceRule = ReferenceRule.BEST
    named: Mapping[str, str] = field(default_factory=dict)
    min_n: int = 100
    alpha: float = 0.05
    min_relative: float = 0.10
    min_power_n: int = 100
    family: str = "measure_dimension"
    decide_by: str = "adjusted"
    ratio_interval: str = "auto"
    dimensions: tuple[str, ...] = ()
    no_groups: tuple[str, ...] = NO_GROUPS
    summary: tuple[str, ...] = SHOWN_INDICES
    benchmarks: Mapping[str, float] = field(default_factory=dict)
    standardize_by: str = AGE_BAND
    draws: int = DRAWS
    seed: int = SEED
    composites: CompositeSettings = field(default_factory=CompositeSettings)

    @property
    def rule(self) -> Rule:
        """The rule of verdicts."""
        return Rule(self.alpha, self.min_relative, self.min_power_n)

    def benchmark(self, measure: str, rate: str) -> float | None:
        """Return the benchmark of a rate in per cent: its own, or its measure's."""
        return self.benchmarks.get(f"{measure}.{rate}", self.benchmarks.get(measure))

    def is_group(self, names: Iterable[str]) -> bool:
        """Return whether a stratum is a group of people: of a crossing, each of its names."""
        return not any(name.strip() in self.no_groups for name in names)

    def with_changes(self, said: Mapping[str, object]) -> EquitySettings:
        """Return the settings with what somebody said instead; what is None or not said stays.

        Values come as the configuration and the command line have them: checked, lists as lists or texts with commas.
        Named references and benchmarks are added one by one.
        """
        changes: dict[str, Any] = {}
        for name, value in said.items():
            if value is None:
                continue
            if name == "composites":
                assert isinstance(value, Mapping)
                changes[name] = self.composites.with_changes(value)
            elif name in ("named", "benchmarks"):
                assert isinstance(value, Mapping)
                changes[name] = {**getattr(self, name), **value}
            elif name in ("dimensions", "no_groups", "summary"):
                parts = value.split(",") if isinstance(value, str) else value
                assert isinstance(parts, Iterable)
                changes[name] = tuple(text for text in (str(part).strip() for part in parts) if text)
            else:
                changes[name] = ReferenceRule(str(value)) if name == "reference" else value
        return replace(self, **changes)

    def as_record(self) -> dict[str, object]:
        """Return the settings for a report, in a fixed order."""
        return {
            "reference": self.reference.value,
            "named": dict(sorted(self.named.items())),
            "min_n": self.min_n,
            "alpha": self.alpha,
            "min_relative": self.min_relative,
            "min_power_n": self.min_power_n,
            "family": self.family,
            "decide_by": self.decide_by,
            "ratio_interval": self.ratio_interval,
            "no_groups": list(self.no_groups),
            "benchmarks": dict(sorted(self.benchmarks.items())),
            "standardize_by": self.standardize_by,
            "draws": self.draws,
            "seed": self.seed,
            "composites": self.composites.as_record(),
        }


INDEX_NAMES = tuple(INDICES)
