"""Synthea CSV that is broken: every fault has a code, file and line, a count, and costs its own rows alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from support.synthea import ANA, BEN, PATIENTS, TRANSITIONS, write_export
from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea.convert import SyntheaRequest, convert_synthea
from vbpmeasure.diagnostics.model import Failure, Severity


def convert(source: Path, tmp_path: Path, *, strict: bool = False) -> Report:
    return convert_synthea(SyntheaRequest(source, tmp_path / "out", strict=strict))


def rows(tmp_path: Path, name: str) -> int:
    return pl.read_parquet(tmp_path / "out" / f"{name}.parquet").height


def told(report: Report) -> dict[str, tuple[str, int, str | None, int | None]]:
    """Return reason -> code, count, first file and line, of what is worth a warning."""
    record = report.as_record()
    found = {}
    for weight in ("skipped", "doubt"):
        for one in record[weight]:  # type: ignore[attr-defined]
            first = one["first"][0] if one["first"] else {"file": None, "line": None}
            found[one["reason"]] = (one["code"], one["count"], first["file"], first["line"])
    return found


def broken(tmp_path: Path, name: str, change: Callable[[str], str | bytes]) -> Path:
    source = write_export(tmp_path / "csv")
    path = source / f"{name}.csv"
    changed = change(path.read_text(encoding="utf-8"))
    path.write_bytes(changed if isinstance(changed, bytes) else changed.encode())
    return source


IMMUNIZATION = f"2025-03-21T09:30:00Z,{ANA},e-1,20,DTaP,136\n"


@pytest.mark.parametrize(
    ("name", "change", "reason", "expected", "table", "height"),
    [
        (
            "immunizations",
            lambda t: t + f'2025-03-21T09:30:00Z,{ANA},e-1,20,"DTaP,136\n' + IMMUNIZATION,
            "open_quote",
            ("VBM383", 1, "immunizations.csv", 4),
            "immunization",
            3,
        ),
        (
            "immunizations",
            lambda t: t + f'2025-03-21T09:30:00Z,{ANA},e-1,20,"DTaP,136\n',
            "open_quote",
            ("VBM383", 1, "immunizations.csv", 4),
            "immunization",
            2,
        ),
        (
            "immunizations",
            lambda t: t + IMMUNIZATION.replace("DTaP", "DT\0aP") + IMMUNIZATION,
            "nul",
            ("VBM384", 1, "immunizations.csv", 4),
            "immunization",
            3,
        ),
        (
            "immunizations",
            lambda t: (t + IMMUNIZATION).encode().replace(b"DTaP", b"DTaP\xff"),
            "not_utf8",
            ("VBM381", 1, "immunizations.csv", 4),
            "immunization",
            2,
        ),
        (
            "immunizations",
            lambda t: t + "x" * 3_000_000 + "\n" + IMMUNIZATION,
            "too_long",
            ("VBM385", 1, "immunizations.csv", 4),
            "immunization",
            3,
        ),
        (
            "immunizations",
            lambda t: t + "2025-03-21\n" + IMMUNIZATION,
            "wrong_cells",
            ("VBM383", 1, "immunizations.csv", 4),
            "immunization",
            3,
        ),
        (
            "immunizations",
            lambda t: t.encode("utf-16"),
            "utf16",
            ("VBM381", 1, "immunizations.csv", 1),
            "immunization",
            2,
        ),
        (
            "immunizations",
            lambda t: t.replace(f"{ANA},e-1,03", f"{ANA},e-1,3"),
            "lost_zero",
            ("VBM397", 1, "immunizations.csv", 2),
            "immunization",
            2,
        ),
        (
            "immunizations",
            lambda t: t + IMMUNIZATION.replace("2025-03-21T09:30:00Z", "21.03.2025"),
            "bad_date",
            ("VBM392", 1, "immunizations.csv", 4),
            "immunization",
            3,
        ),
        (
            "immunizations",
            lambda t: t + IMMUNIZATION.replace(ANA, "nobody"),
            "unknown_patient",
            ("VBM393", 1, "immunizations.csv", 4),
            "immunization",
            3,
        ),
        (
            "immunizations",
            lambda t: t + IMMUNIZATION.replace(ANA, ""),
            "empty_cell",
            ("VBM389", 1, "immunizations.csv", 4),
            "immunization",
            2,
        ),
        (
            "observations",
            lambda t: t.splitlines()[0] + "\n",
            "no_rows",
            ("VBM387", 1, "observations.csv", 1),
            "condition",
            1,
        ),
        ("observations", lambda t: "", "no_header", ("VBM387", 1, "observations.csv", None), "condition", 1),
        (
            "payer_transitions",
            lambda t: t.replace(
                "2015-06-01T09:00:00Z,2024-02-10T09:00:00Z", "2024-02-10T09:00:00Z,2015-06-01T09:00:00Z"
            ),
            "ends_before_start",
            ("VBM390", 1, "payer_transitions.csv", 3),
            "eligibility",
            3,
        ),
        (
            "payer_transitions",
            lambda t: t.replace(f"{BEN},m-ben,2015-06-01T09:00:00Z", f"{BEN},m-ben,"),
            "no_start",
            ("VBM390", 1, "payer_transitions.csv", 3),
            "eligibility",
            3,
        ),
        (
            "payer_transitions",
            lambda t: t.replace("2024-02-10T09:00:00Z,p-medicaid", ",p-medicaid"),
            "no_end",
            ("VBM390", 1, "payer_transitions.csv", 3),
            "eligibility",
            3,
        ),
        (
            "payers",
            lambda t: t.replace("p-private", "p-other"),
            "unknown_payer",
            ("VBM394", 1, "payer_transitions.csv", 4),
            "eligibility",
            4,
        ),
        (
            "patients",
            lambda t: t + PATIENTS.splitlines()[1].replace("white", "asian") + "\n",
            "same_id",
            ("VBM388", 1, "patients.csv", 6),
            "eligibility",
            4,
        ),
        (
            "patients",
            lambda t: t.replace("2015-06-01", "June 2015"),
            "no_birth_date",
            ("VBM389", 1, "patients.csv", 3),
            "eligibility",
            2,
        ),
        (
            "claims",
            lambda t: t.replace("2025-07-02T23:40:00Z", ""),
            "no_date",
            ("VBM392", 1, "claims.csv", 3),
            "medical_claim",
            2,
        ),
        (
            "claims_transactions",
            lambda t: t.replace("t-4,c-2", "t-4,c-9"),
            "unknown_claim",
            ("VBM396", 1, None, None),
            "medical_claim",
            3,
        ),
    ],
)
def test_a_fault_is_told_with_its_place_and_costs_its_own_rows(
    tmp_path: Path,
    name: str,
    change: Callable[[str], str | bytes],
    reason: str,
    expected: tuple[object, ...],
    table: str,
    height: int,
) -> None:
    report = convert(broken(tmp_path, name, change), tmp_path)
    assert told(report)[reason] == expected
    assert rows(tmp_path, table) == height
    found = next(d for d in report.diagnostics() if d.code == expected[0])
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("name", "column"), [("patients", "BIRTHDATE"), ("payer_transitions", "PAYER"), ("immunizations", "CODE")]
)
def test_a_file_without_a_needed_column_is_left_out_whole(tmp_path: Path, name: str, column: str) -> None:
    report = convert(broken(tmp_path, name, lambda text: text.replace(column, "X", 1)), tmp_path)
    assert told(report)["no_column"] == ("VBM386", 1, f"{name}.csv", 1)
    assert column in next(d.message for d in report.diagnostics() if d.code == "VBM386")


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    report = convert(broken(tmp_path, "immunizations", lambda text: text.replace("DESCRIPTION", "code", 1)), tmp_path)
    assert told(report)["double_column"] == ("VBM386", 1, "immunizations.csv", 1)


def test_a_patient_repeated_word_for_word_is_taken_once(tmp_path: Path) -> None:
    report = convert(broken(tmp_path, "patients", lambda t: t + PATIENTS.splitlines()[1] + "\n"), tmp_path)
    assert told(report) == {}
    assert "repeated" in {note["reason"] for note in report.as_record()["note"]}  # type: ignore[attr-defined]
    assert rows(tmp_path, "eligibility") == 4


def test_text_with_quotes_and_line_breaks_is_no_fault(tmp_path: Path) -> None:
    text = IMMUNIZATION.replace("DTaP", '"the ""DTaP""\nof today"')
    report = convert(broken(tmp_path, "immunizations", lambda t: t + text + IMMUNIZATION), tmp_path)
    assert told(report) == {}
    assert rows(tmp_path, "immunization") == 4


def test_without_transitions_there_is_nobody_to_measure(tmp_path: Path) -> None:
    source = write_export(tmp_path / "csv")
    (source / "payer_transitions.csv").unlink()
    report = convert(source, tmp_path)
    assert set(told(report)) == {"no_spans"}


def test_spells_without_insurance_are_known_without_payers_too(tmp_path: Path) -> None:
    source = write_export(tmp_path / "csv")
    (source / "payers.csv").unlink()
    text = TRANSITIONS[3].replace("p-none", "e03e23c9-4df1-3eb6-a62d-f70f02301496")
    (source / "payer_transitions.csv").write_text(text)
    report = convert(source, tmp_path)
    assert rows(tmp_path, "eligibility") == 4
    assert told(report) == {"unknown_payer": ("VBM394", 4, "payer_transitions.csv", 2)}


@pytest.mark.parametrize("what", ["missing", "empty", "twice", "file"])
def test_nothing_to_convert(tmp_path: Path, what: str) -> None:
    source = tmp_path / "csv"
    if what == "file":
        source.write_text("x")
    elif what != "missing":
        source.mkdir()
    if what == "twice":
        (source / "patients.csv").write_text(PATIENTS)
        (source / "PATIENTS.csv").write_text(PATIENTS)
    with pytest.raises(Failure) as failure:
        convert(source, tmp_path)
    assert [d.code for d in failure.value.diagnostics] == ["VBM380"]
    assert failure.value.exit_code == 3
    assert not (tmp_path / "out").exists()


def test_no_value_of_the_data_is_in_any_message(tmp_path: Path) -> None:
    source = broken(tmp_path, "patients", lambda t: t.replace("2015-06-01", "SECRETDAY") + PATIENTS.splitlines()[1])
    report = convert(source, tmp_path)
    texts = repr(report.diagnostics()) + repr(report.as_record())
    assert "SECRETDAY" not in texts
    assert ANA not in texts
