"""Diagnostics as text: one format each in its own module, chosen here by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.diagnostics.render_concise import render_concise
from vbpmeasure.diagnostics.render_full import render_full
from vbpmeasure.diagnostics.render_github import render_github
from vbpmeasure.diagnostics.render_json import render_json
from vbpmeasure.diagnostics.source import attach_source_lines

_RENDERERS: dict[str, Callable[[Sequence[Diagnostic]], str]] = {
    "full": render_full,
    "concise": render_concise,
    "json": render_json,
    "github": render_github,
}

FORMATS = tuple(_RENDERERS)


def render(diagnostics: Sequence[Diagnostic], format: str = "full", *, color: bool = False) -> str:
    """Return the diagnostics as text that ends in a line break (empty for none, but for JSON), in the order given.

    ``format`` is one of ``FORMATS``; ``color`` adds terminal colors to the full format and means nothing to the
    others. Source lines that are missing are read from the files that the spans name. Raises `ValueError` for an
    unknown format.
    """
    if format not in _RENDERERS:
        raise ValueError(f"unknown diagnostics format {format!r}")
    shown = attach_source_lines(diagnostics)
    return render_full(shown, color=color) if format == "full" else _RENDERERS[format](shown)
