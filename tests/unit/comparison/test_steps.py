"""Which step moved a rate: waterfalls written by hand, contributions worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from vbpmeasure.comparison.changes import Change, Numbers, Outcome
from vbpmeasure.comparison.manifests import defined_alike
from vbpmeasure.comparison.steps import StepMove, step_moves
from vbpmeasure.results.disclosure.published import WATERFALL_SCHEMA
from vbpmeasure.runs.cells import Unit

START, ENROLLED, HOSPICE, SEEN = "start", "Enrolled", "Hospice care", "Seen before"


@dataclass
class Run:
    """What `step_moves` looks at of a run."""

    waterfall: pl.DataFrame
    period: str = "2025"
    is_public: bool = True

    @property
    def suppression(self) -> dict[str, int]:
        return {"suppress_below": 11}


def run(*stages: tuple[str, str, int | None], period: str = "2025") -> Run:
    rows = [
        ("wcv", "wcv", number, kind, label, "persons", None, remaining, remaining)
        for number, (kind, label, remaining) in enumerate(stages)
    ]
    return Run(pl.DataFrame(rows, schema=WATERFALL_SCHEMA, orient="row"), period)


def moves(old: Run, new: Run, tops: tuple[int, int], alike: tuple[str, ...] = ()) -> tuple[StepMove, ...]:
    bottoms = [side.waterfall.filter(pl.col("kind") == "denominator")["remaining"].item() for side in (old, new)]
    sides = [
        Numbers(denominator=bottom, numerator=top, score=bottom and 100 * top / bottom)
        for bottom, top in zip(bottoms, tops, strict=True)
    ]
    info = SimpleNamespace(measure="wcv", rate="wcv")
    rate: Any = SimpleNamespace(info=info, name=("wcv", "wcv"), score_unit=Unit.PERCENT)
    change = None if None in bottoms else sides[1].score - sides[0].score  # type: ignore[operator]
    cell = Change(rate, "total", "", sides[0], sides[1], Outcome.COMPARED, change)
    sides_of_runs: Any = (old, new)
    return step_moves(*sides_of_runs, (cell,), alike)


def falls(*counts: int | None, period: str = "2025") -> Run:
    kinds = [("start", "all people"), ("step", ENROLLED), ("exclusion", HOSPICE)]
    named = [(kind, label, count) for (kind, label), count in zip(kinds, counts, strict=True)]
    return run(*named, ("denominator", "denominator", counts[-1]), ("numerator", "numerator", None), period=period)


def with_numerator(found: Run, met: int) -> Run:
    """Put in who met the measure: the waterfall of a rate shows it, or the whole rate has none."""
    last = pl.when(pl.col("kind") == "numerator").then(met).otherwise(pl.col("remaining"))
    return Run(found.waterfall.with_columns(last.alias("remaining").cast(pl.Int64)), found.period)


def test_a_new_exclusion_is_the_step_that_moved_the_rate() -> None:
    # 1,000 children, 800 enrolled; the new definition takes 200 of them out, none of whom met the measure.
    stages = (("start", "all people", 1000), ("step", ENROLLED, 800))
    old = run(*stages, ("denominator", "denominator", 800), ("numerator", "numerator", 400))
    new = run(*stages, ("exclusion", SEEN, 600), ("denominator", "denominator", 600), ("numerator", "numerator", 400))
    found = {move.label: move for move in moves(old, new, (400, 400))}
    assert found[SEEN].in_run == "new"
    assert found[SEEN].denominator_moved == pytest.approx(-200)
    # 50.00 % became 66.67 %: 16.67 points, all of them the exclusion's.
    assert found[SEEN].points == pytest.approx(100 / 6)
    assert found[ENROLLED].denominator_moved == 0
    assert found["numerator"].points == 0


def test_contributions_add_up_to_what_moved() -> None:
    old, new = with_numerator(falls(1000, 800, 790), 395), with_numerator(falls(1300, 900, 860), 602)
    found = moves(old, new, (395, 602))
    by_label = {move.label: move for move in found}
    assert sum(move.denominator_moved or 0 for move in found) == pytest.approx(70)
    mean = 70 / log(860 / 790)
    assert by_label["all people"].denominator_moved == pytest.approx(mean * log(1.3))
    assert by_label[ENROLLED].denominator_moved == pytest.approx(mean * log((900 / 1300) / (800 / 1000)))
    # 50 % became 70 %.
    assert sum(move.points or 0 for move in found) == pytest.approx(20)
    assert by_label["numerator"].numerator_moved == 207


def test_between_periods_the_points_are_the_numerators() -> None:
    old = with_numerator(falls(1000, 800, 790, period="2024"), 395)
    new = with_numerator(falls(1300, 900, 860), 602)
    found = moves(old, new, (395, 602))
    assert [move.label for move in found if move.points is not None] == ["numerator"]
    assert found[-1].points == pytest.approx(20)


def test_a_hidden_stage_ends_the_story() -> None:
    whole = with_numerator(falls(1000, 800, 790), 395)
    assert moves(with_numerator(falls(1000, None, 790), 395), whole, (395, 395)) == ()


@pytest.mark.parametrize(("after", "told"), [(793, False), (801, True), (790, True)])
def test_two_runs_of_one_period_tell_of_no_few_children(after: int, told: bool) -> None:
    old = with_numerator(falls(1000, 820, 790), 395)
    assert bool(moves(old, with_numerator(falls(1000, 820, after), 395), (395, 395))) is told


def in_other_words(found: Run) -> Run:
    words = pl.col("label").replace(ENROLLED, "step 1 of any of wcv_3_11, wcv_12_17")
    return Run(found.waterfall.with_columns(words), found.period)


def test_a_step_of_one_definition_is_the_same_in_whatever_words() -> None:
    old = in_other_words(with_numerator(falls(1000, 800, 790), 395))
    new = with_numerator(falls(1300, 900, 860), 602)
    found = moves(old, new, (395, 602), alike=("wcv",))
    assert [(move.label, move.in_run) for move in found] == [
        ("all people", "both"),
        (ENROLLED, "both"),
        (HOSPICE, "both"),
        ("numerator", "both"),
    ]
    mean = 70 / log(860 / 790)
    assert found[1].denominator_moved == pytest.approx(mean * log((900 / 1300) / (800 / 1000)))
    apart = {move.in_run for move in moves(old, new, (395, 602), alike=("w30",))}
    assert apart == {"both", "old", "new"}, "of another definition nobody knows"


def test_a_definition_of_as_many_steps_of_other_kinds_is_told_by_its_words() -> None:
    """A version that asks one definition otherwise: an exclusion where a step stood."""
    old = with_numerator(falls(1000, 800, 790), 395)
    ends = (("denominator", "denominator", 790), ("numerator", "numerator", 395))
    new = run(("start", "all people", 1000), ("exclusion", HOSPICE, 990), ("exclusion", SEEN, 790), *ends)
    found = {(move.kind, move.label): move.in_run for move in moves(old, new, (395, 395), alike=("wcv",))}
    assert found["step", ENROLLED] == "old"
    assert found["exclusion", HOSPICE] == "both"
    assert found["exclusion", SEEN] == "new"


def test_what_few_children_did_is_not_told_in_other_words_either() -> None:
    old = in_other_words(with_numerator(falls(1000, 800, 790), 395))
    new = with_numerator(falls(1000, 803, 790), 395)
    assert moves(old, new, (395, 395), alike=("wcv",)) == ()


def test_measures_are_defined_alike_by_digest_edition_and_parameters() -> None:
    def side(**own: dict[str, Any]) -> Any:
        return SimpleNamespace(manifest={"measures": [{"id": name, **said} for name, said in own.items()]})

    one = {"digest": "d", "edition": "2025", "parameters": {"most": 3}}
    same, unknown = dict(one), {"edition": "2025", "parameters": {"most": 3}}
    old = side(same=one, digest=one, edition=one, parameters=one, gone=one, unknown=unknown)
    new = side(
        same=same,
        digest={**one, "digest": "e"},
        edition={**one, "edition": "2026"},
        parameters={**one, "parameters": {"most": 4}},
        unknown=unknown,
    )
    assert defined_alike(old, new) == {"same"}
