"""Crosswalks: billing codes for sources that carry other codes in their place. YAML data; no code of ours decides."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.data.contract import TABLES
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.load import Definition, parse_definition
from vbpmeasure.spec.models.base import Integer, Name, Names, SpecModel, Text
from vbpmeasure.spec.tree import read_text
from vbpmeasure.terminology.systems import SYSTEMS, canonical, fits

FOLDER = Path("crosswalks") / "source_codes"


class Target(SpecModel):
    """A code, for people of an age in completed years on the day of the service (both ends count)."""

    system: Text
    code: Text
    from_age: Integer = 0
    to_age: Integer = 200


class Rule(SpecModel):
    """Which source codes become which billing code; the first target of the age counts."""

    id: Name
    tables: Names
    from_: dict[Text, tuple[Text, ...]] = Field(alias="from")
    to: tuple[Target, ...] = ()
    diagnosis: tuple[Target, ...] = ()


class CrosswalkFile(SpecModel):
    """A crosswalk as it is written; `docs/convert.md` describes the keys."""

    id: Name
    title: Text
    source: Text
    confidence: Text
    notes: Text
    codes: tuple[Rule, ...] = ()
    places: dict[Text, Text] = Field(default_factory=dict)
    specialties: dict[Text, Text] = Field(default_factory=dict)
    coverage_without_payer: Text | None = None


class Mapped(NamedTuple):
    """What a source code became: system and code for the line, and a diagnosis in ICD-10-CM to go with it."""

    system: str | None
    code: str | None
    diagnosis: str | None


class Crosswalk:
    """A crosswalk in use; it counts what it does. Without a file it does nothing."""

    def __init__(self, definition: Definition[CrosswalkFile] | None = None) -> None:
        """Take a crosswalk file, or none."""
        self._definition = definition
        self._used: Counter[str] = Counter()
        self._rules: dict[tuple[str, str, str], Rule] = {}
        self._places: dict[str, str] = {}
        self._specialties: dict[str, str] = {}
        self.drops_coverage_without_payer = False
        if definition is not None:
            self._take(definition.model)

    @classmethod
    def load(cls, name: str | None) -> Crosswalk:
        """Return a shipped crosswalk by its name, or one from a YAML file; None is the one that does nothing.

        Raises `Failure`: VBM371 for an unknown name or a crosswalk that cannot be used, and those of reading YAML.
        """
        if name is None:
            return cls()
        shipped = measures_root() / FOLDER
        path = Path(name) if name.endswith((".yaml", ".yml")) else shipped / f"{name}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(p.stem for p in shipped.glob("*.yaml")))
            raise Failure(
                Diagnostic(
                    "VBM371", f"there is no crosswalk `{name}`", hint=f"shipped are {known}; or name a .yaml file"
                )
            )
        definition = parse_definition(read_text(path), path, CrosswalkFile)
        if wrong := [Diagnostic("VBM371", why, where=str(path)) for why in _mistakes(definition.model)]:
            raise Failure(wrong)
        return cls(definition)

    def map(
        self, table: str, system: str | None, code: str, birth: dt.date | None, on: dt.date | None
    ) -> Mapped | None:
        """Return what a code of a table becomes for a person born and served on these days; None when nothing."""
        rule = self._rules.get((table, system or "", code))
        if rule is None:
            return None
        age = _age(birth, on)
        to, diagnosis = _of_age(rule.to, age), _of_age(rule.diagnosis, age)
        if to is None and diagnosis is None:
            self._used[f"codes.{rule.id} (no code for the age)"] += 1
            return None
        self._used[f"codes.{rule.id}"] += 1
        return Mapped(
            str(to.system) if to else None,
            canonical(to.system, to.code) if to else None,
            canonical(diagnosis.system, diagnosis.code) if diagnosis else None,
        )

    def place(self, class_code: str | None) -> str | None:
        """Return the place of service that stands for an encounter class."""
        return self._count("places", self._places.get(class_code or ""))

    def taxonomy(self, words: str) -> str | None:
        """Return the provider taxonomy that stands for a specialty in words."""
        return self._count("specialties", self._specialties.get(words.strip().lower()))

    def as_record(self) -> dict[str, object] | None:
        """Return id, digest and counted use for the report; None without a crosswalk."""
        if self._definition is None:
            return None
        model = self._definition.model
        return {
            "id": str(model.id),
            "confidence": str(model.confidence),
            "digest": self._definition.digest,
            "used": dict(sorted(self._used.items())),
        }

    def _take(self, model: CrosswalkFile) -> None:
        for rule in model.codes:
            for table in rule.tables:
                for system, codes in rule.from_.items():
                    for code in codes:
                        self._rules.setdefault((str(table), str(system), str(code)), rule)
        self._places = {str(k): str(v) for k, v in model.places.items()}
        self._specialties = {k.strip().lower(): str(v) for k, v in model.specialties.items()}
        self.drops_coverage_without_payer = model.coverage_without_payer == "none"

    def _count(self, part: str, found: str | None) -> str | None:
        if found is not None:
            self._used[part] += 1
        return found


def _of_age(targets: tuple[Target, ...], age: int | None) -> Target | None:
    if age is None:
        return next((t for t in targets if t.from_age == 0 and t.to_age == 200), None)
    return next((t for t in targets if t.from_age <= age <= t.to_age), None)


def _age(birth: dt.date | None, on: dt.date | None) -> int | None:
    """Return the completed years; a birthday on 29 February is 28 February in a common year (fact sheet 1.1)."""
    if birth is None or on is None or on < birth:
        return None
    turned = (birth.month, birth.day)
    leap = on.year % 4 == 0 and (on.year % 100 != 0 or on.year % 400 == 0)
    if turned == (2, 29) and not leap:
        turned = (2, 28)
    return on.year - birth.year - ((on.month, on.day) < turned)


def _mistakes(model: CrosswalkFile) -> Iterator[str]:
    for rule in model.codes:
        for table in rule.tables:
            if table not in TABLES:
                yield f"codes.{rule.id}: `{table}` is no contract table"
        for system, codes in rule.from_.items():
            yield from (f"codes.{rule.id}: {why}" for code in codes for why in _wrong_code(system, code))
        for one in (*rule.to, *rule.diagnosis):
            yield from (f"codes.{rule.id}: {why}" for why in _wrong_code(one.system, one.code))
        for one in rule.diagnosis:
            if one.system != "ICD10CM":
                yield f"codes.{rule.id}: a diagnosis is a code of ICD10CM"
    yield from (why for code in model.places.values() for why in _wrong_code("POS", code))
    yield from (why for code in model.specialties.values() for why in _wrong_code("NUCC", code))
    if model.coverage_without_payer not in {None, "none", "keep"}:
        yield "`coverage_without_payer` is `none` or `keep`"


def _wrong_code(system: str, code: str) -> Iterator[str]:
    if system not in SYSTEMS:
        yield f"unknown code system `{system}`"
    elif not fits(system, code):
        yield f"`{code}` is not a code of {system}"
