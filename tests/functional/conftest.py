"""Made-up children, written once for the tests that want no more of them than that they are there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vbpmeasure.sample import write_sample


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder of 300 children that no test may change."""
    folder = tmp_path_factory.mktemp("source") / "data"
    write_sample(folder, people=300, seed=5, year=2025)
    return folder


@pytest.fixture
def data(source: Path, tmp_path: Path) -> Path:
    """Return a copy that the test may change."""
    return Path(shutil.copytree(source, tmp_path / "data"))
