"""`vbpmeasure rule`: the page behind a diagnostic code or a data check."""

from __future__ import annotations

from typing import Annotated

import typer

from vbpmeasure.cli.asked.options import TextFormat
from vbpmeasure.cli.screen import streams


def rule(
    code: Annotated[
        str | None,
        typer.Argument(help="A code such as VBM203, or a check such as VBC202; without one, all.", metavar="CODE"),
    ] = None,
    format: Annotated[TextFormat, typer.Option("--format", help="How to print.")] = TextFormat.TABLE,
) -> None:
    """Explain a diagnostic code or a data check."""
    from vbpmeasure.diagnostics.codes import CODES
    from vbpmeasure.diagnostics.pages import rule_list, rule_page

    wanted = (code or "").strip()
    if wanted.upper() in CODES:
        streams.out(rule_page(wanted, format.value))
        return
    # The checks are read only when no plain code is meant: they bring the engine's libraries along.
    from vbpmeasure.validation.registry import INFOS, PAGES

    by_name = {info.name: info.id for info in INFOS}
    wanted = by_name.get(wanted.lower(), wanted)
    streams.out(rule_page(wanted, format.value, PAGES) if wanted else rule_list(format.value, PAGES))
