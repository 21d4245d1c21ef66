"""`convert synthea`: the files of an export one after another; tables and report."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.folder import ConversionFolder
from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea.claims import claims
from vbpmeasure.adapters.synthea.export import Export
from vbpmeasure.adapters.synthea.index import Index
from vbpmeasure.adapters.synthea.people import read_people, write_spans
from vbpmeasure.adapters.synthea.records import (
    conditions,
    encounters,
    immunizations,
    medications,
    observations,
    procedures,
    read_providers,
)
from vbpmeasure.adapters.synthea.shared import Work
from vbpmeasure.diagnostics.model import Diagnostic, Failure

_INDEX = ".index.sqlite"


@dataclass(frozen=True, slots=True)
class SyntheaRequest:
    """One conversion: the folder with the CSV files, and the folder to write."""

    source: Path
    out: Path
    crosswalk: str | None = None
    data_source: str = "synthea"
    strict: bool = False


def convert_synthea(asked: SyntheaRequest) -> Report:
    """Convert, and return the account of it, which is in the folder too.

    Memory holds one record and one row group a table at a time; what files need of each other is in a small database
    beside the output. Raises `Failure`: VBM380 nothing to convert, VBM371 a crosswalk, VBM501 to VBM507 the output.
    """
    crosswalk = Crosswalk.load(asked.crosswalk)
    options = {"data_source": asked.data_source, "strict": asked.strict}
    report = Report("synthea", strict=asked.strict, options=options)
    export = Export(asked.source, report)
    try:
        with ConversionFolder(asked.out, report) as folder:
            index = Index(folder.scratch / _INDEX)
            try:
                _convert(Work(export, index, folder, report, crosswalk, asked.data_source))
            finally:
                index.close()
            report.crosswalk = crosswalk.as_record()
            folder.commit()
    except sqlite3.Error:
        why = "the working index beside the output cannot be written; is the disk full?"
        raise Failure(Diagnostic("VBM507", why, where=str(asked.out))) from None
    return report


def _convert(work: Work) -> None:
    """Read people and providers first, encounters and procedures before claims: later files refer to earlier ones."""
    read_people(work)
    write_spans(work)
    read_providers(work)
    encounters(work)
    procedures(work)
    claims(work)
    conditions(work)
    immunizations(work)
    observations(work)
    medications(work)
