"""Suggestions for names that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean `x`?`` for the closest known name, or an empty text when none is close."""
    close = get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def suggestion_or_list(name: str, known: Iterable[str], what: str) -> str:
    """Return the suggestion, or the list of what is known when it is short enough to read."""
    names = sorted(set(known))
    if close := suggestion(name, names):
        return close
    if not names:
        return f"there are no {what} here"
    return f"known {what}: {', '.join(names)}" if len(names) <= 12 else ""
