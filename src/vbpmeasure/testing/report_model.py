"""What came out of running a deck."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One case: it passed when there are no findings. The ids of deck people are made up and may be shown."""

    name: str
    about: str
    findings: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        """Whether both engines gave what the case expects."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Criterion:
    """One labelled criterion of the measure, with what the people of the deck have shown of it.

    ``place`` is where the measure uses it first, such as `w30_6, numerator`.
    """

    label: str
    place: str
    seen_true: bool
    seen_false: bool


@dataclass(frozen=True, slots=True)
class DeckReport:
    """One deck: its cases in order, and the criteria of the measure in the order of the definition."""

    measure: str
    path: Path
    cases: tuple[CaseReport, ...]
    criteria: tuple[Criterion, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there are cases, and all of them passed: a deck that tests nothing has failed."""
        return bool(self.cases) and all(case.passed for case in self.cases)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """The findings of all cases, in order."""
        return tuple(finding for case in self.cases for finding in case.findings)

    @property
    def never_true(self) -> tuple[Criterion, ...]:
        """The criteria that held for nobody in the deck."""
        return tuple(c for c in self.criteria if not c.seen_true)

    @property
    def never_false(self) -> tuple[Criterion, ...]:
        """The criteria that held for everybody in the deck."""
        return tuple(c for c in self.criteria if not c.seen_false)
