"""What a worker is told: what to do to every bucket, and where the files of one bucket are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vbpmeasure import __version__
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import footer_digest
from vbpmeasure.data.mapping import TableSources
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


def sealed(job: object) -> bytes:
    """Return a job as bytes, with the version and the digest of the program that may open it."""
    return _HEAD + program_digest().encode() + zlib.compress(codec.to_bytes(job), level=1)


def opened(content: bytes) -> Any:
    """Return the job behind the bytes; raises `OtherProgramError` when another program sealed it."""
    head = _HEAD + program_digest().encode()
    if not content.startswith(head):
        raise OtherProgramError
    return codec.from_bytes(zlib.decompress(content[len(head) :]))


def job_of(work: Work, bound: BoundData, layout: Layout | None, sources: TableSources) -> Job:
    """Return the job of a run; of a layout the tables that lie elsewhere alone are in its place."""
    laid = set() if layout is None else set(layout.files)
    names = tuple(name for name in (*bound.tables, *bound.missing_tables) if name not in laid)
    asked = {name: each for name, each in sources.items() if name in names}
    place = Place(
        None if bound.root is None else str(bound.root.absolute()),
        names,
        {name: tuple(replace(one, path=_absolute(one.path)) for one in each) for name, each in asked.items()},
        {name: tuple(_input(file) for file in bound.tables[name].files) for name in names if name in bound.tables},
        {name: bound.tables[name].sources for name in names if name in bound.tables},
    )
    return Job(work, place, bound.bad_rows)


def parcels(bound: BoundData, layout: Layout | None, buckets: int) -> Iterator[Parcel]:
    """Yield what is told of each bucket."""
    for bucket in range(buckets):
        if layout is None:
            yield Parcel(buckets, bucket)
            continue
        folder = layout.folder.absolute()
        files = {
            name: tuple(InputFile(str(folder / one.name), one.bytes, one.footer_sha256) for one in laid)
            for name, laid in layout.laid_of(buckets, bucket, bound.tables).items()
        }
        yield Parcel(buckets, bucket, files, whole_files=layout.buckets % buckets == 0)


def _absolute(path: str | None) -> str | None:
    return path if path is None or "://" in path else str(Path(path).absolute())


def _input(file: Path) -> InputFile:
    with guarded(file=file):
        size = file.stat().st_size
        return InputFile(str(file.absolute()), size, footer_digest(file, size))
