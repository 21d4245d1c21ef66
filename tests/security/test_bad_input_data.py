"""Hostile and broken Parquet at the library's door: a coded diagnostic with file and column, never a value of the data.

The same at the command line, with exit codes and output folders, is tested beside this file.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from vbpmeasure.data.binding import bind
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.rows import person_rows
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.codes import CODES
from vbpmeasure.diagnostics.model import EXIT_INPUT, Failure
from vbpmeasure.plan.measures import calendar_year

PLANTED = "PLANTED-MEMBER-0815"
PLANTED_CODE = "PLANTEDCODE"


def tables() -> dict[str, pl.DataFrame]:
    people = [f"{PLANTED}-{i}" for i in range(50)]
    return {
        "eligibility": pl.DataFrame(
            {
                "person_id": people,
                "birth_date": [dt.date(2020, 1, 1) + dt.timedelta(days=i) for i in range(50)],
                "gender": ["F", "M"] * 25,
                "enrollment_start_date": [dt.date(2024, 1, 1)] * 50,
                "enrollment_end_date": [dt.date(2025, 12, 31)] * 50,
                "hospice_flag": ["N"] * 50,
            }
        ),
        "medical_claim": pl.DataFrame(
            {
                "claim_id": [f"{PLANTED}-c{i}" for i in range(50)],
                "person_id": people,
                "claim_start_date": [dt.date(2025, 1, 1) + dt.timedelta(days=7 * i) for i in range(50)],
                "hcpcs_code": [PLANTED_CODE, "99391"] * 25,
            }
        ),
        "immunization": pl.DataFrame(
            {"person_id": people, "occurrence_date": [dt.date(2025, 3, 3)] * 50, "source_code": ["08"] * 50}
        ),
    }


def write(root: Path, **changed: pl.DataFrame) -> Path:
    root.mkdir(exist_ok=True)
    for name, frame in {**tables(), **changed}.items():
        frame.write_parquet(root / f"{name}.parquet")
    return root


def use(root: Path) -> None:
    """Do with a data folder what a run does with it: bind, check, read, look at a person, take fingerprints."""
    bound = bind(root)
    check_period(bound, calendar_year(2025))
    fingerprints(bound, content=True)
    with guarded(bound.tables):
        for frame in pl.collect_all(list(bound.frames.values())):
            assert frame.height
    person_rows(bound, f"{PLANTED}-0")


def refused(root: Path, *codes: str) -> str:
    with pytest.raises(Failure) as caught:
        use(root)
    failure = caught.value
    told = " ".join(f"{d.code} {d.message} {d.where} {d.hint}" for d in failure.diagnostics)
    assert failure.exit_code == EXIT_INPUT, told
    assert [d.code for d in failure.diagnostics] == list(codes), told
    assert PLANTED not in told + repr(failure)
    assert PLANTED_CODE not in told
    return told


def column(table: str, **changed: pl.Expr | pl.Series) -> dict[str, pl.DataFrame]:
    return {table: tables()[table].with_columns(**changed)}


def test_the_data_is_sound_before_it_is_broken(tmp_path: Path) -> None:
    use(write(tmp_path))


def test_no_data_folder_and_an_empty_one(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none", "VBM302")
    (tmp_path / "empty").mkdir()
    told = refused(tmp_path / "empty", "VBM301")
    assert "eligibility" in told
    assert "medical_claim" in told


def text(file: Path) -> None:
    file.write_text(f"person_id\n{PLANTED}\n")


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def headless(file: Path) -> None:
    file.write_bytes(file.read_bytes()[200:])


def zero_bytes(file: Path) -> None:
    file.write_bytes(b"")


def magic_only(file: Path) -> None:
    file.write_bytes(b"PAR1PAR1")


def absurd_footer(file: Path) -> None:
    file.write_bytes(b"PAR1" + b"\x00" * 64 + (2**31 - 1).to_bytes(4, "little") + b"PAR1")


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def dangling(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.parent / "gone.parquet")


def unreadable_pages(file: Path) -> None:
    content = bytearray(file.read_bytes())
    footer = int.from_bytes(content[-8:-4], "little")
    content[4 : len(content) - footer - 8] = b"\xff" * (len(content) - footer - 12)
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (text, "VBM303"),
        (truncated, "VBM303"),
        (headless, "VBM318"),
        (zero_bytes, "VBM303"),
        (magic_only, "VBM303"),
        (absurd_footer, "VBM303"),
        (a_pipe, "VBM303"),
        (dangling, "VBM303"),
        (unreadable_pages, "VBM318"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
@pytest.mark.parametrize("table", ["eligibility", "medical_claim", "immunization"])
def test_files_that_are_no_good_parquet(tmp_path: Path, spoil: Callable[[Path], None], code: str, table: str) -> None:
    root = write(tmp_path)
    spoil(root / f"{table}.parquet")
    assert str(root / f"{table}.parquet") in refused(root, code)


def test_one_bad_file_among_many_is_named(tmp_path: Path) -> None:
    root = write(tmp_path)
    (root / "medical_claim.parquet").unlink()
    (root / "medical_claim").mkdir()
    for i in range(4):
        tables()["medical_claim"].write_parquet(root / "medical_claim" / f"part-{i}.parquet")
    text(root / "medical_claim" / "part-2.parquet")
    told = refused(root, "VBM303")
    assert "part-2.parquet" in told
    assert "part-1" not in told


@pytest.mark.skipif(os.geteuid() == 0, reason="mode bits mean nothing to root")
def test_permission_denied(tmp_path: Path) -> None:
    root = write(tmp_path)
    (root / "eligibility.parquet").chmod(0)
    refused(root, "VBM304")


@pytest.mark.parametrize(
    ("changed", "codes", "named"),
    [
        (lambda: {"eligibility": tables()["eligibility"].clear()}, ["VBM311"], "eligibility"),
        (
            lambda: {name: tables()[name].clear() for name in ("medical_claim", "immunization")},
            ["VBM322"],
            "medical_claim",
        ),
        (lambda: {"eligibility": tables()["eligibility"].drop("person_id")}, ["VBM306"], "eligibility.person_id"),
        (lambda: {"medical_claim": tables()["medical_claim"].drop("person_id")}, ["VBM306"], "medical_claim.person_id"),
        (
            lambda: column("eligibility", birth_date=pl.col("birth_date").cast(pl.String)),
            ["VBM307"],
            "eligibility.birth_date",
        ),
        (
            lambda: column("medical_claim", claim_start_date=pl.lit(PLANTED)),
            ["VBM307"],
            "medical_claim.claim_start_date",
        ),
        (lambda: column("medical_claim", hcpcs_code=pl.lit(99391)), ["VBM307"], "medical_claim.hcpcs_code"),
        (lambda: column("eligibility", person_id=pl.lit(0.5)), ["VBM307"], "eligibility.person_id"),
        (lambda: column("immunization", person_id=pl.int_range(50)), ["VBM313"], "immunization.person_id"),
        (lambda: column("eligibility", birth_date=pl.lit(None, pl.Date)), ["VBM314"], "eligibility.birth_date"),
        (
            lambda: column("eligibility", enrollment_end_date=pl.lit(dt.date(2023, 12, 31))),
            ["VBM314"],
            "eligibility.enrollment_end_date",
        ),
        (lambda: column("eligibility", person_id=pl.lit(None, pl.String)), ["VBM314"], "eligibility.person_id"),
        (lambda: column("eligibility", hospice_flag=pl.lit(PLANTED)), ["VBM315"], "eligibility.hospice_flag"),
        (
            lambda: {"eligibility": tables()["eligibility"].select(pl.all(), pl.col("gender").alias("Gender"))},
            ["VBM308"],
            "eligibility.gender",
        ),
    ],
    ids=[
        "no people",
        "no events",
        "eligibility without person_id",
        "claims without person_id",
        "birth date as text",
        "claim date as text",
        "codes as numbers",
        "ids as fractions",
        "ids of two types",
        "no birth dates",
        "ends before it starts",
        "null person_id",
        "unknown flags",
        "two spellings",
    ],
)
def test_tables_off_contract(
    tmp_path: Path, changed: Callable[[], dict[str, pl.DataFrame]], codes: list[str], named: str
) -> None:
    assert named in refused(write(tmp_path, **changed()), *codes)


@pytest.mark.parametrize("year", [2019, 2023, 2031])
def test_a_measurement_year_without_data(tmp_path: Path, year: int) -> None:
    bound = bind(write(tmp_path))
    with pytest.raises(Failure) as caught:
        check_period(bound, calendar_year(year))
    (found,) = caught.value.diagnostics
    assert found.message == f"no eligibility in {year}; the spans run from 2024-01 to 2025-12"


def test_a_value_too_large_for_its_type(tmp_path: Path) -> None:
    huge = pl.Series([2**64 - 1 - i for i in range(50)], dtype=pl.UInt64)
    told = refused(write(tmp_path, **column("medical_claim", claim_id=huge)), "VBM319")
    assert "medical_claim.claim_id" in told
    assert str(2**64 - 1) not in told


def test_all_faults_of_a_phase_come_together(tmp_path: Path) -> None:
    root = write(tmp_path, **column("eligibility", birth_date=pl.lit("x")))
    text(root / "immunization.parquet")
    (root / "medical_claim.parquet").unlink()
    refused(root, "VBM305", "VBM307", "VBM303")


def test_random_damage_ends_in_a_diagnostic_or_in_readable_rows(tmp_path: Path) -> None:
    """Bit flips anywhere: Polars answers some with a panic, which is no Exception; none may get through."""
    root = write(tmp_path)
    file = root / "medical_claim.parquet"
    sound = file.read_bytes()
    dice = random.Random(20250101)
    failures: list[Failure] = []
    for _ in range(60):
        content = bytearray(sound)
        for _ in range(dice.randint(1, 6)):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        file.write_bytes(content)
        try:
            use(root)
        except Failure as failure:
            failures.append(failure)
    assert len(failures) > 10
    assert {d.code for failure in failures for d in failure.diagnostics} <= set(CODES)
    assert {failure.exit_code for failure in failures} == {EXIT_INPUT}
    assert PLANTED not in repr([failure.diagnostics for failure in failures])


def test_names_in_a_footer_are_shown_only_when_they_are_contract_names(tmp_path: Path) -> None:
    """Key-value metadata and foreign columns of a file are nobody's business."""
    root = write(tmp_path)
    arrow = tables()["immunization"].drop("occurrence_date").to_arrow()
    pq.write_table(arrow.replace_schema_metadata({"note": PLANTED}), root / "immunization.parquet")
    refused(root, "VBM306")
