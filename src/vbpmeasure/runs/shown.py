"""What a run publishes, before it is in a folder: in the shape in which a finished run is read back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.remote.store import File, RemotePath
from vbpmeasure.monitoring.facts import InputTable, RateFact, RunFacts
from vbpmeasure.monitoring.limits import Name, ShownRate
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.disclosure.profiles import Profile
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.shown_amounts import as_frame
from vbpmeasure.runs.cells import Cell, cells, is_hidden
from vbpmeasure.runs.reading import RateInfo, RunResults

_WHY = {
    Status.NO_DATA: "nobody in the denominator",
    Status.NA_SMALL_DENOM: "too small a denominator",
    Status.SUPPRESSED_PRIMARY: "hidden",
    Status.SUPPRESSED_COMPLEMENTARY: "hidden",
}


def shown_run(table: PublishedTable, place: Path | None = None) -> RunResults:
    """Return what is published as `reading.read_run` would return it from the folder at ``place``, without files."""
    start, end = table.period.start.isoformat(), table.period.end.isoformat()
    return RunResults(
        folder=place or Path(),
        manifest={"period": {"start": start, "end": end}, "suppression": table.policy.as_record()},
        rates=tuple(RateInfo(k.measure, k.rate, k.measure_title, k.rate_title, k.lower_is_better) for k in table.keys),
        results=table.results,
        amounts=as_frame(table.amounts),
        waterfall=table.waterfall,
        mark="" if table.policy.is_public else ".unsuppressed",
    )


def totals(run: RunResults) -> dict[Name, ShownRate]:
    """Return each rate as a whole, by the ids of measure and rate."""
    return {cell.rate.name: _shown(cell) for cell in cells(run) if cell.is_total}


def _shown(cell: Cell) -> ShownRate:
    return ShownRate(cell.score) if cell.score is not None else ShownRate(None, _WHY.get(cell.status, "not computed"))


def run_facts(bound: BoundData, shown: RunResults, people: int | None, failed: int, out: Path | None) -> RunFacts:
    """Return what machines are told of a run. Rates are told only when the results are for the public."""
    every = cells(shown)
    public = shown.suppression.get("profile") == Profile.PUBLIC
    total = [cell for cell in every if cell.is_total] if public else []
    inputs = tuple(_inputs(bound, people))
    counts = {
        "files": sum(one.files for one in inputs),
        # Without the rows of one table the sum of all would tell them.
        "rows": None if any(one.rows is None for one in inputs) else sum(one.rows or 0 for one in inputs),
        "people": people,
        "measures": len({rate.measure for rate in shown.rates}),
        "failed": failed,
        "rates": len(shown.rates),
        "cells": len(every),
        "hidden": sum(is_hidden(cell.status) for cell in every),
    }
    return RunFacts(
        inputs,
        tuple(RateFact(c.rate.name, c.rate.score_unit.value, c.score, c.denominator) for c in total),
        {name: number for name, number in counts.items() if number is not None},
        out,
    )


def _inputs(bound: BoundData, people: int | None) -> Iterator[InputTable]:
    for table in bound.tables.values():
        hidden = people is None and table.name == "eligibility"
        places = [file if isinstance(file, RemotePath) else file.absolute() for file in table.unpinned_files]
        pinned = {pin.place: len(pin.files) for pin in table.pins}
        # One table that lies in several kinds of places is told as one: rows and bytes are those of all.
        if not places and not pinned:
            continue  # an address that only Polars reads
        place = next(iter(pinned)) if not places else places[0] if len(places) == 1 else _folder_of(places)
        number = len(places) + sum(pinned.values())
        yield InputTable(table.name, place, number, table.bytes, None if hidden else table.rows)


def _folder_of(files: Sequence[File]) -> File:
    """Return the folder that all files are below; of the kind of the first when some are on an object store."""
    kind = RemotePath if isinstance(files[0], RemotePath) else Path
    return kind(os.path.commonpath([str(file.parent) for file in files if isinstance(file, kind)]))
