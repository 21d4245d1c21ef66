"""Cells as values: days, years, numbers, demographic words."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_YEAR = re.compile(r"\d{4}")

# The simulator's words that mean something else, or nothing, to people; all others are kept as they are.
_RACES = {
    "native": "American Indian or Alaska Native",
    "hawaiian": "Native Hawaiian or Other Pacific Islander",
}
_ETHNICITIES = {"nonhispanic": "Not Hispanic or Latino", "hispanic": "Hispanic or Latino"}
_GENDERS = {"M": "male", "F": "female"}

# Encounter classes in words -> HL7 v3 codes, which crosswalks and other adapters speak.
_CLASSES = {
    "wellness": "AMB",
    "ambulatory": "AMB",
    "outpatient": "AMB",
    "urgentcare": "AMB",
    "inpatient": "IMP",
    "snf": "IMP",
    "hospice": "IMP",
    "emergency": "EMER",
    "home": "HH",
    "virtual": "VR",
}


@lru_cache(maxsize=1 << 16)
def day(text: str) -> dt.date | None:
    """Return the day as it is written, of a date or a timestamp; None when it is none."""
    match = _DAY.fullmatch(text)
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def year(text: str) -> int | None:
    """Return a year of four digits, or None."""
    return int(text) if _YEAR.fullmatch(text) and int(text) >= 1 else None


def number(text: str) -> float | None:
    """Return a finite number, or None."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e300 else None  # neither infinite nor no number at all


def gender(text: str) -> str | None:
    """Return male or female for M and F, other words as they are."""
    return _GENDERS.get(text.upper(), text) or None


def race(text: str) -> str | None:
    """Return a race in words that the crosswalks know."""
    return _RACES.get(text.lower(), text) or None


def ethnicity(text: str) -> str | None:
    """Return an ethnicity in words that the crosswalks know."""
    return _ETHNICITIES.get(text.lower(), text) or None


def class_code(text: str) -> str | None:
    """Return the HL7 v3 code of an encounter class in words."""
    return _CLASSES.get(text.lower())


def is_uninsured(payer: str) -> bool:
    """Return whether the name of a payer says that there is none."""
    return re.sub(r"[^a-z]", "", payer.lower()) in {"noinsurance", "uninsured", "selfpay"}


def payer_type(name: str, ownership: str) -> str | None:
    """Return medicaid, medicare, commercial or government; a payer of both programs is medicaid, as it pays last."""
    words = name.lower()
    if "medicaid" in words or "dual eligible" in words or "chip" in words.split():
        return "medicaid"
    if "medicare" in words:
        return "medicare"
    return {"private": "commercial", "government": "government"}.get(ownership.lower())
