"""`doctor`: what could stop a run on this machine or in this folder, looked at one by one."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from vbpmeasure import __version__
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.config.settings import Settings
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.memory import available_memory
from vbpmeasure.runs.request import data_place
from vbpmeasure.spec.json_schema import schema_files

if TYPE_CHECKING:
    from vbpmeasure.data.bound import BoundTable

_GIB = 1 << 30
_LITTLE_MEMORY = _GIB
_LITTLE_DISK, _NO_DISK = _GIB, 50 << 20
_POLARS_MAJOR = "2."
_EXTRAS = ("deltalake", "pyiceberg")


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it came out, and what was seen."""

    check: str
    status: Status
    detail: str


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Return the findings about this machine, the configuration, the measures, the inputs and the output folder.

    Reads footers of the inputs and the span dates, as a run would before it starts; writes nothing.
    """
    document = settings.config.document
    configuration = "none" if document is None else document.path.as_posix()
    return (
        *_machine(),
        Finding("configuration", Status.OK, configuration),
        *_measures(settings.roots),
        *_inputs(settings),
        *_output(settings.text("out")),
    )


def without_settings(failure: Failure) -> tuple[Finding, ...]:
    """Return the findings when the settings themselves cannot be read: the machine, and why."""
    return (*_machine(), *_failed("configuration", failure))


def _failed(check: str, failure: Failure) -> Iterator[Finding]:
    for d in failure.diagnostics:
        at = f" ({d.span.path}:{d.span.line})" if d.span is not None else f" ({d.where})" if d.where else ""
        yield Finding(check, Status.FAIL, f"{d.code}: {d.message}{at}")


def _machine() -> Iterator[Finding]:
    yield Finding("vbpmeasure", Status.OK, __version__)
    yield Finding("python", Status.OK, f"{platform.python_version()} on {sys.platform}")
    polars = metadata.version("polars")
    known = polars.startswith(_POLARS_MAJOR)
    yield Finding("polars", Status.OK if known else Status.WARN, polars if known else f"{polars}; tested with 2.x")
    yield Finding("pyarrow", Status.OK, metadata.version("pyarrow"))
    for name in _EXTRAS:
        yield Finding(name, Status.OK, _version(name) or "not installed (optional)")
    yield _threads()
    yield _memory()
    yield _umask()
    yield _encoding()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _threads() -> Finding:
    import polars as pl  # noqa: PLC0415  half of the time that this command takes

    threads, processors = pl.thread_pool_size(), os.cpu_count() or 1
    detail = f"{threads} of {processors} processors"
    few = threads < processors and "POLARS_MAX_THREADS" in os.environ
    return Finding("threads", Status.OK, detail + (" (POLARS_MAX_THREADS)" if few else ""))


def _memory() -> Finding:
    free = available_memory()
    if free is None:
        return Finding("memory", Status.WARN, "this system does not tell")
    status = Status.OK if free >= _LITTLE_MEMORY else Status.WARN
    return Finding("memory", status, f"{free / _GIB:.1f} GiB available")


def _umask() -> Finding:
    mask = os.umask(0o077)
    os.umask(mask)
    if mask & 0o022 != 0o022:
        return Finding("umask", Status.WARN, f"{mask:04o}: others may change what you write; use 0077 or 0022")
    return Finding("umask", Status.OK, f"{mask:04o}; person-level files are for their owner alone in any case")


def _encoding() -> Finding:
    used = (sys.stdout.encoding or "unknown", sys.getfilesystemencoding())
    good = all(name.lower().replace("-", "") == "utf8" for name in used)
    detail = f"{used[0]} on the terminal, {used[1]} in file names"
    return Finding("encoding", Status.OK if good else Status.WARN, detail if good else f"{detail}; set LC_ALL=C.UTF-8")


def _measures(roots: tuple[Path, ...]) -> Iterator[Finding]:
    try:
        yield Finding("measures", Status.OK, f"{len(Catalog.open(roots).ids())} known")
    except Failure as failure:
        yield from _failed("measures", failure)
        return
    except FileNotFoundError:
        yield Finding("measures", Status.FAIL, "the shipped measures are missing: install vbpmeasure again")
        return
    for root in roots:
        yield from _schemas(root / "schema")


def _schemas(folder: Path) -> Iterator[Finding]:
    """Judge the schema files that an editor would complete from; a folder without them is fine."""
    if not folder.is_dir():
        return
    stale = []
    for name, text in schema_files().items():
        file = folder / name
        try:
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                stale.append(name)
        except (OSError, ValueError):
            stale.append(name)
    if stale:
        mend = f"vbpmeasure schema --write --folder {folder}"
        yield Finding("schemas", Status.WARN, f"not of this version: {', '.join(stale)}; {mend}")
    else:
        yield Finding("schemas", Status.OK, f"{folder} is up to date")


def _inputs(settings: Settings) -> Iterator[Finding]:
    from vbpmeasure.data.binding import bind  # noqa: PLC0415

    data, tables = settings.text("data"), settings.tables
    if data is None and not tables:
        yield Finding("data", Status.OK, "none was named")
        return
    try:
        bound = bind(data_place(data, tables), bad_rows="drop", sources=tables, access=settings.access)
    except Failure as failure:
        yield from _failed("data", failure)
        return
    for table in bound.tables.values():
        files = _held(table)
        yield Finding(f"data: {table.name}", Status.OK if table.rows else Status.WARN, files)
    for fault in bound.bad_rows:
        yield Finding("data: eligibility", Status.WARN, f"rows that cannot be used: {fault}; see `vbpmeasure validate`")


def _held(table: BoundTable) -> str:
    """Return the words for what a table is read from: versions of tables, and files."""
    found = [f"{one.format} {'is empty' if one.version is None else one.version}" for one in table.versions]
    files = table.unpinned_files
    if files:
        found.append(f"{len(files)} file{'' if len(files) == 1 else 's'}")
    return ", ".join((*found, _size(table.bytes)))


def _size(number: int) -> str:
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{-(-number // 1024)} KiB"


def _output(out: str | None) -> Iterator[Finding]:
    folder = Path(out) if out is not None else Path()
    above = folder.absolute()
    while not above.exists():
        above = above.parent
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        yield Finding("output", Status.FAIL, f"{folder} cannot be written")
        return
    free = shutil.disk_usage(above).free
    status = Status.FAIL if free < _NO_DISK else Status.WARN if free < _LITTLE_DISK else Status.OK
    yield Finding("output", status, f"{folder}: {free / _GIB:.1f} GiB free")
