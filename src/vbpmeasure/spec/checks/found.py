"""Small helpers for rules: findings, and the files that are checked together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vbpmeasure.diagnostics.model import Diagnostic, Severity, Span
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.uses import Kind, Use, piece_uses, uses


def error(code: str, message: str, span: Span | None, hint: str = "") -> Diagnostic:
    """Return an error at a place of a definition."""
    return Diagnostic(code, message, span=span, hint=hint or None)


def warning(code: str, message: str, span: Span | None, hint: str = "") -> Diagnostic:
    """Return a warning at a place of a definition."""
    return Diagnostic(code, message, Severity.WARNING, span, hint=hint or None)


def parts(names: Namespace) -> Iterator[Any]:
    """Yield the measure and the fragments it uses, as models."""
    yield names.measure.model
    for fragment in names.fragments.values():
        yield fragment.model


def all_uses(names: Namespace) -> Iterator[Use]:
    """Yield every name that the measure and its fragments use, wherever it stands."""
    for model in parts(names):
        for piece in model.define.values():
            yield from piece_uses(piece)
        yield from uses(getattr(model, "index", None), Kind.INDEX)
        yield from uses(getattr(model, "population", None), Kind.CRITERION)
        yield from uses(getattr(model, "exclusions", None), Kind.EXCLUSION)
        yield from uses(getattr(model, "rates", None))


def several(words: list[str]) -> str:
    """Return names as text: `a`, `b` and `c`."""
    quoted = [f"`{word}`" for word in words]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)
