"""Pytest collects test decks: every case of a `cases.yaml` beside a `measure.yaml` is a test.

Without ``--vbpmeasure-decks`` the plugin does nothing, and imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vbpmeasure.testing.report_model import CaseReport, DeckReport

_DECK, _MEASURE = "cases.yaml", "measure.yaml"
_OPTION = "--vbpmeasure-decks"
_ROOT_OPTION = "--vbpmeasure-measures"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options of the plugin."""
    group = parser.getgroup("vbpmeasure", "measure test decks")
    group.addoption(_OPTION, action="store_true", default=False, help="collect cases.yaml files as tests")
    group.addoption(
        _ROOT_OPTION,
        action="append",
        default=[],
        metavar="DIR",
        help="a further folder with shared fragments or value sets that the measures need",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a deck that stands beside a definition."""
    if not parent.config.getoption(_OPTION) or file_path.name != _DECK or not file_path.with_name(_MEASURE).is_file():
        return None
    collector: pytest.Collector = DeckFile.from_parent(parent, path=file_path)
    return collector


class DeckFailed(Exception):
    """What a deck found, already in words."""


class DeckFile(pytest.File):
    """One deck; it is run once, when the first of its cases is."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item a case; a deck that cannot be read is one failing collection."""
        from vbpmeasure.diagnostics import Failure  # noqa: PLC0415
        from vbpmeasure.testing.deck import read_deck  # noqa: PLC0415

        try:
            deck = read_deck(self.path, self.path.parent.name)
        except Failure as failure:
            raise DeckFailed(_words(failure.diagnostics)) from None
        for case in deck.cases:
            yield CaseItem.from_parent(self, name=case.name)

    @cached_property
    def report(self) -> DeckReport:
        """The report of the deck. Raises `DeckFailed` when the measure cannot be built."""
        from vbpmeasure.catalog.catalog import Catalog  # noqa: PLC0415
        from vbpmeasure.diagnostics import Failure  # noqa: PLC0415
        from vbpmeasure.testing.deck import read_deck  # noqa: PLC0415
        from vbpmeasure.testing.engines import LINE_ENGINES, polars_engine, programs_of, reference_engine  # noqa: PLC0415
        from vbpmeasure.testing.runner import run_deck  # noqa: PLC0415

        roots = [self.path.parent.parent, *map(Path, self.config.getoption(_ROOT_OPTION))]
        try:
            deck = read_deck(self.path, self.path.parent.name)
            catalog = Catalog.open(roots, shipped=False)
            return run_deck(deck, programs_of(catalog), reference_engine, polars_engine, LINE_ENGINES)
        except Failure as failure:
            raise DeckFailed(_words(failure.diagnostics)) from None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Show the findings alone, without a traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, DeckFailed) else super().repr_failure(excinfo, *args)


class CaseItem(pytest.Item):
    """One case of a deck."""

    parent: DeckFile

    def runtest(self) -> None:
        """Fail with the findings of the case."""
        case: CaseReport = next(case for case in self.parent.report.cases if case.name == self.name)
        if not case.passed:
            raise DeckFailed(_words(case.findings))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Show the findings alone, without a traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, DeckFailed) else super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the deck and the case."""
        return self.path, None, f"{self.path.parent.name}: {self.name}"


def _words(diagnostics: Any) -> str:
    from vbpmeasure.diagnostics.rendering import render  # noqa: PLC0415

    return render(diagnostics, "full").rstrip()
