"""What nights bring: two runs at once, inputs that change, odd machines; and what machines are told of it."""

from __future__ import annotations

import hmac
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.commands import Cli, DataFolder, Ran, bytes_below, command, environment
from vbpmeasure.cli.entry import main
from vbpmeasure.cli.screen.log import LOG
from vbpmeasure.cli.screen.settings import SETTINGS
from vbpmeasure.data import binding
from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.contract import Table

ARGS = ("--year", "2025", "--as-of", "2026-01-31")
RUN_ID = "7f2d6f3e-2b1c-4c59-8f0a-0d8f6b9a1c11"


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return a function that runs the command in this process: starting Python is most of a small run."""

    def run(*line: str, env: Mapping[str, str] | None = None) -> Ran:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        for name, value in {"quiet": False, "verbose": False, "diagnostics": None, "log": None}.items():
            monkeypatch.setattr(SETTINGS, name, value)
        monkeypatch.setattr(LOG, "_open", False)
        monkeypatch.setattr(LOG, "_id", None)
        monkeypatch.setattr(sys, "argv", ["vbpmeasure", *line])
        with pytest.raises(SystemExit) as left:
            main()
        return Ran(int(left.value.code or 0), *capfd.readouterr())

    return run


def args(data: DataFolder, out: Path, *more: str) -> list[str]:
    return ["run", "wcv", "--data", str(data.path), "--out", str(out), *ARGS, *more]


# A run that stands still behind the engine until it is told to go on.
HELD = """
import sys
import vbpmeasure.runs.measuring as measuring
whole = measuring.evaluate
def held(*args, **kwargs):
    frame = whole(*args, **kwargs)
    print("ENGINE", flush=True)
    sys.stdin.readline()
    return frame
measuring.evaluate = held
from vbpmeasure.cli.entry import main
main()
"""


def held_run(line: list[str], cwd: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    python = command()[0]
    run = subprocess.Popen(
        [python, "-c", HELD, *line], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment(), cwd=cwd
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "ENGINE\n"
    return run


def test_two_runs_at_once_and_then_an_input_that_changes(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """One run wins; and when its data is replaced meanwhile it refuses to mix, and the old results stay."""
    out = tmp_path / "out"
    first = held_run(args(small_data, out), tmp_path)
    second = cli(*args(small_data, out))
    assert second.code == 5
    assert second.stdout == ""
    assert re.search(rf"VBM501.*process {first.pid} on .*, since \S+, \d+ s\)", second.stderr)
    assert not out.exists()
    first.communicate("\n", timeout=60)
    assert first.returncode == 0
    before = bytes_below(out)

    third = held_run(args(small_data, out), tmp_path)
    file = small_data.file("medical_claim")
    whole = file.read_bytes()
    # The same bytes in another file: what a reader holds open and what stands there now are two things.
    file.with_suffix(".new").write_bytes(whole)
    file.with_suffix(".new").replace(file)
    _, told = third.communicate("\n", timeout=60)
    assert third.returncode == 3
    assert "VBM345" in told
    assert bytes_below(out) == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_odd_machines_give_the_same_bytes(cli: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """Another time zone, no home, no cache, everything writable by all: the same bytes, and modes no wider."""
    more = ("--person-level", "--by", "race")
    usual, odd = tmp_path / "usual", tmp_path / "odd" / "deep" / "out"
    assert cli(*args(small_data, usual, *more)).code == 0
    machine = {
        "TZ": "Pacific/Kiritimati",
        "HOME": "/nonexistent",
        "XDG_CACHE_HOME": "/proc/nowhere",
        "XDG_CONFIG_HOME": "/proc/nowhere",
        "TMPDIR": "/proc/nowhere",
        "LC_ALL": "C",
        "VBPMEASURE_LOG_FORMAT": "json",
        "VBPMEASURE_RUN_ID": RUN_ID,
    }
    ran = cli(*args(small_data, odd, *more), env=machine, preexec_fn=lambda: os.umask(0))
    assert ran.code == 0, ran.stderr
    assert bytes_below(odd) == bytes_below(usual)
    modes = {p.relative_to(tmp_path / "odd").as_posix(): stat.S_IMODE(p.stat().st_mode) for p in odd.rglob("*")}
    private = {name: mode for name, mode in modes.items() if "person_level" in name}
    assert private == {"deep/out/person_level": 0o700, "deep/out/person_level/person_level.parquet": 0o600}
    assert {mode for name, mode in modes.items() if name not in private} == {0o644}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (odd, odd.parent, odd.parent.parent)} == {0o755}
    # The log of that run: one object a line, of one run, in UTC.
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert {line["run"] for line in lines} == {RUN_ID}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines)
    assert lines[0]["event"] == "started"
    stages = [line["stage"] for line in lines if line["event"] == "stage"]
    assert stages == ["definitions", "inputs", "engine", "results", "write"]
    assert (lines[-1]["event"], lines[-1]["exit_code"]) == ("finished", 0)


def test_a_night_is_told_to_machines(inside: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """Limits met, not met and unknowable; metrics and lineage; then a night that fails, and one that drifts."""
    out, prom, events = tmp_path / "out", tmp_path / "m" / "children.prom", tmp_path / "m" / "events.ndjson"
    machines = ("--metrics-file", str(prom), "--openlineage", str(events))
    limits = ("--fail-under", "wcv_3_11=40", "--fail-under", "wcv.wcv_12_17=10", "--fail-over", "wcv_total=45")
    ran = inside(*args(small_data, out, *machines, *limits, "--fail-on-drift", "1"), env={"VBPMEASURE_RUN_ID": RUN_ID})
    # Half of 60 children were seen, all of them of 3 to 11 years; of 12 to 17 nobody is there.
    assert ran.code == 1, ran.stderr
    assert "warning[VBM562]" in ran.stderr
    assert "error[VBM560]: wcv.wcv_total is not <= 45" in ran.stderr
    assert "error[VBM561]: wcv.wcv_12_17: nobody can tell whether it is >= 10: nobody in the denominator" in ran.stderr
    assert ran.stderr.endswith(
        "2 of 3 limits failed\n"
        "rate           shown  limit  verdict\n"
        "wcv.wcv_12_17      -  >= 10  cannot tell: nobody in the denominator\n"
        "wcv.wcv_total  50.00  <= 45  not met\n"
    )
    assert (out / "_SUCCESS").exists()
    told = prom.read_text()
    for line in (
        'vbpmeasure_rate{measure="wcv",rate="wcv_total",run="children",unit="percent"} 50.0',
        'vbpmeasure_rate_shown{measure="wcv",rate="wcv_12_17",run="children",unit="percent"} 0.0',
        'vbpmeasure_limit_met{limit=">= 40",rate="wcv.wcv_3_11",run="children"} 1.0',
        'vbpmeasure_limit_met{limit="<= 45",rate="wcv.wcv_total",run="children"} 0.0',
        'vbpmeasure_people{run="children"} 60.0',
        'vbpmeasure_run_exit_code{run="children"} 1.0',
        "# HELP vbpmeasure_failed How many failed measures the run has.",
        "# HELP vbpmeasure_hidden How many hidden cells the run has.",
    ):
        assert line in told.splitlines()
    assert "last_success" not in told
    assert prom.stat().st_mode & 0o777 == 0o644
    start, end = (json.loads(line) for line in events.read_text().splitlines())
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert end["run"]["runId"] == RUN_ID
    assert [one["name"] for one in end["outputs"]] == [str(out)]
    rows = [one["inputFacets"]["inputStatistics"]["rowCount"] for one in end["inputs"]]
    assert rows == [60, 30]

    good = inside(*args(small_data, out, *machines, "--fail-on-drift", "1", "-q"))
    assert good.code == 0, good.stderr
    success = re.search(r"^vbpmeasure_last_success_timestamp_seconds\{.*\} (\S+)$", prom.read_text(), re.MULTILINE)
    assert success is not None

    # Ten of the thirty visits are gone: 33 % where 50 % were.
    claims = small_data.table("medical_claim")
    small_data.write("medical_claim", claims.head(20))
    drifted = inside(*args(small_data, out, *machines, "--fail-on-drift", "1"))
    assert drifted.code == 1
    assert "VBM499" in drifted.stderr
    assert json.loads((out / "manifest.json").read_text())["tool"] == "vbpmeasure"
    again = re.search(r"^vbpmeasure_last_success_timestamp_seconds\{.*\} (\S+)$", prom.read_text(), re.MULTILINE)
    assert again is not None
    assert again[1] == success[1]

    small_data.file("medical_claim").write_bytes(b"")
    failed = inside(*args(small_data, out, *machines, "--log-format", "text"))
    assert failed.code == 3
    assert re.fullmatch(r"(\S+Z (INFO|WARNING|ERROR) .*\n)+", failed.stderr)
    end = json.loads(events.read_text().splitlines()[-1])
    assert (end["eventType"], end["run"]["facets"]["errorMessage"]["message"]) == ("FAIL", "VBM303")
    assert 'vbpmeasure_run_exit_code{run="children"} 3.0' in prom.read_text()
    assert "vbpmeasure_rate" not in prom.read_text()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--fail-under", "wcv_total"), "VBM488"),
        (("--fail-under", "wcv_totl=3"), "VBM488"),
        (("--fail-over", "wcv_total=much"), "VBM488"),
        (("--drift-from", "elsewhere"), "VBM488"),
        (("--person-level", "--pseudonymize", "env:NOT_SET"), "VBM489"),
        (("--metrics-file", "OUT/night.prom"), "VBM554"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    inside: Cli, small_data: DataFolder, tmp_path: Path, more: tuple[str, ...], code: str
) -> None:
    out = tmp_path / "out"
    ran = inside(*args(small_data, out, *(word.replace("OUT", str(out)) for word in more)))
    assert ran.code == (5 if code.startswith("VBM5") else 2)
    assert code in ran.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("said", "exits", "told"),
    [
        ("fail_under = { wcv_total = 100 }", 1, "error[VBM560]: wcv.wcv_total is not >= 100"),
        ('fail_over = "wcv_total=0"', 1, "error[VBM560]: wcv.wcv_total is not <= 0"),
        ('fail_under = "wcv_total"', 2, "error[VBM488]: `wcv_total` is not of the form RATE=VALUE"),
        ("fail_over = { wcv_totl = 3 }", 2, "error[VBM488]: `wcv_totl` is no rate of this run"),
        ("fail_on_drift = 1", 2, "error[VBM488]: there is no run to measure drift from"),
        ('drift_from = "elsewhere"', 2, "error[VBM488]: a run to measure drift from goes with a limit on drift"),
    ],
)
def test_limits_of_the_file_are_told_with_its_line(
    inside: Cli, small_data: DataFolder, tmp_path: Path, said: str, exits: int, told: str
) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text(f"[run]\n{said}\n")
    asked = ("run", "wcv", "--data", str(small_data.path), "--year", "2025", "--no-suppression")
    ran = inside(*asked, "--config", str(config))
    assert ran.code == exits
    where = f"  --> {config}:2 ({said.split(maxsplit=1)[0]})"
    assert f"{told}\n{where}\n" in ran.stderr


@pytest.mark.parametrize("name", ["night.prom", "night.prom.txt", "night", "night.PROM"])
def test_a_name_that_node_exporter_passes_by_is_a_warning(
    inside: Cli, small_data: DataFolder, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    ran = inside(*args(small_data, tmp_path / "out", "--metrics-file", str(file), "-q"))
    assert (ran.code, file.is_file()) == (0, True), ran.stderr
    if name == "night.prom":
        assert ran.stderr == ""
    else:
        assert ran.stderr.startswith("warning[VBM566]: node_exporter does not read this file")
        assert f"--> {file}\n" in ran.stderr


def test_faulty_rows_are_counted_exactly_also_in_a_log(inside: Cli, small_data: DataFolder) -> None:
    """They are in no result (docs/privacy.md); whoever mends the extract has to know when all are found."""
    spans = small_data.table("eligibility")
    nobody = pl.when(pl.int_range(pl.len()) < 2).then(None).otherwise(pl.col("person_id"))
    small_data.write("eligibility", spans.with_columns(person_id=nobody))
    asked = ("run", "wcv", "--data", str(small_data.path), "--year", "2025", "--log-format", "json")
    refused, dropped = inside(*asked), inside(*asked, "--bad-rows", "drop")
    assert (refused.code, dropped.code) == (3, 0)
    told = [json.loads(line).get("message", "") for ran in (refused, dropped) for line in ran.stderr.splitlines()]
    assert "2 eligibility rows without a person_id" in told
    assert any(text.startswith("left out 2 eligibility rows: ") for text in told)


def test_people_under_pseudonyms(inside: Cli, small_data: DataFolder, tmp_path: Path) -> None:
    """The same key gives the same names in every output, and only what has the key finds a child by its name."""
    key = "0123456789abcdef" * 4
    file = tmp_path / "pseudonyms.key"
    file.write_text(key + "\n")
    out = tmp_path / "out"
    line = args(small_data, out, "--person-level", "--pseudonymize", str(file))
    file.chmod(0o644)
    refused = inside(*line)
    assert (refused.code, "VBM489" in refused.stderr) == (2, True)
    file.chmod(0o600)
    assert inside(*line).code == 0
    rows = pl.read_parquet(out / "person_level" / "person_level.parquet")
    ids = small_data.table("eligibility")["person_id"].to_list()
    names = {hmac.new(key.encode(), one.encode(), "sha256").hexdigest(): one for one in ids}
    assert set(rows["person_id"]) == set(names)
    assert rows["unit_id"].to_list() == rows["person_id"].to_list()
    assert rows.filter(rate="wcv_total")["person_id"].is_sorted()
    gaps = tmp_path / "gaps"
    data = ("--data", str(small_data.path), "--year", "2025", "--pseudonymize", "env:KEY")
    assert inside("gaps", "wcv", *data, "--out", str(gaps), env={"KEY": key}).code == 0
    listed = pl.read_csv(gaps / "gaps.csv")
    assert set(listed["person_id"]) == set(names)
    everything = b"".join(
        content for folder in (out, gaps) for name, content in files_content(folder) if not name.endswith(".parquet")
    )
    assert not [one for one in (*ids, key) if one.encode() in everything]
    assert json.loads((out / "manifest.json").read_text())["pseudonymized"] == "HMAC-SHA256"

    open_gap = listed.filter(gap_status="open")["person_id"][0]
    asked = inside("explain", "wcv", "--person", open_gap, *data)
    by_id = inside("explain", "wcv", "--person", names[open_gap], *data)
    assert asked.code == 0
    assert asked.stdout == by_id.stdout
    assert names[open_gap] not in asked.stdout
    assert inside("explain", "wcv", "--person", "f" * 64, *data).code == 3

    # Runs with other names of people are not compared person by person.
    other = tmp_path / "other"
    assert inside(*args(small_data, other, "--person-level")).code == 0
    compared = inside("compare", str(out), str(other), "--person-level", "--out", str(tmp_path / "compared"))
    assert (compared.code, "VBM565" in compared.stderr) == (5, True)


def files_content(folder: Path) -> list[tuple[str, bytes]]:
    return list(bytes_below(folder).items())


def test_a_log_says_what_is_wrong_with_the_data(inside: Cli, small_data: DataFolder) -> None:
    """The report on stdout is often thrown away: a unit keeps stderr alone."""
    table = small_data.table("eligibility")
    # One of 60 children lost the birth date; another table cannot be read, which stops many checks and is told once.
    small_data.write(
        "eligibility", table.with_columns(birth_date=pl.col("birth_date").replace(table["birth_date"][0], None))
    )
    claims = small_data.file("medical_claim")
    body = bytearray(claims.read_bytes())
    body[4:400] = bytes(396)
    claims.write_bytes(body)
    done = inside("validate", "--data", str(small_data.path), "-q", env={"VBPMEASURE_LOG_FORMAT": "json"})
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.code == 3
    told = {(one["code"], one["where"]): one for one in lines if one["event"] == "diagnostic"}
    assert told["VBC101", "medical_claim"]["message"].startswith("VBM318: ")
    assert told["VBC205", "eligibility.birth_date"]["level"] == "error"
    assert sum("not checked: medical_claim" in one.get("message", "") for one in lines) == 1
    assert (lines[-1]["event"], lines[-1]["exit_code"]) == ("finished", 3)


def test_a_word_of_the_environment_that_nobody_knows_is_told(inside: Cli) -> None:
    """A unit that asks for `jsn` would else keep no log, and nobody would know why."""
    done = inside("version", env={"VBPMEASURE_LOG_FORMAT": "jsn", "VBPMEASURE_DIAGNOSTICS": "Concise"})
    assert (done.code, done.stderr) == (
        0,
        "VBPMEASURE_LOG_FORMAT: VBM130 warning: the environment variable VBPMEASURE_LOG_FORMAT does not count: "
        "it takes one of text, json\n",
    )


@pytest.mark.parametrize("quiet", [(), ("-q",), ("--quiet",), ("-vq",)])
def test_a_quiet_log_of_a_good_command_is_empty(quiet: tuple[str, ...], inside: Cli) -> None:
    """Its first line, too: a log that was asked for by the environment begins before the options are read."""
    done = inside("list", "--format", "json", *quiet, env={"VBPMEASURE_LOG_FORMAT": "json"})
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert (done.code, events) == (0, [] if quiet else ["started", "finished"])


@pytest.mark.parametrize(
    "line",
    [
        ("run", "wcv", "DATA", "--year", "2025", "--out", "OUT"),
        ("explain", "wcv", "DATA", "--year", "2025", "--person", "PERSON"),
        ("validate", "DATA", "--year", "2025", "--out", "OUT"),
    ],
    ids=lambda line: line[0],
)
def test_a_file_that_is_replaced_right_after_it_was_opened(
    line: tuple[str, ...], inside: Cli, small_data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of the old file, its columns and its rows, is not used with the rows of the new one."""
    whole, file = binding.as_table, small_data.path / "medical_claim.parquet"

    def replaced(table: Table, *args: Any) -> BoundTable:
        bound = whole(table, *args)
        if table.name == "medical_claim":
            pl.read_parquet(file).head(10).write_parquet(file.with_suffix(".new"))
            file.with_suffix(".new").replace(file)
        return bound

    monkeypatch.setattr(binding, "as_table", replaced)
    out = tmp_path / "out"
    person = small_data.table("eligibility")["person_id"][0]
    words = {"DATA": f"--data={small_data.path}", "OUT": str(out), "PERSON": person}
    done = inside(*(words.get(word, word) for word in line))
    assert (done.code, done.stdout) == (3, "")
    assert "VBM345" in done.stderr
    assert not out.exists()
