"""What `write_sample` promises: equal bytes, bounded parts, nothing half-written, coded refusals."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.sample import write_sample
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.generate import make_chunk
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.providers import make_providers
from vbpmeasure.sample.writer import CHUNK, TABLES, chunks

EVERY_FILE = sorted([*(f"{t}.parquet" for t in TABLES), "README.md"])


def _digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "small"
    write_sample(folder, people=300, seed=5, year=2025, row_group=2_000)
    return folder


def test_equal_arguments_give_equal_bytes(small: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "again", people=300, seed=5, year=2025, row_group=2_000)
    assert _digests(tmp_path / "again") == _digests(small)
    assert sorted(_digests(small)) == EVERY_FILE


def test_equal_bytes_in_a_fresh_process_with_one_thread(small: Path, tmp_path: Path) -> None:
    code = f"from pathlib import Path; from vbpmeasure.sample import write_sample; \
write_sample(Path({str(tmp_path / 'other')!r}), people=300, seed=5, year=2025, row_group=2_000)"
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "17"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert _digests(tmp_path / "other") == _digests(small)


def test_another_seed_gives_other_data(small: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "other", people=300, seed=6, year=2025)
    assert not set(_digests(tmp_path / "other").values()) & set(_digests(small).values())


def test_chunks_do_not_depend_on_each_other() -> None:
    parts = chunks(CHUNK + 200, seed=5, year=2025, years=3)
    assert [(c.first, c.size) for c in parts] == [(0, CHUNK), (CHUNK, 200)]
    providers = make_providers(5)
    alone = make_chunk(parts[1], providers)
    make_chunk(chunks(50, seed=8, year=2022, years=2)[0], providers)
    again = make_chunk(parts[1], providers)
    for name, frame in alone.items():
        assert_frame_equal(frame, again[name])
    assert alone["eligibility"]["person_id"].min() > f"S{CHUNK:07d}"


def test_the_code_pool_does_not_grow_with_the_number_of_chunks() -> None:
    providers = make_providers(5)
    sizes = []
    for chunk in chunks(3 * CHUNK, seed=5, year=2025, years=3):
        make_chunk(Chunk(5, chunk.number, chunk.first, 1_500, 2025, 3), providers)
        sizes.append(len(CODES._position))
    # A rare code may turn up late; one dotted copy of every code and chunk would be a thousand.
    assert sizes[2] - sizes[0] < 50


@pytest.mark.parametrize("table", TABLES)
def test_files_are_sorted_compressed_with_statistics_and_labelled(small: Path, table: str) -> None:
    file = pq.ParquetFile(small / f"{table}.parquet")
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    assert all(g.num_rows == 2_000 for g in groups[:-1])
    key = next(i for i, c in enumerate(file.schema_arrow.names) if c in ("person_id", "npi", "entity_id"))
    bounds = [(g.column(key).statistics.min, g.column(key).statistics.max) for g in groups]
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(bounds))
    assert {g.column(key).compression for g in groups} == {"ZSTD"}
    metadata = {k.decode(): v.decode() for k, v in file.metadata.metadata.items()}
    assert (metadata["synthetic"], metadata["seed"], metadata["people"]) == ("true", "5", "300")
    column = pl.read_parquet(small / f"{table}.parquet")[file.schema_arrow.names[key]]
    assert column.is_sorted()


def test_the_readme_says_synthetic_and_how_it_was_made(small: Path) -> None:
    text = (small / "README.md").read_text(encoding="utf-8")
    assert "Synthetic" in text
    assert "vbpmeasure sample DIR --people 300 --year 2025 --seed 5" in text
    rows = pl.scan_parquet(small / "medical_claim.parquet").select(pl.len()).collect().item()
    assert f"| medical_claim | {rows:,} |" in text


def test_a_folder_with_tables_is_refused_and_untouched(small: Path) -> None:
    before = _digests(small)
    with pytest.raises(Failure) as caught:
        write_sample(small, people=10, seed=1, year=2025)
    assert [d.code for d in caught.value.diagnostics] == ["VBM503"]
    assert _digests(small) == before


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Failure) as caught:
        write_sample(tmp_path / "file", people=10, seed=1, year=2025)
    assert [d.code for d in caught.value.diagnostics] == ["VBM505"]


def test_every_argument_out_of_range_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        write_sample(tmp_path / "out", people=0, seed=-1, year=99, years=0, row_group=0)
    assert [d.code for d in caught.value.diagnostics] == ["VBM410"] * 5
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    code = f"""
import resource, signal, sys
from pathlib import Path
import vbpmeasure.sample as sample
from vbpmeasure.diagnostics.model import Failure
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    sample.write_sample(Path({str(tmp_path / "full")!r}), people=200, seed=1, year=2025)
except Failure as failure:
    print(failure.diagnostics[0].code)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["VBM506"], run.stderr
    assert not (tmp_path / "full").exists()


def test_one_child_is_a_sample_too(tmp_path: Path) -> None:
    write_sample(tmp_path / "one", people=1, seed=1, year=2030, years=1)
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == EVERY_FILE
