"""The gate for errors of the reading libraries: none of their texts gets through, because they quote cell values."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import polars as pl
from polars.exceptions import PanicException, PolarsError

from vbpmeasure.data.files import scan_one
from vbpmeasure.data.found import denied, place
from vbpmeasure.data.remote.store import File, RemotePath
from vbpmeasure.diagnostics.model import Diagnostic, Failure

_NO_MEMORY = (errno.ENOMEM, errno.EAGAIN)  # the second: no memory for the stack of a thread
_OUTPUT_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def library_errors() -> tuple[type[BaseException], ...]:
    """Return the errors of the reading libraries, for an ``except``.

    PyArrow raises none before it is imported, which takes longer than a short command.
    """
    arrow = getattr(sys.modules.get("pyarrow"), "ArrowException", None)
    # A panic of Polars is a BaseException and no Exception, so it slips through every ordinary handler.
    # It reads the names of columns as UTF-8, whatever bytes they are.
    return (PolarsError, PanicException) if arrow is None else (PolarsError, PanicException, arrow, UnicodeDecodeError)


def read_errors() -> tuple[type[BaseException], ...]:
    """Return what reading a file can raise, for an ``except``: errors of the libraries and of the file system."""
    return (*library_errors(), OSError)


class ReadableTable(Protocol):
    """What the gate needs to know of a table to find the file that broke; ``BoundTable`` has it."""

    @property
    def name(self) -> str:
        """The contract name of the table."""

    @property
    def frame(self) -> pl.LazyFrame:
        """Its rows in contract types."""

    @property
    def files(self) -> tuple[File, ...]:
        """Its files."""

    @property
    def file_columns(self) -> tuple[str, ...]:
        """The columns that are read, as they are spelled in the files."""


@contextmanager
def guarded(
    tables: Mapping[str, ReadableTable] | None = None, *, table: str | None = None, file: File | None = None
) -> Iterator[None]:
    """Turn errors of Polars, PyArrow and the file system into a ``Failure`` that holds no value of the data.

    Use it around every ``collect``. ``table`` and ``file`` say what is being read when that is known; with
    ``tables`` (``BoundData.tables``) the place at fault is searched for by reading one file after the other.
    Raises ``Failure``: VBM303 (unreadable or gone), VBM304 (permission), VBM318 (damaged inside), VBM319 (a value that
    cannot become its contract type). When all input can be read, the error is ours, and VBM901 says so by its kind
    alone; VBPMEASURE_TRACEBACK=1 lets the original through. Errors about a full disk are left to the writer.
    """
    try:
        yield
    except MemoryError:  # PyArrow's is one of its errors too, and no fault of a file
        raise
    except library_errors() as error:
        no_memory(error)
        found = _damaged(table, file) if table is not None or file is not None else _search(tables or {})
        if found is None and os.environ.get("VBPMEASURE_TRACEBACK") == "1":
            raise
        raise Failure(found or _ours(error)) from None
    except OSError as error:
        no_memory(error)
        if error.errno in _OUTPUT_ERRNOS:
            raise
        if table is None and file is None and (found := _search(tables or {})) is not None:
            raise Failure(found) from None
        raise Failure(_of_os_error(error, table, file)) from None


def no_memory(error: BaseException) -> None:
    """Raise `MemoryError` when that is what an error of reading tells of: the file has no part in it."""
    lacking = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _NO_MEMORY)
    # Polars gives no number but in its text.
    if lacking or any(f"(os error {number})" in str(error) for number in _NO_MEMORY):
        raise MemoryError from None


def _search(tables: Mapping[str, ReadableTable]) -> Diagnostic | None:
    """Return what is wrong with the input: the first file that cannot be decoded, or a value that does not fit."""
    for table in tables.values():
        for file in table.files:
            try:
                scan = scan_one(file)
                present = set(scan.collect_schema().names())
                columns = [c for c in table.file_columns if c in present]
                # The minimum needs every value; a null count could be answered by the footer.
                scan.select(pl.col(columns).min()).collect()
            except library_errors():
                away = file.reached().damage(file, table.name) if isinstance(file, RemotePath) else None
                return away or _damaged(table.name, file)
            except OSError as error:
                return _of_os_error(error, table.name, file)
    for table in tables.values():
        for column in table.frame.collect_schema().names():
            try:
                table.frame.select(pl.col(column).min()).collect()
            except library_errors():
                return _misfit(table.name, column)
    return None


def _damaged(table: str | None, file: File | None) -> Diagnostic:
    what = "a file" if table is None else f"a file of table {table}" if file is not None else f"table {table}"
    return Diagnostic(
        "VBM318",
        f"{what} cannot be decoded: its content is damaged",
        where=place(table, file=file),
        hint="write the file again from its source and compare checksums; its footer is readable, its pages are not",
    )


def _misfit(table: str, column: str) -> Diagnostic:
    return Diagnostic(
        "VBM319",
        f"column {column} of {table} holds a value that cannot become its contract type",
        where=place(table, column),
        hint="numbers above 2^63 do not fit; write ids of that size as text",
    )


def _ours(error: BaseException) -> Diagnostic:
    return Diagnostic(
        "VBM901",
        f"a bug of vbpmeasure: {type(error).__name__} in the evaluation; every input file can be read",
        hint="please report it with the command; VBPMEASURE_TRACEBACK=1 shows more, and may show data",
    )


def _of_os_error(error: OSError, table: str | None, file: File | None) -> Diagnostic:
    at: File | str | None = file if file is not None else error.filename
    if isinstance(error, PermissionError):
        return denied(table, at)
    return Diagnostic(
        "VBM303",
        "an input file went away" if isinstance(error, FileNotFoundError) else "an input file cannot be read",
        where=place(table, file=at),
        hint="check that nothing rewrites the data folder during the run",
    )
