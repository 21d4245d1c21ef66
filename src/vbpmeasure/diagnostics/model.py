"""The diagnostic: what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

EXIT_OK = 0
EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_PARTIAL = 4
EXIT_OUTPUT = 5
EXIT_SUPPRESSION = 6
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

# The hundreds digit of a code says which door it came through, and so the exit code of a run
# that stops because of it.
_EXIT_BY_FAMILY = {
    "1": EXIT_USAGE,  # reading YAML
    "2": EXIT_USAGE,  # measure definitions and value sets
    "3": EXIT_INPUT,  # input data
    "4": EXIT_USAGE,  # the command line
    "5": EXIT_OUTPUT,  # output, lock, disk
    "6": EXIT_SUPPRESSION,  # the suppression policy
    "7": EXIT_CHECK_FAILED,  # test decks
    "9": EXIT_BUG,
}
# A run folder that is read back is an input: nothing mends it by being tried again.
_READ_BACK = frozenset({"VBM540", "VBM541", "VBM542", "VBM543", "VBM550"})


class Severity(StrEnum):
    """How much a diagnostic weighs: only an error stops a command."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text file; lines and columns count from 1, the end column is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    ``code`` is stable (``VBM203``), ``message`` says what is wrong in one sentence, ``where`` names a
    place that is not a text position (a file, a table and column), ``hint`` says how to mend it.
    No field may hold an identifier or a cell value of the input data.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    span: Span | None = None
    where: str | None = None
    hint: str | None = None
    source_line: str | None = None


class Failure(Exception):
    """A user's mistake or a broken input, as one or more diagnostics; never a bug of ours.

    The command line prints the diagnostics and leaves with :attr:`exit_code`.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic) -> None:
        """Keep the findings; at least one is needed (``ValueError`` otherwise)."""
        found = (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        if not found:
            raise ValueError("a Failure needs at least one diagnostic")
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in found))
        self.diagnostics: tuple[Diagnostic, ...] = found

    @property
    def exit_code(self) -> int:
        """The documented exit code of the gravest among the errors."""
        errors = [d for d in self.diagnostics if d.severity is Severity.ERROR] or self.diagnostics
        return max(_exit_code(d.code) for d in errors)


def _exit_code(code: str) -> int:
    return EXIT_INPUT if code in _READ_BACK else _EXIT_BY_FAMILY.get(code[3:4], EXIT_BUG)
