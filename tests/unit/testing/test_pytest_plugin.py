"""The pytest plugin, in a pytest of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def measures(tmp_path):
    """A folder with one small measure, its value set and its deck."""
    shutil.copytree(ROOT / "measures" / "lsc", tmp_path / "measures" / "lsc")
    for folder in ("shared", "value_sets"):
        shutil.copytree(ROOT / "measures" / folder, tmp_path / "measures" / folder)
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(ROOT / "measures" / "lsc" / "cases.yaml", tmp_path / "elsewhere" / "cases.yaml")
    return tmp_path


def pytest_in(folder, *args):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "vbpmeasure.testing.pytest_plugin", "-p", "no:cacheprovider", *args],
        cwd=folder,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT / "src"),
            "POLARS_MAX_THREADS": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_case_is_a_test(measures):
    code, text = pytest_in(measures, "--vbpmeasure-decks", "-v")
    names = re.findall(r"^  - name: (\w+)", (measures / "measures/lsc/cases.yaml").read_text(), flags=re.MULTILINE)
    assert code == 0, text
    assert f"{len(names)} passed" in text
    assert "elsewhere" not in text  # no definition beside it
    assert all(f"cases.yaml::{name} PASSED" in text for name in names)


def test_nothing_is_collected_without_the_option(measures):
    code, text = pytest_in(measures)
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, text


def test_a_failing_case_shows_its_finding_and_no_traceback(measures):
    deck = measures / "measures/lsc/cases.yaml"
    first = "{born: 2023-01-01, expect: {lsc: open}}"
    assert first in deck.read_text()
    deck.write_text(deck.read_text().replace(first, first.replace("open", "met"), 1))
    code, text = pytest_in(measures, "--vbpmeasure-decks", "-k", "second_birthday_in_the_year")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "error[VBM720]: second_birthday_in_the_year: person 2, lsc: expected met, got open" in text
    assert "^^^" in text
    assert "Traceback" not in text
    assert "DeckFailed" not in text.split("short test summary")[0]


def test_a_broken_deck_fails_the_collection(measures):
    (measures / "measures/lsc/cases.yaml").write_text("measure: lsc\nyear: 2025\ncases: []\n")
    code, text = pytest_in(measures, "--vbpmeasure-decks")
    assert code == pytest.ExitCode.INTERRUPTED
    assert "error[VBM707]: the deck has no cases" in text


def test_a_broken_measure_fails_its_cases(measures):
    (measures / "measures/lsc/measure.yaml").write_text("id: lsc\nid: lsc\n")
    code, text = pytest_in(measures, "--vbpmeasure-decks", "-x")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "error[VBM112]" in text
