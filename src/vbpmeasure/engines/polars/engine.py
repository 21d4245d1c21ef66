"""The engine's door: a program and tables in, a result frame out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import or_

import polars as pl

from vbpmeasure.data.contract import benefit_column
from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.engines.polars.amounts import rates_with_amounts, with_amounts
from vbpmeasure.engines.polars.composites import components, composite_numbers
from vbpmeasure.engines.polars.criteria import SEX
from vbpmeasure.engines.polars.days import DayColumns, to_date
from vbpmeasure.engines.polars.enrollment import Coverage
from vbpmeasure.engines.polars.events import load_events
from vbpmeasure.engines.polars.evidence import with_sources
from vbpmeasure.engines.polars.faults import index_faults
from vbpmeasure.engines.polars.index_events import find_units
from vbpmeasure.engines.polars.indicators import read_indicators
from vbpmeasure.engines.polars.kept_rows.events import kept_events
from vbpmeasure.engines.polars.kept_rows.keeper import Keeper
from vbpmeasure.engines.polars.layout import Layout, every_flag_of
from vbpmeasure.engines.polars.leaves import after_events, before_events
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.member_months import event_amounts
from vbpmeasure.engines.polars.nodes import birthdays, dates_of, events_of
from vbpmeasure.engines.polars.people import load_people
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.reach import reach_of
from vbpmeasure.engines.polars.sheet import Sheet
from vbpmeasure.engines.polars.totals import add_totals
from vbpmeasure.engines.polars.verdicts import NO_INDEX, judge
from vbpmeasure.plan.amounts import EnrolledRun, SexIs
from vbpmeasure.plan.dates import DateExpr
from vbpmeasure.plan.flags import Enrolled, SpanFlagged
from vbpmeasure.plan.measures import EventRate, Program
from vbpmeasure.plan.uses import index_of
from vbpmeasure.results.frame import AMOUNT_SCHEMA, ROW_SCHEMA, ResultFrame, unknown_provider_counter
from vbpmeasure.results.keys import rate_keys


def evaluate(
    program: Program,
    tables: Mapping[str, pl.LazyFrame],
    attributes: Sequence[str] = (),
    evidence: bool = True,
    queries: Queries | None = None,
    plans: Plans | None = None,
    keeper: Keeper | None = None,
) -> ResultFrame:
    """Run a program over contract tables and return the result frame.

    ``tables``: lazy frames by contract table name with contract columns and types; optional ones may be absent. Each
    is scanned once, whatever the number of measures. ``attributes``: eligibility columns to carry to ``people``.
    Without ``evidence`` the evidence sources stay null and the run is faster. ``plans`` keeps what is laid out before
    any row is read, for the next call with the same program; ``keeper`` keeps rows of these very tables, for later
    runs. Raises ``Failure`` for a missing
    eligibility table (VBM493), and for programs past the limits of the engine (VBM491, VBM492).
    """
    queries = queries or Queries()
    if "eligibility" not in tables:
        raise Failure(Diagnostic("VBM493", "there is no eligibility table, so there is nobody to judge"))
    plan = (plans or Plans()).of(program)
    layout, days, criteria = plan.layout, plan.days, plan.criteria
    _know_days(layout, days)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # Laying out what to read takes Python's time, reading the spans does not: they go side by side.
        asking = beside.submit(plan.asked, tables)
        writing = beside.submit(plan.written)
        people = load_people(
            tables["eligibility"],
            program.period,
            program.enrollment_key,
            _flag_columns(layout),
            attributes,
            queries,
            sex=_asks_sex(layout),
            keeper=keeper,
        )
        asked, written = asking.result(), writing.result()
    coverage = Coverage(people, queries)
    judged = before_events(layout, coverage, days, criteria, queries)
    needed = judged.filter(_matters(layout)).select("person_id", "person", "cohorts")
    reach = reach_of(layout.cohorts.ranges, layout.cohorts.undated)
    kept = kept_events(keeper, tables, asked.readings, people.table, needed, queries) if keeper is not None else None
    found = load_events(tables, asked, needed, program.value_sets, queries, reach, kept)
    judged, met = after_events(layout, coverage, found, judged, days, queries)
    units = find_units(layout, coverage, found, judged, met, criteria, queries) if layout.scopes else pl.DataFrame()
    indicators = read_indicators(layout, tables.get("indicator"), program.period, people.table, queries)
    verdicts = judge(layout, written, judged, met, units, queries)
    composites = {number: layout.rates[number][1] for number in composite_numbers(layout)}
    amounts = {n: rate for n, rate in rates_with_amounts(layout).items() if n not in composites}
    if amounts:
        amounts_found = event_amounts(layout, coverage, judged, units, days)
        verdicts = with_amounts(verdicts, amounts, pl.concat([*amounts_found, indicators.amounts.lazy()]), queries)
    if evidence:
        verdicts = with_sources(layout, verdicts, found.events, queries)
    else:
        verdicts = verdicts.with_columns(pl.lit(None, dtype=pl.UInt16).alias("sources"))
    rows = add_totals(layout, verdicts, queries)
    if composites:
        rows = with_amounts(rows, composites, components(layout, rows), queries)
    counters = {"people": people.table.height}
    counters |= {f"conflicting {c}": n for c, n in people.conflicts.items() if n}
    peaks = _unknown_providers(layout, asked.sheet, found.events)
    counters |= {name: max(numbers) for name, numbers in peaks.items() if any(numbers)}
    counters |= index_faults(layout, found.details, queries) | indicators.left_out
    return ResultFrame(
        program.period,
        rate_keys(program),
        _written_out(layout, rows),
        people.table.drop("person", SEX, strict=False),
        counters,
        indicators.external,
        peaks,
        people.runs.select("person", to_date(pl.col("start")), to_date(pl.col("end"))),
    )


def explain_query(program: Program, tables: Mapping[str, pl.LazyFrame]) -> str:
    """Return the optimized Polars plans of a run, query by query, in the order in which they ran."""
    queries = Queries(keep=True)
    evaluate(program, tables, queries=queries)
    return "\n\n".join(f"-- {name}\n{plan.explain(engine='streaming')}" for name, plan in queries.kept)


def _know_days(layout: Layout, days: DayColumns) -> None:
    """Name the day column of every date in the program, so that they are all made at once."""
    for date in _dates_of(layout):
        days.name(date)


def _dates_of(layout: Layout) -> Iterator[DateExpr]:
    for _, rate in layout.rates:
        for flag in every_flag_of(rate):
            yield from dates_of(flag)
        if isinstance(rate, EventRate):
            months = rate.months
            yield from (months.window.start, months.window.end, *birthdays(months.youngest, months.oldest))
    for prefix in layout.prefixes():
        for flag in prefix:
            for part in flag.walk():
                yield from dates_of(part)
    for index in layout.scopes:
        yield from (index.source.window.start, index.source.window.end)
    for node in layout.nodes:
        yield from dates_of(node)


def _asks_sex(layout: Layout) -> bool:
    return any(isinstance(flag, SexIs) for _, rate in layout.rates for flag in every_flag_of(rate))


def columns_of_spans(layout: Layout, keys: Sequence[str]) -> set[str]:
    """Return the columns of eligibility that a program reads, ``keys`` being those of its enrollment key."""
    named = {"person_id", "birth_date", "death_date", "enrollment_start_date", "enrollment_end_date", *keys}
    return {*named, *_flag_columns(layout), *(["gender"] if _asks_sex(layout) else [])}


def _flag_columns(layout: Layout) -> list[str]:
    flags = {n.column for n in layout.nodes if isinstance(n, SpanFlagged)}
    benefits = {n.benefit for n in layout.nodes if isinstance(n, Enrolled | EnrolledRun)}
    benefits |= {rate.months.benefit for _, rate in layout.rates if isinstance(rate, EventRate)}
    return sorted(flags | {benefit_column(benefit) for benefit in benefits if benefit})


def _matters(layout: Layout) -> pl.Expr:
    """Return whether some rate asks for events of a person."""
    bits = reduce(or_, layout.event_cohorts.values(), 0)
    return (pl.col("cohorts") & bits_literal(bits)) != 0


def _unknown_providers(layout: Layout, sheet: Sheet, events: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    """Count, by measure, the person-days that only miss an event because no taxonomy of the provider is known.

    One number for each event set of the measure that asks for providers, in the order of the definition: the counter is
    the largest, and sums over people are made before that is known.
    """
    counted = dict(
        events.filter(pl.col("event").is_in(list(sheet.unknown_provider.values()))).group_by("event").len().iter_rows()
    )
    asked: dict[str, dict[int, None]] = {}
    for measure, rate in layout.rates:
        used = dict.fromkeys(e for f in every_flag_of(rate) for e in events_of(f))
        index = index_of(rate)
        for event_set in (*used, *((index.source.events,) if index is not None else ())):
            shadow = sheet.unknown_provider.get(layout.events[event_set])
            if shadow is not None:
                asked.setdefault(unknown_provider_counter(measure.id), {})[shadow] = None
    return {name: tuple(counted.get(shadow, 0) for shadow in shadows) for name, shadows in asked.items()}


def _written_out(layout: Layout, rows: pl.DataFrame) -> pl.DataFrame:
    # One packed integer sorts in a third of the time of several columns; an index day has 20 bits.
    place = pl.col("rate").cast(pl.Int64) * 2**52 + pl.col("person").cast(pl.Int64) * 2**20 + pl.col("index")
    schema = {**ROW_SCHEMA, **(AMOUNT_SCHEMA if rates_with_amounts(layout) else {})}
    return (
        rows.with_columns(place.alias("place"))
        .sort("place")
        .with_columns(
            to_date(pl.when(pl.col("index") != NO_INDEX).then("index")).alias("index_date"),
            to_date(pl.col("day")).alias("evidence_date"),
            pl.col("sources").alias("evidence_sources"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    )
