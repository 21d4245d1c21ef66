"""`vbpmeasure.toml` as commands see it; `config show`, `init` and `doctor`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from support.commands import Cli, DataFolder, files_below


def raw_extract(data: DataFolder, folder: Path) -> Path:
    """Write the small data as another system would: its names, its codes, text dates, claims from two sources."""
    folder.mkdir()
    data.table("eligibility").rename({"person_id": "MBR_ID", "birth_date": "DOB", "gender": "SEX"}).with_columns(
        pl.col("DOB").dt.strftime("%Y%m%d").cast(pl.Int64),
        pl.col("SEX").replace_strict({"female": "F", "male": "M"}),
        pl.col("enrollment_start_date").dt.strftime("%m/%d/%Y"),
    ).drop("payer").write_parquet(folder / "elig.parquet")
    claims = data.table("medical_claim")
    claims.head(11).write_parquet(folder / "old.parquet")
    claims.slice(11).rename({"claim_start_date": "svc"}).with_columns(
        pl.col("svc").dt.strftime("%d%b%Y"), pl.lit("1").alias("claim_status")
    ).write_parquet(folder / "new.parquet")
    config = folder / "vbpmeasure.toml"
    config.write_text(
        """\
[run]
year = 2025
measures = "wcv"
format = "json"

[tables.eligibility]
path = "elig.parquet"
columns = { person_id = "MBR_ID", birth_date = "DOB", gender = "SEX" }
constants = { payer = "medicaid" }
dates = { birth_date = "%Y%m%d", enrollment_start_date = "%m/%d/%Y" }
unmapped = "error"
values.gender = { F = "female", M = "male" }

[[tables.medical_claim.sources]]
path = "old.parquet"
label = "old"
[[tables.medical_claim.sources]]
path = "new.parquet"
label = "new"
columns = { claim_start_date = "svc" }
dates = { claim_start_date = "%d%b%Y" }
unmapped = "error"
values.claim_status = { "1" = "paid" }
"""
    )
    return config


def test_a_mapped_extract_gives_the_rates_of_the_same_data_in_contract_shape(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    config = raw_extract(small_data, tmp_path / "raw")
    plain = cli("run", "wcv", "--data", small_data.path, "--year", "2025", "--format", "json", "--by", "sex,payer")
    mapped = cli("run", "--config", config, "--by", "sex,payer", "--out", tmp_path / "out")
    assert (plain.code, mapped.code) == (0, 0), mapped.stderr
    assert mapped.json() == plain.json()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["configuration"]["file"] == "vbpmeasure.toml"
    assert len(manifest["configuration"]["sha256"]) == 64
    assert manifest["sources"]["eligibility"][0]["values"] == {"gender": {"F": "female", "M": "male"}}
    assert [source["label"] for source in manifest["sources"]["medical_claim"]] == ["old", "new"]
    assert str(tmp_path) not in json.dumps(manifest)


def test_a_mapped_person_is_explained(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    config = raw_extract(small_data, tmp_path / "raw")
    # The id is planted: it would be an identifier on the screen, so a stranger is asked for.
    ran = cli("explain", "wcv", "--person", "nobody", cwd=config.parent)
    assert ran.code == 3
    assert "VBM320" in ran.stderr
    query = cli("explain", "wcv", "--polars", cwd=config.parent)
    assert "new.parquet" in query.stdout


def test_mapping_errors_show_the_line_and_no_value(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    config = raw_extract(small_data, tmp_path / "raw")
    config.write_text(config.read_text().replace('"%m/%d/%Y"', '"%d/%m/%y"').replace('F = "f', 'W = "f'))
    ran = cli("run", cwd=config.parent)
    assert ran.code == 3
    assert ran.stdout == ""
    assert "vbpmeasure.toml:10:34" in ran.stderr
    assert '10 | dates = { birth_date = "%Y%m%d", enrollment_start_date = "%d/%m/%y" }' in ran.stderr
    assert "60 rows of eligibility hold text in enrollment_start_date" in ran.stderr
    assert "30 rows of eligibility hold text in gender" in ran.stderr
    assert "01/01/2022" not in ran.stderr


def test_a_broken_file_stops_every_command_that_reads_it(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "vbpmeasure.toml").write_text("[run]\nyaer = 2025\n")
    for args in (
        ["run"],
        ["check"],
        ["list"],
        ["show", "w30"],
        ["test", "w30"],
        ["explain", "w30"],
        ["config", "show"],
    ):
        ran = cli(*args, cwd=tmp_path)
        assert ran.code == 2, args
        assert "error[VBM121]" in ran.stderr
        assert "did you mean `year`?" in ran.stderr
    assert cli("show", "w30", "--config", "none", cwd=tmp_path).code == 0


def test_config_show_tells_who_said_it(cli: Cli, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    text = '[run]\nyear = 2025\ndata = "x"\n[run.params.w30]\ntelehealth_allowed = true\n'
    (tmp_path / "vbpmeasure.toml").write_text(text)
    ran = cli("config", "show", "--format", "json", cwd=below, env={"VBPMEASURE_YEAR": "2024"})
    assert ran.code == 0
    told = {s["name"]: (s["value"], s["from"], s["where"]) for s in ran.json()["settings"]}
    assert told["year"] == (2024, "environment", "VBPMEASURE_YEAR")
    assert told["data"] == ("../x", "file", "../vbpmeasure.toml:3")
    assert told["bad_rows"] == ("refuse", "default", None)
    assert told["params.w30.telehealth_allowed"] == ("yes", "file", "../vbpmeasure.toml:5")
    table = cli("config", "show", cwd=below)
    assert "../vbpmeasure.toml:2" in table.stdout
    assert cli("config", "show", "--config", "none").stdout.startswith("configuration: none")


def test_standing_parameters_rest_when_their_measure_is_not_run(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text("[run]\nyear = 2025\n[run.params.w30]\ntelehealth_allowed = true\n")
    assert cli("run", "wcv", "--data", small_data.path, "--config", config).code == 0
    config.write_text("[run]\nyear = 2025\n[run.params.w31]\ntelehealth_allowed = true\n")
    ran = cli("run", "wcv", "--data", small_data.path, "--config", config)
    assert ran.code == 2
    assert "VBM240" in ran.stderr


def test_a_run_without_a_year_is_refused(cli: Cli, small_data: DataFolder) -> None:
    ran = cli("run", "--data", small_data.path)
    assert ran.code == 2
    assert "error[VBM139]" in ran.stderr
    assert cli("run", "wcv", "--data", small_data.path, env={"VBPMEASURE_YEAR": "2025"}).code == 0


def test_init_makes_a_folder_where_everything_is_green(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    assert cli("init", folder).code == 0
    assert (folder / "data").stat().st_mode & 0o777 == 0o700
    ran = cli("run", cwd=folder)
    assert ran.code == 0, ran.stderr
    assert "my_wcv" in ran.stdout
    assert (folder / "results" / "_SUCCESS").is_file()
    checked = cli("check", "--strict", cwd=folder)
    assert (checked.code, checked.stderr) == (0, "")
    assert checked.stdout.endswith(" measures checked: nothing found\n")
    tested = cli("test", "my_wcv", cwd=folder)
    assert tested.code == 0, tested.stdout
    healthy = cli("doctor", "--format", "json", cwd=folder)
    assert healthy.code == 0
    checks = {c["check"]: c["status"] for c in healthy.json()["checks"]}
    assert checks["data: eligibility"] == checks["schemas"] == checks["output"] == "ok"


def test_init_never_overwrites(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / ".gitignore").write_text("mine\n")
    (folder / "data").mkdir()
    ran = cli("init", cwd=folder)
    assert ran.code == 5
    assert "error[VBM503]: data is there already" in ran.stderr
    assert files_below(folder) == [".gitignore"]
    (folder / "data").rmdir()
    assert cli("init", cwd=folder).code == 0
    assert (folder / ".gitignore").read_text() == "mine\n"
    assert list(folder.glob(".vbp*")) == []
    again = cli("init", cwd=folder)
    assert again.code == 5
    (tmp_path / "file").write_text("")
    assert "VBM505" in cli("init", tmp_path / "file").stderr


@pytest.mark.parametrize(
    ("text", "check", "status"),
    [
        ('[run]\ndata = "nowhere"\n', "data", "fail"),
        ("[run\n", "configuration", "fail"),
        ('[run]\nmeasure_folders = ["nowhere"]\n', "measures", "fail"),
        ('[run]\nout = "vbpmeasure.toml/x"\n', "output", "fail"),
    ],
)
def test_doctor_tells_what_would_stop_a_run(cli: Cli, tmp_path: Path, text: str, check: str, status: str) -> None:
    (tmp_path / "vbpmeasure.toml").write_text(text)
    ran = cli("doctor", "--format", "json", cwd=tmp_path)
    assert ran.code == 1
    assert {c["status"] for c in ran.json()["checks"] if c["check"] == check} == {status}


def test_doctor_sees_stale_schemas_and_an_open_umask(cli: Cli, tmp_path: Path) -> None:
    assert cli("schema", "--write", "--folder", tmp_path / "mine" / "schema").code == 0
    (tmp_path / "mine" / "schema" / "cases.schema.json").write_text("{}")
    (tmp_path / "mine" / "value_sets").mkdir()
    ran = cli("doctor", "--measures", tmp_path / "mine", "--format", "json", preexec_fn=lambda: os.umask(0))
    found = {c["check"]: (c["status"], c["detail"]) for c in ran.json()["checks"]}
    assert found["schemas"][0] == "warn"
    assert "cases.schema.json" in found["schemas"][1]
    assert found["umask"][0] == "warn"
    assert ran.code == 0
