"""The attribution of a run: the rule and its value sets, read before the engine starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.bound import BoundData
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.results.attribution.attribute import Attribution, attribute, code_sets
from vbpmeasure.results.attribution.rule import VisitRule, load_visit_rule


@dataclass(frozen=True, slots=True)
class Attributor:
    """The rule in force with its value sets; `provider_attribution` comes before it when the data has it."""

    rule: VisitRule
    value_sets: Mapping[str, CodeSet]

    def attribute(self, bound: BoundData, first: dt.date, on: dt.date) -> Attribution:
        """Attribute everybody on the day ``on`` of the time that starts with ``first``; raises ``Failure`` (input)."""
        return attribute(bound, self.rule, self.value_sets, first, on)


def attributor(catalog: Catalog) -> Attributor:
    """Return the attribution rule of the catalog's folders, the last one that has a rule.

    Raises ``Failure`` (VBM443) for a rule that cannot be used.
    """
    rule = load_visit_rule(root.folder for root in catalog.roots)
    known = {name: catalog.value_sets.get(name) for name in rule.value_sets}
    return Attributor(rule, code_sets(rule, {n: None if s is None else s.codeset() for n, s in known.items()}))
