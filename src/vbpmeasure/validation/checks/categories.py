"""Categories: statuses, sexes, race and language codes that nothing knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES, VOID_STATUSES
from vbpmeasure.plan.events import CLAIM_STATUSES
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Thresholds
from vbpmeasure.validation.values import ask_texts, texts
from vbpmeasure.validation.words import count

# FHIR R4 statuses of the resources behind the record tables, and the clinical statuses of conditions.
_RECORD_STATUSES = frozenset(
    {
        *VOID_STATUSES, "completed", "final", "preliminary", "amended", "corrected", "registered", "unknown", "active",
        "recurrence", "relapse", "inactive", "remission", "resolved", "in-progress", "finished", "planned", "arrived",
        "triaged", "onleave", "preparation", "on-hold", "stopped", "revoked", "draft",
    }
)  # fmt: skip


class ClaimStatus:
    """Claim statuses that are none of the four known ones."""

    info: ClassVar = CheckInfo(
        "VBC501",
        "claim_status_unknown",
        "Claim statuses are known ones",
        "Statuses other than paid, pending, denied, reversed (in any letter case) are kept by every measure, also by "
        "those that ask for paid claims: a source's word for a reversal would count as a visit.",
        "Map the source's words onto the four. Null counts like paid.",
        thresholds=Thresholds(warn=0.01, fail=0.1),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at medical claims."""
        return ("medical_claim",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how often each status occurs."""
        if not questions.ground.has(table, "claim_status"):
            return "no column claim_status"
        ask_texts(table, "claim_status", questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows have an unknown status."""
        known = frozenset(CLAIM_STATUSES)
        yield _unknown(table, "claim_status", questions, lambda text: text.lower() in known)


class RecordStatus:
    """Record statuses that are no FHIR status."""

    info: ClassVar = CheckInfo(
        "VBC502",
        "record_status_unknown",
        "Record statuses are known ones",
        "A record is left out when its status says that it never happened (entered-in-error, not-done, cancelled, "
        "in-error). Any other word counts, so a source's own word for a mistake would count as care.",
        "Map the source's words onto the FHIR statuses.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.01, fail=None),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table of records."""
        return tuple(t for t in EVENT_TABLES if not t.endswith("_claim"))

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how often each status occurs."""
        if not questions.ground.has(table, "status"):
            return "no column status"
        ask_texts(table, "status", questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows have an unknown status."""
        yield _unknown(table, "status", questions, lambda text: text.lower() in _RECORD_STATUSES)


def _unknown(table: str, column: str, questions: Questions, known: Callable[[str], bool]) -> Outcome:
    counted = texts(table, column, questions)
    wrong = {text: n for text, n in counted.items() if text is not None and text.strip() and not known(text.strip())}
    rows = sum(n for text, n in counted.items() if text is not None)
    n = sum(wrong.values())
    text = f"{count(n, 'row')} with one of {count(len(wrong), 'unknown value')}" if n else "every value is known"
    frame = questions.ground.table(table).frame
    offending = frame.filter(pl.col(column).is_in(sorted(wrong))) if wrong else None
    return Outcome(text, rows, n, column, offending=offending)
