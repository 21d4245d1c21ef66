"""Codings: every code of a CodeableConcept with the label of its code system."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vbpmeasure.adapters.fhir.json_values import Json, items, mapping, text
from vbpmeasure.terminology.systems import system_of_type

# How contract tables name the systems that we know; others keep their address.
_LABELS = {
    "CPT": "cpt",
    "HCPCS": "hcpcs",
    "CDT": "cdt",
    "ICD10CM": "icd-10-cm",
    "ICD10PCS": "icd-10-pcs",
    "CVX": "cvx",
    "SNOMEDCT": "snomed-ct",
    "LOINC": "loinc",
    "NDC": "ndc",
    "RXNORM": "rxnorm",
}
UNSPECIFIED = "unspecified"  # not null: for a null type a table has a default, and that would be a guess


class Coding(NamedTuple):
    """One code: the name of its system in our terminology (None when we do not know it), its label, the code."""

    system: str | None
    label: str
    code: str


@lru_cache(maxsize=1024)
def _known(address: str) -> tuple[str | None, str]:
    system = system_of_type(address)
    return system, _LABELS.get(system or "", address)


def coding(value: Json) -> Coding | None:
    """Return the code of a FHIR Coding, or None when it has none."""
    code = text(value.get("code"))
    if code is None:
        return None
    address = text(value.get("system"))
    system, label = _known(address) if address else (None, UNSPECIFIED)
    return Coding(system, label, code)


def codings(concept: object) -> Iterator[Coding]:
    """Yield the distinct codes of a CodeableConcept, or of several, in their order."""
    seen = set()
    for one in items(concept):
        for value in items(one.get("coding")):
            found = coding(value)
            if found is not None and found not in seen:
                seen.add(found)
                yield found


def code_in(concept: object, *systems: str) -> str | None:
    """Return the first code of a concept that is of one of our systems."""
    return next((c.code for c in codings(concept) if c.system in systems), None)


def first_code(concept: object) -> str | None:
    """Return the first code of a concept, whatever its system: for FHIR's own code lists."""
    return next((c.code for c in codings(concept)), None)


def words(concept: object) -> Iterator[str]:
    """Yield the texts and displays of a concept."""
    for one in items(concept):
        if found := text(one.get("text")):
            yield found
        for value in items(one.get("coding")):
            if found := text(value.get("display")):
                yield found


def identifier(resource: Json, address: str) -> str | None:
    """Return the value of the identifier of a system."""
    for one in items(resource.get("identifier")):
        if text(one.get("system")) == address:
            return text(one.get("value"))
    return None


def identifier_key(value: object) -> str | None:
    """Return ``system|value`` of an Identifier."""
    one = mapping(value)
    code = text(one.get("value"))
    return f"{text(one.get('system')) or ''}|{code}" if code else None
