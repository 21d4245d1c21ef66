"""Programs without a gap: how often a verdict is false, by comparison, by family, by report.

`VBPMEASURE_NULL_SAMPLES` asks for more samples than those of every day; `python -m tests.bench.equity` prints the
shares of 200, and those of whole populations.
"""

from __future__ import annotations

import os

import pytest

from support.null_draws import Found, draw, shares, verdicts
from support.run_folders import published
from vbpmeasure.equity.analysis.analyze import analyze
from vbpmeasure.equity.settings import EquitySettings

SAMPLES = int(os.environ.get("VBPMEASURE_NULL_SAMPLES", "12"))
ALPHA = 0.05
SETTINGS = {
    "default": EquitySettings(),
    "report": EquitySettings(family="report"),
    "raw": EquitySettings(decide_by="raw"),
}


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, float]]:
    outcome: dict[str, list[Found]] = {name: [] for name in SETTINGS}
    for seed in range(SAMPLES):
        results = published(draw(seed)).results
        for name, settings in SETTINGS.items():
            outcome[name].append(verdicts(analyze(results, set(), settings)))
    return {name: shares(found) for name, found in outcome.items()}


def test_a_false_verdict_is_rare_in_every_measure_and_dimension(told: dict[str, dict[str, float]]) -> None:
    assert told["default"]["comparisons"] > 80 * SAMPLES, "comparisons were judged"
    assert told["default"]["per_comparison"] <= ALPHA / 2
    assert told["default"]["per_family"] <= ALPHA


def test_with_the_report_as_the_family_it_is_rare_in_reports(told: dict[str, dict[str, float]]) -> None:
    assert told["report"]["per_report"] <= ALPHA
    assert told["report"]["per_comparison"] <= ALPHA / 10


def test_judged_one_by_one_nearly_every_report_would_cry_wolf(told: dict[str, dict[str, float]]) -> None:
    """That the draws can tell the difference: the same programs, without adjustment."""
    assert told["raw"]["per_report"] > 0.8
    assert told["raw"]["per_family"] > ALPHA * 2
