"""`vbpmeasure bucket`: a copy of the data, laid out by buckets of people; a killed run goes on where it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vbpmeasure import __version__
from vbpmeasure.data.beside import beside
from vbpmeasure.data.binding import Root
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets import MOST
from vbpmeasure.data.buckets.layout import FORMAT, RECORD, LaidFile, Layout, mappings
from vbpmeasure.data.buckets.opening import inputs_behind, open_data
from vbpmeasure.data.buckets.writing import CELLS, TableLayout, put
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.data.remote.store import Stores
from vbpmeasure.data.steady import Seen, look, refuse_change
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.runs.conversion import REPORT

_WORK = ".work"
_PLAN = "plan.json"
_NAMED = "OUT"  # the folder, as the help of `bucket` calls it


@dataclass(frozen=True, slots=True)
class BucketRequest:
    """Lay out the data of a folder (or those that ``tables`` place) in ``buckets`` buckets below ``out``."""

    data: Root
    out: Path
    buckets: int
    tables: TableSources = field(default_factory=dict)
    access: Access = NO_ACCESS
    cells: int = CELLS

    def __post_init__(self) -> None:
        """Refuse numbers of buckets that no layout has (`Failure`, VBM453), and an output inside its own input."""
        check_buckets(self.buckets)
        if isinstance(self.data, Path) and self.out.resolve().is_relative_to(self.data.resolve()):
            raise Failure(
                Diagnostic("VBM454", "the layout would lie inside the data that it is made from", where=str(self.out))
            )


@dataclass(frozen=True, slots=True)
class BucketOutcome:
    """What was laid out: the layout, what earlier runs had done, and remarks about the data."""

    layout: Layout
    resumed: bool
    findings: tuple[Diagnostic, ...]


def check_buckets(buckets: int) -> None:
    """Refuse a number of buckets that is none (`Failure`, VBM453)."""
    if not 1 <= buckets <= MOST:
        raise Failure(
            Diagnostic(
                "VBM453",
                f"people cannot be divided into {buckets:,} buckets",
                where="--buckets",
                hint=f"give a number from 1 to {MOST:,}",
            )
        )


def bucket(asked: BucketRequest, step: Callable[[str], None] = lambda _: None) -> BucketOutcome:
    """Lay the data out; ``step`` hears of each table. The folder appears whole, and replaces an earlier layout.

    Every row of every contract table is copied, those included that a run would refuse. Raises ``Failure``: those of
    `bind` for the input, VBM345 when it changes meanwhile, and those of `RunFolder` for the output.
    """
    bound, source = open_data(asked.data, bad_rows="keep", sources=asked.tables, access=asked.access)
    findings = list(bound.warnings)
    before = look(bound)
    with RunFolder(asked.out, findings.append, manifest=RECORD, private=True, resumable=True, named=_NAMED) as folder:
        new = folder.unfinished
        try:
            resumed = _ready(new, _plan(asked, bound, before))
            files = {name: _lay_out(asked, bound, name, new, step) for name in bound.tables}
            refuse_change(bound, before)
            kept = _conversion_report(asked, new)
            shutil.rmtree(new / _WORK)
        except OSError as error:
            raise output_failure(error, asked.out, _NAMED) from None
        except Failure as failure:
            if any(d.code == "VBM345" for d in failure.diagnostics):
                shutil.rmtree(new, ignore_errors=True)  # nothing of it can be used again
            raise
        sources = {name: table.sources for name, table in bound.tables.items() if table.sources}
        layout = Layout(asked.out, asked.buckets, files, inputs_behind(bound, source, before.files), sources)
        for name in (*(file.name for found in files.values() for file in found), *kept):
            folder.keep(name)
        folder.commit({**layout.record(), "version": __version__})
    return BucketOutcome(layout, resumed, tuple(findings))


def _lay_out(
    asked: BucketRequest, bound: BoundData, name: str, new: Path, step: Callable[[str], None]
) -> tuple[LaidFile, ...]:
    step(name)
    return TableLayout(bound.tables[name], asked.buckets, new, new / _WORK, asked.cells).lay_out()


def _plan(asked: BucketRequest, bound: BoundData, before: Seen) -> bytes:
    """Return everything that decides the files: what an earlier run left is used when it had the same plan."""
    return json.dumps(
        {
            "format": FORMAT,
            "version": __version__,
            "buckets": asked.buckets,
            "cells": asked.cells,
            "mapping": mappings(asked.tables),
            # Rows are cut by their number: the files of a table that has a log have to come in the same order again.
            "orders": [pin.files for table in bound.tables.values() for pin in table.pins],
            "inputs": [asdict(found) for found in before.files],
            "stamps": [[table, str(path), *stamp] for (table, path), stamp in before.stamps.items()],
        },
        sort_keys=True,
    ).encode()


def _ready(new: Path, plan: bytes) -> bool:
    """Make the folder ready; return whether the work of an earlier run with the same plan is there."""
    place = new / _WORK / _PLAN
    if place.is_file() and place.read_bytes() == plan:
        return True
    for left in new.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    place.parent.mkdir(mode=0o700)
    put(place, plan)
    return False


def _conversion_report(asked: BucketRequest, new: Path) -> list[str]:
    """Copy the report of the conversion that made the data: the manifest of a run tells of it."""
    report = beside(asked.data, REPORT, Stores(asked.access))
    if report is None:
        return []
    put(new / REPORT, report)
    return [REPORT]
