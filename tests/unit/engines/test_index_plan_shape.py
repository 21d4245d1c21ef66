"""The shape of the queries of index events, composites, event rates and indicators."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import polars as pl
import pytest

from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.amounts import DaysCovered, Dropped, EnrolledRun, Pick, Reading, Sex, SexIs
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet, Role, Trigger
from vbpmeasure.plan.flags import AllOf, AnyOf, CountAtLeast, DateWithin, Enrolled, Flag, Not
from vbpmeasure.plan.index import IndexEvents, Keep, Stays
from vbpmeasure.plan.measures import (
    CodeSet,
    Composite,
    CompositeKind,
    EventRate,
    Indicator,
    MeasurePlan,
    MemberMonths,
    MonthRule,
    Program,
    Proportion,
    Rate,
    Step,
    TotalOf,
    calendar_year,
)

YEAR = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))
AFTER = Window(DateExpr(Anchor.INDEX), DateExpr(Anchor.INDEX, days=30))
BEFORE = Window(DateExpr(Anchor.INDEX, days=-60), DateExpr(Anchor.INDEX, days=-1))


def _code(name: str) -> EventSet:
    return EventSet((Trigger(Role.ANY, (name,)),))


def _count(name: str, window: Window) -> Flag:
    return CountAtLeast((Windowed(_code(name), window),), 2, 7)


def _rates(number: int) -> tuple[Rate, ...]:
    """Everything that a measure can ask, of index events of its own."""
    everybody = (Step("everybody", DateWithin(YEAR.start, YEAR)),)
    quiet = Not(_count("visit", BEFORE))
    days = IndexEvents(Windowed(_code("visit"), YEAR), when=(quiet,), apart=31 + number, keep=Keep.LAST)
    stays = IndexEvents(Windowed(_code("stay"), YEAR), Stays(30 + number))
    score = _code("score")
    drop = Dropped(Reading(Windowed(score, BEFORE), Pick.FIRST), Reading(Windowed(score, AFTER), Pick.LAST), points=5.0)
    asked = AnyOf((_count("visit", AFTER), drop, DaysCovered((Windowed(_code("drug"), AFTER),), 20)))
    enrolled = AllOf((Enrolled(AFTER), EnrolledRun(YEAR, 90), SexIs(Sex.FEMALE)))
    return (
        Proportion("days", "", (*everybody, Step("enrolled", enrolled)), (), asked, days),
        Proportion("again", "", everybody, (), asked, days),
        Proportion("stays", "", everybody, (), asked, stays),
        TotalOf("total", "", ("days", "again")),
        EventRate("rate", "", everybody, (), stays, MemberMonths(YEAR, MonthRule.DAY_OF_MONTH, 15)),
        Composite("all", "", CompositeKind.ALL_OR_NONE, ((f"m{number}", "days"), (f"m{number}", "stays"))),
        Indicator("indicator", "", "ready"),
        Indicator("external", "", "ready", "plan"),
    )


def _program(measures: int) -> Program:
    sets = {"visit": ("CPT", "99213"), "stay": ("UBREV", "0120"), "score": ("LOINC", "44261-6"), "drug": ("NDC", "1")}
    return Program(
        tuple(MeasurePlan(f"m{i}", "", "1", "active", _rates(i)) for i in range(measures)),
        calendar_year(2025),
        {name: CodeSet(name, {system: frozenset({code})}) for name, (system, code) in sets.items()},
    )


def _tables() -> dict[str, pl.LazyFrame]:
    day = dt.date(2025, 3, 1)
    stay = {"admission_date": [day], "discharge_date": [day + dt.timedelta(days=3)]}
    result = {"observation_date": [day], "source_code": ["44261-6"], "result": ["12"]}
    line = {"indicator_id": ["ready"], "entity_type": ["plan"], "entity_id": ["x"], "period_end": [day]}
    born = {"birth_date": [dt.date(2020, 1, 1)], "enrollment_start_date": [day], "enrollment_end_date": [None]}
    person = {"person_id": ["p"]}
    claim = {"claim_id": ["c"], "claim_start_date": [day], "hcpcs_code": ["99213"], "revenue_center_code": ["0120"]}
    return {
        "eligibility": pl.LazyFrame(
            {**person, **born, "gender": ["F"]}, schema_overrides={"enrollment_end_date": pl.Date}
        ),
        "medical_claim": pl.LazyFrame({**person, **claim, **stay}),
        "pharmacy_claim": pl.LazyFrame({**person, "dispensing_date": [day], "ndc_code": ["1"], "days_supply": [30.0]}),
        "observation": pl.LazyFrame({**person, **result}),
        "indicator": pl.LazyFrame({**line, "numerator": [1.0], "denominator": [2.0], "value": [None]}),
    }


def _nodes(query: pl.LazyFrame) -> list[str]:
    graph = query.show_graph(engine="streaming", plan_stage="physical", raw_output=True)
    assert graph is not None
    return [label.split("\\n")[0] for label in re.findall(r'label="((?:[^"\\]|\\.)*)"', graph)]


@pytest.fixture(scope="module")
def queries() -> Queries:
    queries = Queries(keep=True)
    frame = evaluate(_program(1), _tables(), queries=queries)
    assert {frame.rates[number].rate for number in frame.rows["rate"]} == {
        "days",
        "again",
        "stays",
        "total",
        "rate",
        "all",
    }
    assert frame.external.height == 1
    return queries


def test_nothing_leaves_the_streaming_engine(queries: Queries) -> None:
    nodes = {(name, node) for name, query in queries.kept for node in _nodes(query) if node.startswith("in-memory")}
    assert {node for _, node in nodes} <= {"in-memory-source"}, nodes


def test_more_definitions_of_index_events_make_few_more_queries(queries: Queries) -> None:
    more = Queries(keep=True)
    evaluate(_program(4), _tables(), queries=more)
    by_name = Counter(name for name, _ in more.kept)
    few = Counter(name for name, _ in queries.kept)
    # Only the criteria of persons are written measure by measure; spacing goes on until nothing is left.
    grown = {name for name in by_name if by_name[name] > few[name]}
    assert all(name.startswith(("criteria of", "spacing")) for name in grown)
