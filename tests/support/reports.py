"""Runs with known counts for reports, and reading a report back as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

from support.run_folders import Stated, write_stated_run
from vbpmeasure.report.make import ReportOutcome, ReportRequest, make_report
from vbpmeasure.results.disclosure.policy import PUBLIC, SuppressionPolicy

# White 612 of 900 is 68.0, Black 330 of 600 is 55.0 (the golden values of the equity page); 7 of 9 is hidden.
RACE = {
    "White": (612, 900),
    "Black or African American": (330, 600),
    "Asian": (118, 160),
    "Two or More Races": (66, 120),
    "Native Hawaiian or Other Pacific Islander": (7, 9),
    "Unknown": (41, 101),
}
SEX = {"Female": (587, 940), "Male": (587, 950)}
LOWER = {"White": (90, 900), "Black or African American": (120, 600), "Asian": (30, 390)}


def stated(measure: str = "wcv", rate: str = "wcv_total") -> list[Stated]:
    """One rate by race and by sex."""
    return [Stated(measure, {"race": RACE, "sex": SEX}, rate=rate)]


def stated_run(folder: Path, year: int = 2025, policy: SuppressionPolicy = PUBLIC) -> Path:
    """Write the run and return its folder."""
    write_stated_run(folder, stated(), policy, year)
    return folder


def report_text(run: Path, out: Path, previous: Sequence[Path] = (), benchmarks: Sequence[Path] | None = None) -> str:
    """Write a report and return its HTML."""
    made(run, out, previous, benchmarks)
    return out.read_text(encoding="utf-8")


def made(
    run: Path, out: Path, previous: Sequence[Path] = (), benchmarks: Sequence[Path] | None = None
) -> ReportOutcome:
    """Write a report and return what was said of it."""
    files = None if benchmarks is None else tuple(benchmarks)
    return make_report(ReportRequest(run, out, tuple(previous), files))


class Words(HTMLParser):
    """The text of a page as a reader meets it: every piece between tags, and what pictures are called."""

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.found: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave style and script out; take labels in."""
        self._silent += tag in ("style", "script")
        self.found += [value for name, value in attrs if name in ("aria-label", "title") and value]

    def handle_endtag(self, tag: str) -> None:
        """Come back from style and script."""
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        if not self._silent and data.strip():
            self.found.append(re.sub(r"\s+", " ", data.strip()))


def page(html: str, identifier: str) -> str:
    """Return the part of a report that is one of its pages."""
    start = html.index(f'<section class="page" id="{identifier}"')
    end = html.find('<section class="page"', start + 1)
    return html[start : end if end > 0 else len(html)]
