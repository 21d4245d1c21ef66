"""Titles of the rates of one measure side by side, without saying again what several of them have in common."""

from __future__ import annotations

from collections.abc import Iterable

_CLAUSE = ": "


def told_once(titles: Iterable[str]) -> tuple[str, ...]:
    """Return titles as fewer texts, those without a colon first; no title is told twice.

    Those with one clause before a colon become one text, and so do clauses with the same titles after it: `All: in 7
    days`, `All: in 30 days`, `Positive: in 7 days`, `Positive: in 30 days` are `All, Positive: in 7 days; in 30 days`.
    """
    ends: dict[str, list[str]] = {}
    plain: list[str] = []
    for title in dict.fromkeys(titles):
        clause, colon, end = title.partition(_CLAUSE)
        if colon:
            ends.setdefault(clause, []).append(end)
        else:
            plain.append(title)
    clauses: dict[tuple[str, ...], list[str]] = {}
    for clause, found in ends.items():
        clauses.setdefault(tuple(found), []).append(clause)
    return (*plain, *(", ".join(alike) + _CLAUSE + "; ".join(found) for found, alike in clauses.items()))
