"""The press: a Vega-Lite template and rows become SVG, without network and without a browser.

A template is compiled once; rows, limits and words are put in afterwards. Words are set as short marks (``~3``), or
left out and set at computed places: the layout then does not depend on the fonts of the machine (the same rows give the
same bytes everywhere), and measuring text, by far the slowest part, falls away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import ModuleType
from typing import Any

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.report.charts.labels import labels
from vbpmeasure.report.charts.slim import Frame, Place, cut, slim

Cell = float | int | str | None
Row = Mapping[str, Cell]
Limit = float | Sequence[float]

# The layout of the templates with rows (specs/*.vl.json: padding and step), in pixels.
TOP, STEP = 6.0, 30.0
# Where the names of the rows end; they begin at the edge.
_NAMES = {"waterfall": 192.0}
_NAMES_ELSEWHERE = 142.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart of rows: what a screen reader says of it, the names of its rows, and the rows."""

    label: str
    names: Sequence[str]
    rows: Sequence[Row]


def draw_rows(template: str, panels: Sequence[Panel], words: Sequence[str] = (), **limits: Limit) -> list[str]:
    """Return one ``<svg>`` for each panel; all have one scale, set by ``limits`` (parameters of the template).

    ``words`` are what ``~0``, ``~1`` ... in the rows stand for. Raises `Failure` VBM485 without the library.
    """
    rows = [row for panel in panels for row in panel.rows]
    if not rows:
        return []
    numbered: list[Row] = [{**row, "row": number} for number, row in enumerate(rows)]
    svg = _pressed(template, numbered, limits)
    end = _NAMES.get(template, _NAMES_ELSEWHERE)
    names = [
        [Place(lines, end, TOP + STEP * (number + 0.5)) for number, lines in enumerate(labels(panel.names, end))]
        for panel in panels
    ]
    return cut(svg, [panel.label for panel in panels], words, names, Frame(TOP, STEP, len(rows)))


def draw(template: str, rows: Sequence[Row], names: Sequence[Place], label: str, height: float, **limits: Limit) -> str:
    """Return a chart of another kind as one ``<svg>``, with ``names`` at their places; raises as `draw_rows` does."""
    return slim(_pressed(template, rows, limits), label, names, height)


def _pressed(template: str, rows: Sequence[Row], limits: Mapping[str, Limit]) -> str:
    compiled = _compiled(template)
    data = [{**one, "values": list(rows)} if one["name"] == "rows" else one for one in compiled["data"]]
    signals = [{**one, "value": limits[one["name"]]} if one["name"] in limits else one for one in compiled["signals"]]
    vega = {**compiled, "data": data, "signals": signals}
    svg: str = _library().vega_to_svg(vega)
    return svg


@cache
def _library() -> ModuleType:
    try:
        import vl_convert  # noqa: PLC0415  a large library, needed by this command alone
    except ImportError:
        raise Failure(
            Diagnostic(
                "VBM485",
                "the report needs a library that is not installed: vl-convert-python",
                hint="install it with `pip install 'vbpmeasure[report]'`",
            )
        ) from None
    found: ModuleType = vl_convert
    return found


@cache
def _compiled(template: str) -> dict[str, Any]:
    place = resources.files("vbpmeasure.report.charts") / "specs" / f"{template}.vl.json"
    compiled: dict[str, Any] = _library().vegalite_to_vega(json.loads(place.read_text(encoding="utf-8")))
    return compiled
