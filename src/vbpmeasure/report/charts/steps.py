"""The waterfall: what each step and each exclusion removed."""

from __future__ import annotations

from collections.abc import Sequence

from vbpmeasure.report.charts.press import Panel, draw_rows
from vbpmeasure.report.charts.scales import reach
from vbpmeasure.report.figures import NUMBER, Stage


def waterfall(stages: Sequence[Stage], title: str) -> str | None:
    """Return the chart of a waterfall; None when fewer than two of its counts are shown."""
    if sum(stage.remaining is not None for stage in stages) < 2:
        return None
    rows = [
        {"remaining": stage.remaining, "removed": stage.removed, "kind": stage.kind}
        if stage.remaining is not None
        else {"note": "~0"}
        for stage in stages
    ]
    tallest = [(s.remaining or 0) + (s.removed or 0) if s.kind != "numerator" else s.remaining for s in stages]
    label = f"{title}: what remains after each step, and what it removed; the table has the numbers."
    panel = Panel(label, [stage.label for stage in stages], rows)
    return draw_rows("waterfall", [panel], ["hidden"], high=reach(tallest, NUMBER))[0]
