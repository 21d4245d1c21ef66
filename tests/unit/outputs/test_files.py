"""CSV, JSON and Parquet: the same rows, hidden numbers nowhere, the same bytes every time."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl

from vbpmeasure.outputs.delimited import results_csv, waterfall_csv
from vbpmeasure.outputs.jsons import results_json
from vbpmeasure.outputs.parquet import results_parquet
from vbpmeasure.results.disclosure.published import RESULT_SCHEMA


def test_csv(table):
    rows = list(csv.DictReader(io.StringIO(results_csv(table).decode())))
    assert list(rows[0]) == RESULT_SCHEMA.names()
    assert rows[0] == {
        "measure": "wcv",
        "rate": "wcv_3_11",
        "dimension": "total",
        "stratum": "total",
        "population": "1840",
        "excluded": "0",
        "denominator": "1840",
        "numerator": "1156",
        "percent": "62.83",
        "percent_low": "60.59",
        "percent_high": "65.01",
        "status": "value",
        "population_status": "value",
    }
    assert rows[1]["percent"] == "68.00"
    hidden = next(r for r in rows if r["status"] == "SUPPRESSED_PRIMARY")
    assert [hidden[c] for c in RESULT_SCHEMA.names()[4:11]] == [""] * 7
    assert next(r for r in rows if r["status"] == "NA_SMALL_DENOM")["denominator"] == "25"


def test_waterfall_csv(table):
    rows = list(csv.DictReader(io.StringIO(waterfall_csv(table).decode())))
    assert [r["remaining"] for r in rows if r["rate"] == "wcv_3_11"] == ["5000", "1840", "1840", "1156"]
    assert [r["removed"] for r in rows if r["rate"] == "wcv_3_11"] == ["", "3160", "", "684"]


def test_json(table):
    document = json.loads(results_json(table))
    assert document["schema_version"] == "1"
    assert document["notice"].startswith("Unaudited, HEDIS-like")
    assert document["suppression"]["suppress_below"] == 11
    assert document["measures"][0]["rates"][1] == {
        "id": "wcv_12_17",
        "title": "Ages 12 to 17",
        "lower_is_better": False,
    }
    assert [tuple(row.values()) for row in document["results"]] == table.results.rows()
    assert document["unmapped_codes"] == {"race": "1-10", "language": 40}
    assert "banner" not in document


def test_parquet(table, tmp_path):
    path = tmp_path / "r.parquet"
    path.write_bytes(results_parquet(table))
    assert pl.read_parquet(path).equals(table.results)
    assert pl.read_parquet(path).schema == RESULT_SCHEMA
    metadata = pl.read_parquet_metadata(path)
    assert metadata["period_end"] == "2025-12-31"
    assert metadata["suppression_profile"] == "public"


def test_unsuppressed_files_say_so(internal, tmp_path):
    assert json.loads(results_json(internal))["banner"].startswith("INTERNAL")
    path = tmp_path / "r.parquet"
    path.write_bytes(results_parquet(internal))
    assert pl.read_parquet_metadata(path)["banner"].startswith("INTERNAL")


def test_no_small_cell_in_any_file(table):
    # The hidden pair is 9 of 18 and 21 of 42.
    text = results_csv(table).decode() + waterfall_csv(table).decode()
    assert not any(f",{n}," in text for n in (9, 18, 21, 42))
    assert table.results.to_series(table.results.get_column_index("numerator")).is_between(1, 10).sum() == 0


def test_the_same_bytes_in_another_process():
    program = (
        f"import sys; sys.path[:0] = {[str(Path(__file__).parents[up]) for up in (0, 2)]!r}\n"
        "import hashlib\n"
        "from conftest import gb6_table, gb6_waterfalls\n"
        "from vbpmeasure.results.disclosure.policy import PUBLIC\n"
        "from vbpmeasure.results.disclosure.published import PublishedTable\n"
        "from vbpmeasure.outputs.parquet import results_parquet\n"
        "from vbpmeasure.outputs.jsons import results_json\n"
        "t = PublishedTable(gb6_table(), PUBLIC, gb6_waterfalls())\n"
        "print(hashlib.sha256(results_parquet(t) + results_json(t)).hexdigest())\n"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True) for _ in range(3)
    ]
    assert len({r.stdout for r in runs}) == 1
