"""Reading a run folder back: what comes out is what was published, and nothing doubtful is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from support.run_folders import Stated, write_stated_run
from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.disclosure.policy import INTERNAL
from vbpmeasure.runs.manifest import digest
from vbpmeasure.runs.reading import RateInfo, read_run

RATES = [
    Stated("wcv", {"race": {"White": (612, 900), "Asian": (118, 160), "Other": (4, 40)}}),
    Stated("amb", {"race": {"White": (12, 900), "Asian": (20, 160), "Other": (30, 40)}}, lower_is_better=True),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_stated_run(tmp_path / "run", RATES)
    return tmp_path / "run"


def refused(folder: Path) -> str:
    with pytest.raises(Failure) as failure:
        read_run(folder)
    return failure.value.diagnostics[0].code


def test_what_is_read_is_what_was_published(tmp_path: Path) -> None:
    table = write_stated_run(tmp_path / "run", RATES)
    found = read_run(tmp_path / "run")
    assert_frame_equal(found.results, table.results)
    assert_frame_equal(found.waterfall, table.waterfall)
    assert found.amounts.height == 0
    assert found.period == calendar_year(2025)
    assert found.rates == (
        RateInfo("wcv", "wcv", "Measure wcv", "Rate wcv", False),
        RateInfo("amb", "amb", "Measure amb", "Rate amb", True),
    )
    assert found.dimensions == ("race",)
    assert found.suppression["suppress_below"] == 11
    assert found.is_public
    assert found.banner is None
    assert found.completeness is None
    assert found.results.filter(stratum="Other", measure="wcv")["numerator"].to_list() == [None]


def test_an_unsuppressed_run_says_so(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", RATES, INTERNAL)
    found = read_run(tmp_path / "run")
    assert not found.is_public
    assert found.mark == ".unsuppressed"
    assert found.banner is not None
    assert found.results.filter(stratum="Other", measure="wcv")["numerator"].to_list() == [4]


def test_only_a_finished_run_is_read(run: Path, tmp_path: Path) -> None:
    (run / "_SUCCESS").unlink()
    assert refused(run) == "VBM540"
    assert refused(tmp_path / "nowhere") == "VBM540"
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty") == "VBM540"


def rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_newer_schema_is_refused(run: Path) -> None:
    rewrite(run / "manifest.json", schema_version="2")
    assert refused(run) == "VBM541"


def test_a_newer_results_file_is_refused_even_under_an_old_manifest(run: Path) -> None:
    rewrite(run / "results.json", schema_version="2")
    manifest = json.loads((run / "manifest.json").read_text())
    outputs = {**manifest["outputs"], "results.json": digest((run / "results.json").read_bytes())}
    rewrite(run / "manifest.json", outputs=outputs)
    assert refused(run) == "VBM541"


@pytest.mark.parametrize("name", ["results.parquet", "results.json"])
def test_a_changed_or_missing_file_is_refused(run: Path, name: str) -> None:
    content = (run / name).read_bytes()
    (run / name).write_bytes(content.replace(b"612", b"613") if name.endswith("json") else content + b" ")
    assert refused(run) == "VBM542"
    (run / name).unlink()
    assert refused(run) == "VBM542"


@pytest.mark.parametrize(
    "changes",
    [
        {"tool": "another"},
        {"outputs": {}},
        {"outputs": {"results.parquet": "x"}},
        {"schema_version": "one"},
        {"period": None},
    ],
)
def test_a_folder_of_something_else_is_refused(run: Path, changes: dict[str, object]) -> None:
    rewrite(run / "manifest.json", **changes)
    assert refused(run) == "VBM543"


def test_broken_json_is_no_traceback(run: Path) -> None:
    (run / "manifest.json").write_text("{")
    assert refused(run) == "VBM543"


def test_other_tables_come_with_their_digest(run: Path) -> None:
    (run / "completeness.csv").write_text("field,direct\nrace,24.5\n")
    manifest = json.loads((run / "manifest.json").read_text())
    assert read_run(run).completeness is None, "the manifest does not name it: no run wrote it"
    outputs = {**manifest["outputs"], "completeness.csv": digest((run / "completeness.csv").read_bytes())}
    rewrite(run / "manifest.json", outputs=outputs)
    found = read_run(run)
    assert found.completeness is not None
    assert found.completeness.rows() == [("race", 24.5)]
    (run / "completeness.csv").write_text("field,direct\nrace,99.0\n")
    with pytest.raises(Failure, match="VBM542"):
        _ = found.completeness
    assert found.output("../secret") is None
