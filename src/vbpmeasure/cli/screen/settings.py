"""What the user asked for about the screen: quiet, verbose, how diagnostics look."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

from vbpmeasure.diagnostics.model import Diagnostic, Severity


class DiagnosticsFormat(StrEnum):
    """How errors and warnings are written to stderr."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"


class LogFormat(StrEnum):
    """How log lines are written to stderr."""

    TEXT = "text"
    JSON = "json"


@dataclass(slots=True)
class Settings:
    """The settings of this process; the option callbacks fill it in before a command starts."""

    quiet: bool = False
    verbose: bool = False
    diagnostics: DiagnosticsFormat | None = None
    log: LogFormat | None = None

    @property
    def diagnostics_format(self) -> DiagnosticsFormat:
        """The flag's value, else that of VBPMEASURE_DIAGNOSTICS, else full (an unknown value there is full too)."""
        if self.diagnostics is not None:
            return self.diagnostics
        try:
            return DiagnosticsFormat(os.environ.get("VBPMEASURE_DIAGNOSTICS", "full").strip().lower())
        except ValueError:
            return DiagnosticsFormat.FULL

    @property
    def log_format(self) -> LogFormat | None:
        """The flag's value, else that of VBPMEASURE_LOG_FORMAT; None for no log (an unknown value there too)."""
        if self.log is not None:
            return self.log
        try:
            return LogFormat(os.environ.get("VBPMEASURE_LOG_FORMAT", "").strip().lower())
        except ValueError:
            return None

    def unknown(self) -> list[Diagnostic]:
        """Return a warning (VBM130) for each variable of the environment that holds no word which it may hold."""
        return [
            Diagnostic(
                "VBM130",
                f"the environment variable {name} does not count: it takes one of {', '.join(words)}",
                Severity.WARNING,
                where=name,
            )
            for name, words in (("VBPMEASURE_DIAGNOSTICS", DiagnosticsFormat), ("VBPMEASURE_LOG_FORMAT", LogFormat))
            if (value := os.environ.get(name, "").strip().lower()) and value not in [word.value for word in words]
        ]

    @property
    def traceback(self) -> bool:
        """Whether VBPMEASURE_TRACEBACK=1 asks for the traceback of a bug, data and all."""
        return os.environ.get("VBPMEASURE_TRACEBACK") == "1"


SETTINGS = Settings()
