"""What a worker does: a job and a parcel in, the counts of a bucket out, or why there are none; all of it bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from vbpmeasure.data.bad_rows import without_bad_rows
from vbpmeasure.data.binding import bind, bind_files
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.buckets.dividing import one_bucket
from vbpmeasure.data.fingerprint import footer_digest
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.results.partial import wire
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.spread.job import InputFile, Job, Parcel, Place, opened
from vbpmeasure.runs.spread.replies import answered, content_of
from vbpmeasure.runs.work import measure_bucket

ENTRY = f"{__name__}:judge"


def judge(common: bytes, parcel: bytes) -> bytes:
    """Judge one bucket; ``common`` is a sealed job, ``parcel`` the bytes of a `Parcel`. Returns what `read` reads."""

    def counted() -> bytes:
        job, plans = _known(common)
        return wire.to_bytes(_counted(job, codec.from_bytes(parcel), plans))

    return answered(counted)


def read(answer: bytes) -> Partial:
    """Return the counts in an answer of `judge`; raises ``Failure`` as `content_of`."""
    return wire.from_bytes(content_of(answer))


@lru_cache(maxsize=2)
def _known(common: bytes) -> tuple[Job, Plans]:
    """Return a job, and what the engine lays out for it: one worker judges many buckets."""
    return opened(common), Plans()


def _counted(job: Job, parcel: Parcel, plans: Plans) -> Partial:
    tables = {**_elsewhere(job.place, job.bad_rows), **_of_layout(parcel.files, job.bad_rows)}
    bound = BoundData(tables, bad_rows=job.bad_rows)
    part = one_bucket(bound, parcel.buckets, parcel.bucket, whole_files=parcel.whole_files)
    return measure_bucket(job.work, part, plans)


def _elsewhere(place: Place, bad_rows: Mapping[str, int]) -> dict[str, BoundTable]:
    """Bind the tables that are in no layout, as the driver did."""
    if not place.files:
        return {}
    _refuse_other_files(place.files)
    root = None if place.root is None else Path(place.root)
    bound = bind(root, tables=place.tables, bad_rows="keep", sources=place.sources)
    found = {name: tuple(str(file.absolute()) for file in table.files) for name, table in bound.tables.items()}
    if found != {name: tuple(file.path for file in files) for name, files in place.files.items()}:
        raise _other_files(None)
    if {name: tuple(map(dict, t.sources)) for name, t in bound.tables.items()} != {
        name: tuple(map(dict, said)) for name, said in place.versions.items()
    }:
        raise _other_files(None)
    tables = dict(bound.tables)
    if "eligibility" in tables:
        tables["eligibility"] = without_bad_rows(tables["eligibility"], bad_rows)
    return tables


def _of_layout(files: Mapping[str, tuple[InputFile, ...]], bad_rows: Mapping[str, int]) -> dict[str, BoundTable]:
    _refuse_other_files(files)
    return bind_files({name: [Path(file.path) for file in each] for name, each in files.items()}, bad_rows)


def _refuse_other_files(files: Mapping[str, tuple[InputFile, ...]]) -> None:
    """Refuse files that are not those of the driver: its checks were about them."""
    for table, each in files.items():
        for file in each:
            path = Path(file.path)
            try:
                same = path.stat().st_size == file.bytes and footer_digest(path, file.bytes) == file.footer_sha256
            except OSError:
                same = False
            if not same:
                raise _other_files(table)


def _other_files(table: str | None) -> Failure:
    what = "the input files" if table is None else f"the files of {table}"
    return Failure(
        Diagnostic(
            "VBM348",
            f"a worker does not see {what} that this process saw",
            where=table,
            hint="every worker needs the data under the same path, and nothing may change it during the run",
        )
    )
