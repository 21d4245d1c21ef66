"""To whom each person of a run is attributed, by the table of the payer or by the shipped rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.errors import guarded
from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.results.attribution.months import by_month
from vbpmeasure.results.attribution.rule import VisitRule
from vbpmeasure.results.attribution.visits import by_visits
from vbpmeasure.results.categories.dimensions import ATTRIBUTED
from vbpmeasure.results.disclosure.policy import SuppressionPolicy

TABLE = "provider_attribution"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who belongs to whom on one day.

    ``people``: one row per attributed person, ``person_id`` and one text column each of ``ATTRIBUTED``, null where not
    known. ``rule`` is `provider_attribution` or the id of the rule file; ``record`` says so for the manifest.
    ``counters`` counts what was odd, by diagnostic code.
    """

    people: pl.DataFrame
    rule: str
    on: dt.date
    record: Mapping[str, object] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)

    def of(self, person_ids: pl.Series) -> pl.DataFrame:
        """Return the columns of ``ATTRIBUTED`` for these persons, row by row; null where nobody is known."""
        people = person_ids.alias("person_id").to_frame()
        return people.join(self.people, on="person_id", how="left", maintain_order="left").select(ATTRIBUTED)

    def without_people(self) -> Attribution:
        """Return what is told of the attribution, without saying who belongs to whom."""
        return replace(self, people=self.people.clear())

    def __add__(self, other: Attribution) -> Attribution:
        """Add what was odd about other people, attributed by the same rule."""
        counters = {code: self.counters.get(code, 0) + n for code, n in other.counters.items()}
        return replace(self, people=self.people.clear(), counters={**self.counters, **counters})

    def findings(self, policy: SuppressionPolicy) -> tuple[Diagnostic, ...]:
        """Return a warning for everything that was odd; counts as the policy shows them."""
        texts = {
            "VBM440": "rows of provider_attribution are for months without enrollment and are not used",
            "VBM441": "people have several providers in the month of attribution; the lowest id is taken",
            "VBM442": "rows of provider_attribution have no readable month and are not used",
            "VBM444": "",
        }
        found = []
        for code, count in self.counters.items():
            if not count:
                continue
            shown = policy.shown(count)
            number = format(shown, ",") if isinstance(shown, int) else shown
            message = f"{number} {texts[code]}" if texts[code] else "the claims name no provider: nobody is attributed"
            found.append(
                Diagnostic(code, message, severity=Severity.WARNING, where=TABLE if texts[code] else "medical_claim")
            )
        return tuple(found)


def attribute(
    bound: BoundData, rule: VisitRule, value_sets: Mapping[str, CodeSet], first: dt.date, on: dt.date
) -> Attribution:
    """Attribute everybody on the day ``on``, the last day of the time that starts with ``first``.

    With a table `provider_attribution` the latest month in that time decides, and nobody is attributed by visits beside
    it; without it the rule decides. Raises `Failure` when the input cannot be read.
    """
    with guarded(bound.tables):
        if TABLE in bound.tables:
            found = by_month(bound.tables[TABLE].frame, bound.tables["eligibility"].frame, first, on)
            counters = {"VBM440": found.not_enrolled, "VBM441": found.ambiguous, "VBM442": found.unreadable}
            told = {"rule": TABLE, "first_month": f"{first:%Y-%m}", "last_month": f"{on:%Y-%m}"}
            return Attribution(found.people, TABLE, on, told, counters)
        claims = bound.tables["medical_claim"]
        register = bound.tables.get("practitioner")
        frame = by_visits(claims.frame, None if register is None else register.frame, rule, value_sets, on)
        people = frame.collect()
    record: dict[str, object] = {
        "rule": rule.id,
        "title": rule.title,
        "sha256": rule.digest,
        "look_back_months": rule.look_back_months,
    }
    digests = {name: value_sets[name].digest for name in sorted(rule.value_sets)}
    blind = not any(column in claims.columns for column in rule.provider)
    counters = {"VBM444": int(blind)}
    return Attribution(people, rule.id, on, {**record, "value_sets": digests, "as_of": on.isoformat()}, counters)


def code_sets(rule: VisitRule, known: Mapping[str, CodeSet | None]) -> dict[str, CodeSet]:
    """Return the value sets of the rule; raises `Failure` with one VBM443 for each that is not there."""
    lost = [name for name in dict.fromkeys(rule.value_sets) if known.get(name) is None]
    if lost:
        raise Failure(_no_set(name, rule) for name in lost)
    return {name: found for name, found in known.items() if found is not None}


def _no_set(name: str, rule: VisitRule) -> Diagnostic:
    return Diagnostic(
        "VBM443",
        f"the attribution rule `{rule.id}` names the value set `{name}`, which is not there or cannot be read",
        where=rule.id,
        hint="`vbpmeasure valuesets list` shows them",
    )


def with_attributed(people: pl.DataFrame, attribution: Attribution, names: Iterable[str]) -> pl.DataFrame:
    """Return the people of a result frame with the asked columns of ``ATTRIBUTED``."""
    found = attribution.of(people["person_id"])
    return people.with_columns(found[name] for name in names)
