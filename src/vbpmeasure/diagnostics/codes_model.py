"""What is known about a diagnostic code: the page behind `vbpmeasure rule CODE`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """The title of a code, why it exists, and how to mend what it reports."""

    title: str
    explanation: str
    mend: str
