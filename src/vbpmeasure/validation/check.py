"""The shape of a check: which tables it looks at, what it asks of them, what it makes of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Protocol

from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome


class Check(Protocol):
    """One check.

    ``ask`` is called once for each of its tables that is bound, and returns None, or in words what the table lacks
    for it (the check is then not applicable). ``answer`` is called after all questions of all checks were answered.
    """

    info: ClassVar[CheckInfo]

    def tables(self, ground: Ground) -> Sequence[str]:
        """Return the contract tables that the check looks at."""

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask what is needed of a bound table."""

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield what was found, one outcome a place."""
