"""What a worker is told: what to do to every bucket, and where the files of one bucket are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vbpmeasure import __version__
from vbpmeasure.data.bound import BoundData, BoundTable, TableVersion
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.files import size_of
from vbpmeasure.data.fingerprint import footer_digest
from vbpmeasure.data.mapping import TableSource, TableSources
from vbpmeasure.data.remote.access import Access, Versions
from vbpmeasure.data.remote.address import RemoteFolder, parse
from vbpmeasure.data.remote.store import File, RemotePath
from vbpmeasure.runs.cache.canonical import program_digest
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.work import Work

# The head is read before the rest, which only the same program can read.
_HEAD = f"{__version__} ".encode()


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file as the driver saw it; ``path`` is absolute, or the address of an object."""

    path: str
    bytes: int
    footer_sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tables are, as plain values: a worker binds them anew.

    ``tables`` are the names that are looked for below ``root`` and in ``sources``, ``files`` those that were found
    there and that no version pins; ``known`` is what else tells one content from another. ``access`` says how object
    stores are reached: secrets are names of environment variables there, which every worker has to have.
    """

    root: str | RemoteFolder | None
    tables: tuple[str, ...]
    sources: TableSources
    files: Mapping[str, tuple[InputFile, ...]]
    known: Mapping[str, Known]
    access: Access


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a table beside its files: records of its sources, versions, sources of which nothing is known.

    That of a worker has to be equal to that of the driver.
    """

    sources: tuple[Mapping[str, object], ...]
    versions: tuple[TableVersion, ...]
    unseen: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, table: BoundTable) -> Known:
        """Return what is known of a table."""
        return cls(table.sources, table.versions, table.unseen)


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


def job_of(work: Work, bound: BoundData, layout: Layout | None, sources: TableSources, access: Access) -> Job:
    """Return the job of a run; of a layout the tables that lie elsewhere alone are in its place."""
    laid = set() if layout is None else set(layout.files)
    names = tuple(name for name in (*bound.tables, *bound.missing_tables) if name not in laid)
    here = [bound.tables[name] for name in names if name in bound.tables]
    asked = {name: each for name, each in sources.items() if name in names}
    place = Place(
        str(bound.root.absolute()) if isinstance(bound.root, Path) else bound.root,
        names,
        {name: tuple(_placed(one) for one in each) for name, each in asked.items()},
        {table.name: tuple(_input(file) for file in table.unpinned_files) for table in here},
        {table.name: Known.of(table) for table in here},
        replace(access, versions=_pinned(here)),
    )
    return Job(work, place, bound.bad_rows)


def _pinned(tables: list[BoundTable]) -> Versions:
    """Return the versions that were read, so that workers read no newer ones."""
    alone = {table.name: table.versions[0].version for table in tables if len(table.versions) == 1 == _parts(table)}
    return Versions(None, {name: int(version) for name, version in alone.items() if version is not None})


def _parts(table: BoundTable) -> int:
    return max(len(table.sources), 1)


def parcels(bound: BoundData, layout: Layout | None, buckets: int) -> Iterator[Parcel]:
    """Yield what is told of each bucket."""
    for bucket in range(buckets):
        if layout is None:
            yield Parcel(buckets, bucket)
            continue
        files = {
            name: tuple(InputFile(name_of(layout.places[one.name]), one.bytes, one.footer_sha256) for one in laid)
            for name, laid in layout.laid_of(buckets, bucket, bound.tables).items()
        }
        yield Parcel(buckets, bucket, files, whole_files=layout.buckets % buckets == 0)


def same_file(file: File, told: InputFile) -> bool:
    """Return whether a file is the one that the driver saw; false when it cannot be read."""
    try:
        return size_of(file) == told.bytes and footer_digest(file, told.bytes) == told.footer_sha256
    except (OSError, ValueError):
        return False


def name_of(file: File) -> str:
    """Return what a file is called on every machine."""
    return str(file if isinstance(file, RemotePath) else file.absolute())


def _placed(source: TableSource) -> TableSource:
    """Return a source whose path does not depend on the folder that a process runs in; a name in a catalog stays."""
    if source.path is None or source.catalog is not None or parse(source.path) is not None:
        return source
    return replace(source, path=str(Path(source.path).absolute()))


def _input(file: File) -> InputFile:
    with guarded(file=file):
        size = size_of(file)
        return InputFile(name_of(file), size, footer_digest(file, size))
