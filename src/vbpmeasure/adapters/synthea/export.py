"""The files of an export: which are there, their columns in any letter case, their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea import reasons
from vbpmeasure.adapters.synthea.lines import records
from vbpmeasure.diagnostics.model import Diagnostic, Failure

# File -> the columns without which it is of no use; alternatives of the generations in one group.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "patients": (("ID",), ("BIRTHDATE",), ("GENDER",)),
    "payers": (("ID",), ("NAME",)),
    "payer_transitions": (("PATIENT",), ("START_DATE", "START_YEAR"), ("END_DATE", "END_YEAR"), ("PAYER",)),
    "providers": (("ID",),),
    "organizations": (("ID",),),
    "encounters": (("ID",), ("PATIENT",), ("START", "DATE"), ("CODE",)),
    "procedures": (("PATIENT",), ("START", "DATE"), ("CODE",)),
    "conditions": (("PATIENT",), ("START",), ("CODE",)),
    "immunizations": (("PATIENT",), ("DATE",), ("CODE",)),
    "observations": (("PATIENT",), ("DATE",), ("CODE",)),
    "medications": (("PATIENT",), ("START",), ("CODE",)),
    "claims": (("ID",), ("PATIENTID",), ("SERVICEDATE", "CURRENTILLNESSDATE")),
    "claims_transactions": (("CLAIMID",), ("TYPE",)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells by column in capital letters, empty text for what is not there; file and line for messages."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell; empty when the file has no such column."""
        return self.cells.get(column, "")

    def first(self, *columns: str) -> str:
        """Return the first of the cells that is not empty."""
        return next((self[column] for column in columns if self[column]), "")


class Export:
    """The CSV files of a folder."""

    def __init__(self, folder: Path, report: Report) -> None:
        """Look for the files. Raises `Failure` VBM380 when there is no folder or no file of an export in it."""
        self._report = report
        self._files: dict[str, Path] = {}
        try:
            inside = sorted(folder.iterdir())
        except OSError as error:
            reason = (error.strerror or "it cannot be read").lower()
            raise Failure(Diagnostic("VBM380", f"nothing to convert: {reason}", where=str(folder))) from None
        for path in inside:
            name = path.stem.lower()
            if path.suffix.lower() != ".csv" or not path.is_file():
                continue
            if name in self._files:
                message = "two files differ by letter case alone"
                raise Failure(Diagnostic("VBM380", message, where=f"{self._files[name].name}, {path.name}"))
            if name in NEEDED:
                self._files[name] = path
            else:
                report.skip(reasons.UNUSED_FILE, path.name, what=path.name)
        if not self._files:
            hint = "SRC is the folder with patients.csv, payer_transitions.csv and the others"
            raise Failure(Diagnostic("VBM380", "the folder holds no Synthea CSV", where=str(folder), hint=hint))
        for name in NEEDED:
            if name not in self._files:
                report.skip(reasons.MISSING_FILE, f"{name}.csv", what=f"{name}.csv")
        report.files = len(self._files)

    def has(self, name: str) -> bool:
        """Return whether the export holds this file."""
        return name in self._files

    def rows(self, name: str, report: Report | None = None) -> Iterator[Row]:
        """Yield the rows of a file (nothing when it is not there), telling what cannot be used.

        ``report`` takes what is told instead of the export's own: for a first pass over a file that is read again.
        """
        path = self._files.get(name)
        if path is None:
            return
        told = report or self._report
        try:
            yield from self._rows(path, name, told)
        except OSError:
            told.skip(reasons.BROKEN_FILE, path.name, what=path.name)

    def _rows(self, path: Path, name: str, told: Report) -> Iterator[Row]:
        lines = records(path, path.name, told)
        header = next(lines, None)
        if header is None:
            told.skip(reasons.NO_HEADER, path.name, what=path.name)
            return
        at, names = header
        columns = [cell.strip().upper() for cell in names]
        if not self._usable(columns, NEEDED[name], path.name, at, told):
            return
        empty = True
        for line, cells in lines:
            empty = False
            told.read(path.name)
            if len(cells) != len(columns):
                told.skip(reasons.WRONG_CELLS, path.name, line, what=path.name)
                continue
            yield Row(path.name, line, {c: cell.strip() for c, cell in zip(columns, cells, strict=False) if cell})
        if empty:
            told.skip(reasons.NO_ROWS, path.name, at, what=path.name)

    @staticmethod
    def _usable(columns: list[str], needed: tuple[tuple[str, ...], ...], name: str, line: int, told: Report) -> bool:
        missing = [group[0] for group in needed if not any(column in columns for column in group)]
        for column in missing:
            told.skip(reasons.NO_COLUMN, name, line, what=f"{name}: {column}")
        double = len(set(columns)) != len(columns)
        if double:
            told.skip(reasons.DOUBLE_COLUMN, name, line, what=name)
        return not missing and not double
