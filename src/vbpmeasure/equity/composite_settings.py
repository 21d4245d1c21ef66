"""What can be set of the scores for organizations (`[equity.composites]`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vbpmeasure.equity.statistics.composites import FEWEST_ENTITIES, HESS_MEMBERS, HESS_WEIGHTS

# The dimensions that may stand for organizations, the first that a run has crossed with groups of people is taken.
ENTITIES = ("organization", "entity", "practice", "provider")
REWARD_CAP = 0.4


@dataclass(frozen=True, slots=True)
class CompositeSettings:
    """How the scores of organizations are made.

    ``entity`` is the dimension of the organizations (the first of ``ENTITIES`` when empty), ``at_risk`` the groups that
    count (all groups of people when empty). ``measures`` are weights by measure or rate; when there are any, nothing
    else counts; otherwise each measure weighs 1, shared by its rates. ``weights`` are those of level, improvement and
    benchmarked improvement. ``reference`` holds mean and standard deviation in per cent by measure or rate; without
    it those of the organizations are taken. A score needs ``min_members`` (the HESS-like one), ``min_measures`` of the
    weight of all rates, and ``min_entities`` organizations to be compared with.
    """

    entity: str = ""
    at_risk: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    weights: tuple[float, float, float] = HESS_WEIGHTS
    reference: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    min_members: int = HESS_MEMBERS
    min_measures: float = 0.5
    min_entities: int = FEWEST_ENTITIES
    reward_cap: float = REWARD_CAP

    def with_changes(self, said: Mapping[str, object]) -> CompositeSettings:
        """Return the settings with what a checked configuration says; what is None or not said stays."""
        changes: dict[str, Any] = {}
        for name, value in said.items():
            if value is None:
                continue
            if name == "at_risk":
                assert isinstance(value, Iterable)
                changes[name] = tuple(str(one) for one in value)
            elif name == "weights":
                assert isinstance(value, Iterable)
                changes[name] = tuple(float(one) for one in value)
            elif name == "reference":
                assert isinstance(value, Mapping)
                changes[name] = {key: (float(one["mean"]), float(one["sd"])) for key, one in value.items()}
            else:
                changes[name] = value
        return replace(self, **changes)

    def as_record(self) -> dict[str, object]:
        """Return the settings for a report, in a fixed order."""
        return {
            "entity": self.entity,
            "at_risk": list(self.at_risk),
            "measures": dict(sorted(self.measures.items())),
            "weights": list(self.weights),
            "reference": {name: {"mean": m, "sd": d} for name, (m, d) in sorted(self.reference.items())},
            "min_members": self.min_members,
            "min_measures": self.min_measures,
            "min_entities": self.min_entities,
            "reward_cap": self.reward_cap,
        }
