"""Entry points that read tables: Parquet files of members and claims, and the results of a run under all its readers.

The bytes of a Parquet file are changed as they are; those of a run's tables are stated as JSON and CSV, and written as
the Parquet file that they describe: damaged bytes would never come behind the digest of a file.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from fuzz.contract import CANARY
from fuzz.sections import joined, split, write
from vbpmeasure.commands.equity import EquityRequest, report
from vbpmeasure.comparison.compare import compare
from vbpmeasure.comparison.files import comparison_csv, comparison_json
from vbpmeasure.data.buckets.opening import open_data
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.exports.export import ExportRequest, Target, export
from vbpmeasure.report.make import ReportRequest, make_report

Said = Iterator[str | Diagnostic]

# --- Parquet files -----------------------------------------------------------------------------------------------

INPUTS = ("eligibility.parquet", "medical_claim.parquet")
_DAYS = [18_000, 20_100, 20_200]  # since 1970: 2019, January and April 2025


def _parquet(rows: dict[str, pa.Array], **options: object) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(rows), content, **options)
    return content.getvalue()


def _people(days: pa.DataType, **other: pa.Array) -> dict[str, pa.Array]:
    ids = [f"{CANARY}{number}" for number in range(3)]
    return {
        "person_id": pa.array(ids),
        "birth_date": pa.array(_DAYS[:1] * 3, pa.int32()).cast(pa.date32()).cast(days),
        "enrollment_start_date": pa.array(_DAYS, pa.int32()).cast(pa.date32()).cast(days),
        "enrollment_end_date": pa.array([20_400] * 3, pa.int32()).cast(pa.date32()).cast(days),
        "gender": pa.array([CANARY] * 3),
        **other,
    }


def _claims(**other: pa.Array) -> dict[str, pa.Array]:
    return {
        "claim_id": pa.array([f"{CANARY}{number}" for number in range(3)]),
        "claim_line_number": pa.array([1, 2, 3]),
        "person_id": pa.array([f"{CANARY}1"] * 3),
        "claim_type": pa.array(["professional"] * 3),
        "claim_start_date": pa.array(_DAYS, pa.int32()).cast(pa.date32()),
        "hcpcs_code": pa.array(["99392", None, CANARY]),
        "paid_amount": pa.array([1.5, None, 2.5]),
        **other,
    }


@cache
def parquet_seeds() -> tuple[bytes, ...]:
    """Return two tables as several writers would write them: dictionaries, decimals, timestamps, many row groups."""
    plain = {"compression": "none", "use_dictionary": False}
    text = pa.array([CANARY] * 3).dictionary_encode()
    ids = {"person_id": pa.array([1, 2, 3], pa.decimal128(38, 0))}
    made = (
        (_parquet(_people(pa.date32()), **plain), _parquet(_claims(), **plain)),
        (_parquet(_people(pa.timestamp("us"), race=text), compression="zstd"), _parquet(_claims(), row_group_size=1)),
        (
            _parquet(_people(pa.date32(), **ids), data_page_version="2.0", write_page_index=True),
            _parquet(_claims(**ids, extra=pa.array([{"a": [1]}] * 3)), write_page_checksum=True),
        ),
    )
    # A file begins at the start of a line.
    return tuple(joined({name: file + b"\n" for name, file in zip(INPUTS, pair, strict=True)}) for pair in made)


def read_tables(content: bytes, folder: Path) -> Said:
    """Bind the tables, ask for their footers, and read every value.

    Statistics of row groups are not asked for: PyArrow ends the process at some that are damaged, where no Python can
    catch it. Faults of rows (`check_eligibility`) and periods (`check_period`) look at them.
    """
    for name, file in split(content):
        path = folder / "in" / (name if name in INPUTS else INPUTS[0])
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(file.removesuffix(b"\n"))
    bound, _ = open_data(folder / "in", bad_rows="keep", sources={})
    yield from bound.warnings
    for found in fingerprints(bound):
        yield repr(found)
    with guarded(bound.tables):
        for table in bound.tables.values():
            table.frame.collect()


# --- the results of a run ----------------------------------------------------------------------------------------

ROWS, RESULTS, MANIFEST, COMPLETENESS = "rows.json", "results.json", "manifest.json", "completeness.csv"
PARTS = (ROWS, RESULTS, MANIFEST, COMPLETENESS)


@cache
def _run() -> dict[str, bytes]:
    """Return the files of a run whose results have groups and a completeness of race."""
    import tempfile

    from support.run_folders import Stated, write_stated_run

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        by = {"race": {"White": (30, 60), "Asian": (3, 20), "Black": (20, 40)}}
        write_stated_run(place, [Stated("wcv", by), Stated("lsc", by, lower_is_better=True)])
        return {path.name: path.read_bytes() for path in place.iterdir()}


_KNOWN = {"persons": 150, "direct": 100, "indirect": 20, "declined": 10, "unknown": 20}


@cache
def result_seeds() -> tuple[bytes, ...]:
    """Return the tables of the run, as text."""
    files = _run()
    rows = pl.read_parquet(io.BytesIO(files["results.parquet"])).to_dicts()
    completeness = pl.DataFrame([{"scope": "all", "stratum": "all", "field": "race", **_KNOWN}]).write_csv()
    manifest = json.loads(files[MANIFEST])
    manifest["outputs"][COMPLETENESS] = "0" * 64
    parts = {
        ROWS: json.dumps(rows) + "\n",
        RESULTS: files[RESULTS].rstrip() + b"\n",
        MANIFEST: json.dumps(manifest) + "\n",
        COMPLETENESS: completeness,
    }
    return (joined(parts),)


def _table_of(rows: bytes) -> bytes:
    """Return the Parquet file of rows that are stated as JSON; bytes that state none as they are."""
    try:
        found = json.loads(rows)
        frame = pl.DataFrame(found, infer_schema_length=None, strict=False)
    except Exception:  # noqa: BLE001  whatever Polars cannot make a table of
        return rows
    content = io.BytesIO()
    frame.write_parquet(content)
    return content.getvalue()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _true_digests(place: Path) -> None:
    """Let the manifest say the digests that its files have: else nothing behind that question would ever be read."""
    said = (place / MANIFEST).read_bytes()
    for path in place.iterdir():
        if path.name != MANIFEST:
            name = re.escape(json.dumps(path.name).encode())
            said = re.sub(
                name + rb':\s*"[0-9a-f]{64}"',
                json.dumps(path.name).encode() + b': "%b"' % _sha(path.read_bytes()).encode(),
                said,
            )
    (place / MANIFEST).write_bytes(said)


def read_results(content: bytes, folder: Path) -> Said:
    """Make everything of the run that is made of runs: the report, the analysis of groups, exports, a comparison."""
    good, bad, made = (folder / "in" / name for name in ("good", "bad", "made"))
    for place in (good, bad, made):
        place.mkdir(parents=True)
    for name, whole in _run().items():
        (good / name).write_bytes(whole)
        (bad / name).write_bytes(whole)
    write(content, bad, PARTS, ROWS)
    rows = bad / ROWS
    (bad / "results.parquet").write_bytes(_table_of(rows.read_bytes()))
    rows.unlink()
    _true_digests(bad)
    page = made / "report.html"
    ways: tuple[Callable[[], object], ...] = (
        lambda: make_report(ReportRequest(bad, page)),
        lambda: report(EquityRequest(bad, settings=EquitySettings(), out=made / "equity")),
        lambda: report(EquityRequest(bad, previous=good, format="json")),
        lambda: report(EquityRequest(good, previous=bad, format="csv")),
        *(lambda to=target: export(ExportRequest(bad, to, made / f"{to}")) for target in Target),
        lambda: _compared(good, bad),
        lambda: _compared(bad, good),
    )
    failures: list[Failure] = []
    for way in ways:
        try:
            found = way()
            yield from getattr(found, "findings", ())
        except Failure as failure:
            failures.append(failure)
    if page.is_file() and b"<zqtag" in page.read_bytes():
        raise AssertionError("a name of a group is markup in the report")
    if failures:
        raise failures[0]


def _compared(old: Path, new: Path) -> object:
    found = compare(old, new, 5.0)
    comparison_csv(found)
    comparison_json(found)
    return found
