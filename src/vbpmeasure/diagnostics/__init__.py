"""One diagnostic type, one registry of codes, one renderer a format."""

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity, Span

__all__ = ["Diagnostic", "Failure", "Severity", "Span"]
