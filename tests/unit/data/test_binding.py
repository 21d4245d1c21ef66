"""Binding files to the contract: names, types, agreement between files, and a scan that stays lazy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vbpmeasure.data.binding import bind, bind_tables
from vbpmeasure.data.contract import TABLES
from vbpmeasure.diagnostics.model import Failure

START, END = dt.date(2024, 1, 1), dt.date(2024, 12, 31)


def eligibility(**more: object) -> pl.DataFrame:
    base = {
        "person_id": ["p1", "p2"],
        "birth_date": [dt.date(2020, 5, 1)] * 2,
        "gender": ["F", "M"],
        "enrollment_start_date": [START] * 2,
        "enrollment_end_date": [END, None],
    }
    return pl.DataFrame({**base, **more})


def claims(**more: object) -> pl.DataFrame:
    base = {
        "claim_id": ["c1", "c2"],
        "person_id": ["p1", "p2"],
        "claim_start_date": [dt.date(2024, 2, 1)] * 2,
        "hcpcs_code": ["99391", "08"],
    }
    return pl.DataFrame({**base, **more})


def write(frame: pl.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)
    return path


def folder(root: Path, **frames: pl.DataFrame) -> Path:
    for name, frame in {"eligibility": eligibility(), "medical_claim": claims(), **frames}.items():
        write(frame, root / f"{name}.parquet")
    return root


def failure(root: Path, **options: object) -> Failure:
    with pytest.raises(Failure) as caught:
        bind(root, **options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 3
    return caught.value


def test_contract_columns_keep_their_order_and_extra_ones_are_left_out(tmp_path: Path) -> None:
    root = folder(tmp_path, medical_claim=claims(internal_note=["secret", "x"], diagnosis_code_1=["Z00.129", None]))
    bound = bind(root)
    table = bound.tables["medical_claim"]
    names = table.frame.collect_schema().names()
    assert names == [c.name for c in TABLES["medical_claim"].columns if c.name in table.columns]
    assert "internal_note" not in names
    assert table.rows == 2
    assert table.bytes == (root / "medical_claim.parquet").stat().st_size
    assert bound.tables["eligibility"].files == (root / "eligibility.parquet",)


def test_what_is_absent_is_told(tmp_path: Path) -> None:
    bound = bind(folder(tmp_path))
    assert "immunization" in bound.missing_tables
    assert "death_date" in bound.missing_columns["eligibility"]
    assert "hcpcs_code" not in bound.missing_columns["medical_claim"]
    assert bound.has("medical_claim", "hcpcs_code")
    assert not bound.has("medical_claim", "place_of_service_code")
    assert not bound.has("immunization")
    assert set(bound.frames) == {"eligibility", "medical_claim"}


def test_filters_and_projections_reach_the_reader_through_renames_and_widening(tmp_path: Path) -> None:
    frame = claims(person_id=[1, 2], diagnosis_code_1=["A", "B"]).with_columns(pl.col("person_id").cast(pl.Int32))
    root = folder(
        tmp_path,
        eligibility=eligibility(person_id=[1, 2]),
        medical_claim=frame.rename(str.upper),
    )
    scan = bind(root).tables["medical_claim"].frame
    plan = scan.filter(pl.col("person_id") == 1, pl.col("hcpcs_code") == "99391").select("claim_id").explain()
    assert "FILTER" not in plan
    selection = next(line for line in plan.splitlines() if "SELECTION" in line)
    assert 'col("PERSON_ID") == 1' in selection
    assert 'col("HCPCS_CODE") == "99391"' in selection
    assert "PROJECT 3/" in plan
    assert scan.filter(pl.col("person_id") == 1).collect()["claim_id"].to_list() == ["c1"]


def test_a_bound_table_is_one_scan_whatever_the_number_of_files(tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / "medical_claim.parquet").unlink()
    for i in range(3):
        write(claims(), root / "medical_claim" / f"{i}.parquet")
    bound = bind(root)
    assert bound.tables["medical_claim"].frame.explain().count("Parquet SCAN") == 1
    assert bound.tables["medical_claim"].frame.collect().height == 6
    assert bound.tables["medical_claim"].rows == 6


def test_only_the_named_tables_are_bound(tmp_path: Path) -> None:
    root = folder(tmp_path, condition=pl.DataFrame({"wrong": [1]}))
    assert set(bind(root, tables={"eligibility", "medical_claim"}).tables) == {"eligibility", "medical_claim"}
    with pytest.raises(ValueError, match="claims"):
        bind(root, tables={"claims"})


def test_dictionary_text_and_wide_integers_become_contract_types(tmp_path: Path) -> None:
    root = folder(tmp_path)
    table = pa.table(
        {
            "claim_id": pa.array([1, 2], pa.decimal128(38, 0)),
            "person_id": pa.array(["p1", "p2"]).dictionary_encode(),
            "claim_start_date": pa.array([dt.datetime(2024, 2, 1, 5)] * 2, pa.timestamp("ns")),  # noqa: DTZ001
            "hcpcs_code": pa.array(["a", "b"], pa.large_string()),
            "payer": pa.nulls(2),
        }
    )
    pq.write_table(table, root / "medical_claim.parquet")
    bound = bind(root)
    frame = bound.tables["medical_claim"].frame.collect()
    assert frame.schema == pl.Schema(
        {"claim_id": pl.Int64, "person_id": pl.String, "claim_start_date": pl.Date, "hcpcs_code": pl.String}
    )
    assert "payer" in bound.missing_columns["medical_claim"]
    assert frame["claim_start_date"].to_list() == [dt.date(2024, 2, 1)] * 2


def test_partition_folders_give_text_columns_and_dates(tmp_path: Path) -> None:
    root = folder(tmp_path / "run=7")
    (root / "eligibility.parquet").unlink()
    base = root / "eligibility"
    write(eligibility(), base / "plan=01" / "enrollment_month=2024-01" / "x.parquet")
    write(eligibility(person_id=["p3", "p4"]), base / "plan=N%2FA" / "enrollment_month=2024-02" / "x.parquet")
    write(
        eligibility(person_id=["p5", "p6"]),
        base / "plan=__HIVE_DEFAULT_PARTITION__" / "enrollment_month=2024-02" / "x.parquet",
    )
    bound = bind(root)
    frame = bound.tables["eligibility"].frame.select("person_id", "plan").sort("person_id").collect()
    assert frame["plan"].to_list() == ["01", "01", "N/A", "N/A", None, None]
    assert "plan" in bound.tables["eligibility"].columns
    plan = bound.tables["eligibility"].frame.filter(pl.col("plan") == "01").select("person_id").explain()
    assert "FILTER" not in plan


def test_a_required_column_may_come_from_the_path_and_dates_there_are_dates(tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / "medical_claim.parquet").unlink()
    body = claims().drop("claim_start_date")
    write(body, root / "medical_claim" / "claim_start_date=2024-02-29" / "x.parquet")
    assert (
        bind(root).tables["medical_claim"].frame.collect()["claim_start_date"].to_list() == [dt.date(2024, 2, 29)] * 2
    )
    write(body, root / "medical_claim" / "claim_start_date=202402" / "x.parquet")
    (found,) = failure(root).diagnostics
    assert (found.code, "202402" in found.message) == ("VBM307", False)


def test_files_under_other_partition_keys_are_refused(tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / "eligibility.parquet").unlink()
    write(eligibility(), root / "eligibility" / "plan=a" / "x.parquet")
    odd = write(eligibility(), root / "eligibility" / "x.parquet")
    found = failure(root).diagnostics[0]
    assert found.code == "VBM309"
    assert str(odd) in str(found.where)


def test_all_missing_required_columns_are_named_at_once(tmp_path: Path) -> None:
    root = folder(tmp_path, eligibility=eligibility().rename({"birth_date": "birthdate"}).drop("gender"))
    (found,) = failure(root).diagnostics
    assert found.code == "VBM306"
    assert "birth_date, gender" in found.message
    assert "is birthdate meant to be birth_date?" in (found.hint or "")


def test_a_required_column_of_the_null_type_is_missing(tmp_path: Path) -> None:
    root = folder(tmp_path, eligibility=eligibility(birth_date=[None, None]))
    (found,) = failure(root).diagnostics
    assert found.code == "VBM306"
    assert "null" in (found.hint or "")


def test_everything_wrong_in_several_tables_is_told_in_one_go(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        eligibility=eligibility(birth_date=["2020-05-01"] * 2).drop("gender"),
        medical_claim=claims(claim_start_date=["20240201"] * 2, hcpcs_code=[99391, 8]),
    )
    found = failure(root).diagnostics
    assert sorted((d.code, d.where.split(" in ")[0]) for d in found if d.where) == [
        ("VBM306", "eligibility.gender"),
        ("VBM307", "eligibility.birth_date"),
        ("VBM307", "medical_claim.claim_start_date"),
        ("VBM307", "medical_claim.hcpcs_code"),
    ]


def test_a_date_as_text_says_so(tmp_path: Path) -> None:
    root = folder(tmp_path, medical_claim=claims(claim_start_date=["2024-02-01"] * 2))
    (found,) = failure(root).diagnostics
    assert found.message == "column claim_start_date of medical_claim holds text, a date is needed"
    assert found.where == f"medical_claim.claim_start_date in {root / 'medical_claim.parquet'}"


def test_two_spellings_of_one_column_are_refused_even_when_one_is_exact(tmp_path: Path) -> None:
    root = folder(tmp_path, medical_claim=claims(HCPCS_CODE=["1", "2"]))
    assert [d.code for d in failure(root).diagnostics] == ["VBM308"]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (lambda: claims().drop("hcpcs_code"), "lacks it"),
        (lambda: claims(payer=["a", "b"]), "has it"),
        (lambda: claims().rename({"hcpcs_code": "HCPCS_CODE"}), "spells it HCPCS_CODE"),
        (lambda: claims(claim_id=[1, 2]), "holds Int64, a.parquet holds String"),
    ],
    ids=["missing", "extra", "spelled", "typed"],
)
def test_files_that_differ_are_refused_with_the_name_of_the_first(tmp_path: Path, second, words: str) -> None:
    root = folder(tmp_path)
    (root / "medical_claim.parquet").unlink()
    for alike in ("a", "b", "d"):
        write(claims(), root / "medical_claim" / f"{alike}.parquet")
    odd = write(second(), root / "medical_claim" / "c.parquet")
    write(second(), root / "medical_claim" / "e.parquet")
    (found,) = failure(root).diagnostics
    assert found.code == "VBM309"
    assert words in found.message
    assert str(odd) in str(found.where)


def test_harmless_differences_between_files_are_read(tmp_path: Path) -> None:
    root = folder(tmp_path, eligibility=eligibility(person_id=[1, 2]))
    (root / "medical_claim.parquet").unlink()
    one = claims(person_id=[1, 2], payer=[None, None], theirs=[1, 2])
    two = claims(person_id=[3, 4], payer=["a", None], ours=["x", "y"]).with_columns(
        pl.col("person_id").cast(pl.Int32), pl.col("hcpcs_code").cast(pl.Categorical)
    )
    write(one, root / "medical_claim" / "a.parquet")
    write(two.select(reversed(two.columns)), root / "medical_claim" / "b.parquet")
    frame = bind(root).tables["medical_claim"].frame.sort("person_id").collect()
    assert frame["person_id"].to_list() == [1, 2, 3, 4]
    assert frame["payer"].to_list() == [None, None, "a", None]
    assert frame["hcpcs_code"].to_list() == ["99391", "08"] * 2


def test_person_ids_of_two_types_are_refused(tmp_path: Path) -> None:
    root = folder(tmp_path, medical_claim=claims(person_id=[1, 2]))
    (found,) = failure(root).diagnostics
    assert found.code == "VBM313"
    assert "text in eligibility" in found.message
    assert "integer in medical_claim" in found.message


def test_integer_ids_of_two_widths_are_one_type(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        eligibility=eligibility(person_id=[1, 2]).with_columns(pl.col("person_id").cast(pl.UInt32)),
        medical_claim=claims(person_id=[1, 2]),
    )
    bound = bind(root)
    assert {t.frame.collect_schema()["person_id"] for t in bound.tables.values()} == {pl.Int64()}


def test_a_missing_required_table_is_named(tmp_path: Path) -> None:
    write(claims(), tmp_path / "medical_claim.parquet")
    (found,) = failure(tmp_path).diagnostics
    assert found.code == "VBM305"
    assert "eligibility" in found.message


def test_empty_eligibility_is_an_error_and_another_empty_table_a_warning(tmp_path: Path) -> None:
    root = folder(tmp_path, medical_claim=claims().clear())
    (warning,) = bind(root).warnings
    assert (warning.code, warning.severity.value) == ("VBM312", "warning")
    folder(root, eligibility=eligibility().clear())
    assert "VBM311" in [d.code for d in failure(root).diagnostics]


def test_a_record_table_without_any_date_column_is_refused(tmp_path: Path) -> None:
    records = pl.DataFrame({"person_id": ["p1"], "source_code": ["20"]})
    (found,) = failure(folder(tmp_path, immunization=records)).diagnostics
    assert found.code == "VBM306"
    assert "occurrence_date" in found.message
    assert bind(folder(tmp_path, immunization=records.clear())).tables["immunization"].rows == 0


def test_tables_can_be_bound_one_by_one(tmp_path: Path) -> None:
    for i in range(2):
        write(claims(), tmp_path / "out" / f"claims-{i}.pq")
    write(eligibility(), tmp_path / "members.parquet")
    bound = bind_tables(
        {"eligibility": tmp_path / "members.parquet", "medical_claim": str(tmp_path / "out" / "claims-*.pq")}
    )
    assert bound.tables["medical_claim"].rows == 4
    assert bound.root is None
    with pytest.raises(Failure) as caught:
        bind_tables({"eligibility": tmp_path / "no.parquet", "medical_claim": str(tmp_path / "*.none")})
    assert [d.code for d in caught.value.diagnostics] == ["VBM303", "VBM316"]


def test_the_contract_names_each_column_once() -> None:
    for table in TABLES.values():
        names = [c.name for c in table.columns]
        assert len(names) == len(set(names))
        assert set(table.date_columns) <= set(names)
