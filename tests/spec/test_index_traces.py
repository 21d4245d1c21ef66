"""What `explain --person` says about index events and composites: candidates, look-backs, near misses, components."""

import datetime as dt

from spec.grids import grid, people
from spec.plans import ALWAYS, YEAR, code, codes, count, index, program, rate, since
from vbpmeasure.engines.reference.render_trace import render
from vbpmeasure.engines.reference.trace import JudgedPerson
from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.flags import AnyOf, Not
from vbpmeasure.plan.index import Keep, Stays
from vbpmeasure.plan.measures import Composite, CompositeKind, EventRate, Indicator, MemberMonths, MonthRule, Step

SETS = {"screen": codes(CPT="96110"), "visit": codes(CPT="99213"), "stay": codes(UBREV="0120")}
SCREEN, VISIT, STAY = (code(name) for name in SETS)
TABLE = """
    person | claim | on         | code
    1      | a     | 2025-01-01 | 96110
    1      | b     | 2025-01-20 | 96110
    1      | c     | 2025-06-01 | 96110
    1      | d     | 2025-09-01 | 96110
    1      | e     | 2025-05-20 | 99213
    1      | f     | 2025-02-01 | 99213
    """
NEW = Not(count(VISIT, since(-30, -1)), label="no visit in the 30 days before")


def traces(*rates, table=TABLE):
    rows = {"eligibility": people(1), "medical_claim": grid("medical_claim", table)}
    return JudgedPerson(program(*rates, sets=SETS), rows).traces()


def test_each_unit_has_a_trace_and_each_candidate_a_reason():
    units = index(SCREEN, when=(NEW,), apart=31)
    found = traces(rate(count(VISIT, since(0, 30)), units=units))
    assert [str(trace.index.day) for trace in found] == ["2025-01-01", "2025-09-01"]
    assert {str(c.event.day): c.dropped for c in found[0].candidates} == {
        "2025-01-01": "",
        "2025-01-20": "19 days after the last kept one (2025-01-01), 31 needed",
        "2025-06-01": "fails: no visit in the 30 days before",
        "2025-09-01": "",
    }
    assert found[1].candidates == ()
    lines = render(found)
    assert lines[0] == "m.r: R, index event 2025-01-01"
    assert "│  ├─ [no] 2025-06-01: fails: no visit in the 30 days before" in lines
    assert any("counted: 2025-05-20 medical_claim 99213, claim e" in line for line in lines)


def test_a_condition_without_a_name_is_told_in_words():
    """Definitions name every criterion; plans that are made in Python need not."""
    nameless = Not(AnyOf((count(SCREEN, since(-30, -1)), Not(count(VISIT, since(0, 30))))))
    (found,) = traces(rate(count(VISIT, since(0, 30)), units=index(SCREEN, when=(nameless,), keep=Keep.LAST)))
    said = (
        "fails: not: any of: an event from index - 30 days to index - 1 day, "
        "not: an event from index to index + 30 days"
    )
    assert [c.dropped for c in found.candidates] == [said, said, said, said]
    assert not [line for line in render([found]) if line != line.rstrip()]


def test_a_follow_up_that_is_one_day_late():
    (found,) = traces(rate(count(VISIT, since(0, 30)), units=index(SCREEN, keep=Keep.FIRST)))
    assert found.near_miss == (
        "no date of the event; a row of medical_claim on 2025-02-01 was passed over: outside the window, "
        "1 day after its end"
    )


def test_nobody_to_judge_says_why():
    (found,) = traces(rate(count(VISIT, since(0, 30)), units=index(STAY, stays=Stays())))
    assert (found.row, found.near_miss) == (None, "there is no index event")
    late = index(SCREEN, when=(Not(count(SCREEN, YEAR), label="no screen"),))
    (found,) = traces(rate(count(VISIT, since(0, 30)), units=late))
    assert found.near_miss == "no candidate is an index event; the last one, 2025-09-01: fails: no screen"
    assert render([found])[2] == "├─ verdict: not eligible: no index event"


def test_composites_and_event_rates():
    member = rate(count(VISIT, since(0, 31)), units=index(SCREEN), rate_id="a")
    other = rate(count(VISIT, YEAR), rate_id="b")
    nobody = rate(count(VISIT, YEAR), population=(Not(ALWAYS),), rate_id="n")
    both = Composite("c", "C", CompositeKind.OPPORTUNITY, (("m", "a"), ("m", "b"), ("m", "n")))
    pooled = Composite("p", "P", CompositeKind.POOLED, (("m", "a"), ("m", "b")))
    events = EventRate("e", "E", (Step("all", ALWAYS),), (), index(VISIT), MemberMonths(YEAR, MonthRule.ANY_DAY))
    lines = render([trace for trace in traces(member, other, nobody, both, pooled, events) if trace.rate in "cpe"])
    assert "├─ verdict: open: 1 of 2 eligible components met" in lines
    assert "├─ near miss: not met: m.a" in lines
    assert "│  ├─ [no] m.a: not met (2 of 4 index events)" in lines
    assert "│  ├─ [yes] m.b: met" in lines
    assert "│  └─ [--] m.n: not eligible" in lines
    assert "└─ made from the counts of m.a, m.b" in lines
    assert "├─ verdict: in the denominator: 2 events in 12 member-months" in lines
    assert "├─ member-months: enrolled on any day of the month, in the measurement period" in lines
    assert "├─ counted days 2025-01-01 to 2025-12-31" in lines


def test_an_index_event_names_its_rows():
    found, *_ = traces(rate(count(VISIT, since(0, 30)), units=index(SCREEN, apart=31)))
    lines = render([found])
    assert "│  │  └─ event: 2025-01-01 medical_claim 96110, claim a" in lines
    assert "│  ├─ [no] 2025-01-20: 19 days after the last kept one (2025-01-01), 31 needed" in lines


def test_a_chain_of_stays_names_each_of_them():
    table = """
    person | claim | admission_date | discharge_date | revenue_center_code
    1      | a     | 2025-03-22     | 2025-03-25     | 0120
    1      | b     | 2025-03-25     | 2025-04-02     | 0120
    1      | c     | 2025-06-01     | 2025-06-02     | 0120
    """
    units = index(STAY, stays=Stays())
    (found, _) = traces(rate(count(VISIT, since(0, 30)), units=units), table=table)
    lines = render([found])
    assert "│  ├─ [yes] 2025-04-02 (stay 2025-03-22 to 2025-04-02)" in lines
    assert "│  │  ├─ event: 2025-03-22 to 2025-03-25 medical_claim 0120, claim a" in lines
    assert "│  │  └─ event: 2025-03-25 to 2025-04-02 medical_claim 0120, claim b" in lines


def test_events_outside_the_window_or_the_counted_days_say_so():
    year_to_may = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_START, months=5, days=-1))
    months = MemberMonths(year_to_may, MonthRule.ANY_DAY)
    events = EventRate("e", "E", (Step("all", ALWAYS),), (), index(SCREEN), months)
    (found,) = traces(events)
    assert {str(one.event.day): one.dropped for one in found.candidates} == {
        "2025-01-01": "",
        "2025-01-20": "",
        "2025-06-01": "not on a counted day",
        "2025-09-01": "not on a counted day",
    }
    assert "├─ verdict: in the denominator: 2 events in 5 member-months" in render([found])
    (found, *_) = traces(rate(count(VISIT, since(0, 30)), units=index(SCREEN, window=year_to_may)))
    assert found.candidates[-1].dropped == "outside the window 2025-01-01 to 2025-05-31"


def test_no_event_is_counted_in_months_too():
    events = EventRate("e", "E", (Step("all", ALWAYS),), (), index(STAY), MemberMonths(YEAR, MonthRule.ANY_DAY))
    (found,) = traces(events)
    assert "├─ verdict: in the denominator: 0 events in 12 member-months" in render([found])


def test_rows_of_an_indicator_are_named():
    row = {"indicator_id": "k", "entity_type": "person", "entity_id": "1", "period_end": dt.date(2025, 12, 31)}
    rows = {
        "eligibility": people(1),
        "indicator": [row | {"numerator": 3, "denominator": 4, "source": "school"}, row | {"value": 0.5}],
    }
    (found,) = JudgedPerson(program(Indicator("i", "I", "k"), sets=SETS), rows).traces()
    lines = render([found])
    assert "├─ verdict: open: 3 of 4" in lines
    assert "├─ indicator row of the period that ends 2025-12-31: 3 of 4, source school" in lines
    assert "├─ indicator row of the period that ends 2025-12-31: left out: it fits no rule" in lines
