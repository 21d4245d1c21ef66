"""Index events: candidates, window, conditions, distance and choice, for all definitions together.

The order of the steps is that of the semantics page, section 7. A **unit** is a row of the table of units: one
definition (scope), one person, one index date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from vbpmeasure.engines.polars.criteria import SEX, Criteria, node_column, widen
from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.enrollment import Coverage
from vbpmeasure.engines.polars.events import Found
from vbpmeasure.engines.polars.layout import Layout, Scope, every_flag_of
from vbpmeasure.engines.polars.leaves import judge_nodes, without_first_dates
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.nodes import EVENT_LEAVES, SPAN_LEAVES, Node, dates_of
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.stays import chained
from vbpmeasure.engines.polars.subjects import Subjects
from vbpmeasure.plan.dates import DateExpr
from vbpmeasure.plan.events import Dated
from vbpmeasure.plan.grain import Grain
from vbpmeasure.plan.index import Keep
from vbpmeasure.plan.uses import index_of

_CANDIDATE = pl.Schema({"scope": pl.UInt16, "person": pl.UInt32, "start": pl.Int32, "end": pl.Int32, "index": pl.Int32})


def find_units(
    layout: Layout,
    coverage: Coverage,
    found: Found,
    people: pl.DataFrame,
    met: pl.DataFrame,
    criteria: Criteria,
    queries: Queries,
) -> pl.DataFrame:
    """Return the index events that rates judge or count, one row per unit.

    Columns: unit (position), scope, person, start, end, index (day numbers), and the columns that criteria read: day
    columns, leaves (``node_column``) of the person and of the index event. ``people`` and ``met`` as known after the
    events were read.
    """
    scopes = list(layout.scopes.values())
    days = criteria.days
    table = _candidates(scopes, found, people, days, queries)
    table = _with_person(table, layout, people, met, days, queries)
    if any(scope.index.when for scope in scopes):
        asked = _askers((scope, scope.when) for scope in scopes)
        wide = _judged(table, asked, layout, coverage, found, days, queries)
        holds = [
            _of(scope) & pl.all_horizontal([criteria.write(f).truth for f in scope.index.when] or [pl.lit(True)])
            for scope in scopes
        ]
        kept = wide.lazy().filter(pl.any_horizontal(holds)).select("unit")
        table = queries.run("index events that meet their conditions", table.lazy().join(kept, on="unit", how="semi"))
    table = _apart(table, scopes, queries)
    table = _chosen(table, scopes, queries)
    asked = _askers((scope, scope.judged) for scope in scopes)
    return _judged(table, asked, layout, coverage, found, days, queries)


def _askers(nodes_of: Iterable[tuple[Scope, Iterable[Node]]]) -> dict[Node, int]:
    """Return the bits of the scopes that ask for each node."""
    asked: dict[Node, int] = {}
    for scope, nodes in nodes_of:
        for node in nodes:
            asked[node] = asked.get(node, 0) | scope.bit
    return asked


def _of(scope: Scope) -> pl.Expr:
    return pl.col("scope") == scope.number


def _candidates(
    scopes: Sequence[Scope], found: Found, people: pl.DataFrame, days: DayColumns, queries: Queries
) -> pl.DataFrame:
    """Return the candidates whose index date lies in the window, of people who matter."""
    details = found.details.lazy()
    # Chains are made of all the person's rows, before any window is looked at.
    candidates = queries.run("index candidates", pl.concat([_days(scopes, details), _chains(scopes, details)]))
    windows = [date for scope in scopes for date in _ends(scope)]
    columns = sorted({c for date in windows if (c := days.name(date)) is not None})
    inside = [
        _of(scope)
        & ((pl.col("cohorts") & bits_literal(scope.cohorts)) != 0)
        & (pl.col("index") >= days.day(scope.index.source.window.start))
        & (pl.col("index") <= days.day(scope.index.source.window.end))
        for scope in scopes
    ]
    kept = (
        candidates.lazy()
        .join(people.lazy().select("person", "cohorts", *columns), on="person")
        .filter(pl.any_horizontal(inside))
        .select(_CANDIDATE.names())
        .sort("scope", "person", "index")
        .with_row_index("unit")
    )
    return queries.run("index events in their windows", kept)


def _ends(scope: Scope) -> tuple[DateExpr, DateExpr]:
    return scope.index.source.window.start, scope.index.source.window.end


def _days(scopes: Sequence[Scope], details: pl.LazyFrame) -> pl.LazyFrame:
    asked = _frame({"scope": pl.UInt16, "event": pl.UInt16}, [(s.number, s.event) for s in scopes if not s.index.stays])
    distinct = details.filter(pl.col("day").is_not_null()).select("person", "event", "day").unique()
    day = pl.col("day")
    return distinct.join(asked, on="event").select(
        "scope", "person", day.alias("start"), day.alias("end"), day.alias("index")
    )


def _chains(scopes: Sequence[Scope], details: pl.LazyFrame) -> pl.LazyFrame:
    rules = [
        (s.number, s.event, s.index.stays.chain_days, s.index.stays.on is Dated.ADMISSION)
        for s in scopes
        if s.index.stays
    ]
    asked = _frame({"scope": pl.UInt16, "event": pl.UInt16, "chain": pl.Int64, "by admission": pl.Boolean}, rules)
    stays = (
        details.filter(pl.col("start") <= pl.col("end"))
        .select("person", "event", "start", "end")
        .unique()
        .join(asked, on="event")
    )
    index = pl.when("by admission").then("start").otherwise("end").alias("index")
    return chained(stays).join(asked, on="scope").select("scope", "person", "start", "end", index)


def _frame(schema: dict[str, type[pl.DataType]], rows: Sequence[tuple[int, ...]]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=schema, orient="row")


def _with_person(
    table: pl.DataFrame,
    layout: Layout,
    people: pl.DataFrame,
    met: pl.DataFrame,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Add what is known of the person, and the days counted from the index event."""
    columns: set[str] = set()
    counted: set[int] = set()
    flags = [flag for _, rate in layout.rates if index_of(rate) is not None for flag in every_flag_of(rate)]
    nodes = [node for scope in layout.scopes.values() for node in (*scope.when, *scope.judged)]
    for node in (*flags, *nodes):
        columns |= {c for date in dates_of(node) if (c := days.name(date)) is not None}
    for flag in flags:
        if flag.grain is Grain.PERSON and isinstance(flag, SPAN_LEAVES):
            columns.add(node_column(layout.nodes[flag]))
        if flag.grain is Grain.PERSON and isinstance(flag, EVENT_LEAVES):
            counted.add(layout.nodes[flag])
    known = [c for c in people.columns if c in columns or c == SEX]
    bits = pl.lit(None, dtype=pl.UInt64)
    for scope in layout.scopes.values():
        bits = pl.when(_of(scope)).then(bits_literal(scope.bit)).otherwise(bits)
    wide = table.lazy().with_columns(bits.alias("cohorts")).join(people.lazy().select("person", *known), on="person")
    if counted:
        wide = wide.join(widen(met.lazy(), sorted(counted)), on="person", how="left")
    return queries.run("index events and persons", days.with_index(wide))


def _judged(
    table: pl.DataFrame,
    asked: dict[Node, int],
    layout: Layout,
    coverage: Coverage,
    found: Found,
    days: DayColumns,
    queries: Queries,
) -> pl.DataFrame:
    """Return the units with the leaves of the nodes as columns."""
    nodes = [node for node in layout.nodes if node in asked]
    table = without_first_dates(table, nodes, days)
    table, met = judge_nodes(nodes, layout, coverage, found, Subjects(table, asked, "unit"), days, queries)
    counted = sorted(layout.nodes[node] for node in nodes if isinstance(node, EVENT_LEAVES))
    if not counted:
        return table
    wide = table.lazy().join(widen(met.lazy(), counted, "unit"), on="unit", how="left")
    return queries.run("index events and their criteria", wide)


def _apart(table: pl.DataFrame, scopes: Sequence[Scope], queries: Queries) -> pl.DataFrame:
    """Keep index events greedily: in each pass the earliest one left of each person is the next kept one."""
    # The first that is kept is the earliest, however far apart they must be.
    rules = [(s.number, s.index.apart) for s in scopes if s.index.apart > 1 and s.index.keep is not Keep.FIRST]
    if not rules:
        return table
    rule = _frame({"scope": pl.UInt16, "apart": pl.Int64}, rules)
    left = queries.run(
        "index events to space", table.lazy().select("unit", "scope", "person", "index").join(rule, on="scope")
    )
    kept = [table.lazy().filter(~pl.col("scope").is_in([number for number, _ in rules])).select("unit")]
    while left.height:
        earliest = left.lazy().group_by("scope", "person").agg(pl.col("index").min().alias("kept"))
        placed = queries.run("spacing of index events", left.lazy().join(earliest, on=["scope", "person"]))
        kept.append(placed.lazy().filter(pl.col("index") == pl.col("kept")).select("unit"))
        left = placed.filter(pl.col("index") >= pl.col("kept") + pl.col("apart")).drop("kept")
    return queries.run("spaced index events", table.lazy().join(pl.concat(kept), on="unit", how="semi"))


def _chosen(table: pl.DataFrame, scopes: Sequence[Scope], queries: Queries) -> pl.DataFrame:
    """Keep the first or last index event of a person where only that is asked for."""
    one = {keep: [s.number for s in scopes if s.index.keep is keep] for keep in (Keep.FIRST, Keep.LAST)}
    if not any(one.values()):
        return table
    index = pl.col("index")
    ends = table.lazy().group_by("scope", "person").agg(index.min().alias("first"), index.max().alias("last"))
    chosen = (
        table.lazy()
        .join(ends, on=["scope", "person"])
        .filter(~pl.col("scope").is_in(one[Keep.FIRST]) | (index == pl.col("first")))
        .filter(~pl.col("scope").is_in(one[Keep.LAST]) | (index == pl.col("last")))
        .drop("first", "last")
    )
    return queries.run("chosen index events", chosen)
