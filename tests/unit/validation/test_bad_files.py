"""Tables that cannot be read become results, the others are still checked; checksums find flipped bits."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from unit.validation.conftest import judged, sound, write
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.validation.checks.checksums import pages_sound
from vbpmeasure.validation.formats.table import report_table


def results(root: Path, *checks: str, **more: object) -> dict[tuple[str | None, str], tuple[str, str | None]]:
    return {(r.table, r.name): (r.status, r.code) for r in judged(root, *checks, **more).results}


def test_a_missing_table_and_a_type_off_contract_are_results(tmp_path: Path) -> None:
    rows = sound()
    del rows["medical_claim"]
    rows["immunization"]["source_code"] = [8] * 40
    root = write(tmp_path / "data", rows)
    told = results(root)
    assert told["medical_claim", "table_readable"] == ("fail", "VBM305")
    assert told["immunization", "table_readable"] == ("fail", "VBM307")
    assert told["procedure", "table_readable"] == ("not_applicable", None)
    assert told["eligibility", "table_readable"] == ("pass", None)
    assert told["eligibility", "spans_overlap"] == ("pass", None)
    assert told["immunization", "key_null"] == ("not_applicable", None)


def test_eligibility_that_cannot_be_used_leaves_the_checks_of_claims(tmp_path: Path) -> None:
    rows = sound()
    del rows["eligibility"]["birth_date"]
    told = results(write(tmp_path / "data", rows))
    assert told["eligibility", "table_readable"] == ("fail", "VBM306")
    assert told["medical_claim", "code_format"] == ("pass", None)
    assert told["medical_claim", "person_unknown"] == ("not_applicable", None)


def test_ids_of_two_types_are_told_and_not_joined(tmp_path: Path) -> None:
    rows = sound()
    rows["immunization"]["person_id"] = list(range(40))
    told = results(write(tmp_path / "data", rows))
    assert "VBM313" in {code for _, code in told.values()}
    assert told["immunization", "person_unknown"][0] == "not_applicable"


def test_a_truncated_file_is_a_result(tmp_path: Path) -> None:
    root = write(tmp_path / "data", sound())
    file = root / "immunization.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    told = results(root)
    assert told["immunization", "table_readable"] == ("fail", "VBM303")
    assert told["pharmacy_claim", "days_supply"] == ("pass", None)


def test_a_page_that_cannot_be_decoded_is_one_failure_and_the_rest_is_marked(tmp_path: Path) -> None:
    root = write(tmp_path / "data", sound())
    file = root / "medical_claim.parquet"
    body = bytearray(file.read_bytes())
    body[4:400] = bytes(396)
    file.write_bytes(body)
    told = results(root)
    assert told["medical_claim", "table_readable"] == ("fail", "VBM318")
    assert told["medical_claim", "key_duplicate"] == ("error", None)
    assert told["eligibility", "spans_overlap"] == ("pass", None)


def test_the_reason_stands_once_and_before_the_checks_that_it_stopped(tmp_path: Path) -> None:
    root = write(tmp_path / "data", sound())
    file = root / "medical_claim.parquet"
    body = bytearray(file.read_bytes())
    body[4:400] = bytes(396)
    file.write_bytes(body)
    lines = report_table(judged(root, "table_readable", "key_null", "key_duplicate")).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("medical_claim  "))
    assert lines[at + 1].startswith("  FAIL  VBC101 table_readable  VBM318: ")
    stopped = [line for line in lines if "not checked" in line]
    assert stopped == ["  ERROR not checked: medical_claim cannot be read (VBC201, VBC202)"]
    assert lines.index(stopped[0]) > at + 1


def test_what_may_be_meant_for_a_missing_table_warns(tmp_path: Path) -> None:
    root = write(tmp_path / "data", sound())
    (root / "immunization.parquet").rename(root / "immunizations.parquet")
    (root / "pharmacy_claim.parquet").unlink()
    report = judged(root, "table_readable")
    told = {r.table: (r.status, r.code) for r in report.results}
    assert told["immunization"] == ("warn", "VBM324")
    assert told["pharmacy_claim"] == ("not_applicable", None)
    lines = report_table(report).splitlines()
    assert "immunization  not there" in lines
    absent = next(line for line in lines if line.startswith("not there: "))
    assert "pharmacy_claim" in absent
    assert "immunization" not in absent


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        judged(tmp_path)
    assert caught.value.diagnostics[0].code == "VBM301"


def flip(file: Path, at: float) -> None:
    body = bytearray(file.read_bytes())
    body[int(len(body) * at)] ^= 4
    file.write_bytes(body)


def test_every_flipped_bit_of_a_page_is_seen_by_its_checksum(tmp_path: Path) -> None:
    table = pl.DataFrame({"person_id": [f"P{i * 7919 % 5000:05d}" for i in range(5000)]}).to_arrow()
    seen = 0
    for step in range(20):
        file = tmp_path / "x.parquet"
        pq.write_table(table, file, write_page_checksum=True, compression="none", use_dictionary=False)
        assert pages_sound(file)
        flip(file, 0.1 + step * 0.04)
        seen += not pages_sound(file)
    assert seen == 20


def test_checksums_are_verified_when_asked_for(tmp_path: Path) -> None:
    root = write(tmp_path / "data", sound())
    file = root / "immunization.parquet"
    pq.write_table(
        pl.read_parquet(file).to_arrow(), file, write_page_checksum=True, compression="none", use_dictionary=False
    )
    flip(file, 0.2)
    assert results(root, "page_checksum")["immunization", "page_checksum"] == ("not_applicable", None)
    told = results(root, "page_checksum", checksums=True)
    assert told["immunization", "page_checksum"] == ("fail", "VBM340")
    assert told["eligibility", "page_checksum"] == ("pass", None)


def sums(root: Path, *names: str) -> str:
    files = [f for f in sorted(root.glob("*.parquet")) if not names or f.name in names]
    return "".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files)


def test_a_sums_file_is_compared(tmp_path: Path) -> None:
    root = write(tmp_path / "data", sound())
    (root / "SHA256SUMS").write_text(sums(root))
    assert {s for s, _ in results(root, "sha256sums", checksums=True).values()} == {"pass", "not_applicable"}
    flip(root / "eligibility.parquet", 0.05)
    assert results(root, "sha256sums", checksums=True)["eligibility", "sha256sums"] == ("fail", "VBM341")
    (root / "SHA256SUMS").write_text(sums(root, "eligibility.parquet"))
    assert results(root, "sha256sums", checksums=True)["immunization", "sha256sums"] == ("fail", "VBM342")
    (root / "SHA256SUMS").write_text("what is this\n")
    assert results(root, "sha256sums", checksums=True)["immunization", "sha256sums"] == ("fail", "VBM343")
