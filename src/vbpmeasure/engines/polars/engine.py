"""The engine's door: a program and tables in, a result frame out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from vbpmeasure.data.contract import benefit_column
from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.engines.polars.criteria import Criteria
from vbpmeasure.engines.polars.days import DayColumns, to_date
from vbpmeasure.engines.polars.enrollment import Coverage
from vbpmeasure.engines.polars.events import load_events, what_to_read
from vbpmeasure.engines.polars.evidence import with_sources
from vbpmeasure.engines.polars.layout import Layout, dates_of, events_of, flags_of, lay_out
from vbpmeasure.engines.polars.leaves import after_events, before_events
from vbpmeasure.engines.polars.people import load_people
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import reach_of
from vbpmeasure.engines.polars.sheet import Sheet
from vbpmeasure.engines.polars.verdicts import add_totals, judge, write_rates
from vbpmeasure.plan.flags import Enrolled, SpanFlagged
from vbpmeasure.plan.measures import MeasurePlan, Program, Proportion, TotalOf
from vbpmeasure.results.frame import ROW_SCHEMA, RateKey, ResultFrame, unknown_provider_counter


def evaluate(
    program: Program,
    tables: Mapping[str, pl.LazyFrame],
    attributes: Sequence[str] = (),
    evidence: bool = True,
    queries: Queries | None = None,
) -> ResultFrame:
    """Run a program over contract tables and return the result frame.

    ``tables``: lazy frames by contract table name with contract columns and types; optional ones may be absent. Each
    is scanned once, whatever the number of measures. ``attributes``: eligibility columns to carry to ``people``.
    Without ``evidence`` the evidence sources stay null and the run is faster. Raises ``Failure`` for a plan that no
    engine runs (VBM490), for a missing eligibility table (VBM493), and for programs past the limits of the engine
    (VBM491, VBM492).
    """
    queries = queries or Queries()
    if "eligibility" not in tables:
        raise Failure(Diagnostic("VBM493", "there is no eligibility table, so there is nobody to judge"))
    layout = lay_out(program)
    days = DayColumns(program.period)
    criteria = Criteria(days, layout.nodes)
    _know_days(layout, days)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # Laying out what to read takes Python's time, reading the spans does not: they go side by side.
        asking = beside.submit(what_to_read, layout, tables, program.value_sets)
        writing = beside.submit(write_rates, layout, criteria)
        people = load_people(
            tables["eligibility"], program.period, program.enrollment_key, _flag_columns(layout), attributes, queries
        )
        asked, written = asking.result(), writing.result()
    coverage = Coverage(people, queries)
    judged = before_events(layout, coverage, days, criteria, queries)
    needed = judged.lazy().filter(pl.col("cohorts") != 0).select("person_id", "person", "cohorts")
    reach = reach_of(layout.cohort_windows, days)
    events = load_events(tables, asked, needed, program.value_sets, queries, reach)
    judged, met = after_events(layout, coverage, events, judged, days, queries)
    verdicts = judge(layout, written, judged, met, queries)
    if evidence:
        verdicts = with_sources(layout, verdicts, events, queries)
    else:
        verdicts = verdicts.with_columns(pl.lit(None, dtype=pl.UInt16).alias("sources"))
    rows = add_totals(layout, verdicts, queries)
    keys = tuple(_rate_key(measure, rate) for measure, rate in layout.rates)
    counters = {"people": people.table.height}
    counters |= {f"conflicting {c}": n for c, n in people.conflicts.items() if n}
    counters |= _unknown_providers(layout, asked.sheet, events)
    return ResultFrame(program.period, keys, _written_out(rows), people.table.drop("person"), counters)


def explain_query(program: Program, tables: Mapping[str, pl.LazyFrame]) -> str:
    """Return the optimized Polars plans of a run, query by query, in the order in which they ran."""
    queries = Queries(keep=True)
    evaluate(program, tables, queries=queries)
    return "\n\n".join(f"-- {name}\n{plan.explain(engine='streaming')}" for name, plan in queries.kept)


def _know_days(layout: Layout, days: DayColumns) -> None:
    """Name the day column of every date in the program, so that they are all made at once."""
    for _, rate in layout.rates:
        if isinstance(rate, Proportion):
            for flag in flags_of(rate):
                for date in dates_of(flag):
                    days.name(date)
    for node in layout.nodes:
        for date in dates_of(node):
            days.name(date)


def _flag_columns(layout: Layout) -> list[str]:
    flags = {n.column for n in layout.nodes if isinstance(n, SpanFlagged)}
    benefits = {benefit_column(n.benefit) for n in layout.nodes if isinstance(n, Enrolled) and n.benefit}
    return sorted(flags | benefits)


def _rate_key(measure: MeasurePlan, rate: Proportion | TotalOf) -> RateKey:
    # Members of a total share their exclusions, and their steps count the same way; the first speaks for the words.
    members = rate.members if isinstance(rate, TotalOf) else ()
    first = next(r for r in measure.rates if r.id == members[0]) if members else rate
    assert isinstance(first, Proportion)
    return RateKey(
        measure.id,
        rate.id,
        measure.title,
        rate.title,
        tuple(step.label for step in first.population),
        tuple((e.id, e.title) for e in first.exclusions),
        rate.lower_is_better,
        members,
    )


def _unknown_providers(layout: Layout, sheet: Sheet, events: pl.DataFrame) -> dict[str, int]:
    """Count, by measure, the person-days that only miss an event because no taxonomy of the provider is known."""
    counted = dict(
        events.filter(pl.col("event").is_in(list(sheet.unknown_provider.values()))).group_by("event").len().iter_rows()
    )
    by_measure: dict[str, int] = {}
    for measure, rate in layout.rates:
        if isinstance(rate, Proportion):
            used = {e for f in flags_of(rate) for e in events_of(f)}
            for event_set in used:
                shadow = sheet.unknown_provider.get(layout.events[event_set])
                if shadow in counted:
                    key = unknown_provider_counter(measure.id)
                    by_measure[key] = max(by_measure.get(key, 0), counted[shadow])
    return by_measure


def _written_out(rows: pl.DataFrame) -> pl.DataFrame:
    # One packed integer sorts in a third of the time of two columns.
    place = pl.col("rate").cast(pl.UInt64) * 2**32 + pl.col("person")
    return (
        rows.with_columns(place.alias("place"))
        .sort("place")
        .with_columns(
            pl.lit(None, dtype=pl.Date).alias("index_date"),
            to_date(pl.col("day")).alias("evidence_date"),
            pl.col("sources").alias("evidence_sources"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in ROW_SCHEMA.items())
    )
