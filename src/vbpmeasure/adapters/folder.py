"""The output of a conversion: contract tables and the report, in a folder that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.table_file import TableFile
from vbpmeasure.data.contract import TABLES
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import RunFolder

REPORT = "conversion_report.json"
_NAMED = "OUT"  # the folder, as the help of `convert` calls it


class ConversionFolder:
    """A folder of contract tables being written; a context manager.

    Leaving the block without `commit`, by an error or Ctrl-C, removes what was written; an earlier conversion that
    stood there stays as it was. A folder that holds anything but an earlier conversion is not replaced. Files are for
    their owner alone (0600 in 0700): they hold people.
    """

    def __init__(self, out: Path, report: Report, warn: Callable[[Diagnostic], None] | None = None) -> None:
        """Name the folder; nothing is touched before the block is entered."""
        self.report = report
        self._folder = RunFolder(out, warn, manifest=REPORT, private=True, named=_NAMED)
        self._tables: dict[str, TableFile] = {}

    def __enter__(self) -> ConversionFolder:
        """Take the place. Raises `Failure` as `RunFolder` does (VBM501 to VBM507)."""
        self._folder.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not committed, and let the place go."""
        for table in self._tables.values():
            table.abandon()
        self._folder.__exit__(kind, error, trace)

    @property
    def scratch(self) -> Path:
        """A folder for working files of the adapter, for its owner alone; they vanish unless added to the output."""
        return self._folder.unfinished

    def add(self, table: str, row: Mapping[str, object]) -> None:
        """Append a row to a contract table: contract column to value (text, date, int, float or bool; None is null).

        Raises `KeyError` for a table or column that the contract lacks, `Failure` VBM502, VBM506, VBM507 for the disk.
        """
        with self._writing():
            if table not in self._tables:
                self._tables[table] = TableFile(self.scratch / f"{table}.parquet", TABLES[table])
            self._tables[table].add(row)

    def rows(self, table: str) -> int:
        """Return the number of rows that a table has so far."""
        return self._tables[table].rows if table in self._tables else 0

    def commit(self) -> None:
        """Finish the tables (the required ones even when empty), write the report, and put the folder in its place."""
        with self._writing():
            for name, table in TABLES.items():
                if table.required and name not in self._tables:
                    self._tables[name] = TableFile(self.scratch / f"{name}.parquet", table)
            for name, file in sorted(self._tables.items()):
                file.close()
                self.report.written[name] = file.rows
                self._folder.keep(file.path.name)
        self._folder.commit(self.report.as_record())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise output_failure(error, self._folder.target, _NAMED) from None
