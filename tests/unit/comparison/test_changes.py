"""Changes of rates between two runs: golden intervals, whole numbers, and what must not follow from two runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.run_folders import Counts, Stated, write_stated_run
from vbpmeasure.comparison.changes import Change, Direction, Outcome, changes, shown_in_one_only
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC, SuppressionPolicy
from vbpmeasure.results.disclosure.published import RESULT_SCHEMA, WATERFALL_SCHEMA
from vbpmeasure.results.shown_amounts import AMOUNT_CSV_SCHEMA
from vbpmeasure.runs.reading import RateInfo, RunResults, read_run

By = Mapping[str, Counts]


def run_of(folder: Path, by: By, year: int = 2025, policy: SuppressionPolicy = PUBLIC, **more: Any) -> RunResults:
    write_stated_run(folder, [Stated("wcv", by, **more)], policy, year)
    return read_run(folder)


def compared(
    tmp_path: Path, old: By, new: By, *, old_year: int = 2025, policy: SuppressionPolicy = PUBLIC, **more: Any
) -> dict[str, Change]:
    before = run_of(tmp_path / "old", old, old_year, policy, **more)
    after = run_of(tmp_path / "new", new, 2025, policy, **more)
    return {change.stratum: change for change in changes(before, after)}


def test_the_change_of_a_share_has_newcombes_interval(tmp_path: Path) -> None:
    # Equity page GB2/GB3: 330 of 600 against 612 of 900.
    found = compared(tmp_path, {"all": {"a": (612, 900)}}, {"all": {"a": (330, 600)}}, old_year=2024)["total"]
    assert found.outcome is Outcome.COMPARED
    assert found.change == pytest.approx(-13.0, abs=1e-9)
    assert (found.low, found.high) == (pytest.approx(-17.9794, abs=1e-4), pytest.approx(-7.9780, abs=1e-4))
    assert (found.method, found.direction) == ("newcombe", Direction.WORSE)
    moved = found.moved
    assert (moved.population, moved.excluded, moved.denominator, moved.numerator) == (-300, 0, -300, -282)


def test_an_interval_with_zero_is_no_clear_change(tmp_path: Path) -> None:
    # GB3: 118 of 160 against 612 of 900, -2.15 to +12.69 points.
    found = compared(tmp_path, {"all": {"a": (612, 900)}}, {"all": {"a": (118, 160)}}, old_year=2024)["total"]
    assert (found.low, found.high) == (pytest.approx(-2.1452, abs=1e-4), pytest.approx(12.6931, abs=1e-4))
    assert found.direction is Direction.NO_CLEAR_CHANGE


def test_less_can_be_better(tmp_path: Path) -> None:
    one, two = {"all": {"a": (612, 900)}}, {"all": {"a": (330, 600)}}
    found = compared(tmp_path, one, two, old_year=2024, lower_is_better=True)["total"]
    assert found.direction is Direction.BETTER


def test_a_rerun_has_no_interval(tmp_path: Path) -> None:
    found = compared(tmp_path, {"all": {"a": (612, 900)}}, {"all": {"a": (630, 900)}})["total"]
    assert found.change == pytest.approx(2.0, abs=1e-9)
    assert (found.low, found.high, found.method, found.direction) == (None, None, None, Direction.BETTER)
    same = compared(tmp_path / "same", {"all": {"a": (612, 900)}}, {"all": {"a": (612, 900)}})["total"]
    assert (same.change, same.direction) == (0, Direction.UNCHANGED)


RACE = {"White": (612, 900), "Black": (330, 600), "AI/AN": (21, 42), "NHPI": (9, 18)}


def test_hidden_cells_stay_hidden_between_years(tmp_path: Path) -> None:
    later = {"White": (600, 900), "Black": (330, 600), "AI/AN": (25, 50), "NHPI": (30, 60)}
    found = compared(tmp_path, {"race": RACE}, {"race": later}, old_year=2024)
    assert found["NHPI"].outcome is Outcome.HIDDEN
    assert found["NHPI"].change is None
    assert found["NHPI"].old.denominator is None
    # The later year shows it by itself, of other children: that stays.
    assert found["NHPI"].new.denominator == 60
    assert found["White"].outcome is Outcome.COMPARED


def test_one_period_hides_what_either_run_hides(tmp_path: Path) -> None:
    rerun = {"White": (612, 900), "Black": (330, 600), "AI/AN": (42, 84), "NHPI": (30, 60)}
    found = compared(tmp_path, {"race": RACE}, {"race": rerun})
    for stratum in ("NHPI", "AI/AN"):
        change = found[stratum]
        assert change.outcome is Outcome.HIDDEN
        for side in (change.old, change.new):
            assert (side.population, side.denominator, side.numerator, side.score) == (None, None, None, None)
    assert shown_in_one_only(list(found.values())) == 2
    assert found["White"].outcome is Outcome.COMPARED


OLD = {"race": {"White": (612, 900), "Black": (330, 600)}, "sex": {"Female": (500, 750), "Male": (442, 750)}}


def test_few_children_moved_in_a_stratum_hide_the_old_numbers_of_its_dimension(tmp_path: Path) -> None:
    # White +5, Black +20; Female +12, Male +13; 25 in all.
    new = {"race": {"White": (617, 900), "Black": (350, 600)}, "sex": {"Female": (512, 750), "Male": (455, 750)}}
    found = compared(tmp_path, OLD, new)
    for stratum in ("White", "Black"):
        assert found[stratum].outcome is Outcome.FEW_MOVED
        assert (found[stratum].old.numerator, found[stratum].old.score, found[stratum].change) == (None, None, None)
    assert found["White"].new.numerator == 617
    assert found["Female"].moved.numerator == 12
    assert found["total"].moved.numerator == 25


def test_few_children_moved_in_total_hide_the_old_numbers_of_the_measure(tmp_path: Path) -> None:
    new = {"race": {"White": (617, 900), "Black": (330, 600)}, "sex": {"Female": (505, 750), "Male": (442, 750)}}
    found = compared(tmp_path, OLD, new)
    assert {change.outcome for change in found.values()} == {Outcome.FEW_MOVED}
    assert all(change.old.numerator is None for change in found.values())


def test_the_rest_of_a_denominator_counts_as_children_too(tmp_path: Path) -> None:
    # 30 more in the denominator, 25 more in the numerator: 5 more without it.
    found = compared(tmp_path, {"all": {"a": (612, 900)}}, {"all": {"a": (637, 930)}})["total"]
    assert found.outcome is Outcome.FEW_MOVED


def test_unsuppressed_runs_hide_nothing(tmp_path: Path) -> None:
    new = {"race": {"White": (617, 900), "Black": (330, 600)}, "sex": {"Female": (505, 750), "Male": (442, 750)}}
    found = compared(tmp_path, OLD, new, policy=INTERNAL)
    assert {change.outcome for change in found.values()} == {Outcome.COMPARED}
    assert found["White"].moved.numerator == 5


def test_one_unsuppressed_run_opens_nothing(tmp_path: Path) -> None:
    old = run_of(tmp_path / "old", {"race": RACE}, policy=INTERNAL)
    found = {c.stratum: c for c in changes(old, run_of(tmp_path / "new", {"race": RACE}))}
    assert found["NHPI"].outcome is Outcome.HIDDEN
    assert found["NHPI"].old.numerator is None


def test_cells_of_one_run_only(tmp_path: Path) -> None:
    found = compared(tmp_path, {"race": {"White": (612, 900)}}, {"sex": {"Female": (330, 600)}}, old_year=2024)
    assert found["White"].outcome is Outcome.ONLY_OLD
    assert found["Female"].outcome is Outcome.ONLY_NEW
    assert found["Female"].new.numerator == 330
    assert found["total"].outcome is Outcome.COMPARED


def test_small_denominators_have_no_change(tmp_path: Path) -> None:
    found = compared(tmp_path, {"all": {"a": (11, 24)}}, {"all": {"a": (60, 120)}}, old_year=2024)["total"]
    assert (found.outcome, found.change) == (Outcome.NO_RATE, None)
    assert (found.old.denominator, found.new.score) == (24, 50.0)


def amounts_run(year: int, kind: str, **cell: Any) -> RunResults:
    """Return a run with one rate that is no share; the numbers of its total are given."""
    row = {
        **dict.fromkeys(AMOUNT_CSV_SCHEMA),
        "measure": "m",
        "rate": "r",
        "kind": kind,
        "dimension": "total",
        "stratum": "total",
        "status": "value",
        **cell,
    }
    period = calendar_year(year)
    return RunResults(
        folder=Path("run"),
        manifest={
            "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
            "suppression": PUBLIC.as_record(),
        },
        rates=(RateInfo("m", "r", "Measure", "Rate", lower_is_better=True),),
        results=pl.DataFrame(schema=RESULT_SCHEMA),
        amounts=pl.DataFrame([row], schema=AMOUNT_CSV_SCHEMA, orient="row"),
        waterfall=pl.DataFrame(schema=WATERFALL_SCHEMA),
    )


PER_1000 = "events_per_1000_member_months"


def test_events_per_1000_combine_their_exact_intervals() -> None:
    # 100 and 120 events in 1,000 member-months, exact Poisson 81.36 to 121.63 and 99.49 to 143.49:
    # 20 - sqrt(20.51² + 21.63²) = -9.808, 20 + sqrt(23.49² + 18.64²) = 49.987.
    old = amounts_run(2024, PER_1000, part=100, member_months=1000.0, value=100.0, low=81.36, high=121.63)
    new = amounts_run(2025, PER_1000, part=120, member_months=1000.0, value=120.0, low=99.49, high=143.49)
    (found,) = changes(old, new)
    assert found.change == pytest.approx(20)
    assert (found.low, found.high) == (pytest.approx(-9.808, abs=1e-3), pytest.approx(49.987, abs=1e-3))
    assert (found.method, found.direction) == ("hybrid", Direction.NO_CLEAR_CHANGE)


def test_any_moved_event_of_a_rerun_is_hidden() -> None:
    # 100 more events can be those of one child.
    old = amounts_run(2025, PER_1000, part=100, member_months=1000.0, value=100.0, low=81.36, high=121.63)
    new = amounts_run(2025, PER_1000, part=200, member_months=1000.0, value=200.0, low=173.2, high=229.7)
    (found,) = changes(old, new)
    assert (found.outcome, found.old.numerator, found.change) == (Outcome.FEW_MOVED, None, None)
    (same,) = changes(old, old)
    assert (same.outcome, same.change) == (Outcome.COMPARED, 0)


def test_composites_have_a_change_and_no_interval_between_years() -> None:
    old = amounts_run(2024, "opportunity", part=200, whole=400, value=0.5)
    new = amounts_run(2025, "opportunity", part=300, whole=400, value=0.75)
    (found,) = changes(old, new)
    assert (found.change, found.low, found.direction) == (pytest.approx(25), None, Direction.NO_INTERVAL)


def test_a_rate_that_counts_something_else_now_is_not_compared() -> None:
    old = amounts_run(2024, "opportunity", part=200, whole=400, value=0.5)
    new = amounts_run(2025, PER_1000, part=120, member_months=1000.0, value=120.0, low=99.49, high=143.49)
    (found,) = changes(old, new)
    assert (found.outcome, found.change) == (Outcome.OTHER_KIND, None)
