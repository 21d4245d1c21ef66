"""The second judgement of a run: the same rates, their numerators without supplemental evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

import polars as pl

from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.diagnostics.model import Diagnostic, Severity
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.plan.measures import Program
from vbpmeasure.plan.supplemental import Supplemental, without_supplemental
from vbpmeasure.results.reported import of_measures
from vbpmeasure.results.supplemental import same_units
from vbpmeasure.runs.measuring import Measured, measure
from vbpmeasure.runs.request import RunRequest

_COLUMN = "data_source"


def measure_without(
    program: Program,
    bound: BoundData,
    attributes: Sequence[str],
    base: Measured,
    supplemental: Supplemental,
    *,
    evidence: bool,
    plans: Plans | None = None,
) -> tuple[Measured, Measured]:
    """Judge the program again without supplemental evidence; return both judgements, of the same measures.

    ``base`` is the judgement with all evidence. Tables are left out in the plan, of numerators alone. Rows of
    supplemental data sources are left out of the data, so the units of ``base`` are kept (`same_units`). A measure that
    fails in either judgement is in neither. Raises ``Failure`` as `measure` does.
    """
    narrowed = without_supplemental(program, supplemental.tables)
    narrower = _without_sources(bound, supplemental.data_sources)
    again = measure(narrowed, narrower, attributes, evidence=evidence, plans=plans)
    failed = {**base.failed, **again.failed}
    first, second = (of_measures(one.frame, set(failed)) for one in (base, again))
    return Measured(first, failed), Measured(same_units(first, second), failed)


def source_remarks(bound: BoundData, supplemental: Supplemental) -> Iterator[Diagnostic]:
    """Yield VBM460 when data sources are named and no table says where its rows come from."""
    if supplemental.data_sources and not list(_tables_with_sources(bound)):
        yield Diagnostic(
            "VBM460",
            "supplemental data sources are named, and no table of events has a column `data_source`",
            severity=Severity.WARNING,
            where="[supplemental]",
            hint="map a column to `data_source`, or name whole tables under `tables`",
        )


def _tables_with_sources(bound: BoundData) -> Iterator[BoundTable]:
    return (bound.tables[name] for name in EVENT_TABLES if bound.has(name, _COLUMN))


def _without_sources(bound: BoundData, values: Sequence[str]) -> BoundData:
    """Return the data without the rows of these sources; rows that do not say where they come from stay."""
    if not values:
        return bound
    other = ~pl.col(_COLUMN).str.strip_chars().is_in(pl.Series(list(values), dtype=pl.String).implode())
    kept = other | pl.col(_COLUMN).is_null()
    left = {t.name: replace(t, frame=t.frame.filter(kept)) for t in _tables_with_sources(bound)}
    return replace(bound, tables={**bound.tables, **left})


def evidence_shown(asked: RunRequest) -> dict[str, object]:
    """Return which supplemental evidence the results hold, in the form of a manifest."""
    left_out = {} if asked.supplemental == "with" else asdict(asked.sources_left_out)
    # Lists, as in the manifest of an earlier run that this is compared with.
    return {"shown": asked.supplemental, **{name: list(values) for name, values in left_out.items()}}
