"""Numbers as the pages print them: one decimal, a true minus sign, and words where there is no number."""

from __future__ import annotations

from vbpmeasure.report.figures import PER_1000, SHARE, Cell, Rate
from vbpmeasure.results.disclosure.policy import Status

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NOTHING = "\N{EM DASH}"
_SPACE = "\N{NARROW NO-BREAK SPACE}"


def whole(count: float | None) -> str:
    """Return a count with separators, a dash for none."""
    return NOTHING if count is None else f"{count:,.0f}"


def one(value: float | None, digits: int = 1) -> str:
    """Return a number with one decimal (or ``digits``), a dash for none."""
    return NOTHING if value is None else f"{value:,.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 1) -> str:
    """Return a difference with its sign, a dash for none; what rounds to zero has none."""
    if value is None:
        return NOTHING
    text = f"{value:+,.{digits}f}"
    return text[1:] if not text.strip("+-0.,") else text.replace("-", MINUS)


def interval(low: float | None, high: float | None, digits: int = 1) -> str:
    """Return an interval in words that do not run into minus signs, a dash for none."""
    if low is None or high is None:
        return NOTHING
    return f"{one(low, digits)} to {one(high, digits)}"


def points(share: float | None) -> float | None:
    """Return a share, or a difference of two, in percentage points; None for none."""
    return None if share is None else share * 100


def p_value(p: float | None) -> str:
    """Return a p value: three decimals, and no zero."""
    if p is None:
        return NOTHING
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def percent(value: float | None) -> str:
    """Return a percentage with its sign, which stays on the line; a dash for none."""
    return NOTHING if value is None else f"{one(value)}{_SPACE}%"


def unit_words(unit: str) -> str:
    """Return the unit as it follows a number."""
    return f"{_SPACE}%" if unit == SHARE else " per 1,000 member-months" if unit == PER_1000 else ""


def value_words(rate: Rate, cell: Cell | None, minimum: int) -> str:
    """Return the value of a cell with its unit, or why there is none."""
    if cell is None:
        return "no data"
    return missing(cell, minimum) or f"{one(cell.value)}{unit_words(rate.unit)}"


def missing(cell: Cell, minimum: int) -> str:
    """Return why a cell has no value; nothing when it has one. ``minimum`` is the least denominator of a rate."""
    if cell.status == Status.SUPPRESSED_PRIMARY:
        return "hidden: small count"
    if cell.status == Status.SUPPRESSED_COMPLEMENTARY:
        return "hidden to protect another"
    if cell.status == Status.NA_SMALL_DENOM:
        return f"too few: below {minimum}"
    return "no data" if cell.value is None else ""
