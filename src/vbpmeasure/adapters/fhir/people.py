"""Patient to the person columns of eligibility, Coverage to spans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.adapters.fhir.codings import codings, first_code
from vbpmeasure.adapters.fhir.json_values import Json, day, items, mapping, text
from vbpmeasure.adapters.fhir.states import state_code

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
_RACE, _ETHNICITY, _BIRTH_SEX = (f"{US_CORE}us-core-{name}" for name in ("race", "ethnicity", "birthsex"))
_SEPARATOR = ";"  # the category systems understand several codes in one cell
_BIRTH_SEXES = {"F": "female", "M": "male"}


@dataclass(frozen=True, slots=True)
class Person:
    """The person columns of eligibility. ``died``: dead, on whatever day."""

    birth_date: dt.date | None
    gender: str | None
    death_date: dt.date | None
    died: bool
    race: str | None
    ethnicity: str | None
    language: str | None
    zip_code: str | None
    state: str | None


def person(patient: Json) -> Person:
    """Return what a Patient says, in the words and codes of the data.

    Race and ethnicity: every code of the US Core extensions (OMB categories first, then detailed codes and null
    flavors), else its text. Gender is the administrative one; the birth sex stands in where that is unknown.
    """
    address = next(iter(items(patient.get("address"))), {})
    death = day(patient.get("deceasedDateTime"))
    return Person(
        birth_date=day(patient.get("birthDate")),
        gender=_gender(patient),
        death_date=death,
        died=patient.get("deceasedBoolean") is True or patient.get("deceasedDateTime") is not None,
        race=_categories(patient, _RACE),
        ethnicity=_categories(patient, _ETHNICITY),
        language=_language(patient),
        zip_code=text(address.get("postalCode")),
        state=state_code(text(address.get("state"))),
    )


def _extensions(resource: Json, url: str) -> Iterator[Json]:
    return (e for e in items(resource.get("extension")) if e.get("url") == url)


def _categories(patient: Json, url: str) -> str | None:
    codes: dict[str, None] = {}
    words: str | None = None
    for extension in _extensions(patient, url):
        for part in ("ombCategory", "detailed"):
            for one in _extensions(extension, part):
                if code := text(mapping(one.get("valueCoding")).get("code")):
                    codes[code] = None
        for one in _extensions(extension, "text"):
            words = words or text(one.get("valueString"))
    return _SEPARATOR.join(codes) or words


def _gender(patient: Json) -> str | None:
    gender = text(patient.get("gender"))
    if gender and gender != "unknown":
        return gender
    at_birth = (text(e.get("valueCode")) for e in _extensions(patient, _BIRTH_SEX))
    return next((_BIRTH_SEXES[sex] for sex in at_birth if sex in _BIRTH_SEXES), gender)


def _language(patient: Json) -> str | None:
    spoken = sorted(items(patient.get("communication")), key=lambda c: c.get("preferred") is not True)
    for one in spoken:
        language = mapping(one.get("language"))
        if found := first_code(language) or text(language.get("text")):
            return found
    return None


@dataclass(frozen=True, slots=True)
class CoverageKind:
    """What kind of insurance a Coverage is: ``payer_type`` in the words of the contract; ``self_pay``: none at all."""

    payer_type: str | None
    self_pay: bool


# Source of Payment Typology (NAHDO): the first digit tells the payer.
_PAYMENT_TYPOLOGY = ("https://nahdo.org/sopt", "urn:oid:2.16.840.1.113883.3.221.5", "2.16.840.1.113883.3.221.5")
_BY_TYPOLOGY = {
    "1": "medicare",
    "2": "medicaid",
    "3": "government",
    "4": "government",
    "5": "commercial",
    "6": "commercial",
}
_UNINSURED_TYPOLOGY = "8"
# HL7 v3 ActCode: only the kinds that leave no doubt. PUBLICPOL says public, not which program.
_BY_ACT_CODE = {"HIP": "commercial", "EHCPOL": "commercial", "MCPOL": "commercial", "HSAPOL": "commercial"}
_UNINSURED_NAMES = ("no_insurance", "no insurance", "self-pay", "self pay", "uninsured")


def coverage_kind(coverage: Json, payer: str | None) -> CoverageKind:
    """Return the kind of a Coverage; the name of the payer decides before its type code, which is coarser."""
    name = (payer or "").lower()
    found = list(codings(coverage.get("type")))
    if any(c.code == "pay" and c.label.endswith("coverage-selfpay") for c in found) or name in _UNINSURED_NAMES:
        return CoverageKind(None, self_pay=True)
    for c in found:
        if c.label in _PAYMENT_TYPOLOGY:
            return CoverageKind(_BY_TYPOLOGY.get(c.code[:1]), self_pay=c.code[:1] == _UNINSURED_TYPOLOGY)
    if "medicaid" in name or "chip" in name.split():
        return CoverageKind("medicaid", self_pay=False)
    if "medicare" in name:
        return CoverageKind("medicare", self_pay=False)
    return CoverageKind(next((_BY_ACT_CODE[c.code] for c in found if c.code in _BY_ACT_CODE), None), self_pay=False)


def plan_name(coverage: Json) -> str | None:
    """Return the name of the plan of a Coverage, or its number."""
    for one in items(coverage.get("class")):
        if first_code(one.get("type")) == "plan":
            return text(one.get("name")) or text(one.get("value"))
    return None


def member_number(coverage: Json) -> str | None:
    """Return the member's number: the identifier of type MB, or else the id of the Coverage."""
    for one in items(coverage.get("identifier")):
        if first_code(one.get("type")) == "MB":
            return text(one.get("value"))
    return text(coverage.get("id"))
