"""Formats of text dates: which directives may be used, and when a format is packed."""

from __future__ import annotations

import re

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)

# Only what reads alike on every machine: no locale, no epoch seconds, no week numbers.
_WHOLE_DATE = {"F", "D"}
_YEAR, _MONTH, _DAY, _DAY_OF_YEAR = {"Y", "y"}, {"m", "b", "B", "h"}, {"d", "e"}, {"j"}
_TIME = {"H", "M", "S", "T", "R", "I", "p", "f", "z"}
_KNOWN = _WHOLE_DATE | _YEAR | _MONTH | _DAY | _DAY_OF_YEAR | _TIME | {"%"}


def fault_of(text: str) -> str | None:
    """Return why a format cannot be used for days, or None when it can: it must tell year, month and day."""
    used = [match[1] for match in _DIRECTIVE.finditer(text)]
    unknown = next((d for d in used if d not in _KNOWN), None)
    if unknown is not None:
        return f"`%{unknown}` is not among its directives" if unknown else "it ends in `%`"
    if not used:
        return "it names no part of a date; write `%Y` for the year, `%m` for the month, `%d` for the day"
    told = set(used)
    if told & _WHOLE_DATE:
        return None
    if not told & _YEAR:
        return "it has no year"
    if not told & _DAY_OF_YEAR:
        if not told & _MONTH:
            return "it has no month"
        if not told & _DAY:
            return "it has no day"
    return None


def is_packed(text: str) -> bool:
    """Return whether two numbers of the format touch, as in `%Y%m%d`: then each must have all its digits.

    Without that `2025112` would be read as 2 November, though it may as well be 12 January.
    """
    return re.search(r"%[YymdejHMS]%[YymdejHMS]", text) is not None
