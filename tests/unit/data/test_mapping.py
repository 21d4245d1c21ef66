"""Mapped sources: renamed and constant columns, translated codes, text dates, several sources, other table formats."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.config.load import read_config
from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.measures import calendar_year

BIRTH, START, END = dt.date(2020, 5, 1), dt.date(2024, 1, 1), dt.date(2024, 12, 31)


def write_elig(folder: Path, **more: object) -> None:
    base: dict[str, object] = {
        "MBR": ["p1", "p2", "p3"],
        "dob": ["20200501", "", None],
        "SEX": ["F", "M ", None],
        "from_dt": [START] * 3,
        "enrollment_end_date": [END, END, None],
    }
    pl.DataFrame({**base, **more}).write_parquet(folder / "elig.parquet")


def write_claims(folder: Path, name: str = "claims", **more: object) -> None:
    base: dict[str, object] = {
        "claim_id": ["c1", "c2"],
        "person_id": ["p1", "p2"],
        "claim_start_date": [dt.date(2024, 2, 1)] * 2,
        "hcpcs_code": ["99391", "08"],
    }
    pl.DataFrame({**base, **more}).write_parquet(folder / f"{name}.parquet")


ELIGIBILITY = """\
[tables.eligibility]
path = "elig.parquet"
columns = { person_id = "mbr", birth_date = "DOB", gender = "SEX", enrollment_start_date = "from_dt" }
constants = { payer = "medicaid", hospice_flag = false, death_date = 2024-06-01 }
dates = { birth_date = "%Y%m%d" }
unmapped = "error"
values.gender = { F = "female", M = "male" }
"""
CLAIMS = '[tables.medical_claim]\npath = "claims.parquet"\n'


def bound(folder: Path, text: str) -> BoundData:
    path = folder / "vbpmeasure.toml"
    path.write_text(text, encoding="utf-8")
    return bind(None, sources=read_config(path).tables, bad_rows="drop")


def refused(folder: Path, text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(Failure) as caught:
        bound(folder, text)
    assert caught.value.exit_code == 3
    return caught.value.diagnostics


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, int, int]]:
    return [(d.code, d.span.line, d.span.column) for d in found if d.span]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_elig(tmp_path, dob=["20200501", "20210228", ""])
    write_claims(tmp_path)
    return tmp_path


def test_columns_constants_values_and_dates(folder: Path) -> None:
    data = bind(None, sources=read_config(write(folder, ELIGIBILITY + CLAIMS)).tables, bad_rows="drop")
    table = data.tables["eligibility"]
    assert data.bad_rows == {"persons_without_birth_date": 1}
    assert table.frame.select(
        "person_id", "birth_date", "gender", "enrollment_start_date", "payer", "hospice_flag", "death_date"
    ).collect().rows() == [
        ("p1", dt.date(2020, 5, 1), "female", START, "medicaid", False, dt.date(2024, 6, 1)),
        ("p2", dt.date(2021, 2, 28), "male", START, "medicaid", False, dt.date(2024, 6, 1)),
    ]
    assert table.columns >= {"payer", "hospice_flag"}
    assert data.has("eligibility", "death_date")
    assert "plan" in data.missing_columns["eligibility"]


def write(folder: Path, text: str) -> Path:
    path = folder / "vbpmeasure.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_constant_alone_keeps_one_value_a_row(folder: Path) -> None:
    data = bound(folder, ELIGIBILITY + CLAIMS + 'label = "a"\n')
    assert data.tables["medical_claim"].frame.select("data_source").collect().to_series().to_list() == ["a", "a"]


@pytest.mark.parametrize(
    ("form", "texts", "days"),
    [
        ("%Y%m%d", ["20240229"], [dt.date(2024, 2, 29)]),
        ("%Y%m%d", [20240229], [dt.date(2024, 2, 29)]),
        ("%m/%d/%Y", [" 1/2/2024", "01/02/2024 "], [dt.date(2024, 1, 2)] * 2),
        ("%d%b%Y", ["29FEB2024"], [dt.date(2024, 2, 29)]),
        ("%Y-%m-%d %H:%M:%S", ["2024-02-29 23:59:59"], [dt.date(2024, 2, 29)]),
        ("%Y-%m-%dT%H:%M:%S%z", ["2024-02-29T23:59:59-0500"], [dt.date(2024, 2, 29)]),
        ("%Y%m%d%H%M%S", ["20240229235959"], [dt.date(2024, 2, 29)]),
    ],
)
def test_date_texts_that_can_be_read(folder: Path, form: str, texts: list[object], days: list[dt.date]) -> None:
    n = len(texts)
    write_claims(folder, claim_id=["c"] * n, person_id=["p"] * n, hcpcs_code=["1"] * n, claim_start_date=texts)
    data = bound(folder, ELIGIBILITY + CLAIMS + f'dates.claim_start_date = "{form}"\n')
    assert data.tables["medical_claim"].frame.collect()["claim_start_date"].to_list() == days


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y%m%d", "2024112"),  # 2 November or 12 January
        ("%Y%m%d", "20240230"),
        ("%Y%m%d%H%M%S", "2024112235959"),
        ("%Y-%m-%d", "24-02-29"),  # the year 24
        ("%Y-%m-%d", "29.02.2024"),
        ("%Y-%m-%d", "never"),
    ],
)
def test_date_texts_that_cannot_be_read_are_counted_and_not_shown(folder: Path, form: str, text: str) -> None:
    write_claims(folder, claim_start_date=[text, None])
    found = refused(folder, ELIGIBILITY + CLAIMS + f'dates.claim_start_date = "{form}"\n')
    assert places(found) == [("VBM330", 10, 7)]
    assert "1 row of medical_claim holds text in claim_start_date that cannot be read" in found[0].message
    assert text not in str(found)


def test_a_datetime_with_many_zeros_is_still_a_number_of_eight_digits(folder: Path) -> None:
    write_claims(folder, claim_start_date=[20240201, 0])
    found = refused(folder, ELIGIBILITY + CLAIMS + 'dates.claim_start_date = "%Y%m%d"\n')
    assert places(found) == [("VBM330", 10, 7)]


def test_what_becomes_of_values_that_are_not_listed(folder: Path) -> None:
    write_claims(folder, claim_status=["P", "Q"])
    head = ELIGIBILITY + CLAIMS + 'values.claim_status = { P = "paid" }\n'

    def statuses(rule: str) -> list[str | None]:
        table = bound(folder, head + f'unmapped = "{rule}"\n').tables["medical_claim"]
        return table.frame.collect()["claim_status"].to_list()

    assert statuses("keep") == ["paid", "Q"]
    assert statuses("null") == ["paid", None]
    found = refused(folder, head + 'unmapped = "error"\n')
    assert places(found) == [("VBM332", 10, 8)]
    assert "`Q`" not in str(found)


def test_numbers_booleans_and_flags_are_translated_by_their_text(folder: Path) -> None:
    write_elig(folder, dob=["20200501"] * 3, SEX=[1, 2, None], hospice=["J", "N", ""], dental=[True, False, None])
    text = (
        ELIGIBILITY.replace('F = "female", M = "male"', '1 = "male", 2 = "female"')
        .replace("hospice_flag = false, ", "")
        .replace("columns = {", 'columns = { hospice_flag = "hospice", plan = "dental",')
    )
    text += 'values.hospice_flag = { J = "yes", N = "no" }\nvalues.plan = { true = "with dental", false = "" }\n'
    frame = bound(folder, text + CLAIMS).tables["eligibility"].frame.collect()
    assert frame["gender"].to_list() == ["male", "female", None]
    assert frame["hospice_flag"].to_list() == [True, False, None]
    assert frame["plan"].to_list() == ["with dental", None, None]


def test_mapping_mistakes_point_at_their_lines_all_at_once(folder: Path) -> None:
    text = ELIGIBILITY.replace('"mbr"', '"mbrr"').replace('"DOB"', '"from_dt"') + CLAIMS + 'columns.payer = "P"\n'
    found = refused(folder, text)
    assert places(found) == [("VBM331", 3, 13), ("VBM335", 5, 11), ("VBM331", 10, 9)]
    assert found[0].hint == "did you mean `MBR`?"


def test_a_source_that_is_not_there_points_at_its_line(folder: Path) -> None:
    text = ELIGIBILITY + '[tables.medical_claim]\npath = "nowhere/*.parquet"\n[tables.condition]\npath = "none"\n'
    assert places(refused(folder, text)) == [("VBM316", 9, 8), ("VBM303", 11, 8)]
    found = refused(folder, ELIGIBILITY + "[tables.medical_claim.columns]\nclaim_id = 'x'\n")
    assert [d.code for d in found] == ["VBM336"]


def test_sources_stand_one_below_the_other_and_filters_reach_each_scan(folder: Path) -> None:
    write_claims(folder, "new", claim_id=["c3", "c4"], claim_status=["paid", "denied"], paid_amount=[1, 2])
    text = (
        ELIGIBILITY
        + """\
[tables.medical_claim]
dates = {}
[[tables.medical_claim.sources]]
path = "claims.parquet"
label = "old"
[[tables.medical_claim.sources]]
path = "new.parquet"
label = "new"
"""
    )
    data = bound(folder, text)
    table = data.tables["medical_claim"]
    wanted = table.frame.select("claim_id", "claim_status", "paid_amount", "data_source")
    assert wanted.collect().rows() == [
        ("c1", None, None, "old"),
        ("c2", None, None, "old"),
        ("c3", "paid", 1.0, "new"),
        ("c4", "denied", 2.0, "new"),
    ]
    assert (table.rows, len(table.files)) == (4, 2)
    plan = table.frame.filter(pl.col("hcpcs_code") == "08").select("person_id").explain()
    assert plan.count("Parquet SCAN") == 2
    assert plan.count('SELECTION: col("hcpcs_code") == "08"') == 2
    assert plan.count("PROJECT 2/") == 2
    assert table.frame.select("data_source").collect().height == 4
    assert [s["label"] for s in table.sources] == ["old", "new"]


def test_person_ids_of_two_types_in_one_table_are_refused(folder: Path) -> None:
    write_claims(folder, "new", person_id=[1, 2])
    text = ELIGIBILITY + "".join(
        f'[[tables.medical_claim.sources]]\npath = "{name}.parquet"\n' for name in ("claims", "new")
    )
    assert "VBM313" in [d.code for d in refused(folder, text)]
    # Ids that never leave their source may differ.
    write_claims(folder, "new", claim_id=[1, 2])
    table = bound(folder, text).tables["medical_claim"]
    assert table.frame.collect()["claim_id"].to_list() == ["c1", "c2", "1", "2"]


def test_columns_without_a_mapping_stay_bare(folder: Path) -> None:
    write_claims(folder, CLM=["x", "y"])
    table = bound(folder, ELIGIBILITY + CLAIMS + 'columns.claim_id = "CLM"\n').tables["medical_claim"]
    plan = table.frame.filter(pl.col("claim_id") == "x").select("hcpcs_code").explain()
    assert 'SELECTION: col("CLM") == "x"' in plan
    assert table.frame.collect()["claim_id"].to_list() == ["x", "y"]


def test_footers_are_not_asked_about_mapped_columns(folder: Path) -> None:
    # The file has a column of the contract's name, with dates of another year; the mapping means the other one.
    write_claims(folder, claim_start_date=[dt.date(1999, 1, 1)] * 2, served=[dt.date(2024, 3, 1)] * 2)
    data = bound(folder, ELIGIBILITY + CLAIMS + 'columns.claim_start_date = "served"\n')
    assert check_period(data, calendar_year(2024)) == ()
    with pytest.raises(Failure) as caught:
        check_period(data, calendar_year(1999))
    assert caught.value.diagnostics[0].code == "VBM321"


def test_a_table_of_the_data_folder_can_be_mapped_in_place(folder: Path) -> None:
    root = folder / "data"
    root.mkdir()
    pl.DataFrame({"npi": ["1"], "tax": ["208000000X"]}).write_parquet(root / "practitioner.parquet")
    text = ELIGIBILITY + CLAIMS + '[tables.practitioner]\ncolumns.taxonomy_code = "tax"\n'
    data = bind(root, sources=read_config(write(folder, text)).tables, bad_rows="drop")
    assert data.tables["practitioner"].frame.collect().rows() == [("1", "208000000X")]


def test_a_partition_key_can_be_mapped(folder: Path) -> None:
    for key in ("A", "B"):
        below = folder / "parts" / f"lob={key}"
        below.mkdir(parents=True)
        write_claims(below)
    text = ELIGIBILITY + '[tables.medical_claim]\npath = "parts"\ncolumns.payer = "lob"\nunmapped = "keep"\n'
    text += 'values.payer = { A = "first" }\n'
    frame = bound(folder, text).tables["medical_claim"].frame.collect()
    assert sorted(frame["payer"].to_list()) == ["B", "B", "first", "first"]


def test_a_delta_table(folder: Path) -> None:
    pytest.importorskip("deltalake")
    frame = pl.read_parquet(folder / "claims.parquet")
    frame = frame.with_columns(pl.lit(3, dtype=pl.Int16).alias("claim_line_number"))
    frame.write_delta(folder / "delta")
    frame.with_columns(pl.col("claim_id") + "x").write_delta(folder / "delta", mode="append")
    text = ELIGIBILITY + '[tables.medical_claim]\npath = "delta"\nformat = "delta"\n'
    table = bound(folder, text).tables["medical_claim"]
    assert sorted(table.frame.collect()["claim_id"]) == ["c1", "c1x", "c2", "c2x"]
    assert table.rows == 4
    assert len(table.files) == 2
    assert table.sources[0]["version"] == "1"
    assert table.frame.collect_schema()["claim_line_number"] == pl.Int64
    plan = table.frame.filter(pl.col("hcpcs_code") == "08").select("person_id").explain()
    assert 'SELECTION: col("hcpcs_code") == "08"' in plan
    assert places(refused(folder, text.replace('"delta"\nf', '"elsewhere"\nf'))) == [("VBM334", 9, 8)]


def test_an_iceberg_table(folder: Path) -> None:
    pytest.importorskip("pyiceberg")
    pytest.importorskip("sqlalchemy")  # the catalog that writes the table for this test needs it
    from pyiceberg.catalog.memory import InMemoryCatalog

    catalog = InMemoryCatalog("test", warehouse=f"file://{folder}/ice")
    catalog.create_namespace("ns")
    rows = pl.read_parquet(folder / "claims.parquet").to_arrow()
    table = catalog.create_table("ns.claims", schema=rows.schema)
    table.append(rows)
    text = ELIGIBILITY + f'[tables.medical_claim]\npath = "{table.metadata_location}"\nformat = "iceberg"\n'
    found = bound(folder, text).tables["medical_claim"]
    assert sorted(found.frame.collect()["claim_id"]) == ["c1", "c2"]
    assert found.sources[0]["version"] == str(table.current_snapshot().snapshot_id)


def test_the_extra_is_named_when_a_library_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vbpmeasure.data.formats.versioned.find_spec", lambda name: None)
    found = refused(folder, ELIGIBILITY + '[tables.medical_claim]\npath = "delta"\nformat = "delta"\n')
    assert places(found) == [("VBM333", 9, 8)]
    assert found[0].hint == "pip install 'vbpmeasure[delta]'"


def test_an_address_that_cannot_be_read_gives_a_code_and_no_text_of_the_library(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> pl.LazyFrame:
        raise pl.exceptions.ComputeError("SECRET token refused")

    monkeypatch.setattr("vbpmeasure.data.opened.pl.scan_parquet", refuse)
    text = '[tables.eligibility]\npath = "https://b/e.parquet"\n[tables.medical_claim]\npath = "https://b/c.parquet"\n'
    found = refused(folder, text)
    assert places(found) == [("VBM334", 2, 8), ("VBM334", 4, 8)]
    assert "SECRET" not in str(found)
