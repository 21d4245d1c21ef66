"""`vbpmeasure equity` from outside: streams, exit codes, warnings; `tests/unit/equity` looks at the numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Cli, files_below
from support.run_folders import Stated, write_stated_run

RACE = {"White": (612, 900), "Black": (330, 600), "Asian": (118, 160), "Other": (9, 18), "Two": (4, 30)}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"race": RACE})])
    return tmp_path / "run"


def test_results_on_stdout_and_remarks_on_stderr(cli: Cli, run: Path, tmp_path: Path) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text('[equity.named]\nrace = "White"\n[equity.benchmarks]\nzzz = 5\n')
    ran = cli("equity", run, "--out", tmp_path / "equity", "--config", config)
    assert ran.code == 0
    assert "Black" in ran.stdout
    assert "-13.0" in ran.stdout
    assert "warning[VBM484]" in ran.stderr
    assert "wrote" in ran.stderr
    assert "pairwise.csv" in files_below(tmp_path / "equity")
    flags = cli("equity", run, "--config", config, "--alpha", "0.2", "--format", "json", "--reference", "overall")
    settings = flags.json()["settings"]
    assert (settings["alpha"], settings["reference"], settings["named"]) == (0.2, "overall", {"race": "White"})


def test_mistakes_have_codes(cli: Cli, run: Path) -> None:
    unknown = cli("equity", run, "--by", "rase")
    assert (unknown.code, unknown.stdout) == (2, "")
    assert "VBM481" in unknown.stderr
    (run / "_SUCCESS").unlink()
    unfinished = cli("equity", run)
    assert (unfinished.code, unfinished.stdout) == (5, "")
    assert "VBM540" in unfinished.stderr
