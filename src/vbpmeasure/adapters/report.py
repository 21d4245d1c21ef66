"""What a conversion read, wrote and left out, and why: counts and places, never an identifier or a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vbpmeasure import __version__
from vbpmeasure.diagnostics.model import Diagnostic, Severity

SCHEMA_VERSION = "1"
MOST_PLACES = 5  # places named per reason: enough to find the fault, too few to list a population
MOST_KINDS = 200  # different names counted apart; a hostile input could bring millions


class Weight(StrEnum):
    """What became of what a reason is about.

    SKIPPED left out, a warning; DOUBT written, and worth a warning; NOTE left out or changed as it should be, no
    warning.
    """

    SKIPPED = "skipped"
    DOUBT = "doubt"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was left out or is in doubt: a constant of an adapter.

    ``key`` is its stable name in the report, ``code`` its diagnostic code, ``message`` a sentence about any
    number of cases (the number follows in brackets).
    """

    key: str
    code: str
    message: str
    weight: Weight = Weight.SKIPPED
    hint: str | None = None


@dataclass(slots=True)
class _Cases:
    count: int = 0
    what: Counter[str] = field(default_factory=Counter)
    places: list[tuple[str, int | None]] = field(default_factory=list)


class Report:
    """The growing account of one conversion."""

    def __init__(self, converter: str, *, strict: bool = False, options: Mapping[str, object] | None = None) -> None:
        """Start an account; ``options`` are those that change the outcome, as plain JSON values."""
        self.converter = converter
        self.strict = strict
        self.options = dict(options or {})
        self.crosswalk: Mapping[str, object] | None = None
        self.written: dict[str, int] = {}
        self.files = 0
        self._read: Counter[str] = Counter()
        self._cases: dict[Reason, _Cases] = {}

    def read(self, what: str, count: int = 1) -> None:
        """Count things read (resources of a type, rows of a file)."""
        self._read[self._known(self._read, what)] += count

    def skip(
        self, reason: Reason, file: str | None = None, line: int | None = None, *, what: str = "", count: int = 1
    ) -> None:
        """Count cases of a reason, whatever its weight; the first few keep their file and line.

        ``what`` is a kind of thing (a resource type, a table), never a value of the data.
        """
        cases = self._cases.setdefault(reason, _Cases())
        cases.count += count
        if what:
            cases.what[self._known(cases.what, what)] += count
        if file is not None and len(cases.places) < MOST_PLACES and (file, line) not in cases.places:
            cases.places.append((file, line))

    def count(self, reason: Reason) -> int:
        """Return how many cases of a reason there are so far."""
        return self._cases[reason].count if reason in self._cases else 0

    def as_record(self) -> dict[str, object]:
        """Return the account for ``conversion_report.json``: sorted, the same for the same input."""
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": "vbpmeasure",
            "kind": "conversion",
            "version": __version__,
            "converter": self.converter,
            "options": self.options,
            "crosswalk": dict(self.crosswalk) if self.crosswalk is not None else None,
            "source_files": self.files,
            "read": dict(sorted(self._read.items())),
            "written": dict(sorted(self.written.items())),
            **{weight.value: self._listed(weight) for weight in Weight},
        }

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return one warning per reason that is worth one, with the first places; of severity error when strict."""
        severity = Severity.ERROR if self.strict else Severity.WARNING
        return tuple(
            Diagnostic(
                reason.code,
                f"{_kinds(cases)}{reason.message} ({cases.count:,} {'case' if cases.count == 1 else 'cases'})",
                severity,
                where=_places(cases) or None,
                hint=reason.hint,
            )
            for reason, cases in self._sorted()
            if reason.weight is not Weight.NOTE
        )

    def _sorted(self) -> list[tuple[Reason, _Cases]]:
        return sorted(self._cases.items(), key=lambda item: (item[0].code, item[0].key))

    def _listed(self, weight: Weight) -> list[dict[str, object]]:
        return [
            {
                "reason": reason.key,
                "code": reason.code,
                "message": reason.message,
                "count": cases.count,
                "what": dict(sorted(cases.what.items())),
                "first": [{"file": file, "line": line} for file, line in cases.places],
            }
            for reason, cases in self._sorted()
            if reason.weight is weight
        ]

    @staticmethod
    def _known(counter: Counter[str], what: str) -> str:
        return what if what in counter or len(counter) < MOST_KINDS else "(others)"


def _kinds(cases: _Cases) -> str:
    """Return the one kind of thing that all cases share, or nothing."""
    return f"{next(iter(cases.what))}: " if len(cases.what) == 1 else ""


def _places(cases: _Cases) -> str:
    named = [file if line is None else f"{file}:{line}" for file, line in cases.places[:3]]
    more = cases.count - len(named)
    return ", ".join(named) + (f" and {more:,} more" if named and more > 0 else "")
