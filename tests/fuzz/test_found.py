"""What fuzzing found, each with the smallest input that shows it: nothing of it may come back."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from fuzz import seeds
from fuzz.contract import hold
from fuzz.sections import joined, split
from fuzz.targets import HOLDER, targets
from vbpmeasure.config.load import Config
from vbpmeasure.config.settings import resolve
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.request import bucket_number
from vbpmeasure.terminology.importers import workbook

DIGITS = "9" * 5000  # more than Python makes a number of
DEEP = "[" * 3000


def system(**changed: str) -> bytes:
    """Return the files of a category system, some of them changed."""
    files = dict(split(targets()["categories"].seeds[0]))
    return joined({**files, **{f"{k}.{'csv' if k == 'codes' else 'yaml'}": v for k, v in changed.items()}})


def bands(label: str) -> bytes:
    return system(race=seeds.AGES, ages=seeds.AGES.replace('"4+"', f'"{label}"'))


def lock(**changed: object) -> bytes:
    return joined({"lock.json": json.dumps({**HOLDER, **changed})})


def run(old: str, new: str, seed: int = 1) -> bytes:
    whole = targets()["run_folder"].seeds[seed]
    assert old.encode() in whole
    return whole.replace(old.encode(), new.encode(), 1)


def completeness(old: str, new: str) -> bytes:
    [whole] = targets()["results"].seeds
    assert whole.count(old.encode()) == 1
    return whole.replace(old.encode(), new.encode())


def layout(old: str, new: str) -> bytes:
    [record] = targets()["bucket_layout"].seeds
    assert old.encode() in record
    return record.replace(old.encode(), new.encode())


def sheet(rows: str, *, damaged: bool = False) -> bytes:
    """Return the seed workbook with other rows in its sheet."""
    content = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(seeds.workbook()))
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                start, end = text.index(b"<sheetData>"), text.index(b"</sheetData>")
                text = text[:start] + b"<sheetData>" + rows.encode() + text[end:]
            new.writestr(part.filename, text)
    found = content.getvalue()
    if damaged:
        at = found.index(b"xl/worksheets/sheet1.xml") + 60
        found = found[:at] + b"\xff" * 20 + found[at + 20 :]
    return found


def part(name: str, old: str, new: str) -> bytes:
    """Return the workbook of shared texts and formats with something else in one of its parts."""
    files = dict(split(targets()["import_sheets"].seeds[0]))
    assert old.encode() in files[name]
    return joined({**files, name: files[name].replace(old.encode(), new.encode())})


FOUND = {
    "a number of a configuration that no int holds": ("configuration", f"a = {DIGITS}".encode(), "VBM120"),
    "a key of very many parts": ("configuration", b"a." * 300_000 + b"a = 1", "VBM120"),
    "dots that are none of a key": (
        "configuration",
        targets()["configuration"].seeds[0] + b"# " + b"a." * 200 + b"\n# " + b"." * 200 + b"\n",
        "read",
    ),
    "a year of a deck that no int holds": ("deck", f"measure: a\nyear: {DIGITS}\ncases: []".encode(), "VBM705 VBM707"),
    "months of attribution that no int holds": (
        "attribution",
        targets()["attribution"].seeds[0].replace(b": 24", b": " + DIGITS.encode()),
        "VBM443",
    ),
    "an age band of a digit that is none": ("categories", bands("²"), "VBM270"),
    "an age band that no int holds": ("categories", bands(DIGITS), "VBM270"),
    "most frequent combinations that no int holds": (
        "categories",
        system(race=seeds.RACE.replace("most_frequent: 3", f"most_frequent: {DIGITS}")),
        "VBM270",
    ),
    "a category system that is in itself": (
        "categories",
        system(race=seeds.RACE.replace("ages.yaml", "race.yaml")),
        "VBM270",
    ),
    "a category system beside one that no disk can name": (
        "categories",
        system(race=seeds.RACE.replace("ages.yaml", '"a\\0"')),
        "VBM101",
    ),
    "a range of codes without end": (
        "categories",
        system(codes="system,code,category\nCDCREC,0..99999999999,White\n"),
        "VBM270",
    ),
    "ranges of codes again and again": (
        "categories",
        system(codes="system,code,category\n" + "CDCREC,0..9999,White\n" * 11),
        "VBM270",
    ),
    "a value set of a name that no file can have": (
        "import_csv",
        b"name,system,code\n" + b"x" * 300 + b",CPT,99391\n",
        "VBM259",
    ),
    "a value set of a version that no file can have": (
        "import_csv",
        b"name,version,system,code\nx," + b"1" * 300 + b",CPT,99391\n",
        "VBM259",
    ),
    "a replacement by a set of a name that no file can have": (
        "value_sets",
        joined(
            {"my_set.yaml": seeds.VALUE_SET, "mapping.yaml": seeds.MAPPING.replace("my_set.yaml", "x" * 300 + ".yaml")}
        ),
        "read",
    ),
    "a definition of nothing over two lines": ("fragment", b"{\n}", "VBM202"),
    "a thousand faults in one long line with a character that is not printed": (
        "fragment",
        ("\ufeff{" + ", ".join(f'"a{n}": 1' for n in range(1000)) + "}").encode(),
        "VBM201 VBM202",
    ),
    "a lock without end": ("lock", DEEP.encode(), "read"),
    "a lock of a process that no system has": ("lock", lock(pid=10**30), "read"),
    "a lock that was taken in no time": ("lock", lock(uptime=float("inf")), "read"),
    "a lock whose host is a list": ("lock", lock(host=["a"]), "read"),
    "a manifest in the way without end": ("lock", joined({"manifest.json": DEEP}), "VBM503"),
    "a conversion report without end": ("conversion_report", DEEP.encode(), "read"),
    "a manifest without end": ("run_folder", DEEP.encode(), "VBM543"),
    "a schema version that no int holds": (
        "run_folder",
        run('"schema_version": "1"', f'"schema_version": "{DIGITS}"'),
        "VBM543",
    ),
    "measures that are a number": ("run_folder", run('"measures": [', '"measures": 5, "x": ['), "VBM543"),
    "inputs that are texts": ("run_folder", run('"inputs": [', '"inputs": ["x"], "x": ['), "VBM543"),
    "a period of no day": ("run_folder", run('"start": "2025-01-01"', '"start": "x"'), "VBM543"),
    "a period at the end of time": ("run_folder", run('"end": "2025-12-31"', '"end": "9999-12-31"'), "VBM543"),
    "a threshold that is a text": ("run_folder", run('"suppress_below": 11', '"suppress_below": "x"'), "VBM543"),
    "a title that is a number": ("run_folder", run('"title": "A"', '"title": 5'), "VBM543"),
    "a kind of amount that nobody knows": (
        "run_folder",
        run("events_per_1000_member_months", "events_per_1001"),
        "VBM543",
    ),
    "an amount that is no number": ("run_folder", run('"value": 41.7', '"value": NaN'), "VBM543"),
    "half of a character in a title": ("run_folder", run('"title": "A"', '"title": "\\ud800"'), "VBM543"),
    "half of a character in a version": ("run_folder", run('"version": "0.', '"version": "\\ud800'), "VBM543"),
    "a layout without end": ("bucket_layout", DEEP.encode(), "VBM346"),
    "a layout whose tables are a list": ("bucket_layout", layout('"tables": {', '"tables": [], "x": {'), "VBM346"),
    "a layout of infinitely many buckets": ("bucket_layout", layout('"buckets": 2', '"buckets": Infinity'), "VBM346"),
    "a layout of no bucket": ("bucket_layout", layout('"buckets": 2', '"buckets": 0'), "VBM346"),
    "a layout in a bucket that is a text": ("bucket_layout", layout('"bucket": 0', '"bucket": "%s"'), "VBM346"),
    "a layout of a file that no disk can name": ("bucket_layout", layout("-0000-of-", "-\\ud800-of-"), "VBM346"),
    "counts whose tables are cut": ("counts", targets()["counts"].seeds[0][:-40], "read"),
    "completeness of a scope that is not told": ("results", completeness("all,all,race", ",,race"), "read"),
    "completeness of a scope that is a number": ("results", completeness("all,all,race", "5,5,race"), "read"),
    "a column whose name is no text": (
        "parquet",
        targets()["parquet"].seeds[2].replace(b"extra", b"ex\x80ra"),
        "VBM303",
    ),
    "a workbook with a damaged sheet": ("import_workbook", sheet("", damaged=True), "VBM250"),
    "a workbook whose sheet is no XML": ("import_workbook", sheet("<row"), "VBM250"),
    "a workbook whose format makes a code of ten million digits": (
        "import_sheets",
        part("styles.xml", "00000", "0" * 10_000_000),
        "read",
    ),
    "a workbook with a day that its reader warns of": (
        "import_sheets",
        part("sheet1.xml", 's="1"><v>99391', 's="2"><v>999999999'),
        "VBM254",
    ),
    "a workbook that is a bomb": ("import_workbook", sheet(" " * 21_000_000), "VBM250"),
}


@pytest.mark.parametrize("found", FOUND)
def test_what_was_found_stays_mended(found: str) -> None:
    name, content, expected = FOUND[found]
    assert hold(targets()[name], content) == expected


def test_cells_at_the_far_end_of_each_row_are_not_made_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MOST_CELLS", 100_000)
    rows = "".join(f'<row r="{row}"><c r="XFD{row}"/></row>' for row in range(1, 9))
    assert hold(targets()["import_workbook"], sheet(rows)) == "VBM250"


def test_rows_before_one_at_the_end_of_time_are_not_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MOST_ROWS", 1000)
    assert hold(targets()["import_workbook"], sheet('<row r="99999999999"/>')) == "VBM250"


def test_one_text_in_many_cells_is_not_made_up_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    # The file says the name once, its three cells have it thrice; all else in the cells is 93 characters.
    monkeypatch.setattr(workbook, "_MOST_CHARACTERS", 93 + 3 * 60)
    assert hold(targets()["import_sheets"], part("sharedStrings.xml", "My set", "a" * 60)) == "read"
    assert hold(targets()["import_sheets"], part("sharedStrings.xml", "My set", "a" * 61)) == "VBM250"


@pytest.mark.parametrize("text", [DIGITS, "²"])
def test_numbers_that_are_none_of_the_environment_and_of_options(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBPMEASURE_YEAR", text)
    with pytest.raises(Failure, match="VBM130"):
        resolve(Config(), {})
    with pytest.raises(Failure, match="VBM453"):
        bucket_number(text)


@pytest.mark.parametrize("value", ["NaN", "1e999", '"\\ud800"', DIGITS, "[]"])
def test_a_conversion_report_says_nothing_that_a_manifest_cannot(value: str) -> None:
    [report] = targets()["conversion_report"].seeds
    assert hold(targets()["conversion_report"], report.replace(b'"1"', value.encode())) == "read"
