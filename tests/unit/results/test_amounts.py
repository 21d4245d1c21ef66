"""Rates that are no share: counts, values, intervals, and what is hidden."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from scipy.stats import chi2

from support.tables import amounts, rate_table, waterfalls
from vbpmeasure.outputs.amounts_text import amounts_text
from vbpmeasure.outputs.delimited import amounts_csv
from vbpmeasure.outputs.jsons import results_json
from vbpmeasure.plan.measures import MONTH_UNITS, calendar_year
from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.categories.dimensions import Dimension
from vbpmeasure.results.categories.strata import Strata, StrataSet
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.profiles import Disclosure
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import AMOUNT_SCHEMA, EXTERNAL_SCHEMA, ROW_SCHEMA, RateKey, RateKind, ResultFrame
from vbpmeasure.results.poisson import exact_interval
from vbpmeasure.results.reported import reported, shares
from vbpmeasure.results.shown_amounts import as_records, shown_amounts

KINDS = {
    "share": RateKind.PROPORTION,
    "other": RateKind.PROPORTION,
    "ed": RateKind.EVENTS_PER_1000,
    "pool": RateKind.POOLED,
    "mean": RateKind.EQUAL_WEIGHT,
    "chance": RateKind.OPPORTUNITY,
    "state": RateKind.EXTERNAL,
}


def key(name: str, **more: bool) -> RateKey:
    members = (("m", "share"), ("m", "other")) if name in ("pool", "mean", "chance") else ()
    return RateKey("m", name, "M", name, ("step",), (), kind=KINDS[name], components=members, **more)


def test_the_cells_of_a_crossing_say_of_which_names_they_are_made() -> None:
    """A name may hold what stands between two: the text alone would not say which is which."""
    labels = (("North * South", "F"), ("C", "M"))
    ids = pl.Series([0, 1, 1], dtype=pl.UInt32)
    strata = StrataSet((Strata(Dimension(("payer", "sex")), labels, ids, is_open=True),))
    cells = amounts(frame([("ed", person, True, 2, MONTH_UNITS) for person in range(3)], 3), strata)
    found = {cell.stratum: cell.parts for cell in cells if cell.dimension == "payer*sex"}
    assert found == {'"North * South" * F': ("North * South", "F"), "C * M": ("C", "M")}
    assert {cell.parts for cell in cells if cell.dimension == "total"} == {()}


def test_strata_whose_names_joined_are_the_same_are_counted_apart() -> None:
    """`A * B` of `C` and `A` of `B * C`: 30 children with 2 visits each, and 50 with 1 each."""
    labels = (("A", "B * C"), ("A * B", "C"))
    ids = pl.Series([0] * 30 + [1] * 50, dtype=pl.UInt32)
    strata = StrataSet((Strata(Dimension(("payer", "plan")), labels, ids, is_open=True),))
    rows = [("ed", person, True, 2 if person < 30 else 1, MONTH_UNITS) for person in range(80)]
    cells = amounts(frame([*rows, *(("share", person, person < 40, None, None) for person in range(80))], 80), strata)
    found = {(c.rate, c.stratum): (c.persons, c.part, c.whole) for c in cells if c.dimension == "payer*plan"}
    # The composites of shares (40 of 80, all 30 of the first and 10 of the second) have strata of their own too.
    assert found[2, 'A * "B * C"'] == (30, 60, 30 * MONTH_UNITS)
    assert found[2, '"A * B" * C'] == (50, 50, 50 * MONTH_UNITS)
    assert found[3, 'A * "B * C"'] == (30, 30, 30)
    assert found[3, '"A * B" * C'] == (50, 10, 50)


def frame(rows: list[tuple[object, ...]], people: int, external: list[tuple[object, ...]] = []) -> ResultFrame:  # noqa: B006
    """Rows are (rate name, person, numerator, part, whole)."""
    names = list(KINDS)
    table = pl.DataFrame(
        [
            (names.index(str(rate)), person, None, None, None, numerator, None, None, part, whole)
            for rate, person, numerator, part, whole in rows
        ],
        schema={**ROW_SCHEMA, **AMOUNT_SCHEMA},
        orient="row",
    )
    lines = [(names.index("state"), *line) for line in external]
    return ResultFrame(
        calendar_year(2025),
        tuple(key(name) for name in names),
        table.sort("rate", "person"),
        pl.DataFrame({"person_id": range(people)}),
        external=pl.DataFrame(lines, schema=EXTERNAL_SCHEMA, orient="row"),
    )


def total(found: ResultFrame, name: str) -> Amount:
    return next(a for a in amounts(found) if found.rates[a.rate].rate == name and a.dimension == "total")


def values(found: ResultFrame, policy=INTERNAL, **more):
    return {
        r["rate"]: r
        for r in as_records(shown_amounts(found, amounts(found), policy, **more))
        if r["dimension"] == "total"
    }


@pytest.mark.parametrize("events", [0, 1, 2, 5, 10, 37, 100, 999, 12_345, 1_000_000])
def test_the_exact_interval_is_that_of_scipy(events: int) -> None:
    low, high = exact_interval(events)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * events) / 2 if events else 0.0, rel=1e-9)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * events + 2) / 2, rel=1e-9)


def test_an_interval_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        exact_interval(-1)


def test_events_over_member_months() -> None:
    # 60 children with 10 months each; 30 of them with one visit: 30 in 600 months are 50 per 1,000.
    rows = [("ed", i, i < 30, int(i < 30), 10 * MONTH_UNITS) for i in range(60)]
    found = frame(rows, 60)
    assert total(found, "ed") == Amount(2, "total", "total", 60, 30, 600 * MONTH_UNITS, behind=(60, 30))
    shown = values(found, PUBLIC)["ed"]
    assert (shown["part"], shown["member_months"], shown["value"], shown["status"]) == (30, 600.0, 50.0, "value")
    # The exact interval of 30 events is 20.2409 to 42.8269 (published tables).
    assert shown["low"] == pytest.approx(33.735, abs=0.001)
    assert shown["high"] == pytest.approx(71.378, abs=0.001)


def test_pooled_and_equal_weight_come_from_the_members() -> None:
    # 40 of 80 and 5 of 20: together 45 of 100, on average 37.5 %.
    rows = [("share", i, i < 40, None, None) for i in range(80)] + [("other", i, i < 5, None, None) for i in range(20)]
    shown = values(frame(rows, 80))
    assert (shown["pool"]["part"], shown["pool"]["whole"], shown["pool"]["value"]) == (45, 100, 0.45)
    assert (shown["mean"]["part"], shown["mean"]["whole"], shown["mean"]["value"]) == (None, None, 0.375)


def test_an_equal_weight_without_data_in_one_member_is_nothing() -> None:
    shown = values(frame([("share", i, True, None, None) for i in range(40)], 40))
    assert (shown["mean"]["value"], shown["mean"]["status"]) == (None, "NO_DATA")
    assert shown["pool"]["value"] == 1.0


def test_the_average_of_rounded_members() -> None:
    # 41 of 82 are shown as 40 of 80, 33 of 66 as 35 of 65: the average is theirs, and not that of the exact counts.
    rows = [("share", i, i < 41, None, None) for i in range(82)] + [("other", i, i < 33, None, None) for i in range(66)]
    shown = values(frame(rows, 82), Disclosure(round_to=5).policy())
    assert shown["mean"]["value"] == pytest.approx((40 / 80 + 35 / 65) / 2, abs=1e-6)
    assert values(frame(rows, 82))["mean"]["value"] == 0.5


def test_opportunity_adds_up_components() -> None:
    rows = [("chance", i, i < 20, 3 if i < 20 else 1, 3) for i in range(40)]
    shown = values(frame(rows, 40))["chance"]
    assert (shown["part"], shown["whole"], shown["value"]) == (80, 120, pytest.approx(2 / 3, abs=1e-6))


@pytest.mark.parametrize(
    ("rows", "rate"),
    [
        # Few events; events of few persons; a member with few misses.
        ([("ed", i, i < 3, int(i < 3), 10 * MONTH_UNITS) for i in range(60)], "ed"),
        ([("ed", i, True, 40, 12 * MONTH_UNITS) for i in range(4)], "ed"),
        (
            [("share", i, i < 75, None, None) for i in range(80)]
            + [("other", i, i < 40, None, None) for i in range(80)],
            "pool",
        ),
    ],
)
def test_small_counts_are_hidden(rows: list[tuple[object, ...]], rate: str) -> None:
    shown = values(frame(rows, 80), PUBLIC)[rate]
    assert shown["status"] == "SUPPRESSED_PRIMARY"
    assert [shown[name] for name in ("part", "whole", "member_months", "value", "low", "high")] == [None] * 6
    assert values(frame(rows, 80), INTERNAL)[rate]["status"] == "value"


def test_a_composite_of_a_hidden_member_is_hidden() -> None:
    rows = [(name, i, i < 40, None, None) for name in ("share", "other") for i in range(80)]
    found = frame(rows, 80)
    assert values(found, PUBLIC)["pool"]["status"] == "value"
    hidden = values(found, PUBLIC, unseen={("m", "other", "total", "total")})
    assert hidden["pool"]["status"] == hidden["mean"]["status"] == "SUPPRESSED_PRIMARY"


def test_lines_of_other_entities_add_up_when_all_have_counts() -> None:
    both = frame([], 0, [("a", 30, 40, None, "state"), ("b", 30, 60, None, "state")])
    assert (values(both)["state"]["part"], values(both)["state"]["value"]) == (60, 0.6)
    assert values(both)["state"]["kind"] == "external_indicator"
    one_value = frame([], 0, [("a", None, None, 0.9, "state")])
    assert values(one_value)["state"]["value"] == 0.9
    mixed = frame([], 0, [("a", 30, 40, None, "state"), ("b", None, None, 0.5, "state")])
    assert values(mixed)["state"]["status"] == "NO_DATA"


def test_a_table_of_shares_has_no_other_rates() -> None:
    found = frame([("share", 0, True, None, None), ("other", 1, True, None, None), ("ed", 0, True, 1, MONTH_UNITS)], 2)
    cut = shares(found)
    assert [k.rate for k in cut.rates] == ["share", "other"]
    assert cut.rows["rate"].to_list() == [0, 1]
    lent = ResultFrame(found.period, (key("share", support=True), key("other")), found.rows[:2], found.people)
    assert [k.rate for k in reported(lent).rates] == ["other"]
    assert reported(lent).rows["rate"].to_list() == [0]


def test_the_published_table_shows_them_beside_the_shares() -> None:
    rows = [(name, i, i < 40, None, None) for name in ("share", "other") for i in range(80)]
    rows += [("ed", i, i < 30, int(i < 30), 10 * MONTH_UNITS) for i in range(60)]
    found = frame(rows, 80)
    table = PublishedTable(rate_table(shares(found)), PUBLIC, others=(found, amounts(found)))
    assert table.results["rate"].to_list() == ["share", "other"]
    assert [cell["rate"] for cell in as_records(table.amounts)] == ["ed", "pool", "mean", "chance", "state"]
    text = amounts_text(table.amounts, 100)
    assert "ed" in text
    assert "50.00" in text
    assert "33.73 - 71.38" in text
    assert b'"amounts"' in results_json(table)
    assert amounts_csv(table).decode().splitlines()[1].startswith("m,ed,events_per_1000_member_months,total,total,30,")


@pytest.mark.parametrize(("few", "status"), [(3, "SUPPRESSED_PRIMARY"), (10, "SUPPRESSED_PRIMARY"), (11, "value")])
@pytest.mark.parametrize("taken", [1, 4])
def test_few_children_hide_a_rate_however_many_chances_they_took_or_missed(few: int, status: str, taken: int) -> None:
    # A few children with 5 chances each, of which they took 1 (or 4); 50 others took all 5 (or none). Even 3 children
    # missed (or took) 12 chances together: a count that could stand there.
    rows = [("chance", i, False, taken, 5) for i in range(few)]
    rows += [("chance", i, False, 5 if taken == 1 else 0, 5) for i in range(few, few + 50)]
    found = frame(rows, few + 50)
    table = PublishedTable(rate_table(shares(found)), PUBLIC, others=(found, amounts(found)))
    (shown,) = (cell for cell in as_records(table.amounts) if cell["rate"] == "chance")
    assert shown["status"] == status
    part = 250 + few if taken == 1 else 4 * few
    assert (shown["part"], shown["whole"]) == ((part, 5 * (few + 50)) if status == "value" else (None, None))


def test_a_run_may_have_nothing_but_amounts() -> None:
    found = frame([("ed", i, i < 30, int(i < 30), 10 * MONTH_UNITS) for i in range(60)], 60)
    only = ResultFrame(
        found.period, (key("ed"),), found.rows.with_columns(rate=pl.lit(0, dtype=pl.UInt16)), found.people
    )
    table = PublishedTable(rate_table(shares(only)), PUBLIC, others=(only, amounts(only)))
    assert "ed" in amounts_text(table.amounts, 100)


def test_the_waterfall_of_events_counts_persons_too() -> None:
    # Persons 0 to 2 with two events each: one fails step 2, one is excluded, the rest is met once.
    rows = [
        (0, 0, "2025-01-01", None, None, True),
        (0, 0, "2025-02-01", 1, None, False),
        (0, 1, "2025-01-01", None, 0, False),
        (0, 1, "2025-02-01", None, None, False),
        (0, 2, "2025-01-01", None, None, False),
        (0, 2, "2025-02-01", None, None, False),
    ]
    table = pl.DataFrame(
        [(r, p, dt.date.fromisoformat(day), step, out, met, None, None) for r, p, day, step, out, met in rows],
        schema=ROW_SCHEMA,
        orient="row",
    )
    events = RateKey("m", "e", "M", "E", ("one", "two"), (("gone", "Gone"),), per_event=True)
    (found,) = waterfalls(ResultFrame(calendar_year(2025), (events,), table, pl.DataFrame({"person_id": range(9)})))
    assert [(s.kind, s.removed, s.remaining, s.persons) for s in found.stages] == [
        ("step", None, 6, 3),
        ("step", 1, 5, 3),
        ("exclusion", 1, 4, 3),
        ("denominator", None, 4, 3),
        ("numerator", 3, 1, 1),
    ]
