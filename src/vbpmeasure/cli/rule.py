"""`vbpmeasure rule`: the page behind a diagnostic code."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli import streams
from vbpmeasure.cli.options import TextFormat


def rule(
    code: Annotated[
        str | None, typer.Argument(help="A code such as VBM203; without one, all codes.", metavar="CODE")
    ] = None,
    format: Annotated[TextFormat, typer.Option("--format", help="How to print.")] = TextFormat.TABLE,
) -> None:
    """Explain a diagnostic code."""
    from vbpmeasure.diagnostics.pages import rule_list, rule_page

    streams.out(rule_list(format.value) if code is None else rule_page(code, format.value))
