"""Find the files of the contract tables below a data folder."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.formats.recognize import format_of, log_among, log_around, refused
from vbpmeasure.data.found import Findings, denied, place
from vbpmeasure.data.mapping import SourceFormat
from vbpmeasure.data.remote.store import File
from vbpmeasure.diagnostics.model import Diagnostic, Failure

PARQUET_SUFFIXES = (".parquet", ".parq", ".pq")


@dataclass(frozen=True, slots=True)
class Location:
    """The files of one table, sorted by name, and the folder below which partition folders (``plan=a``) count.

    Of a table in another ``format`` than Parquet there are no files: ``base`` is its folder.
    """

    table: str
    files: tuple[File, ...]
    base: File
    format: SourceFormat = "parquet"


def locate(root: Path, names: Iterable[str]) -> dict[str, Location]:
    """Return where each of the named tables is below ``root``; tables that are not there are left out.

    A table is ``NAME.parquet`` (a file, or a folder as Spark writes it) or a folder ``NAME``, in any letter case. A
    folder that is a Delta or Iceberg table is recognized.
    Raises ``Failure``: VBM302 (no such folder), VBM304 (permission), VBM301 (no contract table in it), VBM310 (a
    table stands there twice), VBM303 (a table's folder without a Parquet file).
    """
    entries = entries_of(root)
    found: dict[str, list[Path]] = {}
    for entry in entries:
        table = table_of(entry.name, folder=entry.is_dir)
        if table is not None:
            found.setdefault(table, []).append(entry)
    if not found:
        raise Failure(nothing_here(str(root), [entry.name for entry in entries]))
    findings = Findings()
    located: dict[str, Location] = {}
    for name in names:
        candidates = found.get(name, [])
        if len(candidates) > 1:
            findings.error(
                "VBM310",
                f"table {name} is there more than once: {', '.join(c.name for c in candidates)}",
                where=str(root),
                hint="keep one of them; which one is meant is never guessed",
            )
        elif candidates:
            try:
                located[name] = at_path(name, candidates[0])
            except Failure as failure:
                findings.take(failure)
    findings.raise_if_any()
    return located


def at_path(table: str, path: Path) -> Location:
    """Return the location of a table that is one file or one folder of files (partition folders in any depth).

    A folder that is a Delta or Iceberg table is told by its format. Raises ``Failure`` VBM303 when there is no such
    file or no Parquet file in the folder, VBM304 without permission, VBM337 for files that lie in a table with a log.
    """
    try:
        if path.is_dir():
            own = format_of(path)
            if own != "parquet":
                return Location(table, (), path, own)
            files = tuple(sorted(_parquet_below(path, table)))
            if not files:
                raise Failure(
                    Diagnostic(
                        "VBM303",
                        f"the folder of table {table} holds no Parquet file",
                        where=place(table, file=path),
                        hint=f"files are found by their ending: {', '.join(PARQUET_SUFFIXES)}",
                    )
                )
            return Location(table, files, path)
        exists = path.is_file()
    except PermissionError:
        raise Failure(denied(table, path)) from None
    if not exists:
        raise Failure(Diagnostic("VBM303", f"table {table}: there is no such file", where=place(table, file=path)))
    if (kind := log_around(path)) is not None:
        raise refused(table, path, kind)
    return Location(table, (path,), path.parent)


def at_pattern(table: str, pattern: str) -> Location:
    """Return the location of a table given as a path or a glob (``**`` goes through folders).

    Raises ``Failure`` VBM316 when the pattern matches nothing, else as ``at_path``.
    """
    if not glob.has_magic(pattern) or Path(pattern).exists():
        return at_path(table, Path(pattern))
    matches = [Path(m) for m in glob.glob(pattern, recursive=True)]  # noqa: PTH207  Path.glob takes no absolute pattern
    files = tuple(sorted({f for m in matches for f in (_parquet_below(m, table) if m.is_dir() else (m,))}))
    for beside in {file.parent: file for file in files}.values():
        if (log := log_around(beside)) is not None:
            raise refused(table, pattern, log)
    if not files:
        where = place(table, file=pattern)
        raise Failure(Diagnostic("VBM316", f"table {table}: no file matches the pattern", where=where))
    # Partition folders may stand anywhere in what the pattern left open.
    return Location(table, files, Path(*_leading_plain_parts(pattern)))


def _leading_plain_parts(pattern: str) -> list[str]:
    parts: list[str] = []
    for part in Path(pattern).parent.parts:
        if glob.has_magic(part):
            break
        parts.append(part)
    return parts or ["."]


def entries_of(root: Path) -> list[Path]:
    """Return what lies in a data folder, sorted by name, without the bookkeeping of writers.

    Raises ``Failure``: VBM302 (no such folder), VBM304 (permission).
    """
    try:
        if not root.exists():
            raise Failure(
                Diagnostic("VBM302", "the data folder does not exist", where=str(root), hint="check the path")
            )
        if not root.is_dir():
            raise Failure(
                Diagnostic(
                    "VBM302",
                    "the data path is a file, a folder is needed",
                    where=str(root),
                    hint="name the folder that holds eligibility.parquet and medical_claim.parquet",
                )
            )
        return sorted(e for e in root.iterdir() if not e.name.startswith((".", "_")))
    except PermissionError:
        raise Failure(denied(None, root)) from None


def table_of(name: str, *, folder: Callable[[], bool]) -> str | None:
    """Return the contract table that an entry of a data folder is by its name."""
    name = name.lower()
    for suffix in PARQUET_SUFFIXES:
        if name.endswith(suffix):
            return _known(name.removesuffix(suffix))
    return _known(name) if name in TABLES and folder() else None


def _known(name: str) -> str | None:
    return name if name in TABLES else None


def _parquet_below(folder: Path, table: str) -> list[Path]:
    """Return the Parquet files below the folder; ``_`` and ``.`` names are bookkeeping of the writers.

    Raises ``Failure`` VBM337 when a table with a log of its own lies below, whose files are not to be read one by one.
    """
    found: list[Path] = []

    def stop(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=stop, followlinks=True):
        if (kind := log_among(Path(parent), folders)) is not None:
            raise refused(table, parent, kind)
        folders[:] = sorted(f for f in folders if not bookkeeping(f))
        found.extend(Path(parent) / n for n in names if not bookkeeping(n) and n.lower().endswith(PARQUET_SUFFIXES))
    return found


def bookkeeping(name: str) -> bool:
    """Return whether a name is bookkeeping of the writers and no data."""
    # `_id=7` would be a partition folder, `_temporary` and `_SUCCESS` are not.
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def nothing_here(root: str, entries: Sequence[str]) -> Diagnostic:
    """Return the finding that a data folder with these entries holds no table (VBM301)."""
    stems = {name.split(".")[0].lower() for name in entries}
    close = sorted({match for stem in stems for match in difflib.get_close_matches(stem, TABLES, n=1, cutoff=0.75)})
    hint = "at least eligibility and medical_claim are needed, as NAME.parquet or a folder NAME of Parquet files"
    if close:
        hint = f"did you mean {' and '.join(close)}? {hint}"
    elif any(name.lower().endswith((".csv", ".ndjson", ".json")) for name in entries):
        hint += "; CSV and JSON are not read, convert them first"
    what = "is empty" if not entries else "holds no table of the data contract"
    return Diagnostic("VBM301", f"the data folder {what}", where=root, hint=hint)
