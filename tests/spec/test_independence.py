"""The engines share no evaluation code: a mistake in one of them must show as a difference."""

import subprocess
import sys
from pathlib import Path

import pytest

import vbpmeasure.engines

ENGINES = Path(vbpmeasure.engines.__file__).parent


def test_the_reference_engine_runs_without_polars():
    code = "import sys, vbpmeasure.engines.reference.render_trace; print('polars' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(("engine", "other"), [("reference", "polars"), ("polars", "reference")])
def test_no_engine_imports_the_other(engine, other):
    files = sorted((ENGINES / engine).glob("*.py"))
    assert len(files) > 5
    for file in files:
        assert f"vbpmeasure.engines.{other}" not in file.read_text(encoding="utf-8"), file.name
