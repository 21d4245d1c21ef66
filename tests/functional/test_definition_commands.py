"""`list`, `show`, `check` and `explain` without data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.commands import Cli

MEASURES = Path(__file__).resolve().parents[2] / "measures"
SHIPPED = sorted(path.parent.name for path in MEASURES.glob("*/measure.yaml"))


def test_list_names_every_shipped_measure(cli: Cli) -> None:
    ran = cli("list")
    assert ran.code == 0
    header, _, *lines = ran.stdout.splitlines()
    assert header.split()[:2] == ["measure", "title"]
    assert max(map(len, ran.stdout.splitlines())) <= 100
    ids = [line.split()[0] for line in lines if "  " in line]
    assert set(SHIPPED) <= set(ids)
    families = [line for line in lines if line and "  " not in line]
    assert families == sorted(families)
    of_family = lines[lines.index("well-care") + 1 :]
    of_family = [line.split()[0] for line in of_family[: of_family.index("") if "" in of_family else None]]
    assert of_family == sorted(of_family)
    assert {"w30", "wcv"} <= set(of_family)


def test_list_by_family(cli: Cli) -> None:
    found = cli("list", "--family", "well-care", "--format", "json").json()
    assert {"w30", "wcv"} <= {m["id"] for m in found}
    assert {m["family"] for m in found} == {"well-care"}
    assert all(m["established"] is True and m["claims"] == "direct" for m in found if m["id"] in SHIPPED)
    wrong = cli("list", "--family", "wellcare")
    assert wrong.code == 2
    assert "VBM461" in wrong.stderr
    assert "did you mean `well-care`?" in wrong.stderr


def test_list_by_tag(cli: Cli) -> None:
    found = cli("list", "--tag", "immunization", "--format", "json").json()
    assert [m["id"] for m in found] == ["cis", "ima"]
    assert "combo_10" in found[0]["rates"]


def test_list_by_unknown_tag(cli: Cli) -> None:
    ran = cli("list", "--tag", "immunisation")
    assert ran.code == 2
    assert "did you mean `immunization`?" in ran.stderr


@pytest.mark.parametrize("measure", SHIPPED)
def test_show_tells_what_an_analyst_is_asked(cli: Cli, measure: str) -> None:
    ran = cli("show", measure)
    assert ran.code == 0, ran.stderr
    for block in ("Rates", "Value sets", "Caveats", "References", "Files"):
        assert f"\n{block}\n" in ran.stdout
    assert "unaudited and HEDIS-like" in ran.stdout


def test_show_marks_the_parameter_value_in_force(cli: Cli) -> None:
    now = cli("show", "w30", "--year", "2025").stdout
    before = cli("show", "w30", "--year", "2023").stdout

    def in_force(text: str) -> str:
        block = text.split("telehealth_allowed", maxsplit=1)[1].split("unknown_provider", maxsplit=1)[0]
        return next(line.strip() for line in block.splitlines() if line.endswith("<- in force"))

    assert in_force(now).startswith("from 2025: no")
    assert in_force(before).startswith("from 2016: yes")


def test_show_an_unknown_measure(cli: Cli) -> None:
    ran = cli("show", "w31")
    assert ran.code == 2
    assert "did you mean `w30`?" in ran.stderr
    assert ran.stdout == ""


def test_check_of_everything_shipped_finds_nothing(cli: Cli) -> None:
    ran = cli("check", "--strict")
    assert (ran.code, ran.stderr) == (0, "")
    assert re.fullmatch(r"\d+ measures checked: nothing found\n", ran.stdout)


def test_check_by_file_of_a_shipped_measure_is_not_a_duplicate(cli: Cli) -> None:
    file = cli("show", "wcv").stdout.split("\nFiles\n")[1].split()[0]
    for target in (file, Path(file).parent, "wcv", "tag:well-care"):
        ran = cli("check", target)
        assert ran.code == 0, ran.stderr
    assert "1 measure checked" in cli("check", file).stdout


def test_explain_in_words_has_dates_and_parameters(cli: Cli) -> None:
    ran = cli("explain", "w30", "--year", "2025", "--param", "w30.telehealth_allowed=yes")
    assert ran.code == 0, ran.stderr
    assert "measurement period 2025-01-01 to 2025-12-31" in ran.stdout
    assert "parameter telehealth_allowed = yes" in ran.stdout
    assert "6 dates at least 14 days apart" in ran.stdout


def test_explain_the_query_without_data(cli: Cli) -> None:
    ran = cli("explain", "lsc", "--polars")
    assert ran.code == 0, ran.stderr
    assert "SELECT" in ran.stdout
    assert "enrollment_start_date" in ran.stdout


def test_schema_is_json_and_written_files_are_the_same(cli: Cli, tmp_path: Path) -> None:
    printed = cli("schema")
    assert printed.code == 0, printed.stderr
    assert "rates" in printed.json()["properties"]
    written = cli("schema", "--write", "--folder", tmp_path / "schema")
    assert written.code == 0, written.stderr
    assert (tmp_path / "schema" / "measure.schema.json").read_text(encoding="utf-8") == printed.stdout
    assert written.stdout == ""
    shipped = Path(__file__).resolve().parents[2] / "measures" / "schema"
    for file in sorted((tmp_path / "schema").iterdir()):
        assert (shipped / file.name).read_text(encoding="utf-8") == file.read_text(encoding="utf-8"), "`make schema`"
