"""What all parts of one conversion share."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.folder import ConversionFolder
from vbpmeasure.adapters.report import Reason, Report
from vbpmeasure.adapters.synthea import reasons
from vbpmeasure.adapters.synthea.export import Export, Row
from vbpmeasure.adapters.synthea.index import Index
from vbpmeasure.adapters.synthea.values import day


@dataclass(frozen=True, slots=True)
class Work:
    """One conversion under way."""

    export: Export
    index: Index
    folder: ConversionFolder
    report: Report
    crosswalk: Crosswalk
    data_source: str

    def tell(self, reason: Reason, row: Row) -> None:
        """Count a case of a reason at the place of a row."""
        self.report.skip(reason, row.file, row.line, what=row.file)

    def day(self, row: Row, *columns: str) -> dt.date | None:
        """Return the day in the first of the columns that is not empty; text that is no day is told."""
        text = row.first(*columns)
        found = day(text)
        if text and found is None:
            self.tell(reasons.BAD_DATE, row)
        return found

    def person(self, row: Row, column: str = "PATIENT") -> str | None:
        """Return the person of a row, or None, told, when it names none; one who is not in the input is told too."""
        person = row[column]
        if not person:
            self.tell(reasons.EMPTY_CELL, row)
            return None
        if self.index.get("patient", person) is None:
            self.tell(reasons.UNKNOWN_PATIENT, row)
        return person

    def keep(self, table: str, row: Row, *values: object) -> bool:
        """Put a row with an id into the index; False, told, when it has none or an earlier row has it."""
        id_ = row["ID"]
        if not id_:
            self.tell(reasons.EMPTY_CELL, row)
            return False
        if self.index.put(table, id_, _digest(row), *values):
            return True
        earlier = self.index.get(table, id_)
        same = earlier is not None and earlier["digest"] == _digest(row)
        self.tell(reasons.REPEATED if same else reasons.SAME_ID, row)
        return False

    def birth(self, person: str) -> dt.date | None:
        """Return the birth date of a person of the input."""
        found = self.index.get("patient", person)
        return day(found["birth"]) if found is not None else None


def _digest(row: Row) -> str:
    text = "\x1f".join(f"{column}\x1e{cell}" for column, cell in sorted(row.cells.items()))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
