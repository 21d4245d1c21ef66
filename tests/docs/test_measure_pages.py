"""The pages of the measures say what the definitions say, now."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.measure_pages.timeline import timelines
from vbpmeasure.measure_pages.write import pages, write_pages
from vbpmeasure.plan.dates import Anchor, DateExpr, Window, Windowed
from vbpmeasure.plan.events import EventSet, Role, Trigger
from vbpmeasure.plan.flags import CountAtLeast, Enrolled, Not
from vbpmeasure.plan.index import IndexEvents
from vbpmeasure.plan.measures import (
    Composite,
    CompositeKind,
    EventRate,
    Indicator,
    MeasurePlan,
    MemberMonths,
    MonthRule,
    Proportion,
    Step,
)

FOLDER = Path(__file__).parents[2] / "docs" / "measures"
MENDED_BY = "run `make docs` and look at what changed"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return pages()


def test_the_pages_are_those_of_the_definitions(written: dict[str, str]) -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert sorted(there) == sorted(written), MENDED_BY
    stale = [name for name, text in written.items() if there[name] != text]
    assert stale == [], MENDED_BY


def test_the_index_names_every_measure_and_tag(written: dict[str, str]) -> None:
    catalog = Catalog.open()
    index = written["README.md"]
    for info in map(catalog.info, catalog.ids()):
        assert f"({info.id}.md) | `{info.id}` | {info.status} | {'yes' if info.established else 'no'}" in index
        assert all(f"- **{tag}**: " in index for tag in info.tags)


def test_a_page_tells_what_the_definition_says(written: dict[str, str]) -> None:
    page = written["dev_fu.md"]
    for words in (
        "| established | no: no steward publishes this measure |",
        "| claims | proxy: claims see a proxy of it |",
        "- Index events: the days of screen",
        "| [`dev_concern_dx_narrow`](../../measures/value_sets/dev_concern_dx_narrow.yaml) | ICD10CM 20 | low |",
        "(**unverified**) | 2016 | exclude | medium |",
        "NASHP",
    ):
        assert words in page
    assert "- 2025: `telehealth_allowed` from yes to no" in written["w30.md"]


def test_writing_twice_changes_nothing_and_takes_old_pages_away(tmp_path: Path, written: dict[str, str]) -> None:
    (tmp_path / "gone.md").write_text("an old page")
    write_pages(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_pages(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert sorted(first) == sorted(written)


# Timelines, drawn by hand

VISIT = EventSet((Trigger(Role.ANY, ("v",)),), name="visit")
YEAR = Window(DateExpr(Anchor.PERIOD_START), DateExpr(Anchor.PERIOD_END))


def at(anchor: Anchor, days: int = 0, years: int = 0) -> DateExpr:
    return DateExpr(anchor, days=days, years=years)


def drawn(*rates: Proportion | EventRate | Composite | Indicator) -> list[str]:
    return timelines(MeasurePlan("m", "M", "2025", "active", rates))


def test_a_window_of_ages() -> None:
    window = Window(at(Anchor.BIRTH, 31), at(Anchor.BIRTHDAY, 90, 1))
    rate = Proportion(
        "r", "R", (Step("enrolled", Enrolled(window, on=None)),), (), CountAtLeast((Windowed(VISIT, window),), 1)
    )
    (block,) = drawn(rate)
    assert block.splitlines() == [
        "age                                │" + " " * 20 + "  │ birth",
        "population: enrollment             │         ├─────────┤  from birth + 31 days to birthday 1 + 90 days",
        "numerator: visit                   │         ├─────────┤  from birth + 31 days to birthday 1 + 90 days",
    ]


def test_windows_around_an_index_event() -> None:
    before = Windowed(VISIT, Window(at(Anchor.INDEX, -120), at(Anchor.INDEX, -1)))
    after = Windowed(VISIT, Window(at(Anchor.INDEX), at(Anchor.INDEX, 30)))
    same_day = Windowed(VISIT, Window(at(Anchor.INDEX), at(Anchor.INDEX)))
    units = IndexEvents(Windowed(VISIT, YEAR), when=(Not(CountAtLeast((before,), 1)),))
    rate = Proportion("r", "R", (Step("same day", CountAtLeast((same_day,), 1)),), (), CountAtLeast((after,), 1), units)
    period, index = drawn(rate)
    assert period.splitlines() == [
        "measurement period                 │         │  │ period start, period end",
        "index: visit                       ├─────────┤  in the measurement period",
    ]
    assert index.splitlines() == [
        "index event                                            │            │ index",
        "condition: no visit                ├─────────┤         │            from index - 120 days to index - 1 day",
        "population: visit                                      ●            on index",
        "numerator: visit                                       ├─────────┤  from index to index + 30 days",
    ]


def test_event_rates_composites_and_indicators() -> None:
    months = MemberMonths(YEAR, MonthRule.ANY_DAY)
    step = (Step("enrolled", Enrolled(YEAR, on=None)),)
    events = EventRate("ed", "ED", step, (), IndexEvents(Windowed(VISIT, YEAR)), months)
    both = Composite("c", "C", CompositeKind.POOLED, (("m", "a"), ("m", "b")))
    (block,) = drawn(events, both, Indicator("i", "I", "score", "plan"))
    assert [line.split("  ")[0] for line in block.splitlines()] == [
        "measurement period",
        "index: visit",
        "population: enrollment",
        "denominator: member-months",
    ]
    assert drawn(both) == []


def test_a_window_between_two_kinds_of_dates_is_told_in_words() -> None:
    mixed = Windowed(VISIT, Window(at(Anchor.BIRTH), at(Anchor.PERIOD_END)))
    rate = Proportion("r", "R", (Step("x", CountAtLeast((mixed,), 1)),), (), CountAtLeast((mixed,), 1))
    (block,) = drawn(rate)
    assert block.splitlines()[0] == "between dates of different kinds"
    assert block.splitlines()[1].endswith("from birth to period end")
