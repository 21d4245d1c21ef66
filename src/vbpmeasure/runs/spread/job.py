"""What a worker is told: what to do to every bucket, and where the files of one bucket are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from vbpmeasure import __version__
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.steady import Seen
from vbpmeasure.runs.cache.canonical import program_digest
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.work import Work

# The head is read before the rest, which only the same program can read.
_HEAD = f"{__version__} ".encode()


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file as the driver saw it; ``path`` is absolute."""

    path: str
    bytes: int
    footer_sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tables are, as plain texts: a worker binds them anew.

    ``tables`` are the names that are looked for below ``root`` and in ``sources``, ``files`` those that were found
    there. ``versions`` are the records of configured sources, by table.
    """

    root: str | None
    tables: tuple[str, ...]
    sources: TableSources
    files: Mapping[str, tuple[InputFile, ...]]
    versions: Mapping[str, tuple[Mapping[str, object], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """What is done to every bucket. ``bad_rows``: faults whose rows are left out, as counted over all people."""

    work: Work
    place: Place
    bad_rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One bucket: ``files`` of a layout by table, besides the tables of the job's place.

    ``whole_files``: nobody of another bucket is in those files.
    """

    buckets: int
    bucket: int
    files: Mapping[str, tuple[InputFile, ...]] = field(default_factory=dict)
    whole_files: bool = False


class OtherProgramError(Exception):
    """A job of another version of the program, or of other source text, or Polars."""


def sealed(job: Job) -> bytes:
    """Return a job as bytes, with the version and the digest of the program that may open it."""
    return _HEAD + program_digest().encode() + zlib.compress(codec.to_bytes(job), level=1)


def opened(content: bytes) -> Job:
    """Return the job behind the bytes; raises `OtherProgramError` when another program sealed it."""
    head = _HEAD + program_digest().encode()
    if not content.startswith(head):
        raise OtherProgramError
    job: Job = codec.from_bytes(zlib.decompress(content[len(head) :]))
    return job


def job_of(work: Work, bound: BoundData, layout: Layout | None, sources: TableSources, seen: Seen) -> Job:
    """Return the job of a run; of a layout the tables that lie elsewhere alone are in its place."""
    laid = set() if layout is None else set(layout.files)
    names = tuple(name for name in (*bound.tables, *bound.missing_tables) if name not in laid)
    place = Place(
        None if bound.root is None else str(bound.root.absolute()),
        names,
        {
            name: tuple(replace(one, path=_absolute(one.path)) for one in sources[name])
            for name in sources
            if name in names
        },
        {name: _files(name, bound.tables[name].files, seen) for name in names if name in bound.tables},
        {name: bound.tables[name].sources for name in names if name in bound.tables},
    )
    return Job(work, place, bound.bad_rows)


def parcels(bound: BoundData, layout: Layout | None, buckets: int, seen: Seen) -> Iterator[Parcel]:
    """Yield what is told of each bucket."""
    for bucket in range(buckets):
        if layout is None:
            yield Parcel(buckets, bucket)
            continue
        files = layout.files_of(buckets, bucket, bound.tables)
        told = {name: _files(name, paths, seen) for name, paths in files.items()}
        yield Parcel(buckets, bucket, told, whole_files=layout.buckets % buckets == 0)


def _absolute(path: str | None) -> str | None:
    return path if path is None or "://" in path else str(Path(path).absolute())


def _files(table: str, paths: tuple[Path, ...], seen: Seen) -> tuple[InputFile, ...]:
    stamps = {(name, path): n for n, (name, path) in enumerate(seen.stamps)}
    found = [(path, seen.files[stamps[table, path]]) for path in paths]
    return tuple(InputFile(str(path.absolute()), one.bytes, one.footer_sha256) for path, one in found)
