"""What a worker does: a job and a parcel in, the counts of a bucket out, or why there are none; all of it bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from vbpmeasure.data.bad_rows import without_bad_rows
from vbpmeasure.data.binding import bind, bind_files
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.buckets.dividing import one_bucket
from vbpmeasure.data.remote.address import parse
from vbpmeasure.data.remote.store import File, RemotePath, Stores
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.results.partial import wire
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.spread.job import InputFile, Job, Known, Parcel, Place, name_of, opened, same_file
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
    stores = Stores(job.place.access)
    tables = {**_elsewhere(job.place, job.bad_rows, stores), **_of_layout(parcel.files, job.bad_rows, stores)}
    bound = BoundData(tables, bad_rows=job.bad_rows)
    part = one_bucket(bound, parcel.buckets, parcel.bucket, whole_files=parcel.whole_files)
    return measure_bucket(job.work, part, plans)


def _elsewhere(place: Place, bad_rows: Mapping[str, int], stores: Stores) -> dict[str, BoundTable]:
    """Bind the tables that are in no layout, as the driver did."""
    if not place.known:
        return {}
    # Those of this machine before they are opened: a file that is not there is no damaged one.
    told = {name: [one for one in files if parse(one.path) is None] for name, files in place.files.items()}
    _refuse_other_files({name: [(Path(one.path), one) for one in files] for name, files in told.items()})
    root = Path(place.root) if isinstance(place.root, str) else place.root
    bound = bind(root, tables=place.tables, bad_rows="keep", sources=place.sources, access=stores)
    there = {name: [name_of(file) for file in table.unpinned_files] for name, table in bound.tables.items()}
    if there != {name: [one.path for one in files] for name, files in place.files.items()}:
        raise _other_files(None)
    pairs = {n: zip(table.unpinned_files, place.files[n], strict=True) for n, table in bound.tables.items()}
    _refuse_other_files({n: [(f, one) for f, one in each if isinstance(f, RemotePath)] for n, each in pairs.items()})
    for name, table in bound.tables.items():
        if codec.to_bytes(Known.of(table)) != codec.to_bytes(place.known[name]):
            raise _other_files(name)
    tables = dict(bound.tables)
    if "eligibility" in tables:
        tables["eligibility"] = without_bad_rows(tables["eligibility"], bad_rows)
    return tables


def _of_layout(
    files: Mapping[str, tuple[InputFile, ...]], bad_rows: Mapping[str, int], stores: Stores
) -> dict[str, BoundTable]:
    found = {name: [(_file(one, stores), one) for one in each] for name, each in files.items()}
    _refuse_other_files(found)
    return bind_files({name: [file for file, _ in each] for name, each in found.items()}, bad_rows)


def _file(told: InputFile, stores: Stores) -> File:
    address = parse(told.path)
    return Path(told.path) if address is None else RemotePath.listed(told.path, stores.of(address), told.bytes)


def _refuse_other_files(files: Mapping[str, Iterable[tuple[File, InputFile]]]) -> None:
    """Refuse files that are not those of the driver: its checks were about them."""
    for table, each in files.items():
        if not all(same_file(file, told) for file, told in each):
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
