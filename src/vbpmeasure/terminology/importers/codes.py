"""Single codes as strangers write them: which system they mean, and what has happened to those that do not fit."""

from __future__ import annotations

import re

from vbpmeasure.terminology.systems import SYSTEMS, family_of, fits, normal_type, system_of_type

# Value-set directories list whole types of bill; ours match by their beginning, and a whole one is its own beginning.
_IMPORT_ONLY = {
    normal_type(text): "UBTOB_PREFIX"
    for text in ("UBTOB", "UBTOB_PREFIX", "type of bill", "https://www.nubc.org/CodeSystem/TypeOfBill")
} | {normal_type("CDT_PREFIX"): "CDT_PREFIX"}

# Length of the digits-only forms: fewer digits mean that leading zeros are gone.
_DIGITS = {"CVX": 2, "UBREV": 4, "POS": 2, "UBDISP": 2, "NDC": 11, "CPT": 5, "UBTOB_PREFIX": 4, "MODIFIER": 2}

_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_DECIMAL = re.compile(r"[0-9]+[.,]0+")
_DATE = re.compile(
    r"[0-9]{1,2}-[A-Za-z]{3}(?:-[0-9]{2,4})?|[A-Za-z]{3}-[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}"
)


def system_of(text: str, code: str) -> str | None:
    """Return the code system that a source means by ``text`` for this code; None when no system is called that.

    CPT, HCPCS and CDT are told apart so loosely by real lists that a code is filed under the one of the three that it
    fits.
    """
    system = system_of_type(text) or _IMPORT_ONLY.get(normal_type(text))
    if system is None or fits(system, code):
        return system
    relatives = (name for name, other in SYSTEMS.items() if other.family == family_of(system) and not other.is_prefix)
    return next((name for name in relatives if fits(name, code)), system)


def why_not(system: str, code: str) -> str:
    """Return what is wrong with a code of the system, or an empty text when nothing is."""
    if fits(system, code):
        if system == "SNOMEDCT" and len(code) > 15 and not snomed_check_digit_fits(code):
            return "its check digit is wrong, as when a spreadsheet keeps 15 digits and writes zeros for the others"
        return ""
    if _SCIENTIFIC.fullmatch(code):
        return "a spreadsheet turned it into a power of ten, and its digits are lost"
    if _DECIMAL.fullmatch(code):
        return "a spreadsheet turned it into a decimal number"
    if _DATE.fullmatch(code):
        return "a spreadsheet turned it into a date"
    if code.isascii() and code.isdigit() and len(code) < _DIGITS.get(system, 0):
        return f"it has {len(code)} of {_DIGITS[system]} digits: were leading zeros lost?"
    return "it does not have the form of such codes"


def snomed_check_digit_fits(code: str) -> bool:
    """Return whether the last digit of a SNOMED CT identifier is its Verhoeff check digit."""
    check = 0
    for position, digit in enumerate(int(c) for c in reversed(code)):
        check = _times(check, _permuted(position, digit))
    return check == 0


def _times(a: int, b: int) -> int:
    """Return the product in the dihedral group D5: 0 to 4 are rotations, 5 to 9 reflections."""
    rotation = (a + b) % 5 if a < 5 else (a - b) % 5
    return rotation + 5 * ((a >= 5) != (b >= 5))


def _permuted(position: int, digit: int) -> int:
    for _ in range(position % 8):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit
