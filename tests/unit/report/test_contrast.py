"""Colors of the pages against the levels of WCAG 2.2 AA: 4.5 for text, 3 for marks that mean something."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from vbpmeasure.outputs.work_list_style import STYLE

REPORT = (resources.files("vbpmeasure.report") / "assets" / "report.css").read_text(encoding="utf-8")
TEXT = [
    *((ink, paper) for ink in ("ink", "soft", "link") for paper in ("paper", "band", "warn")),
    ("worse", "paper"),
    ("better", "paper"),
    ("worse", "worse-band"),
    ("better", "better-band"),
    ("ink", "worse-band"),
]
MARKS = ("mark", "interval", "same", "reference", "worse", "better", "bench", "removed", "faint")
LIST_TEXT = [*((ink, paper) for ink in ("ink", "soft", "soon", "good") for paper in ("paper", "band"))]


def palettes(style: str) -> list[dict[str, str]]:
    """Return the palettes of a style sheet (light, dark, paper ...), each completed by the first."""
    blocks = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block)) for block in re.findall(r"\{([^{}]*)\}", style)]
    found = [block for block in blocks if "ink" in block]
    return [{**found[0], **block} for block in found]


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG: (lighter + 0.05) / (darker + 0.05) of relative luminances."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_ratio_is_that_of_the_standard() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("number", range(4), ids=["light", "chosen dark", "dark", "paper"])
def test_the_report(number: int) -> None:
    colors = palettes(REPORT)[number]
    assert len(palettes(REPORT)) == 4
    low = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in TEXT}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
    marks = {name: contrast(colors[name], colors["paper"]) for name in MARKS}
    assert {name: ratio for name, ratio in marks.items() if ratio < 3} == {}


@pytest.mark.parametrize("number", range(3), ids=["light", "dark", "paper"])
def test_the_work_list(number: int) -> None:
    colors = palettes(STYLE)[number]
    assert len(palettes(STYLE)) == 3
    low = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in LIST_TEXT}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
