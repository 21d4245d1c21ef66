"""The real `convert fhir` on broken input: a coded message naming file and line, counts, never a traceback."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest

from support.commands import Cli, Ran, files_below
from support.fhir import CVX, concept, coverage, event, patient, write_ndjson
from vbpmeasure.cli.app import run as app_run
from vbpmeasure.cli.process import guard

SHOT = event(
    "Immunization", "i1", status="completed", occurrenceDateTime="2024-02-03", vaccineCode=concept((CVX, "08"))
)
GOOD = (patient(), coverage(), SHOT)
_FIELDS = """
status period beneficiary payor type code subject patient item diagnosis careTeam created encounter extension identifier
communication address component valueQuantity participant effectiveDateTime birthDate
"""


def line(resource: dict[str, Any]) -> bytes:
    return json.dumps(resource).encode() + b"\n"


def report_of(out: Path) -> dict[str, Any]:
    loaded = json.loads((out / "conversion_report.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def case(out: Path, reason: str) -> dict[str, Any]:
    record = report_of(out)
    [found] = [c for kind in ("skipped", "doubt", "note") for c in record[kind] if c["reason"] == reason]
    return found


class Export:
    """A folder with a good export, and the command on it."""

    def __init__(self, folder: Path, cli: Cli) -> None:
        self.source, self.out, self.cli = folder / "export", folder / "out", cli
        write_ndjson(self.source / "a.ndjson", *GOOD)

    def convert(self, *options: str) -> Ran:
        """Run the command in this process, guard and all: starting Python for each case would take minutes."""
        arguments = ["vbpmeasure", "convert", "fhir", str(self.source), str(self.out), *options]
        stdout, stderr = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, "argv", arguments), redirect_stdout(stdout), redirect_stderr(stderr):
            code = guard.guarded(app_run)
        return Ran(code, stdout.getvalue(), stderr.getvalue())

    def judge(self, code: str, place: str, reason: str, count: int = 1, *options: str) -> None:
        """Convert: a warning of that code at that place, the count in the report, good rows there; --strict exits 3."""
        ran = self.convert(*options)
        assert ran.code == 0, ran.stderr
        assert f"warning[{code}]" in ran.stderr
        assert place in ran.stderr
        assert case(self.out, reason)["count"] == count
        assert pl.read_parquet(self.out / "immunization.parquet")["immunization_id"].to_list()[0] == "i1"
        strict = self.convert("--strict", *options)
        assert strict.code == 3
        assert f"error[{code}]" in strict.stderr


@pytest.fixture
def export(tmp_path: Path, cli: Cli) -> Export:
    return Export(tmp_path, cli)


def test_a_good_export(export: Export) -> None:
    ran = export.cli("convert", "fhir", export.source, export.out, "--strict")
    assert (ran.code, ran.stdout) == (0, "")
    assert re.fullmatch(r"wrote .*\n", ran.stderr)
    assert files_below(export.out) == [
        "_SUCCESS", "conversion_report.json", "eligibility.parquet", "immunization.parquet", "medical_claim.parquet",
    ]  # fmt: skip
    assert report_of(export.out)["read"] == {"Coverage": 1, "Immunization": 1, "Patient": 1}


def test_corrupt_gzip(export: Export) -> None:
    whole = gzip.compress(b"".join(line({**SHOT, "id": f"x{n}"}) for n in range(5000)), mtime=0)
    (export.source / "b.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    export.judge("VBM361", "b.ndjson.gz:", "broken_file")
    read = pl.read_parquet(export.out / "immunization.parquet").height - 1
    assert case(export.out, "broken_file")["first"] == [{"file": "b.ndjson.gz", "line": read + 1}]
    assert read > 100


def test_a_gzip_with_a_wrong_checksum(export: Export) -> None:
    whole = bytearray(gzip.compress(line({**SHOT, "id": "x"}), mtime=0))
    whole[-8] ^= 0xFF
    (export.source / "b.ndjson.gz").write_bytes(bytes(whole))
    export.judge("VBM361", "b.ndjson.gz:2", "broken_file")


def test_half_a_line(export: Export) -> None:
    (export.source / "b.ndjson").write_bytes(line({**SHOT, "id": "x"}) + line(SHOT)[:40])
    export.judge("VBM362", "b.ndjson:2", "not_json")
    assert pl.read_parquet(export.out / "immunization.parquet").height == 2


def test_a_nul_byte(export: Export) -> None:
    (export.source / "b.ndjson").write_bytes(b"\n" + line(SHOT).replace(b"08", b"0\0") + line({**SHOT, "id": "x"}))
    export.judge("VBM362", "b.ndjson:2", "not_json")


def test_an_escaped_nul_is_text_like_any_other(export: Export) -> None:
    write_ndjson(export.source / "b.ndjson", {**SHOT, "id": "x", "status": "com\0pleted"})
    assert export.convert("--strict").code == 0


def test_a_line_over_the_limit(export: Export) -> None:
    long = {**SHOT, "id": "long", "note": "x" * 3_000_000}
    (export.source / "b.ndjson").write_bytes(line(long) + line({**SHOT, "id": "x"}))
    export.judge("VBM363", "b.ndjson:1", "too_long", 1, "--max-record-mb", "1")
    assert pl.read_parquet(export.out / "immunization.parquet")["immunization_id"].to_list() == ["i1", "x"]
    assert export.convert("--strict").code == 0
    assert pl.read_parquet(export.out / "immunization.parquet").height == 3


def test_a_bundle_over_the_limit(export: Export) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {**SHOT, "id": "x", "note": "x" * 3_000_000}}]}
    (export.source / "b.json").write_text(json.dumps(bundle, indent=1))
    export.judge("VBM363", "b.json", "too_long", 1, "--max-record-mb", "1")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16(export: Export, encoding: str) -> None:
    (export.source / "b.ndjson").write_bytes(line(SHOT).decode().encode(encoding))
    export.judge("VBM364", "b.ndjson", "not_utf8")


def test_a_line_in_latin_1(export: Export) -> None:
    (export.source / "b.ndjson").write_bytes(line(SHOT) + '{"resourceType": "Patient", "id": "ñ"}\n'.encode("latin-1"))
    export.judge("VBM364", "b.ndjson:2", "not_utf8")


def test_utf_8_with_a_byte_order_mark_is_fine(export: Export) -> None:
    (export.source / "b.ndjson").write_bytes(b"\xef\xbb\xbf" + line({**SHOT, "id": "x"}))
    assert export.convert("--strict").code == 0


def test_a_resource_without_a_subject(export: Export) -> None:
    write_ndjson(export.source / "b.ndjson", {k: v for k, v in SHOT.items() if k != "patient"} | {"id": "x"})
    export.judge("VBM365", "b.ndjson:1", "no_subject")


def test_no_resource_at_all(export: Export) -> None:
    (export.source / "b.ndjson").write_bytes(b'{"id": "x"}\n[1, 2]\n"text"\n17\n{"resourceType": 5}\n')
    export.judge("VBM365", "b.ndjson:1", "no_resource", 5)


def test_two_patients_with_one_id(export: Export) -> None:
    write_ndjson(export.source / "b.ndjson", patient(birthDate="2001-01-01"))
    export.judge("VBM366", "b.ndjson:1", "same_id")
    assert str(pl.read_parquet(export.out / "eligibility.parquet")["birth_date"][0]) == "2018-05-15"


def test_a_file_that_is_there_twice_counts_once(export: Export) -> None:
    (export.source / "b.ndjson.gz").write_bytes(gzip.compress((export.source / "a.ndjson").read_bytes()))
    assert export.convert("--strict").code == 0
    assert case(export.out, "repeated")["count"] == 3
    assert pl.read_parquet(export.out / "immunization.parquet").height == 1
    assert pl.read_parquet(export.out / "eligibility.parquet").height == 1


def test_ten_thousand_unknown_types(export: Export) -> None:
    write_ndjson(export.source / "b.ndjson", *({"resourceType": f"Kind{n}", "id": "x"} for n in range(10_000)))
    export.judge("VBM367", "b.ndjson:1, b.ndjson:2, b.ndjson:3 and 9,997 more", "unknown_types", 10_000)
    assert (export.out / "conversion_report.json").stat().st_size < 10_000


def test_types_that_fhir_has_and_no_table_takes_are_a_note(export: Export) -> None:
    write_ndjson(export.source / "b.ndjson", {"resourceType": "CarePlan", "id": "x"})
    assert export.convert("--strict").code == 0
    assert case(export.out, "unused_types")["what"] == {"CarePlan": 1}


def test_a_coverage_that_ends_before_it_starts(export: Export) -> None:
    write_ndjson(export.source / "b.ndjson", coverage("c2", "2024-05-02", "2024-05-01"))
    export.judge("VBM368", "b.ndjson:1", "ends_before_start")


def test_fields_of_the_wrong_shape(export: Export) -> None:
    odd: list[Any] = [None, 3, "text", [], {}, [None], [[]], {"coding": "x"}, {"coding": [3]}, {"reference": 5}, True]
    fields = _FIELDS.split()
    types = "Patient Coverage Claim ExplanationOfBenefit Encounter Observation Condition MedicationRequest Practitioner"
    bodies = [
        {"resourceType": type_, "id": f"{type_}{n}", **dict.fromkeys(fields, value)}
        for type_ in types.split()
        for n, value in enumerate(odd)
    ]
    write_ndjson(export.source / "b.ndjson", *bodies)
    ran = export.convert()
    assert ran.code == 0, ran.stderr
    assert sum(report_of(export.out)["read"].values()) == len(bodies) + 3


def test_deep_nesting(export: Export) -> None:
    (export.source / "b.ndjson").write_bytes(b'{"resourceType": ' * 5000 + b"1" + b"}" * 5000 + b"\n")
    export.judge("VBM362", "b.ndjson:1", "not_json")


def test_bundles_and_lines_give_the_same_rows(export: Export, tmp_path: Path) -> None:
    # In a bundle, references go by the address of the entry, whatever the id.
    person, cover, shot = (dict(r) for r in GOOD)
    cover["beneficiary"] = shot["patient"] = {"reference": "urn:uuid:aaaa"}
    entries = [("urn:uuid:aaaa", person), ("urn:uuid:bbbb", cover), ("urn:uuid:cccc", shot)]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [*({"fullUrl": url, "resource": r} for url, r in entries), {"request": {"method": "DELETE"}}],
    }
    folder = tmp_path / "bundles" / "deep"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text(json.dumps(bundle, indent=2))
    assert export.convert("--strict").code == 0
    assert export.cli("convert", "fhir", tmp_path / "bundles", tmp_path / "other", "--strict").code == 0
    for table in ("eligibility", "immunization", "medical_claim"):
        assert (export.out / f"{table}.parquet").read_bytes() == (tmp_path / "other" / f"{table}.parquet").read_bytes()


def test_a_json_file_with_a_resource_a_line_is_read_by_lines(export: Export) -> None:
    (export.source / "b.json").write_bytes(
        line({**SHOT, "id": "x"}) + line(SHOT)[:40] + b"\n" + line({**SHOT, "id": "y"})
    )
    export.judge("VBM362", "b.json:2", "not_json")
    assert pl.read_parquet(export.out / "immunization.parquet")["immunization_id"].to_list() == ["i1", "x", "y"]


@pytest.mark.parametrize(
    ("args", "exit_code", "code"),
    [
        (["missing"], 3, "VBM360"),
        (["empty"], 3, "VBM360"),
        (["export", "--crosswalk", "nonesuch"], 3, "VBM371"),
        (["export", "--crosswalk", "mine.yaml"], 3, "VBM371"),
        (["export", "--open-end", "soon"], 2, "VBM410"),
    ],
)
def test_what_stops_a_conversion(tmp_path: Path, cli: Cli, args: list[str], exit_code: int, code: str) -> None:
    write_ndjson(tmp_path / "export" / "a.ndjson", *GOOD)
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine.yaml").write_text(
        "id: mine\ntitle: t\nsource: s\nconfidence: low\nnotes: n\n"
        "codes:\n  - {id: a, tables: [procedure], from: {SNOMEDCT: [410620009]}, to: [{system: CPT, code: nonsense}]}\n"
    )
    ran = cli("convert", "fhir", args[0], "out", *args[1:], cwd=tmp_path)
    assert (ran.code, f"error[{code}]" in ran.stderr) == (exit_code, True), ran.stderr
    assert not (tmp_path / "out").exists()


def test_an_export_without_coverage_is_told(tmp_path: Path, cli: Cli) -> None:
    write_ndjson(tmp_path / "export" / "a.ndjson", patient(), SHOT)
    ran = cli("convert", "fhir", tmp_path / "export", tmp_path / "out")
    assert ran.code == 0
    assert "warning[VBM370]" in ran.stderr


def test_identifiers_stay_out_of_the_screen_and_the_report(tmp_path: Path, cli: Cli) -> None:
    secret = "PLANTEDMEMBER1"
    write_ndjson(
        tmp_path / "export" / "a.ndjson",
        patient(secret), patient(secret, birthDate="2001-01-01"),
        {**SHOT, "patient": {"reference": f"Patient/{secret}"}},
        {**coverage(secret), "period": {"start": secret}}, {"resourceType": secret},
        {**SHOT, "id": secret, "patient": {"reference": secret}},
    )  # fmt: skip
    ran = cli("convert", "fhir", tmp_path / "export", tmp_path / "out", "-v")
    assert ran.code == 0
    assert secret not in (tmp_path / "out" / "conversion_report.json").read_text()


def test_the_manifest_of_a_run_names_the_crosswalk(tmp_path: Path, cli: Cli) -> None:
    write_ndjson(tmp_path / "export" / "a.ndjson", *GOOD)
    assert cli("convert", "fhir", tmp_path / "export", tmp_path / "data", "--crosswalk", "synthea").code == 0
    assert cli("run", "cis", "--data", tmp_path / "data", "--year", "2024", "--out", tmp_path / "run").code == 0
    made = json.loads((tmp_path / "run" / "manifest.json").read_text())["conversion"]
    assert (made["converter"], made["crosswalk"]["id"]) == ("fhir", "synthea")
