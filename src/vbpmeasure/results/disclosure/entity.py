"""Outputs for one entity: a provider, practice or organization is shown its own rows, and those of no other.

It knows its own patients, so its own counts are no secret to it, and count as known when everything else is
judged: what is shown of the plan must not give away the others by subtraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.categories.dimensions import ATTRIBUTED
from vbpmeasure.results.disclosure.cells import CellSystem
from vbpmeasure.results.disclosure.facts import NAMES
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.suppression import Marks
from vbpmeasure.results.frame import RateKey
from vbpmeasure.results.rates import RateTable

Stratum = tuple[str, str]  # dimension, stratum


@dataclass(frozen=True, slots=True)
class Own:
    """Which strata are the entity's, and which are another's; neither for other profiles."""

    policy: SuppressionPolicy
    mine: frozenset[Stratum] = frozenset()
    others: frozenset[Stratum] = frozenset()

    @classmethod
    def of(cls, policy: SuppressionPolicy, table: RateTable, amounts: Sequence[Amount]) -> Own:
        """Look for the entity among the strata. Raises `Failure` (VBM477) when it is in none."""
        if policy.entity is None:
            return cls(policy)
        strata = {
            (d.name, text): dict(zip(d.components, label, strict=True))
            for d in table.dimensions
            for label, text in zip(d.labels, d.texts, strict=True)
        }
        for amount in amounts:
            components = amount.dimension.split("*")
            texts = amount.parts or (amount.stratum,)
            strata.setdefault((amount.dimension, amount.stratum), dict(zip(components, texts, strict=False)))
        mine: set[Stratum] = set()
        others: set[Stratum] = set()
        for stratum, parts in strata.items():
            attributed = [text for name, text in parts.items() if name in ATTRIBUTED]
            if attributed:
                (mine if policy.entity in attributed else others).add(stratum)
        if not mine:
            raise Failure(
                Diagnostic(
                    "VBM477",
                    "no stratum has that entity",
                    where="--entity",
                    hint="add `--by provider`, `practice` or `organization`, and name one of them as they do",
                )
            )
        return cls(policy, frozenset(mine), frozenset(others))

    def listed(self, _: RateKey, dimension: str, stratum: str) -> bool:
        """Whether the row is shown at all."""
        return (dimension, stratum) not in self.others

    def knows(self, _: RateKey, dimension: str, stratum: str) -> bool:
        """Whether the reader knows the numbers of the row in any case."""
        return (dimension, stratum) in self.mine

    def marked(self, marks: Marks, system: CellSystem) -> Marks:
        """Return the marks with the own rows hidden that the parameter calls too small."""
        limit = self.policy.own_suppress_below
        if limit <= 1:
            return marks
        rate, population = list(marks.rate), list(marks.population)
        for i, cell in enumerate(system.cells):
            if cell.given:
                small = [name for name in NAMES if any(0 < size < limit for size in cell.sizes(name))]
                if any(name in small for name in ("numerator", "misses", "denominator")):
                    rate[i] = population[i] = Status.SUPPRESSED_PRIMARY
                elif small:
                    population[i] = Status.SUPPRESSED_PRIMARY
        return replace(marks, rate=tuple(rate), population=tuple(population))

    def rows_of(self, results: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that are shown at all."""
        if not self.others:
            return results
        hidden = pl.DataFrame(sorted(self.others), schema={"dimension": pl.String, "stratum": pl.String}, orient="row")
        return results.join(hidden, on=["dimension", "stratum"], how="anti", maintain_order="left")
