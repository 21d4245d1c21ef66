"""Manners of the command line: help, version, streams, exit codes, formats, speed of `--help`."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import vbpmeasure
from support.commands import Cli, DataFolder, command, environment
from vbpmeasure.cli import entry
from vbpmeasure.cli.process.refused import refused
from vbpmeasure.diagnostics.model import EXIT_INTERRUPTED

COMMANDS = ["run", "list", "show", "check", "test", "explain", "sample", "schema", "rule", "version"]
HEAVY = {"polars", "pyarrow", "numpy", "rich", "yaml"}


def test_help_names_every_command_and_the_exit_codes(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in ran.stdout
    for code in ("0  good", "3  input data", "130  interrupted"):
        assert f" {code}" in ran.stdout
    assert ran.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(cli: Cli, name: str) -> None:
    ran = cli(name, "--help")
    assert ran.code == 0
    assert ran.stdout.startswith(f"Usage: vbpmeasure {name}")


# Typer itself reads the types of a command's options with pydantic, so only the first screen can do without.
@pytest.mark.parametrize(
    ("args", "heavy"),
    [(["--help"], {*HEAVY, "pydantic"}), (["--version"], {*HEAVY, "pydantic"}), (["run", "--help"], HEAVY)],
)
def test_help_and_version_import_nothing_heavy(args: list[str], heavy: set[str]) -> None:
    code = (
        "import sys\n"
        "from vbpmeasure.cli.entry import main\n"
        f"sys.argv = ['vbpmeasure', *{args!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as left:\n    assert left.code == 0, left.code\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.rsplit("LOADED", 1)[1].split())
    assert not heavy & loaded


def test_the_way_in_knows_the_exit_code_of_an_interrupt() -> None:
    assert entry.INTERRUPTED == EXIT_INTERRUPTED


def test_version(cli: Cli) -> None:
    assert cli("--version").stdout == f"{vbpmeasure.__version__}\n"
    assert cli("version").stdout == f"{vbpmeasure.__version__}\n"


def test_no_arguments_show_help_and_fail(cli: Cli) -> None:
    ran = cli()
    assert ran.code == 2
    assert ran.stderr.startswith("Usage: vbpmeasure [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["run", "--year", "soon"],
        ["run", "--year", "2025", "--nonsense"],
        ["run", "--year", "2025", "--format", "xlsx"],
        ["run", "--year", "2025", "--bad-rows", "guess"],
        ["sample"],
        ["show"],
    ],
)
def test_usage_errors_exit_2(cli: Cli, args: list[str]) -> None:
    ran = cli(*args)
    assert ran.code == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("error[VBM414]: ")
    assert "\nUsage: vbpmeasure" in ran.stderr


@pytest.mark.parametrize(
    ("line", "what", "where", "hint"),
    [
        ("rnu", "there is no command `rnu`", "vbpmeasure", "did you mean `run`?"),
        ("cache cler", "there is no command `cler`", "vbpmeasure cache", "did you mean `clear`?"),
        ("valuesets --", "a command is missing", "vbpmeasure valuesets", None),
        ("run --yaer 2025", "there is no option `--yaer`", "vbpmeasure run", "did you mean `--year`?"),
        ("run -Z", "there is no option `-Z`", "vbpmeasure run", None),
        ("run --year soon", "`--year` takes a whole number", "vbpmeasure run", None),
        ("run --fail-on-drift soon", "`--fail-on-drift` takes a number", "vbpmeasure run", None),
        ("run --fail-on-drift=-1", "`--fail-on-drift` takes a number of 0 or more", "vbpmeasure run", None),
        ("equity --alpha 0.9", "`--alpha` takes a number of 0.5 or less", "vbpmeasure equity", None),
        ("list -f tabel", "`--format` takes one of table, json", "vbpmeasure list", "did you mean `table`?"),
        ("schema xyz", "`kind` takes one of measure, fragment, cases, value_set", "vbpmeasure schema", None),
        ("show", "`MEASURE` is missing", "vbpmeasure show", None),
        ("sample out", "`--year` is missing", "vbpmeasure sample", None),
        ("show w30 PLANTEDMEMBER", "there are more arguments than the command takes", "vbpmeasure show", None),
    ],
)
def test_a_line_that_cannot_be_read_is_told_in_our_words(
    cli: Cli, line: str, what: str, where: str, hint: str | None
) -> None:
    """The message, the command that does not take it, what may have been meant, and the usage."""
    ran = cli(*line.split())
    assert ran.code == 2
    message, place, mend, usage = ran.stderr.splitlines()
    assert message == f"error[VBM414]: {what}"
    assert place == f"  --> {where}"
    assert mend == f"hint: {hint or f'`{where} --help` lists all that it takes'}"
    assert usage.startswith(f"Usage: {where} ")


@pytest.mark.parametrize(
    ("line", "what"), [("run --out", "`--out` needs a value"), ("run --quiet=3", "`--quiet` takes no value")]
)
def test_an_option_with_too_little_or_too_much(cli: Cli, line: str, what: str) -> None:
    ran = cli(*line.split())
    assert (ran.code, ran.stderr.splitlines()[0]) == (2, f"error[VBM414]: {what}")


@pytest.mark.parametrize(
    "line",
    [
        "run --diagnostics json --nonsense",
        "run --nonsense --diagnostics=json",
        "run --out --diagnostics=json --nonsense --diagnostics json",
        "run --year soon --diagnostics json",
        "nonsense --diagnostics json",
        "show --diagnostics json",
    ],
)
def test_usage_errors_as_json(cli: Cli, line: str) -> None:
    """Also when the line is given up before the option that asks for it was read."""
    ran = cli(*line.split())
    assert ran.code == 2
    document = json.loads(ran.stderr)
    assert document["errors"] == 1
    assert [one["code"] for one in document["diagnostics"]] == ["VBM414"]


def test_usage_errors_in_other_forms(cli: Cli) -> None:
    asked = ("run", "--nonsense")
    assert cli(*asked, "--diagnostics", "concise").stderr == "vbpmeasure run: VBM414 there is no option `--nonsense`\n"
    assert cli(env={"VBPMEASURE_DIAGNOSTICS": "concise"}).stderr == "vbpmeasure: VBM414 a command is missing\n"
    logged = [json.loads(one) for one in cli(*asked, "--log-format", "json").stderr.splitlines()]
    assert [(one["event"], one.get("code"), one.get("exit_code")) for one in logged] == [
        ("started", None, None),
        ("diagnostic", "VBM414", None),
        ("finished", None, 2),
    ]


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("VBM401", ["run", "--year", "2025"]),
        ("VBM404", ["run", "--year", "2025", "--data", ".", "--param", "nonsense"]),
        ("VBM212", ["run", "--year", "2025", "--data", ".", "--param", "w30.telehealth_alowed=no"]),
        ("VBM231", ["run", "--year", "2025", "--data", ".", "--param", "w30.telehealth_allowed=maybe"]),
        ("VBM240", ["run", "--year", "2025", "--data", ".", "--param", "nowhere.telehealth_allowed=no"]),
        ("VBM403", ["run", "wcv", "--exclude", "wcv", "--year", "2025", "--data", "."]),
        ("VBM405", ["run", "--year", "2025", "--data", ".", "--by", "rase"]),
        ("VBM406", ["run", "--year", "2025", "--data", ".", "--enrollment-key", "payr"]),
        ("VBM407", ["run", "--year", "2025", "--data", ".", "--person-level"]),
        ("VBM409", ["run", "--year", "25", "--data", "."]),
        ("VBM410", ["run", "--year", "2025", "--data", ".", "--as-of", "31.12.2025"]),
        ("VBM410", ["run", "--year", "2025", "--data", ".", "--as-of", "2025-02-30"]),
        ("VBM412", ["run", "--year", "2025", "--data", ".", "--format", "parquet"]),
        ("VBM407", ["explain", "wcv", "--person", "x"]),
        ("VBM408", ["rule", "VBM999"]),
    ],
)
def test_wrong_values_have_a_code_and_exit_2(cli: Cli, code: str, args: list[str]) -> None:
    ran = cli(*args)
    assert ran.code == 2, ran.stderr
    assert f"error[{code}]" in ran.stderr
    assert ran.stdout == ""


def test_formats_of_the_same_rates_agree(cli: Cli, small_data: DataFolder) -> None:
    args = ["run", "wcv", "--data", small_data.path, "--year", "2025", "--no-suppression"]
    table = cli(*args)
    as_json = cli(*args, "--format", "json")
    as_csv = cli(*args, "--format", "csv")
    assert (table.code, as_json.code, as_csv.code) == (0, 0, 0), table.stderr
    rows = as_json.json()["results"]
    header, *lines = as_csv.stdout.splitlines()
    assert len(rows) == len(lines)
    assert "wcv" in header + lines[0]
    assert "wcv" in table.stdout


def test_quiet_silences_remarks_and_not_results(cli: Cli, small_data: DataFolder) -> None:
    args = ["run", "wcv", "--data", small_data.path, "--year", "2025"]
    loud, quiet = cli(*args), cli(*args, "-q")
    assert loud.stdout == quiet.stdout != ""
    assert loud.stderr != ""
    assert quiet.stderr == ""


@pytest.mark.parametrize("name", ["run", "gaps"])
def test_quiet_never_silences_a_warning(cli: Cli, small_data: DataFolder, name: str) -> None:
    visits = small_data.table("medical_claim")
    small_data.write(
        "condition", visits.select("person_id", recorded_date="claim_start_date", normalized_code="hcpcs_code")
    )
    small_data.write("medical_claim", visits.with_columns(pl.col("claim_start_date").dt.offset_by("-1y")))
    args = [name, "wcv", "--data", small_data.path, "--year", "2025"]
    loud, quiet = cli(*args), cli(*args, "-q")
    assert (loud.code, quiet.code) == (0, 0)
    # What is silenced stands below what stays.
    warning = "warning[VBM323]: medical_claim has no row dated in 2025"
    assert quiet.stderr.startswith(warning)
    assert loud.stderr.startswith(quiet.stderr)
    assert len(loud.stderr) > len(quiet.stderr)


def test_no_color_and_no_escapes_in_a_pipe(cli: Cli, small_data: DataFolder) -> None:
    for env in ({}, {"NO_COLOR": "1"}):
        ran = cli("run", "wcv", "--data", small_data.path, "--year", "2025", env=env)
        assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("words", ["rule --format json", "run --help"])
def test_a_closed_pipe_is_no_error(tmp_path: Path, words: str) -> None:
    """The reader leaves before the list of codes is through, as `| head -1` does."""
    with subprocess.Popen(
        command(*words.split()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        stderr = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert stderr == b""


def test_rule_explains_a_code_and_lists_all(cli: Cli) -> None:
    page = cli("rule", "vbm901")
    assert page.code == 0
    assert page.stdout.startswith("VBM901: ")
    assert cli("rule", "901").stdout == page.stdout
    codes = [line.split()[0] for line in cli("rule").stdout.splitlines()]
    assert codes == sorted(codes, key=lambda code: (code.startswith("VBC"), code))  # checks after diagnostics
    assert {"VBM401", "VBM901"} <= set(codes)
    assert [entry["code"] for entry in cli("rule", "--format", "json").json()] == codes


@pytest.mark.parametrize(
    "asked",
    [
        ("run", "--year", "2025", "--data"),
        ("run", "wcv", "--data", "sample", "--year", "2025", "--out"),
        ("run", "wcv", "--data", "sample", "--year", "2025", "--config"),
        ("validate", "--data"),
        ("report",),
    ],
)
def test_a_name_that_no_file_can_have_is_no_bug(asked: tuple[str, ...], cli: Cli, tmp_path: Path) -> None:
    """File systems take names of 255 bytes."""
    ran = cli(*asked, tmp_path / ("x" * 300))
    assert ran.code == 2
    assert ran.stderr.startswith("error[VBM413]")
    assert "Traceback" not in ran.stderr


def test_a_file_that_is_refused_late_is_no_bug() -> None:
    told = refused(PermissionError(errno.EACCES, "no", "a/b.parquet"))
    assert told is not None
    assert [(one.code, one.where) for one in told.diagnostics] == [("VBM516", "a/b.parquet")]
    assert told.exit_code == 5


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EACCES, "no path"), OSError(errno.EDOM, "not of a file", "a"), ValueError("x"), OSError("x")],
)
def test_what_is_not_the_systems_refusal_of_a_path_stays_a_bug(error: Exception) -> None:
    assert refused(error) is None


def _rule_that_raises(error: str) -> str:
    """Return a program that runs `vbpmeasure rule` and meets an error where the page is written."""
    return (
        "import sys, polars as pl\n"
        "from vbpmeasure.cli.entry import main\n"
        "import vbpmeasure.diagnostics.pages as pages\n"
        f"def raises(*a): raise {error}\n"
        "pages.rule_page = raises\n"
        "sys.argv = ['vbpmeasure', 'rule', 'VBM901']\n"
        "main()\n"
    )


def test_a_bug_is_one_coded_line_without_the_text_of_the_error(tmp_path: Path) -> None:
    """A panic of Polars is a BaseException; its text, like that of every library error, could quote the data."""
    code = _rule_that_raises("pl.exceptions.PanicException('PLANTED value')")
    plain = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert plain.returncode == 70
    assert "error[VBM901]" in plain.stderr
    assert "PanicException" in plain.stderr
    assert "PLANTED" not in plain.stderr + plain.stdout
    assert "Traceback" not in plain.stderr
    traced = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=environment({"VBPMEASURE_TRACEBACK": "1"}),
    )
    assert traced.returncode == 70
    assert "Traceback" in traced.stderr


def test_a_pipe_of_ours_that_breaks_is_told() -> None:
    """Typer would end a command without a word, as if the reader of its results had gone."""
    code = _rule_that_raises("BrokenPipeError(32, 'PLANTED')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 70
    assert done.stderr.startswith("error[VBM901]: a bug of vbpmeasure: BrokenPipeError in vbpmeasure.cli.rule:")
    assert "PLANTED" not in done.stderr


def test_data_sample_is_the_shipped_sample_from_any_folder(cli: Cli, tmp_path: Path) -> None:
    ran = cli("run", "wcv", "--data", "sample", "--year", "2025", "--by", "race", cwd=tmp_path)
    assert ran.code == 0, ran.stderr
    assert "wcv" in ran.stdout


def test_the_module_runs_like_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vbpmeasure", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ},
    )
    assert done.stdout.strip() == vbpmeasure.__version__


def test_json_on_stdout_is_one_document(cli: Cli) -> None:
    for args in (["list", "--format", "json"], ["show", "w30", "--format", "json"], ["rule", "--format", "json"]):
        ran = cli(*args)
        assert ran.code == 0, ran.stderr
        json.loads(ran.stdout)


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
class TestStreamsThatCannotBeWritten:
    """Results that are cut short are a failure of the output; a log that nobody can keep stops no run."""

    @staticmethod
    def ran(line: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a line of the shell in which ``"$@"`` is the command, until one of its words names another."""
        return subprocess.run(
            ["/bin/sh", "-c", line, "sh", *command()],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment(env),
        )

    # Help and completion are printed by Typer.
    @pytest.mark.parametrize("words", ["list", "--version", "--help", "run --help", "convert fhir -h"])
    def test_results_on_a_full_disk(self, words: str) -> None:
        done = self.ran(f'"$@" {words} > /dev/full')
        assert done.returncode == 5
        assert done.stderr.splitlines()[0] == "error[VBM506]: stdout cannot be written: the disk below it is full"

    @pytest.mark.parametrize("log", [{}, {"VBPMEASURE_LOG_FORMAT": "json"}], ids=["remarks", "log"])
    @pytest.mark.parametrize(("words", "code"), [("list --format json", 0), ("check wcw", 2), ("rn", 2)])
    def test_messages_on_a_full_disk(self, words: str, code: int, log: dict[str, str]) -> None:
        done = self.ran(f'"$@" {words} 2> /dev/full', log)
        assert done.returncode == code
        assert (code == 0) == done.stdout.startswith("[")

    @pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
    def test_streams_that_are_closed(self, closed: str) -> None:
        done = self.ran(f'"$@" rule VBM305 {closed}')
        assert (done.returncode, done.stderr) == (0, "")
        assert (">&-" not in closed.split()) == done.stdout.startswith("VBM305: ")
