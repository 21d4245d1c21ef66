"""Run folders to export: one real run over the sample, with small cells hidden and with all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbpmeasure.catalog.shipped import measures_root, sample_root
from vbpmeasure.results.disclosure.profiles import Disclosure
from vbpmeasure.runs.pipeline import run
from vbpmeasure.runs.reading import RunResults, read_run
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection

# Shares of children and of events, totals, events per 1,000, composites, an indicator of plans, lower is better.
MEASURES = ("w30", "amb", "fuh", "kr_composite", "kr_social_emotional")


def _run(folder: Path, *, suppress: bool) -> RunResults:
    """Run, with person-level rows beside the unsuppressed results."""
    asked = RunRequest(
        data=sample_root(),
        year=2025,
        selection=Selection(select=MEASURES, roots=(measures_root(),)),
        by=("ethnicity", "race*sex"),
        out=folder,
        person_level=not suppress,
        disclosure=Disclosure("public" if suppress else "internal"),
    )
    assert run(asked).exit_code == 0
    return read_run(folder)


@pytest.fixture(scope="session")
def public_run(tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    """Return a run over the sample as it may be published."""
    return _run(tmp_path_factory.mktemp("public") / "run", suppress=True)


@pytest.fixture(scope="session")
def internal_run(tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    """Return the same run without suppression."""
    return _run(tmp_path_factory.mktemp("internal") / "run", suppress=False)
