"""The leaves of all criteria in the order in which they can be known: enrollment, then counts, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from vbpmeasure.engines.polars.counts import MET_SCHEMA, count_nodes
from vbpmeasure.engines.polars.criteria import Criteria, node_column, widen
from vbpmeasure.engines.polars.days import DayColumns, add_months, to_date, to_day
from vbpmeasure.engines.polars.enrollment import Coverage, enrolled, span_flagged
from vbpmeasure.engines.polars.layout import Layout, Node, depth_of
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.dates import FirstDate
from vbpmeasure.plan.flags import AgeBetween, CountAtLeast, DateWithin, Enrolled, Flag, SpanFlagged


def before_events(
    layout: Layout, coverage: Coverage, days: DayColumns, criteria: Criteria, queries: Queries
) -> pl.DataFrame:
    """Return the people with day columns, the leaves that need no event, and their cohorts.

    One row per person. Cohorts are the bits of the population prefixes that the person meets: a person with no bit can
    be in no denominator, and its claims are not needed.
    """
    table = days.with_birth_and_death(coverage.people.table)
    of_events = [c for n in layout.nodes if isinstance(n, FirstDate) for c in days.of_event(n)]
    table = table.with_columns(pl.lit(None, dtype=pl.Int32).alias(c) for c in of_events)
    # Enrollment is only judged for people whose age can put them into a population.
    by_age = [(prefix[:1] if prefix and _is_of_birth(prefix[0]) else (), bit) for prefix, bit in layout.cohorts]
    table = table.with_columns(_cohorts(by_age, criteria))
    table = _judge_spans(layout, coverage, table, 0, days, queries)
    return table.with_columns(_cohorts(layout.cohorts, criteria))


def after_events(
    layout: Layout, coverage: Coverage, events: pl.DataFrame, people: pl.DataFrame, days: DayColumns, queries: Queries
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the people with first-event dates and the leaves that hang on them, and the counts that hold.

    The counts are rows of ``MET_SCHEMA``.
    """
    met = [pl.DataFrame(schema=MET_SCHEMA)]
    depths = sorted({depth_of(node) for node in layout.nodes})
    for depth in depths:
        if depth:
            people = _judge_spans(layout, coverage, people, depth, days, queries)
        counting = [n for n in layout.nodes if isinstance(n, CountAtLeast | FirstDate) and depth_of(n) == depth]
        found = count_nodes(counting, layout, events, people.lazy(), days, queries)
        met.append(found)
        for node in counting:
            if isinstance(node, FirstDate):
                people = _with_first_date(people, node, layout.nodes[node], found, days)
    return people, pl.concat(met)


def _is_of_birth(flag: Flag) -> bool:
    return all(isinstance(f, AgeBetween | DateWithin) or f.parts for f in flag.walk())


def _cohorts(prefixes: Iterable[tuple[tuple[Flag, ...], int]], criteria: Criteria) -> pl.Expr:
    bits = bits_literal(0)
    for prefix, bit in prefixes:
        meets = pl.all_horizontal([criteria.write(f).truth for f in prefix]) if prefix else pl.lit(True)
        bits = bits | pl.when(meets).then(bits_literal(bit)).otherwise(bits_literal(0))
    return bits.alias("cohorts")


def _judge_spans(
    layout: Layout, coverage: Coverage, people: pl.DataFrame, depth: int, days: DayColumns, queries: Queries
) -> pl.DataFrame:
    """Add a column for each enrollment and span leaf of this depth."""
    nodes = {n: i for n, i in layout.nodes.items() if isinstance(n, Enrolled | SpanFlagged) and depth_of(n) == depth}
    answers = []
    for node, number in nodes.items():
        wanted = layout.node_cohorts[node]
        asked = people.lazy().filter((pl.col("cohorts") & bits_literal(wanted)) != 0)
        answer = _spans(asked, node, coverage, days)
        if answer is not None:
            answers.append(
                answer.select(
                    "person", pl.lit(number, dtype=pl.UInt16).alias("node"), pl.lit(0, dtype=pl.Int32).alias("day")
                )
            )
    if not nodes:
        return people
    held = queries.run("enrollment", pl.concat(answers)) if answers else pl.DataFrame(schema=MET_SCHEMA)
    wide = queries.run("enrollment by person", widen(held.lazy(), sorted(nodes.values())))
    return people.join(wide, on="person", how="left", maintain_order="left")


def _spans(asked: pl.LazyFrame, node: Node, coverage: Coverage, days: DayColumns) -> pl.LazyFrame | None:
    if isinstance(node, Enrolled):
        return enrolled(asked, coverage, node, days)
    assert isinstance(node, SpanFlagged)
    return span_flagged(asked, coverage.people, node, days)


def _with_first_date(
    people: pl.DataFrame, node: FirstDate, number: int, found: pl.DataFrame, days: DayColumns
) -> pl.DataFrame:
    first = found.filter(pl.col("node") == number).select("person", pl.col("day").alias(node_column(number)))
    people = people.join(first, on="person", how="left", maintain_order="left")
    columns = days.of_event(node)
    moved = (to_day(add_months(to_date(pl.col(node_column(number))), months)).alias(c) for c, months in columns.items())
    return people.with_columns(moved)
