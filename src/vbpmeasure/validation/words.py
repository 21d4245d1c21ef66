"""Small words for texts of results."""

from __future__ import annotations


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 row``, ``2,000 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def numbered(prefix: str, columns: list[str]) -> str:
    """Return ``diagnosis_code_1..8`` for a family of numbered columns, the plain name for one."""
    if len(columns) == 1:
        return columns[0]
    return f"{prefix}_{columns[0].rsplit('_', 1)[1]}..{columns[-1].rsplit('_', 1)[1]}"
