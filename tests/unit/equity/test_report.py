"""What `vbpmeasure equity` prints, writes and refuses, without a process of its own for each."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.commands import bytes_below, files_below
from support.run_folders import Stated, write_stated_run
from vbpmeasure.commands.equity import EquityOutcome, EquityRequest, references, report
from vbpmeasure.config.load import read_config
from vbpmeasure.diagnostics import Failure
from vbpmeasure.equity.analysis.pairwise import PAIRWISE_SCHEMA
from vbpmeasure.equity.analysis.summary import SUMMARY_SCHEMA
from vbpmeasure.equity.analysis.trend import TREND_SCHEMA
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.results.disclosure.policy import INTERNAL

RACE = {
    "White": (612, 900),
    "Black or African American": (330, 600),
    "American Indian or Alaska Native": (21, 42),
    "Asian": (118, 160),
    "Native Hawaiian or Other Pacific Islander": (9, 18),
    "Two or More Races": (66, 120),
    "Unknown": (0, 0),
}
VISITS = {**{name: (count[1] // 10, count[1]) for name, count in RACE.items()}, "White": (200, 900)}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    rates = [Stated("wcv", {"race": RACE}), Stated("edv", {"race": VISITS}, lower_is_better=True)]
    write_stated_run(tmp_path / "run", rates)
    return tmp_path / "run"


def asked(run: Path, *reference: str, **more: Any) -> EquityOutcome:
    return report(EquityRequest(run, settings=EquitySettings().with_changes(references(reference)), **more))


def test_the_table_names_the_gap_its_size_and_the_family(run: Path) -> None:
    printed = asked(run, "race=White").printed
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "wcv Black or African American (race) White -13.0 78" in lines
    assert "White 900 68.0 reference" in lines
    assert any(line.endswith("600 55.0 -13.0 -18.0 to -8.0 <0.001 78 worse") for line in lines)
    assert "Asian 160 73.8 +5.8 -2.1 to +12.7 0.148 0 same" in lines
    assert any(line.startswith("edv Rate edv (less is better)") for line in lines)
    whole = " ".join(lines)
    assert "Benjamini-Hochberg over the comparisons of one measure and dimension (2 to 3 of them)" in whole
    assert "4 of 6 groups shown: largest difference 18.8 points" in whole
    assert "Not certified HEDIS" in whole
    assert all(len(line) <= 100 for line in printed.splitlines())


def test_hidden_numbers_stay_hidden_in_every_format(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "equity"
    table = asked(run, out=out)
    rows = json.loads(asked(run, format="json").printed)["pairwise"]
    hidden = [row for row in rows if row["verdict"] == "suppressed"]
    assert {row["stratum"] for row in hidden} >= {"Native Hawaiian or Other Pacific Islander"}
    assert all(row[name] is None for row in hidden for name in ("denominator", "numerator", "value", "p", "rd", "rr"))
    line = next(text for text in table.printed.splitlines() if text.strip().startswith("Native Hawaiian"))
    assert not [character for character in line if character.isdigit()]
    stored = pl.read_parquet(out / "pairwise.parquet").filter(verdict="suppressed")
    assert stored["denominator"].null_count() == stored.height > 0


def test_the_folder_has_every_table_twice_and_a_manifest(run: Path, tmp_path: Path) -> None:
    before, out = tmp_path / "before", tmp_path / "equity"
    write_stated_run(before, [Stated("wcv", {"race": {**RACE, "White": (700, 900)}})], year=2024)
    told = asked(run, "race=White", previous=before, out=out)
    names = [f"{table}.{kind}" for table in ("pairwise", "summary", "trend") for kind in ("csv", "parquet")]
    assert files_below(out) == sorted(["_SUCCESS", "equity.json", *names])
    for name, schema in (("pairwise", PAIRWISE_SCHEMA), ("summary", SUMMARY_SCHEMA), ("trend", TREND_SCHEMA)):
        frame = pl.read_parquet(out / f"{name}.parquet")
        assert frame.schema == schema
        assert (out / f"{name}.csv").read_text().count("\n") == frame.height + 1
    manifest = json.loads((out / "equity.json").read_text())
    assert manifest["kind"] == "equity"
    assert manifest["settings"]["named"] == {"race": "White"}
    assert manifest["settings"]["alpha"] == 0.05
    assert set(manifest["outputs"]) == set(names)
    (black,) = pl.read_parquet(out / "trend.parquet").filter(stratum="Black or African American", rate="wcv").to_dicts()
    # White fell from 77.8 to 68.0, Black children stayed at 55: the gap closed from above.
    assert black["leveling_down"]
    assert black["gap_change"] == pytest.approx(700 / 900 - 612 / 900)
    assert "leveling down" in told.printed
    again = tmp_path / "again"
    asked(run, "race=White", previous=before, out=again)
    assert {n: (out / n).read_bytes() for n in names} == {n: (again / n).read_bytes() for n in names}


def test_csv_has_one_line_per_group(run: Path) -> None:
    lines = asked(run, format="csv").printed.splitlines()
    assert lines[0] == ",".join(PAIRWISE_SCHEMA)
    assert len(lines) == 1 + 2 * len(RACE)


def test_an_unsuppressed_run_gives_a_banner_and_private_files(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"race": RACE})], INTERNAL)
    told = asked(tmp_path / "run", out=tmp_path / "equity")
    assert "INTERNAL" in told.printed.splitlines()[0]
    written = tmp_path / "equity" / "pairwise.unsuppressed.csv"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "equity").stat().st_mode) == 0o700
    assert json.loads((tmp_path / "equity" / "equity.json").read_text())["banner"].startswith("INTERNAL")
    write_stated_run(tmp_path / "now", [Stated("wcv", {"race": RACE})], year=2026)
    mixed = asked(tmp_path / "now", previous=tmp_path / "run", out=tmp_path / "mixed")
    assert [finding.code for finding in mixed.findings] == ["VBM483"]
    assert "pairwise.unsuppressed.csv" in files_below(tmp_path / "mixed"), "made from small cells, in part"


def test_runs_that_differ_are_compared_with_a_warning(run: Path, tmp_path: Path) -> None:
    write_stated_run(tmp_path / "later", [Stated("wcv", {"race": RACE})], year=2026)
    later = asked(run, previous=tmp_path / "later")
    assert [finding.message for finding in later.findings] == ["the earlier run is not of an earlier period"]
    write_stated_run(tmp_path / "other", [Stated("wcv", {"race": RACE})], year=2024)
    manifest = json.loads((tmp_path / "other" / "manifest.json").read_text())
    manifest["measures"][0]["digest"] = "another"
    (tmp_path / "other" / "manifest.json").write_text(json.dumps(manifest))
    (finding,) = asked(run, previous=tmp_path / "other").findings
    assert finding.code == "VBM483"
    assert "definition of wcv" in finding.message


@pytest.mark.parametrize("texts", [("bestest",), ("best", "largest"), ("=White",), ("race=",), ("named",)])
def test_wrong_references(texts: tuple[str, ...]) -> None:
    with pytest.raises(Failure, match="VBM482"):
        references(texts)


def test_references_by_rule_and_by_name() -> None:
    assert references(("largest", "race=White", "language = English")) == {
        "reference": "largest",
        "named": {"race": "White", "language": "English"},
    }


def test_the_run_itself_is_not_written_over(run: Path) -> None:
    before = bytes_below(run)
    with pytest.raises(Failure, match="VBM503"):
        asked(run, out=run)
    assert bytes_below(run) == before


def test_settings_of_the_file(tmp_path: Path) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text(
        '[equity]\nreference = "largest"\nmin_n = 500\nalpha = 0.01\nsummary = ["gini"]\ndimensions = "race, sex"\n'
        '[equity.named]\nrace = "White"\n[equity.benchmarks]\nwcv = 60\n"edv.edv" = 10.5\n'
    )
    found = read_config(config).equity
    assert found.reference == "largest"
    assert found.named == {"race": "White"}
    assert (found.min_n, found.alpha, found.min_relative) == (500, 0.01, 0.1)
    assert found.dimensions == ("race", "sex")
    assert found.summary == ("gini",)
    assert found.benchmarks == {"edv.edv": 10.5, "wcv": 60}
    # A flag replaces a setting; a name is added to the names.
    changed = found.with_changes({"alpha": None, "min_n": 7, "named": {"sex": "Female"}, "reference": "overall"})
    assert (changed.alpha, changed.min_n, changed.reference.value) == (0.01, 7, "overall")
    assert changed.named == {"race": "White", "sex": "Female"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('reference = "bset"', "VBM122"),
        ("min_n = 0", "VBM122"),
        ("alpha = 1.5", "VBM122"),
        ("min_relative = '10%'", "VBM122"),
        ('summary = ["ginny"]', "VBM122"),
        ("benchmarks = { wcv = 160 }", "VBM122"),
        ("min_size = 5", "VBM121"),
    ],
)
def test_wrong_settings_point_at_their_line(tmp_path: Path, text: str, code: str) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text(f"[equity]\n{text}\n")
    with pytest.raises(Failure) as failure:
        read_config(config)
    (finding,) = failure.value.diagnostics
    assert finding.code == code
    assert finding.span is not None
    assert finding.span.line == 2
