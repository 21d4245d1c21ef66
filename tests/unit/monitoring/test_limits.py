"""Limits on rates: what may be asked, which rate it means, and that a rate exactly at its limit keeps it."""

from __future__ import annotations

import pytest

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.monitoring.limits import Limit, Outcome, ShownRate, judged, limits, named, points
from vbpmeasure.plan.dates import Anchor, DateExpr
from vbpmeasure.plan.flags import AgeBetween
from vbpmeasure.plan.measures import MeasurePlan, Program, Proportion, Step, calendar_year

NAME = ("wcv", "wcv_total")
CHILD = AgeBetween(3, 21, DateExpr(Anchor.PERIOD_END))


def program(**rates: tuple[str, ...]) -> Program:
    """Measures by id with their rates; one whose id ends with an underscore only lends its rates."""
    plans = tuple(
        MeasurePlan(
            name.rstrip("_"),
            name,
            "2025",
            "active",
            tuple(Proportion(rate, rate, (Step("s", CHILD),), (), CHILD) for rate in each),
            support=name.endswith("_"),
        )
        for name, each in rates.items()
    )
    return Program(plans, calendar_year(2025), {})


def codes(failure: pytest.ExceptionInfo[Failure]) -> list[str]:
    return [one.code for one in failure.value.diagnostics]


@pytest.mark.parametrize(
    ("over", "value", "outcome"),
    [
        (False, 39.99, Outcome.NOT_MET),
        (False, 40.0, Outcome.MET),
        (False, 40.01, Outcome.MET),
        (True, 39.99, Outcome.MET),
        (True, 40.0, Outcome.MET),
        (True, 40.01, Outcome.NOT_MET),
        (False, 0.0, Outcome.NOT_MET),
        (False, None, Outcome.CANNOT_TELL),
    ],
)
def test_a_rate_at_its_limit_keeps_it(over: bool, value: float | None, outcome: Outcome) -> None:
    limit = Limit("wcv_total", 40.0, over)
    (verdict,) = judged({limit: NAME}, {NAME: ShownRate(value, "" if value is not None else "hidden")})
    assert (verdict.outcome, verdict.value, verdict.why) == (outcome, value, "" if value is not None else "hidden")
    assert (verdict.rate, limit.text) == ("wcv.wcv_total", "<= 40" if over else ">= 40")


def test_a_rate_that_is_not_there_cannot_be_told() -> None:
    (verdict,) = judged({Limit("wcv_total", 40.0): NAME}, {})
    assert (verdict.outcome, verdict.why) == (Outcome.CANNOT_TELL, "failed")


def test_the_last_limit_of_each_side_holds() -> None:
    found = limits(["wcv = 40", "wcv=-1.5"], ["cis=9", "wcv=60"])
    assert found == (Limit("wcv", -1.5), Limit("cis", 9.0, over=True), Limit("wcv", 60.0, over=True))


def test_a_limit_knows_who_asked_for_it() -> None:
    found = limits(["wcv=40"], ["wcv=60"], ("VBPMEASURE_FAIL_UNDER", "a.toml:3 (fail_over)"))
    assert [one.origin for one in found] == ["VBPMEASURE_FAIL_UNDER", "a.toml:3 (fail_over)"]


@pytest.mark.parametrize("text", ["wcv", "wcv=", "=40", " =40", "wcv=nan", "wcv=inf", "wcv=-inf", "wcv=40%", "wcv==40"])
@pytest.mark.parametrize("over", [False, True])
def test_every_text_of_another_form_is_refused(text: str, over: bool) -> None:
    with pytest.raises(Failure) as failure:
        limits(*([], ["fine=1", text, text]) if over else (["fine=1", text, text], []))
    assert codes(failure) == ["VBM488", "VBM488"]
    told = {(one.message, one.where) for one in failure.value.diagnostics}
    assert told == {(f"`{text}` is not of the form RATE=VALUE", "--fail-over" if over else "--fail-under")}


@pytest.mark.parametrize(("text", "value"), [(None, None), ("0", 0.0), ("2.5", 2.5)])
def test_points_are_zero_or_more(text: str | None, value: float | None) -> None:
    assert points(text, "--fail-on-drift") == value


@pytest.mark.parametrize("text", ["-0.01", "-1", "nan", "inf", "two", ""])
def test_other_points_are_refused(text: str) -> None:
    with pytest.raises(Failure) as failure:
        points(text, "a.toml:3 (fail_on_drift)")
    assert codes(failure) == ["VBM488"]
    assert failure.value.diagnostics[0].where == "a.toml:3 (fail_on_drift)"


@pytest.mark.parametrize("said", ["young", "wcv.young", "wcv_young"])
def test_a_rate_is_meant_by_any_of_its_names(said: str) -> None:
    limit = Limit(said, 1.0)
    assert named([limit], program(wcv=("young", "total"), cis=("total",))) == {limit: ("wcv", "young")}


def test_rates_of_two_measures_and_lent_ones_are_not_meant() -> None:
    every = program(wcv=("total",), cis=("total",), fum_=("seven",))
    with pytest.raises(Failure) as failure:
        named([Limit("total", 1.0), Limit("seven", 1.0), Limit("wcv.total", 1.0)], every)
    assert codes(failure) == ["VBM488", "VBM488"]
    twice, lent = failure.value.diagnostics
    assert twice.message.endswith("`total` is a rate of several measures")
    assert twice.hint == "write one of wcv.total, cis.total"
    assert lent.message.endswith("`seven` is no rate of this run")
