"""What a worker does: a job and a parcel in, the counts of a bucket out, or why there are none; all of it bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from vbpmeasure.runs.spread.job import InputFile, Job, OtherProgramError, Parcel, Place, opened
from vbpmeasure.runs.work import measure_bucket

ENTRY = f"{__name__}:judge"
_COUNTED, _FAILED, _OTHER_PROGRAM = b"C", b"F", b"P"


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a bucket was not judged."""

    diagnostics: tuple[Diagnostic, ...]


def judge(common: bytes, parcel: bytes) -> bytes:
    """Judge one bucket; ``common`` is a sealed job, ``parcel`` the bytes of a `Parcel`. Returns what `read` reads.

    Nothing is raised but what the engine may try again: a lack of memory, and the end of the process. Engines write the
    texts of errors to their logs, and those of libraries quote cells.
    """
    try:
        job, plans = _known(common)
        return _COUNTED + wire.to_bytes(_counted(job, codec.from_bytes(parcel), plans))
    except OtherProgramError:
        return _OTHER_PROGRAM
    except Failure as failure:
        return _FAILED + codec.to_bytes(Failed(failure.diagnostics))
    except MemoryError:
        raise MemoryError from None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  a panic of Polars is a BaseException and no Exception
        return _FAILED + codec.to_bytes(Failed((_bug(error),)))


def read(reply: bytes) -> Partial:
    """Return the counts in a reply of `judge`.

    Raises ``Failure`` with the diagnostics of the worker, VBM467 when another program answered.
    """
    kind, content = reply[:1], reply[1:]
    if kind == _COUNTED:
        return wire.from_bytes(content)
    if kind == _FAILED:
        failed: Failed = codec.from_bytes(content)
        raise Failure(failed.diagnostics)
    raise Failure(
        Diagnostic(
            "VBM467",
            "a worker runs another version of vbpmeasure or of Polars than this process",
            hint="install the same versions on every machine; the counts of two versions are never added",
        )
    )


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


def _bug(error: BaseException) -> Diagnostic:
    return Diagnostic(
        "VBM901",
        f"a bug of vbpmeasure: {type(error).__name__} in a worker",
        hint="please report it with the command; without --executor the place of the error is told",
    )
