"""The page of `test`: cases by measure, and the criteria that no case has put to the proof."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from vbpmeasure.cli.pages.text import columns
from vbpmeasure.testing.report_model import Criterion, DeckReport


def deck_page(reports: Sequence[DeckReport], form: str) -> str:
    """Return what came of the decks, one line a measure, then what they have never seen true or never false."""
    if form == "json":
        return json.dumps([_as_dict(report) for report in reports], indent=2, ensure_ascii=False)
    rows = [
        (
            r.measure,
            "passed" if r.passed else "FAILED",
            str(len(r.cases)),
            str(sum(not case.passed for case in r.cases)),
            str(len(r.criteria)),
            str(len(r.never_true)),
            str(len(r.never_false)),
        )
        for r in reports
    ]
    header = ("measure", "result", "cases", "failed", "criteria", "never true", "never false")
    cases = sum(len(r.cases) for r in reports)
    failed = sum(not case.passed for r in reports for case in r.cases)
    decks = "1 deck" if len(reports) == 1 else f"{len(reports)} decks"
    last = f"{cases} cases in {decks} on both engines: {f'{failed} failed' if failed else 'all passed'}"
    return "\n".join([columns(header, rows), *_unseen(reports), last])


def _unseen(reports: Sequence[DeckReport]) -> Iterator[str]:
    for report in reports:
        for what, criteria in (("true", report.never_true), ("false", report.never_false)):
            for criterion in criteria:
                yield f"{report.measure}: never {what}: {criterion.label} ({criterion.place})"


def _as_dict(report: DeckReport) -> dict[str, Any]:
    return {
        "measure": report.measure,
        "passed": report.passed,
        "cases": [{"name": c.name, "passed": c.passed} for c in report.cases],
        "never_true": [_criterion(c) for c in report.never_true],
        "never_false": [_criterion(c) for c in report.never_false],
    }


def _criterion(criterion: Criterion) -> dict[str, str]:
    return {"criterion": criterion.label, "place": criterion.place}
