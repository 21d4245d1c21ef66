"""`sample` and `test` from the command line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from support.commands import Cli, DataFolder, bytes_below

ROOT = Path(__file__).resolve().parents[2]
# Drafts and retired measures run only when they are named.
UNNAMED = {
    path.parent.name
    for path in (ROOT / "measures").glob("*/measure.yaml")
    if not re.search(r"^status: (draft|retired)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(cli: Cli, tmp_path: Path) -> None:
    def made(name: str, seed: str) -> dict[str, bytes]:
        ran = cli("sample", tmp_path / name, "--year", "2025", "--people", "300", "--seed", seed)
        assert ran.code == 0, ran.stderr
        assert ran.stdout == ""
        return bytes_below(tmp_path / name)

    one, again, other = made("one", "7"), made("again", "7"), made("other", "8")
    assert one == again
    assert one["eligibility.parquet"] != other["eligibility.parquet"]


def test_a_sample_can_be_measured(cli: Cli, tmp_path: Path) -> None:
    assert cli("sample", tmp_path / "data", "--year", "2024", "--people", "500", "--seed", "3").code == 0
    ran = cli("run", "--data", tmp_path / "data", "--year", "2024", "--format", "json", "--no-suppression")
    assert ran.code == 0, ran.stderr
    results = ran.json()["results"]
    assert {row["measure"] for row in (*results, *ran.json()["amounts"])} == UNNAMED
    assert all(row["denominator"] > 0 for row in results if row["dimension"] == "total")


def test_a_folder_with_tables_is_not_overwritten(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    before = small_data.file("eligibility").read_bytes()
    ran = cli("sample", small_data.path, "--year", "2025", "--people", "10")
    assert ran.code in (2, 5), ran.stderr
    assert re.search(r"VBM\d{3}", ran.stderr)
    assert small_data.file("eligibility").read_bytes() == before


def test_a_deck_passes_on_both_engines(cli: Cli) -> None:
    ran = cli("test", "lsc")
    assert ran.code == 0, ran.stderr
    assert re.search(r"\d+ cases in 1 deck on both engines: all passed", ran.stdout)


def own_lsc(tmp_path: Path, change: str, to: str) -> Path:
    """Return a root with a copy of LSC under another id, and one thing changed in its deck."""
    folder = tmp_path / "own" / "mine"
    shutil.copytree(ROOT / "measures" / "lsc", folder)
    for file in ("measure.yaml", "cases.yaml"):
        text = (folder / file).read_text(encoding="utf-8")
        text = text.replace("id: lsc\ntitle: Lead", "id: mine\ntitle: Lead").replace("measure: lsc", "measure: mine")
        if file == "cases.yaml":
            assert change in text
            text = text.replace(change, to, 1)
        (folder / file).write_text(text, encoding="utf-8")
    return tmp_path / "own"


def test_a_failing_case_is_shown_with_its_line_and_exits_1(cli: Cli, tmp_path: Path) -> None:
    root = own_lsc(tmp_path, "lsc: open}", "lsc: excluded}")
    ran = cli("test", "mine", "--measures", root)
    assert ran.code == 1, ran.stderr
    assert "VBM720" in ran.stderr
    assert re.search(r"cases\.yaml:\d+:\d+", ran.stderr)
    assert "FAILED" in ran.stdout
    assert "1 failed" in ran.stdout


def test_a_measure_without_a_deck_fails(cli: Cli, tmp_path: Path) -> None:
    root = own_lsc(tmp_path, "measure: mine", "measure: mine")
    (root / "mine" / "cases.yaml").unlink()
    ran = cli("test", "mine", "--measures", root)
    assert ran.code == 1, ran.stderr
    assert "VBM707" in ran.stderr


def test_decks_as_json(cli: Cli) -> None:
    (report,) = cli("test", "lsc", "--format", "json").json()
    assert report["measure"] == "lsc"
    assert report["passed"] is True
    assert len(report["cases"]) >= 10
