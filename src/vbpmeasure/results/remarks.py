"""Warnings about strata, in words that name no value of the data."""

from __future__ import annotations

from collections.abc import Iterable

from vbpmeasure.diagnostics import Diagnostic, Severity
from vbpmeasure.results.disclosure.published import PublishedTable


def strata_remarks(table: PublishedTable, absent: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
    """Return one warning per stratifier with codes that no table knows (VBM610), and per absent column (VBM611).

    ``absent`` as in `StrataSet`. Counts are shown as the policy allows.
    """
    unmapped = [
        Diagnostic(
            "VBM610",
            f"{count if isinstance(count, str) else format(count, ',')} people have an unknown {name} code and "
            "count as unknown there",
            severity=Severity.WARNING,
            where=f"eligibility, {name}",
            hint="`vbpmeasure rule VBM610` says how to add codes",
        )
        for name, count in table.unmapped.items()
    ]
    missing = [
        Diagnostic(
            "VBM611",
            f"eligibility has no column `{column}`: everyone counts as unknown",
            severity=Severity.WARNING,
            where=f"eligibility, {column}",
        )
        for column in absent
    ]
    return (*unmapped, *missing)


def withheld_remarks(table: PublishedTable) -> tuple[Diagnostic, ...]:
    """Return one warning when dimensions are not published (VBM630)."""
    names = table.withheld
    if not names:
        return ()
    are = "is" if len(names) == 1 else "are"
    return (
        Diagnostic(
            "VBM630",
            f"{', '.join(names)} {are} not published: with so few people in so many strata, hiding single rows does "
            "not make the table safe",
            severity=Severity.WARNING,
            where="--by",
            hint="ask for fewer strata at a time, or for groups that are larger",
        ),
    )
