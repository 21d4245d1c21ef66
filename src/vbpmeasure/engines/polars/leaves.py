"""The leaves of all criteria in the order in which they can be known: enrollment, then counts, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from vbpmeasure.engines.polars.cohorts import Cohorts, Prefix
from vbpmeasure.engines.polars.counts import count_nodes
from vbpmeasure.engines.polars.criteria import Criteria, node_column, widen
from vbpmeasure.engines.polars.days import DayColumns, add_months, to_date, to_day
from vbpmeasure.engines.polars.enrollment import Coverage, enrolled, enrolled_run, span_flagged
from vbpmeasure.engines.polars.events import Found
from vbpmeasure.engines.polars.layout import Layout
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.nodes import SPAN_LEAVES, Node, SpanLeaf, depth_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.readings import reading_nodes
from vbpmeasure.engines.polars.subjects import Subjects
from vbpmeasure.engines.polars.supplies import covered_nodes
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, ReadingWithin
from vbpmeasure.plan.dates import FirstDate
from vbpmeasure.plan.flags import CountAtLeast, Enrolled


def before_events(
    layout: Layout, coverage: Coverage, days: DayColumns, criteria: Criteria, queries: Queries
) -> pl.DataFrame:
    """Return the people with day columns, the leaves that need no event, and their cohorts.

    One row per person. Cohorts are the bits of what must hold before events matter: the claims of a person with no bit
    are not needed.
    """
    nodes = list(layout.person_nodes())
    table = days.with_birth_and_death(coverage.people.table)
    table = without_first_dates(table, nodes, days)
    # Enrollment is only judged for people whose age can put them into a population.
    table = table.with_columns(_cohorts(layout.first_cohorts, criteria))
    known = [node for node in nodes if depth_of(node) == 0]
    table = _judge_spans(known, layout, coverage, Subjects(table, layout.first_nodes), days, queries)
    return _with_cohorts(table, layout.cohorts, criteria)


def after_events(
    layout: Layout, coverage: Coverage, found: Found, people: pl.DataFrame, days: DayColumns, queries: Queries
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the people with first-event dates and the leaves that hang on them, and the leaves of events that hold.

    The latter are rows of ``met_schema``.
    """
    nodes = list(layout.person_nodes())
    subjects = Subjects(people, layout.node_cohorts)
    # What needs no event is known already.
    later = [node for node in nodes if not isinstance(node, SPAN_LEAVES) or depth_of(node)]
    return judge_nodes(later, layout, coverage, found, subjects, days, queries)


def judge_nodes(
    nodes: Sequence[Node],
    layout: Layout,
    coverage: Coverage,
    found: Found,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the subjects with first-event dates and leaves of spans as columns, and the leaves of events that hold."""
    met = [pl.DataFrame(schema=subjects.met_schema)]
    for depth in sorted({depth_of(node) for node in nodes}):
        here = [node for node in nodes if depth_of(node) == depth]
        table = _judge_spans(here, layout, coverage, subjects, days, queries)
        subjects = subjects.with_table(table)
        counting = [n for n in here if isinstance(n, CountAtLeast | FirstDate)]
        counted = count_nodes(counting, layout, found.events, subjects, days, queries)
        met.append(counted)
        read = [n for n in here if isinstance(n, ReadingWithin | Dropped)]
        met.append(reading_nodes(read, layout, found.details, subjects, days, queries))
        covered = [n for n in here if isinstance(n, DaysCovered)]
        met.append(covered_nodes(covered, layout, found.details, subjects, days, queries))
        for node in here:
            if isinstance(node, FirstDate):
                table = _with_first_date(table, node, layout.nodes[node], counted, days, subjects.key)
        subjects = subjects.with_table(table)
    return subjects.table, pl.concat(met)


def without_first_dates(table: pl.DataFrame, nodes: Iterable[Node], days: DayColumns) -> pl.DataFrame:
    """Return the table with a null column for each date of a first event, until these are known."""
    columns = [c for n in nodes if isinstance(n, FirstDate) for c in days.of_event(n)]
    table = table.with_columns(pl.lit(None, dtype=pl.Int32).alias(c) for c in columns)
    # A column that is one value throughout stays that value, and Polars loses its length where `fill_null` meets it.
    return pl.DataFrame(table.get_columns())


def _cohorts(prefixes: Iterable[tuple[Prefix, int]], criteria: Criteria) -> pl.Expr:
    bits = bits_literal(0)
    for prefix, bit in prefixes:
        meets = _all_of(prefix, criteria)
        bits = bits | pl.when(meets).then(bits_literal(bit)).otherwise(bits_literal(0))
    return bits.alias("cohorts")


def _with_cohorts(table: pl.DataFrame, cohorts: Cohorts, criteria: Criteria) -> pl.DataFrame:
    """Add the cohorts; a person is in one who meets any of its prefixes, each of which is judged once."""
    each = {prefix: f"prefix {i}" for i, prefix in enumerate(dict.fromkeys(p for ps, _ in cohorts.people for p in ps))}
    bits = bits_literal(0)
    for prefixes, bit in cohorts.people:
        meets = pl.any_horizontal([pl.col(each[prefix]) for prefix in prefixes])
        bits = bits | pl.when(meets).then(bits_literal(bit)).otherwise(bits_literal(0))
    judged = table.with_columns(_all_of(prefix, criteria).alias(name) for prefix, name in each.items())
    return judged.with_columns(bits.alias("cohorts")).drop(each.values())


def _all_of(prefix: Prefix, criteria: Criteria) -> pl.Expr:
    return pl.all_horizontal([pl.lit(True), *(criteria.write(flag).truth for flag in prefix)])


def _judge_spans(
    nodes: Sequence[Node],
    layout: Layout,
    coverage: Coverage,
    subjects: Subjects,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Return the table of the subjects with a column for each leaf of spans among the nodes."""
    numbers, answers = [], []
    for node in nodes:
        if not isinstance(node, SPAN_LEAVES):
            continue
        numbers.append(layout.nodes[node])
        answer = _spans(subjects.table.lazy().filter(subjects.asked((node,))), node, coverage, days, subjects.key)
        if answer is not None:
            number = pl.lit(layout.nodes[node], dtype=pl.UInt16).alias("node")
            answers.append(answer.select(subjects.key, number, pl.lit(0, dtype=pl.Int32).alias("day")))
    if not numbers:
        return subjects.table
    held = queries.run("enrollment", pl.concat(answers)) if answers else pl.DataFrame(schema=subjects.met_schema)
    wide = queries.run("enrollment by person", widen(held.lazy(), sorted(numbers), subjects.key))
    return subjects.table.join(wide, on=subjects.key, how="left", maintain_order="left")


def _spans(asked: pl.LazyFrame, node: SpanLeaf, coverage: Coverage, days: DayColumns, key: str) -> pl.LazyFrame | None:
    if isinstance(node, Enrolled):
        return enrolled(asked, coverage, node, days, key)
    if isinstance(node, EnrolledRun):
        return enrolled_run(asked, coverage, node, days, key)
    return span_flagged(asked, coverage.people, node, days, key)


def _with_first_date(
    table: pl.DataFrame, node: FirstDate, number: int, counted: pl.DataFrame, days: DayColumns, key: str
) -> pl.DataFrame:
    first = counted.filter(pl.col("node") == number).select(key, pl.col("day").alias(node_column(number)))
    table = table.join(first, on=key, how="left", maintain_order="left")
    columns = days.of_event(node)
    moved = (to_day(add_months(to_date(pl.col(node_column(number))), months)).alias(c) for c, months in columns.items())
    return table.with_columns(moved)
