"""Importing value sets: what is kept, what is refused with which row, and that a refusal stores nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl
import pytest

from vbpmeasure.commands.importing import ImportOutcome, ImportRequest, import_value_sets
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.terminology.importers.codes import snomed_check_digit_fits, system_of, why_not
from vbpmeasure.terminology.stored import read_stored, version_order

DIRECTORY_HEADER = (
    "Value Set Name",
    "Value Set OID",
    "Value Set Version",
    "Code",
    "Definition",
    "Code System",
    "Code System OID",
    "Code System Version",
)
OID = "2.999.1004.1107"


def imported(tmp_path: Path, *files: Path, **options: object) -> ImportOutcome:
    return import_value_sets(ImportRequest(files, tmp_path / "sets", **options))  # type: ignore[arg-type]


def refused(tmp_path: Path, *files: Path, **options: object) -> tuple[Diagnostic, ...]:
    before = sorted((tmp_path / "sets").glob("*")) if (tmp_path / "sets").exists() else []
    with pytest.raises(Failure) as failure:
        imported(tmp_path, *files, **options)
    assert failure.value.exit_code == 2
    after = sorted((tmp_path / "sets").glob("*")) if (tmp_path / "sets").exists() else []
    assert after == before
    return failure.value.diagnostics


def places(found: Iterable[Diagnostic]) -> list[tuple[str, int]]:
    return [(d.code, d.span.line if d.span else 0) for d in found]


def csv_file(tmp_path: Path, text: str | bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def workbook(tmp_path: Path, rows: Sequence[Sequence[object]], sheet: str = "Value Sets to Codes") -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Read me"
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(list(row))
    path = tmp_path / "directory.xlsx"
    book.save(path)
    return path


# --- delimited text ---


@pytest.mark.parametrize(
    "header",
    [
        "name,oid,version,code,system",
        "Value Set Name\tValue Set OID\tValue Set Version\tCode\tCode System",
        "SET_NAME;OID;DEFINITION VERSION;Code Value;Vocabulary",
        "valueset|valueset_oid|valueset_version|concept_code|code_type",
    ],
)
def test_columns_are_known_by_their_usual_spellings(tmp_path: Path, header: str) -> None:
    mark = next(c for c in ",\t;|" if c in header)
    row = mark.join(("Hib vaccine", OID, "2025", "08", "CVX"))
    (one,) = imported(tmp_path, csv_file(tmp_path, f"{header}\n{row}\n")).sets
    kept = one.value_set
    assert (kept.name, kept.title, kept.oid, kept.version) == ("hib_vaccine", "Hib vaccine", OID, "2025")
    assert kept.codes == {"CVX": ("08",)}
    assert one.file == "hib_vaccine@2025.csv"


def test_code_systems_are_known_by_abbreviation_oid_and_address(tmp_path: Path) -> None:
    text = """name,code,system
s,08,2.16.840.1.113883.12.292
s,90700,urn:oid:2.16.840.1.113883.6.12
s,310306005,SNOMED CT US Edition
s,0500F,CPT-CAT-II
s,G0438,HCPCS Level II
s,99381,HCPCS
s,0450,UBREV
s,0131,UBTOB
s,Z00.129,ICD-10-CM
s,208000000X,http://nucc.org/provider-taxonomy
"""
    (one,) = imported(tmp_path, csv_file(tmp_path, text)).sets
    assert one.value_set.codes == {
        "CPT": ("0500F", "90700", "99381"),
        "CVX": ("08",),
        "HCPCS": ("G0438",),
        "ICD10CM": ("Z00129",),
        "NUCC": ("208000000X",),
        "SNOMEDCT": ("310306005",),
        "UBREV": ("0450",),
        "UBTOB_PREFIX": ("0131",),
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_encodings_of_spreadsheets_are_read(tmp_path: Path, encoding: str) -> None:
    text = "name\tcode\tsystem\r\nTosferina niño\t20\tCVX\r\n"
    (one,) = imported(tmp_path, csv_file(tmp_path, text.encode(encoding), "a.txt")).sets
    assert one.value_set.title == "Tosferina niño"


def test_options_name_what_the_file_does_not(tmp_path: Path) -> None:
    file = csv_file(tmp_path, "code,system\n20,CVX\n")
    (one,) = imported(tmp_path, file, name="My DTaP", oid=OID, version="v 1").sets
    assert (one.value_set.name, one.value_set.oid, one.value_set.version) == ("my_dtap", OID, "v 1")
    assert one.file == "my_dtap@v-1.csv"
    (other,) = imported(tmp_path, file).sets
    assert other.value_set.name == "a"  # the name of the file


def test_every_fault_of_a_file_is_reported_with_its_row(tmp_path: Path) -> None:
    text = """name,oid,version,code,system
A,1.2.3.4,1,8,CVX
A,1.2.3.4,1,08,CVX
A,1.2.3.4,1,08,CVX
A,1.2.3.4,1,08,POS
A,1.2.3.4,2,1E+05,CPT
A,1.2.3.4,1,90700.0,CPT
A,1.2.3.4,1,250.00,ICD9CM
A,1.2.3.4,1,,CPT
A,1.2.3.4,1,20
A,1.2.3.4,1,V03.0,ICD9CM
A,1.2.3.4,1,450,UBREV
A,1.2.3.4,1,8-Jan,LOINC
,1.2.3.4,1,83655,CPT
"""
    found = refused(tmp_path, csv_file(tmp_path, text))
    assert places(found) == [
        ("VBM254", 2),
        ("VBM255", 4),
        ("VBM256", 5),
        ("VBM256", 6),
        ("VBM254", 6),
        ("VBM254", 7),
        ("VBM253", 8),
        ("VBM252", 9),
        ("VBM252", 10),
        ("VBM254", 12),
        ("VBM254", 13),
        ("VBM252", 14),
    ]
    unknown = next(d for d in found if d.code == "VBM253")
    assert "in 2 rows" in unknown.message
    assert unknown.hint is not None
    assert "--leave-out" in unknown.hint


def test_a_fault_in_every_row_is_told_briefly(tmp_path: Path) -> None:
    text = (
        "name,code,system\n" + "".join(f"s,{i},CVX\n" for i in range(10)) + "".join(f"s,x{i},CPT\n" for i in range(30))
    )
    found = refused(tmp_path, csv_file(tmp_path, text))
    assert len(found) == 21
    assert "20 more rows" in found[-1].message


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "VBM257", 0),
        (b"name,code,system\n", "VBM257", 0),
        (b"name,code\nA,20\n", "VBM251", 1),
        (b"name,code,code,system\nA,20,20,CVX\n", "VBM251", 1),
        (b"name,code,system\nA,20,CVX\nB,\xff,CVX\n", "VBM250", 3),
        (b"name,code,system\nA,2\x000,CVX\n", "VBM250", 2),
        (b'name,code,system\nA,20,CVX\n"A,21,CVX\n', "VBM250", 3),
        (b"name,code,system\n???,20,CVX\n", "VBM259", 2),
        (b"name,code,system\nA-B,20,CVX\nA B,106,CVX\n", "VBM259", 3),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, content: bytes, code: str, line: int) -> None:
    assert places(refused(tmp_path, csv_file(tmp_path, content))) == [(code, line)]


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    strange = csv_file(tmp_path, "x", "a.pdf")
    assert [d.code for d in refused(tmp_path, tmp_path / "none.csv", strange)] == ["VBM250", "VBM250"]


# --- the workbook of a value-set directory ---


def row(
    code: object, system: str, name: str = "DTaP Immunization", definition: str = "a licensed sentence"
) -> tuple[object, ...]:
    return (name, OID, "2025-03-31", code, definition, system, "", "")


def test_a_directory_gives_codes_and_no_definition(tmp_path: Path) -> None:
    file = workbook(
        tmp_path, [DIRECTORY_HEADER, row("20", "CVX"), row(90700, "CPT"), row("9", "CVX", name="Other")][:3]
    )
    (one,) = imported(tmp_path, file).sets
    assert one.value_set.codes == {"CPT": ("90700",), "CVX": ("20",)}
    stored = (tmp_path / "sets" / one.file).read_text()
    assert "licensed sentence" not in stored
    assert OID in stored


def test_numbers_of_a_sheet_that_lost_something_are_refused(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        [
            DIRECTORY_HEADER,
            row(8, "CVX"),
            row(90700.5, "CPT"),
            row(1234567890123456789, "SNOMED CT US Edition"),
            row(dt.datetime(2025, 1, 8), "LOINC"),  # noqa: DTZ001
            row(1e5, "CPT"),
        ],
    )
    found = refused(tmp_path, file)
    assert places(found) == [("VBM254", line) for line in range(2, 7)]
    assert "zeros" in found[0].message
    assert "digits" in found[2].message
    assert "date" in found[3].message


def test_zeros_that_a_sheet_shows_by_format_are_kept(tmp_path: Path) -> None:
    file = workbook(tmp_path, [DIRECTORY_HEADER, row(8, "CVX")])
    book = openpyxl.load_workbook(file)
    book["Value Sets to Codes"]["D2"].number_format = "00"
    book.save(file)
    (one,) = imported(tmp_path, file).sets
    assert one.value_set.codes == {"CVX": ("08",)}


def test_unwanted_systems_are_left_out_and_counted(tmp_path: Path) -> None:
    file = workbook(tmp_path, [DIRECTORY_HEADER, row("20", "CVX"), row("99.39", "ICD9PCS"), row("V06.1", "ICD9CM")])
    assert {d.code for d in refused(tmp_path, file)} == {"VBM253"}
    outcome = imported(tmp_path, file, leave_out=("icd-9-cm", "ICD9PCS"))
    assert outcome.left_out == {"ICD9CM": 1, "ICD9PCS": 1}
    assert outcome.sets[0].value_set.codes == {"CVX": ("20",)}


def test_leaving_out_everything_is_an_empty_set(tmp_path: Path) -> None:
    file = workbook(tmp_path, [DIRECTORY_HEADER, row("99.39", "ICD9PCS")])
    assert [d.code for d in refused(tmp_path, file, leave_out=("ICD9PCS",))] == ["VBM257"]


def test_only_some_sets_of_a_directory(tmp_path: Path) -> None:
    file = workbook(tmp_path, [DIRECTORY_HEADER, row("20", "CVX"), row("broken", "CVX", name="Other")])
    (one,) = imported(tmp_path, file, only=("dtap*",)).sets
    assert one.value_set.name == "dtap_immunization"
    assert [d.code for d in refused(tmp_path, file, only=("nothing*",))] == ["VBM257"]


def test_a_workbook_without_the_sheet_and_no_workbook(tmp_path: Path) -> None:
    file = workbook(tmp_path, [DIRECTORY_HEADER], sheet="Codes")
    assert [d.code for d in refused(tmp_path, file)] == ["VBM251"]
    assert [d.code for d in refused(tmp_path, csv_file(tmp_path, b"PK\x03\x04junk", "b.xlsx"))] == ["VBM250"]
    file = workbook(tmp_path, [DIRECTORY_HEADER, row("20", "CVX")], sheet="Codes")
    assert imported(tmp_path, file, sheet="codes").sets[0].value_set.size == 1


# --- FHIR ---


def value_set(**more: object) -> dict[str, object]:
    return {"resourceType": "ValueSet", "id": OID, "title": "DTaP Vaccine", "version": "20250131", **more}


CVX = "http://hl7.org/fhir/sid/cvx"


def fhir(tmp_path: Path, resource: object) -> Path:
    return csv_file(tmp_path, json.dumps(resource), "set.json")


def test_an_expansion_gives_its_codes_nested_ones_too(tmp_path: Path) -> None:
    contains = [
        {"system": CVX, "code": "20", "display": "a licensed sentence"},
        {
            "abstract": True,
            "display": "group",
            "contains": [{"system": "http://www.ama-assn.org/go/cpt", "code": "90700"}],
        },
    ]
    expansion = {"total": 3, "contains": contains}
    compose = {"include": [{"system": CVX, "filter": [{"property": "x", "op": "=", "value": "y"}]}]}
    (one,) = imported(tmp_path, fhir(tmp_path, value_set(expansion=expansion, compose=compose))).sets
    assert one.value_set.codes == {"CPT": ("90700",), "CVX": ("20",)}
    assert (one.value_set.name, one.value_set.oid, one.value_set.version) == ("dtap_vaccine", OID, "20250131")
    assert "licensed sentence" not in (tmp_path / "sets" / one.file).read_text()


def test_a_compose_of_plain_concepts_less_the_excluded(tmp_path: Path) -> None:
    include = [{"system": CVX, "concept": [{"code": "20"}, {"code": "106"}, {"code": "107"}]}]
    exclude = [{"system": CVX, "concept": [{"code": "107"}]}]
    resource = value_set(compose={"include": include, "exclude": exclude})
    bundle = {"resourceType": "Bundle", "entry": [{"resource": resource}, {"resource": {"resourceType": "Patient"}}]}
    (one,) = imported(tmp_path, fhir(tmp_path, bundle)).sets
    assert one.value_set.codes == {"CVX": ("106", "20")}


@pytest.mark.parametrize(
    "part",
    [
        {"system": CVX, "filter": [{"property": "concept", "op": "is-a", "value": "x"}]},
        {"valueSet": ["http://example.org/other"]},
        {"system": CVX},
    ],
)
def test_a_rule_instead_of_codes_is_refused(tmp_path: Path, part: dict[str, object]) -> None:
    include = [{"system": CVX, "concept": [{"code": "20"}]}, part]
    found = refused(tmp_path, fhir(tmp_path, value_set(compose={"include": include})))
    assert [d.code for d in found] == ["VBM258"]
    assert found[0].where is not None
    assert "compose.include[1]" in found[0].where


def test_one_page_of_an_expansion_is_refused(tmp_path: Path) -> None:
    expansion = {"total": 900, "contains": [{"system": CVX, "code": "20"}]}
    assert "VBM258" in [d.code for d in refused(tmp_path, fhir(tmp_path, value_set(expansion=expansion)))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "VBM250"),
        ("[" * 100_000, "VBM250"),
        ('{"resourceType": "Patient"}', "VBM250"),
        ('{"resourceType": "ValueSet", "title": "x", "expansion": {"contains": []}}', "VBM257"),
        ('{"resourceType": "ValueSet", "title": "x"}', "VBM257"),
        ('{"resourceType": "ValueSet", "title": "x", "expansion": {"contains": [3]}}', "VBM252"),
    ],
)
def test_broken_json_is_refused(tmp_path: Path, text: str, code: str) -> None:
    assert [d.code for d in refused(tmp_path, csv_file(tmp_path, text, "set.json"))] == [code]


# --- the store ---


GOOD = f"name,oid,version,code,system\nDTaP,{OID},2025,20,CVX\n"


def test_the_store_is_read_as_it_was_imported_and_is_a_source_itself(tmp_path: Path) -> None:
    (one,) = imported(tmp_path, csv_file(tmp_path, GOOD), licence="ours", confidence="medium").sets
    path = tmp_path / "sets" / one.file
    stored, found = read_stored(path)
    assert found == ()
    assert stored is not None
    assert (stored.codes, stored.digest) == (one.value_set.codes, one.value_set.digest)
    assert (stored.licence, stored.confidence, stored.source) == ("ours", "medium", "a.csv")
    again = import_value_sets(ImportRequest((path,), tmp_path / "copy"))
    assert again.sets[0].value_set.digest == stored.digest


def test_importing_again_changes_nothing_and_other_codes_need_replace(tmp_path: Path) -> None:
    file = csv_file(tmp_path, GOOD)
    assert [one.change for one in imported(tmp_path, file).sets] == ["new"]
    first = (tmp_path / "sets" / "dtap@2025.csv").read_bytes()
    assert [one.change for one in imported(tmp_path, file).sets] == ["same"]
    assert (tmp_path / "sets" / "dtap@2025.csv").read_bytes() == first
    other = csv_file(tmp_path, GOOD + f"DTaP,{OID},2025,106,CVX\n", "b.csv")
    assert [d.code for d in refused(tmp_path, other)] == ["VBM261"]
    assert [one.change for one in imported(tmp_path, other, replace=True).sets] == ["replaced"]
    assert list((tmp_path / "sets").glob(".*")) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",20,", ",106,"),
        lambda text: text.replace("digest", "digests"),
        lambda text: text.splitlines()[0] + "\n",
        lambda text: text.replace(",CVX,", ",XYZ,"),
        lambda text: "",
    ],
)
def test_a_file_that_was_changed_by_hand_is_refused(tmp_path: Path, change: object) -> None:
    (one,) = imported(tmp_path, csv_file(tmp_path, GOOD)).sets
    path = tmp_path / "sets" / one.file
    path.write_text(change(path.read_text()))  # type: ignore[operator]
    stored, found = read_stored(path)
    assert stored is None
    assert [d.code for d in found] == ["VBM260"]


def test_versions_are_ordered_as_people_count() -> None:
    for versions in (["", "2024-03-31", "2025-03-31"], ["v9", "v10"], ["2.9", "2.10", "11"]):
        assert sorted({*versions}, key=version_order) == versions


# --- single codes ---


def test_snomed_check_digits() -> None:
    # Identifiers printed in the public SNOMED CT documentation: the concept "SNOMED CT Concept" and a module.
    assert snomed_check_digit_fits("138875005")
    assert snomed_check_digit_fits("900000000000207008")
    assert not snomed_check_digit_fits("900000000000207000")
    assert "check digit" in why_not("SNOMEDCT", "900000000000207000")
    assert why_not("SNOMEDCT", "900000000000207008") == ""


def test_codes_of_the_three_procedure_systems_find_their_own() -> None:
    assert system_of("HCPCS", "99381") == "CPT"
    assert system_of("CPT", "G0438") == "HCPCS"
    assert system_of("CDT", "D0120") == "CDT"
    assert system_of("CVX", "99381") == "CVX"  # no relative: the code is wrong, not the system
    assert system_of("nonsense", "1") is None
