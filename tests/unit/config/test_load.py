"""Reading `vbpmeasure.toml`: every mistake is told at once, each at its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vbpmeasure.config.load import find_config, load_config, read_config
from vbpmeasure.diagnostics.model import Failure


def config(folder: Path, text: str) -> Path:
    path = folder / "vbpmeasure.toml"
    path.write_text(text, encoding="utf-8")
    return path


def findings(folder: Path, text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(Failure) as caught:
        read_config(config(folder, text))
    assert caught.value.exit_code == 2
    assert all(d.source_line is not None for d in caught.value.diagnostics if d.span)
    return [(d.code, d.span.line, d.span.column) if d.span else (d.code, 0, 0) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[run\nyear = 1", ("VBM120", 1, 5)),
        ("[run]\nyear = 1\nyear = 2", ("VBM120", 3, 9)),
        ('[run]\ndata = "x', ("VBM120", 2, 10)),
        ("[rum]\nyear = 1", ("VBM121", 1, 2)),
        ("[run]\nyaer = 2025", ("VBM121", 2, 1)),
        ("[run]\nno_suppression = true", ("VBM121", 2, 1)),
        ('[run]\nyear = "2025"', ("VBM122", 2, 8)),
        ("[run]\nyear = true", ("VBM122", 2, 8)),
        ('[run]\nformat = "xlsx"', ("VBM122", 2, 10)),
        ("[run]\nby = [1]", ("VBM122", 2, 7)),
        ("run = 3", ("VBM122", 1, 7)),
        ('[tables.eligibilty]\npath = "x"', ("VBM124", 1, 9)),
        ('[tables.eligibility]\ncolumns = { persn_id = "ID" }', ("VBM125", 2, 13)),
        ('[tables.eligibility]\ncolums = { person_id = "ID" }', ("VBM121", 2, 1)),
        ('[tables.eligibility]\nvalues.gender = { F = "female" }', ("VBM123", 2, 8)),
        ('[tables.eligibility]\nunmapped = "guess"', ("VBM122", 2, 12)),
        ('[tables.eligibility]\nunmapped = { race = "keep" }', ("VBM126", 2, 14)),
        ('[tables.eligibility]\nunmapped = "keep"\nvalues.birth_date = { a = "b" }', ("VBM128", 3, 8)),
        ('[tables.eligibility]\nunmapped = "keep"\nvalues.hospice_flag = { a = "maybe" }', ("VBM128", 3, 29)),
        ('[tables.eligibility]\ndates.gender = "%Y%m%d"', ("VBM128", 2, 7)),
        ('[tables.eligibility]\ndates.birth_date = "%Y-%m"', ("VBM127", 2, 20)),
        ('[tables.eligibility]\ndates.birth_date = "%Q"', ("VBM127", 2, 20)),
        ('[tables.eligibility]\ndates.birth_date = "yyyymmdd"', ("VBM127", 2, 20)),
        ("[tables.eligibility]\nconstants = { gender = 3 }", ("VBM128", 2, 15)),
        ('[tables.eligibility]\nconstants = { person_id = "x" }', ("VBM128", 2, 15)),
        ('[tables.eligibility]\nconstants.payer = "x"\ncolumns.payer = "P"', ("VBM126", 2, 11)),
        ('[tables.eligibility]\nlabel = "a"\ncolumns.data_source = "P"', ("VBM126", 3, 9)),
        ('[tables.eligibility]\npath = "a"\n[[tables.eligibility.sources]]\npath = "b"', ("VBM126", 2, 1)),
        ('[[tables.eligibility.sources]]\nlabel = "b"', ("VBM123", 1, 22)),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, text: str, expected: tuple[str, int, int]) -> None:
    assert findings(tmp_path, text) == [expected]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = '[run]\nyaer = 1\nout = 2\n[tables.eligibility]\npaht = "x"\n'
    assert findings(tmp_path, text) == [("VBM121", 2, 1), ("VBM122", 3, 7), ("VBM121", 5, 1)]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("0", "a number of 1 or more is needed, or `auto`"),
        ("-1", "a number of 1 or more is needed, or `auto`"),
        ("4097", "a number of 4,096 or less is needed, or `auto`"),
        ('"some"', "a whole number is needed, or `auto`"),
        ("1.5", "a whole number is needed, or `auto`"),
    ],
)
def test_buckets_are_judged_where_they_are_read(tmp_path: Path, value: str, told: str) -> None:
    with pytest.raises(Failure) as caught:
        read_config(config(tmp_path, f"[run]\nbuckets = {value}\n"))
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.span and found.span.line) == ("VBM122", f"`buckets`: {told}", 2)


@pytest.mark.parametrize("value", ["1", "4096", '"auto"'])
def test_buckets_that_a_run_can_have(tmp_path: Path, value: str) -> None:
    assert str(read_config(config(tmp_path, f"[run]\nbuckets = {value}\n")).run["buckets"]) == value.strip('"')


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('executor = "sprak"', "`executor` takes `local`, `spark`, `ray` or `dask`"),
        ('as_of = "30.6.2025"', "`as_of`: a date is needed, YYYY-MM-DD"),
        ('as_of = "2025-02-30"', "`as_of`: a date is needed, YYYY-MM-DD"),
        ("as_of = 2025", "`as_of`: a date is needed, YYYY-MM-DD"),
        ("as_of = 2025-06-30T10:00:00", "`as_of`: a date is needed, YYYY-MM-DD"),
    ],
)
def test_words_and_dates_that_no_run_takes_are_refused_where_they_are_read(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(Failure) as caught:
        read_config(config(tmp_path, f"[run]\n{line}\n"))
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.span and found.span.line) == ("VBM122", told, 2)


@pytest.mark.parametrize("line", ["as_of = 2025-06-30", 'as_of = "2025-06-30"', 'executor = "dask"'])
def test_words_and_dates_that_a_run_takes(tmp_path: Path, line: str) -> None:
    (value,) = read_config(config(tmp_path, f"[run]\n{line}\n")).run.values()
    assert str(value) == line.split(" = ")[1].strip('"')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[run]\nas_of_version = -1", "a number of 0 or more is needed"),
        ("[equity]\nalpha = 1.0", "a number under 1 is needed"),
        ("[equity]\nalpha = 0.0", "a number over 0 is needed"),
        ("[equity]\ndraws = 100001", "a number of 100,000 or less is needed"),
    ],
)
def test_numbers_out_of_bounds_are_told_with_the_bound(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Failure) as caught:
        read_config(config(tmp_path, text + "\n"))
    assert caught.value.diagnostics[0].message.endswith(f": {told}")


def test_a_number_may_be_whole_or_not(tmp_path: Path) -> None:
    for key in ("fail_under.wcv_total", "fail_on_drift"):
        with pytest.raises(Failure) as caught:
            read_config(config(tmp_path, f'[run]\n{key} = "high"\n'))
        assert [d.message for d in caught.value.diagnostics] == [f"`{key.split('.')[-1]}`: a number is needed"]


def test_suggestions(tmp_path: Path) -> None:
    for text, hint in {
        "[run]\nyaer = 1": "did you mean `year`?",
        '[run]\nselect = "w30"': "did you mean `measures`?",
        '[tables.eligibility]\ncolumns = { persn_id = "ID" }': "did you mean `person_id`?",
        "[tables.elegibility]\n": "did you mean `eligibility`?",
    }.items():
        with pytest.raises(Failure) as caught:
            read_config(config(tmp_path, text))
        assert caught.value.diagnostics[0].hint == hint


def test_credentials_are_refused_and_not_shown(tmp_path: Path) -> None:
    path = config(tmp_path, '[tables.eligibility]\npath = "https://store/x.parquet?sig=SECRET"\n')
    with pytest.raises(Failure) as caught:
        read_config(path)
    (found,) = caught.value.diagnostics
    assert found.code == "VBM131"
    assert "SECRET" not in str(found)
    assert found.where == f"{path}:2"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "vbpmeasure.toml"
    path.write_bytes(b"[run]\ndata = '\xff'\n")
    with pytest.raises(Failure) as caught:
        read_config(path)
    assert [d.code for d in caught.value.diagnostics] == ["VBM102"]
    path.write_text("a = " + "[" * 100_000, encoding="utf-8")
    with pytest.raises(Failure) as caught:
        read_config(path)
    assert [d.code for d in caught.value.diagnostics] == ["VBM120"]


def test_the_nearest_file_above_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    config(tmp_path, "[run]\nyear = 2024\n")
    monkeypatch.chdir(deep)
    monkeypatch.delenv("VBPMEASURE_CONFIG", raising=False)
    assert find_config() == Path("../../vbpmeasure.toml")
    assert load_config().run == {"year": 2024}
    config(tmp_path / "a", "[run]\nyear = 2025\n")
    assert load_config().run == {"year": 2025}
    other = tmp_path / "other.toml"
    other.write_text("[run]\nyear = 2026\n")
    assert load_config(str(other)).run == {"year": 2026}
    assert load_config("none").document is None
    monkeypatch.setenv("VBPMEASURE_CONFIG", os.fspath(other))
    assert load_config().run == {"year": 2026}
    assert load_config("none").document is None


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        load_config(str(tmp_path / "nowhere.toml"))
    assert [d.code for d in caught.value.diagnostics] == ["VBM129"]
    assert caught.value.exit_code == 2


def test_other_sections_are_handed_out_with_their_places(tmp_path: Path) -> None:
    text = '[validate.checks]\nnulls = { warn = 0.1 }\n[value_sets]\nwell_care_visit = "sets/mine.csv"\n'
    found = read_config(config(tmp_path, text))
    values, places = found.validate_table()
    assert values == {"checks": {"nulls": {"warn": 0.1}}}
    assert (places["checks", "nulls", "warn"].key.line, places["checks", "nulls", "warn"].key.column) == (2, 11)
    values, places = found.value_sets_table()
    assert values == {"well_care_visit": "sets/mine.csv"}
    assert places["well_care_visit",].value.line == 4
    assert load_config("none").validate_table() == ({}, {})


def test_sources_take_what_their_table_says_and_may_say_otherwise(tmp_path: Path) -> None:
    text = """\
[tables.medical_claim]
unmapped = "null"
columns = { person_id = "MBR", payer = "PAYER" }
dates = { claim_start_date = "%Y%m%d" }
[tables.medical_claim.values.claim_status]
P = "paid"
[[tables.medical_claim.sources]]
path = "old"
label = "old"
constants = { payer = "state" }
[[tables.medical_claim.sources]]
path = "/new/*.parquet"
columns = { person_id = "member" }
unmapped = { claim_status = "error" }
"""
    first, second = read_config(config(tmp_path, text)).tables["medical_claim"]
    assert first.path == str(tmp_path / "old")
    assert first.written == "old"
    assert first.mapping.columns == {"person_id": "MBR"}
    assert first.mapping.constants == {"payer": "state", "data_source": "old"}
    assert first.mapping.unmapped == {"claim_status": "null"}
    assert second.path == "/new/*.parquet"
    assert second.written == "*.parquet", "folders of the machine stay out of the manifest"
    assert second.mapping.columns == {"person_id": "member", "payer": "PAYER"}
    assert second.mapping.unmapped == {"claim_status": "error"}
    assert second.mapping.dates == {"claim_start_date": "%Y%m%d"}
    place = second.mapping.place("columns", "person_id")
    assert place is not None
    assert place.line == 13


def test_limits_of_completeness(tmp_path: Path) -> None:
    file = tmp_path / "vbpmeasure.toml"
    file.write_text("[completeness]\ndirect = 0.3\n[completeness.fields.race]\nunknown = 0.1\n")
    limits = read_config(file).completeness
    assert (limits.of("race"), limits.of("ethnicity"), limits.score) == ((0.3, 0.1), (0.3, 0.5), 0.2)
    file.write_text("[completeness]\nunknown = 20\nknown = 0.3\n")
    with pytest.raises(Failure) as caught:
        read_config(file)
    assert len(caught.value.diagnostics) == 2
