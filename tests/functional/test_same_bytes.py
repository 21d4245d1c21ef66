"""The same inputs give the same bytes, whatever the engine mode and the number of threads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.support.commands import bytes_below, command, environment

from vbpmeasure.sample import write_sample

SETTINGS = [
    {"POLARS_ENGINE_AFFINITY": affinity, "POLARS_MAX_THREADS": threads}
    for affinity in ("streaming", "in-memory")
    for threads in ("1", "8")
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bytes") / "sample"
    write_sample(folder, people=1_500, seed=5, year=2025)
    return folder


def test_results_are_the_same_bytes_in_every_engine_mode(data: Path, tmp_path: Path) -> None:
    runs = []
    for i, setting in enumerate(SETTINGS):
        out = tmp_path / f"run{i}"
        args = ("run", "--data", data, "--year", "2025", "--by", "race,sex", "--person-level", "--out", out, "-q")
        ran = subprocess.run(
            command(*args), env=environment(setting), capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr
        runs.append((ran.stdout, bytes_below(out)))
    first = runs[0]
    assert any(name.endswith("results.csv") for name in first[1])
    assert any(name.startswith("person_level/") for name in first[1])
    for setting, other in zip(SETTINGS[1:], runs[1:], strict=True):
        assert other[0] == first[0], setting
        assert {n for n in first[1] if other[1].get(n) != first[1][n]} == set(), setting
