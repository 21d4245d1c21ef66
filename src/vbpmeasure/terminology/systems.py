"""Code systems: how their codes look, how data spells them, and which of them share a column.

Codes are text from the first byte to the last: CVX ``08`` and revenue code ``0450`` keep their zeros.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """One code system.

    ``pattern`` must match a whole code. Systems of one ``family`` are told apart so loosely by real extracts that a
    code of one is looked for under all of them. A code of a prefix system stands for all codes that begin with it.
    """

    name: str
    title: str
    pattern: re.Pattern[str]
    family: str
    is_prefix: bool = False
    types: tuple[str, ...] = field(default=(), repr=False)  # other spellings that data uses for the system


def _system(
    name: str, title: str, pattern: str, *types: str, family: str | None = None, is_prefix: bool = False
) -> CodeSystem:
    return CodeSystem(name, title, re.compile(pattern), family or name, is_prefix, types)


_OID = "2.16.840.1.113883"
_FHIR = "http://hl7.org/fhir/sid"

# Patterns are the public format of each system: wide enough for next year's codes, narrow enough to catch a code that
# a spreadsheet has spoiled (a lost zero, 1.01E+10) or that stands under the wrong system.
# `types` are the Tuva labels, the FHIR addresses, the OIDs and the HL7 v2 table 0396 names.
SYSTEMS: dict[str, CodeSystem] = {
    system.name: system
    for system in (
        _system(
            "CPT",
            "Current Procedural Terminology",
            r"[0-9]{4}[0-9AFMTU]",
            "cpt4",
            "cpt-4",
            "c4",
            "cpt category ii",
            "cpt-cat-ii",
            "cpt-ii",
            "http://www.ama-assn.org/go/cpt",
            f"{_OID}.6.12",
            family="HCPCS",
        ),
        _system(
            "HCPCS",
            "Healthcare Common Procedure Coding System, level II",
            r"[A-Z][0-9]{4}",
            "hcpcs level ii",
            "hcpcs2",
            "healthcare common procedure coding system",
            "http://www.nlm.nih.gov/research/umls/hcpcs",
            "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
            "https://hcpcs.codes",
            "http://hl7.org/fhir/sid/hcpcs",
            f"{_OID}.6.285",
            family="HCPCS",
        ),
        _system(
            "CDT",
            "Code on Dental Procedures and Nomenclature",
            r"D[0-9]{4}",
            "cdt2",
            "http://ada.org/cdt",
            f"{_OID}.6.13",
            family="HCPCS",
        ),
        _system("CDT_PREFIX", "Beginning of a CDT code", r"D[0-9]{1,3}", family="HCPCS", is_prefix=True),
        _system(
            "ICD10CM",
            "ICD-10-CM",
            r"[A-Z][0-9][0-9AB](\.?[0-9A-Z]{1,4})?",
            "icd10",
            "i10",
            "i10c",
            f"{_FHIR}/icd-10-cm",
            f"{_FHIR}/icd-10",
            f"{_OID}.6.90",
        ),
        _system(
            "ICD10PCS",
            "ICD-10-PCS",
            r"[0-9A-HJ-NP-Z]{7}",
            "i10p",
            f"{_FHIR}/icd-10-pcs",
            "http://www.cms.gov/Medicare/Coding/ICD10",
            f"{_OID}.6.4",
        ),
        _system("CVX", "CDC vaccine codes", r"[0-9]{2,3}", f"{_FHIR}/cvx", f"{_OID}.12.292", f"{_OID}.6.59"),
        _system(
            "SNOMEDCT",
            "SNOMED CT",
            r"[1-9][0-9]{5,17}",
            "snomed",
            "sct",
            "snomedctus",
            "snomed ct us edition",
            "http://snomed.info/sct",
            f"{_OID}.6.96",
        ),
        _system("LOINC", "LOINC", r"[0-9]{1,7}-[0-9]", "ln", "lnc", "http://loinc.org", f"{_OID}.6.1"),
        _system("NDC", "National Drug Code, 11 digits", r"[0-9]{11}", "ndc11", f"{_FHIR}/ndc", f"{_OID}.6.69"),
        _system(
            "RXNORM",
            "RxNorm concept",
            r"[1-9][0-9]{0,7}",
            "rxcui",
            "rxn",
            "http://www.nlm.nih.gov/research/umls/rxnorm",
            f"{_OID}.6.88",
        ),
        _system(
            "UBREV",
            "UB-04 revenue code",
            r"[0-9]{4}",
            "revenue code",
            "revenue center code",
            "ub04 revenue code",
            "https://www.nubc.org/CodeSystem/RevenueCodes",
            f"{_OID}.6.301.3",
        ),
        _system("UBTOB_PREFIX", "Beginning of a UB-04 type of bill", r"0[1-9][0-9A-Z]{0,2}", is_prefix=True),
        _system(
            "UBDISP",
            "UB-04 discharge status",
            r"[0-9]{2}",
            "discharge disposition",
            "discharge status",
            "https://www.nubc.org/CodeSystem/PatDischargeStatus",
            f"{_OID}.12.112",
            f"{_OID}.6.301.5",
        ),
        _system(
            "POS",
            "CMS place of service",
            r"[0-9]{2}",
            "place of service",
            "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
        ),
        _system("MODIFIER", "CPT or HCPCS modifier", r"[0-9A-Z]{2}", "hcpcs modifier", "cpt modifier"),
        _system(
            "NUCC",
            "Health care provider taxonomy",
            r"[0-9]{3}[0-9A-Z]{6}X",
            "taxonomy",
            "provider taxonomy",
            "nucc provider taxonomy",
            "health care provider taxonomy",
            "http://nucc.org/provider-taxonomy",
            f"{_OID}.6.101",
        ),
        _system("INGREDIENT", "Generic name of a drug", r"[a-z][a-z0-9]*([ -][a-z0-9]+)*"),
        _system("CDCREC", "CDC race and ethnicity", r"[0-9]{4}-[0-9]", f"{_OID}.6.238"),
        _system(
            "HL7NULL",
            "HL7 null flavor",
            r"[A-Z]{2,6}",
            "nullflavor",
            "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
            f"{_OID}.5.1008",
        ),
        _system("BCP47", "Language tag", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "urn:ietf:bcp:47"),
    )
}


def normal_type(text: str) -> str:
    """Return the text of a code type without what its spellings differ in: lower case letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _addresses(spelling: str) -> tuple[str, ...]:
    """Return the forms in which data writes an address or an OID; any other spelling is just itself."""
    if spelling.startswith(_OID):
        return (spelling, f"urn:oid:{spelling}")
    if "://" in spelling:
        bare = spelling.split("://", 1)[1].removeprefix("www.")
        return tuple(f"{scheme}{www}{bare}" for scheme in ("http://", "https://") for www in ("", "www."))
    return (spelling,)


# Normal text of a code type -> name of the system that it means. Prefix systems are ours alone: no type means them.
TYPE_SPELLINGS: dict[str, str] = {
    normal_type(text): system.name
    for system in SYSTEMS.values()
    if not system.is_prefix
    for spelling in (system.name, *system.types)
    for text in _addresses(spelling)
}


@lru_cache(maxsize=4096)
def system_of_type(text: str) -> str | None:
    """Return the name of the code system that data means by ``text`` in a code type column, or None.

    Case and punctuation do not matter: ``snomed-ct``, ``SNOMED``, ``http://snomed.info/sct`` and the OID all give
    SNOMEDCT.
    """
    return TYPE_SPELLINGS.get(normal_type(text))


def fits(system: str, code: str) -> bool:
    """Return whether the code looks like one of the system. Raises `KeyError` for an unknown system."""
    return SYSTEMS[system].pattern.fullmatch(code) is not None


def family_of(system: str) -> str:
    """Return the family of the system: CPT, HCPCS, CDT and CDT_PREFIX share ``HCPCS``, every other is its own.

    Raises `KeyError` for an unknown system.
    """
    return SYSTEMS[system].family


def canonical(system: str, code: str) -> str:
    """Return the code as value sets store it: ICD-10-CM without its dot, everything else as it is."""
    return code.replace(".", "") if system == "ICD10CM" else code


def spellings(system: str, code: str) -> tuple[str, ...]:
    """Return every text that means the code in data, the canonical one first.

    ICD-10-CM without the dot and with it after the third character. Revenue codes and types of bill are four digits,
    and many extracts drop leading zeros: all shorter forms follow. Everything else is exactly itself.
    """
    if system == "ICD10CM":
        bare = canonical(system, code)
        return (bare, f"{bare[:3]}.{bare[3:]}") if len(bare) > len("A00") else (bare,)
    if system in {"UBREV", "UBTOB_PREFIX"}:
        zeros = len(code) - len(code.lstrip("0"))
        return tuple(code[dropped:] for dropped in range(min(zeros, len(code) - 1) + 1))
    return (code,)
