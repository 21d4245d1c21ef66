"""The wheel carries measures and sample: an installed `vbpmeasure` works in an empty folder, without the sources."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.commands import command, environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the content of a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_every_measure_and_the_sample(installed: Path) -> None:
    shipped = installed / "vbpmeasure" / "_shipped"
    for name in ("measures", "sample_data"):
        there = {p.relative_to(shipped / name) for p in (shipped / name).rglob("*") if p.is_file()}
        here = {p.relative_to(ROOT / name) for p in (ROOT / name).rglob("*") if p.is_file()}
        assert there == here


def test_the_installed_command_works_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    env = environment({"PYTHONPATH": str(installed)})
    where = "import vbpmeasure; print(vbpmeasure.__file__)"
    found = subprocess.run([sys.executable, "-c", where], env=env, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(installed))
    ran = subprocess.run(
        command("run", "lsc", "--data", "sample", "--year", "2025", "--out", "results"),
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert "lsc  Blood lead test by the second birthday" in ran.stdout
    assert (tmp_path / "results" / "_SUCCESS").is_file()
