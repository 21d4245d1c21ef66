"""Comparisons from published rows: references, families, hidden groups, directions."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from support.run_folders import Stated, published
from vbpmeasure.diagnostics import Failure
from vbpmeasure.equity.analysis.analyze import EquityTables, analyze
from vbpmeasure.equity.analysis.pairwise import PAIRWISE_SCHEMA
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.estimate import Count
from vbpmeasure.equity.statistics.reference import ReferenceRule
from vbpmeasure.equity.statistics.significance import compare_rates
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC

# The counts of GB6; NHPI 9 of 18 is hidden, and AI/AN with it.
RACE = {
    "White": (612, 900),
    "Black": (330, 600),
    "AI/AN": (21, 42),
    "Asian": (118, 160),
    "NHPI": (9, 18),
    "Two or More Races": (66, 120),
    "Unknown": (150, 300),
}
WHITE = EquitySettings(named={"race": "White"})


def tables(*rates: Stated, settings: EquitySettings | None = None, policy: Any = PUBLIC, **more: Any) -> EquityTables:
    lower = {(r.key.measure, r.key.rate) for r in rates if r.lower_is_better}
    return analyze(published(list(rates), policy).results, lower, settings or EquitySettings(), **more)


def by_group(found: EquityTables, measure: str = "m", dimension: str = "race") -> dict[str, dict[str, Any]]:
    rows = found.pairwise.filter(pl.col("measure") == measure, pl.col("dimension") == dimension).to_dicts()
    return {row["stratum"]: row for row in rows}


def test_against_a_named_group_the_numbers_are_those_of_the_equity_page() -> None:
    found = by_group(tables(Stated("m", {"race": RACE}), settings=WHITE))
    black = found["Black"]
    wanted = {
        "value": 0.55,
        "value_low": 0.510000,
        "value_high": 0.589363,
        "rd": -0.13,
        "rd_low": -0.179794,
        "rd_high": -0.079780,
        "rr": 0.808824,
        "rr_low": 0.742818,
        "rr_high": 0.880694,
        "p": 3.339e-07,
        "reference_value": 0.68,
        "relative_favorable": -0.191176,
        "relative_adverse": 0.40625,
    }
    for name, value in wanted.items():
        assert black[name] == pytest.approx(value, abs=5e-7), name
    assert (black["reference"], black["reference_rule"], black["rr_method"]) == ("White", "named", "katz")
    assert (black["verdict"], black["gap_to_parity"], black["reason"]) == ("worse", 78, None)
    # Three groups are compared: 3.339e-7 x 3, 0.004604 x 3 / 2, 0.147790
    assert {row["family_size"] for row in found.values()} == {3, None}
    assert found["Two or More Races"]["p_adjusted"] == pytest.approx(0.004604 * 3 / 2, abs=1e-6)
    assert found["Asian"]["p_adjusted"] == pytest.approx(0.147790, abs=5e-7)
    assert found["Asian"]["verdict"] == "same"
    assert found["Asian"]["gap_to_parity"] == 0


def test_hidden_groups_stand_there_without_numbers() -> None:
    found = by_group(tables(Stated("m", {"race": RACE}), settings=WHITE))
    kept = {"measure", "rate", "dimension", "stratum", "lower_is_better", "status", "verdict", "reason"}
    kept |= {name for name in PAIRWISE_SCHEMA if name.startswith("reference")}
    for group in ("AI/AN", "NHPI"):
        assert found[group]["verdict"] == "suppressed"
        assert {name for name, value in found[group].items() if value is not None} <= kept
    assert found["White"]["verdict"] == "reference"
    assert found["Unknown"]["verdict"] == "not_compared"
    assert found["Unknown"]["value"] == 0.5
    assert found["Unknown"]["p"] is None


def test_rates_of_small_denominators_are_too_little_data() -> None:
    found = by_group(tables(Stated("m", {"race": {"White": (612, 900), "A": (12, 24), "B": (0, 0), "C": (14, 28)}})))
    assert found["A"]["verdict"] == "insufficient_data"
    assert found["A"]["numerator"] is None
    assert found["A"]["denominator"] == 24
    assert found["B"]["verdict"] == "insufficient_data"
    assert found["B"]["reason"] == "no one in the denominator"
    assert found["B"]["p"] is None


def test_the_best_group_is_the_reference_and_the_family_holds_every_pair() -> None:
    found = by_group(tables(Stated("m", {"race": RACE})))
    assert {row["reference"] for row in found.values()} == {"Asian"}
    note = found["Black"]["reference_note"]
    assert note == "2 hidden groups could not be considered"
    # White, Black, Asian, Two or More: any of the four might have been the best: six pairs.
    assert found["Black"]["family_size"] == 6
    shown = [Count(*RACE[g]) for g in ("White", "Black", "Asian", "Two or More Races")]
    p = sorted(compare_rates(a, b).value or 0 for i, a in enumerate(shown) for b in shown[i + 1 :])
    own = found["Black"]["p"]
    rank = p.index(own) + 1
    assert found["Black"]["p_adjusted"] == pytest.approx(min(p[k] * 6 / (k + 1) for k in range(rank - 1, 6)))


def test_a_reference_of_min_n_and_the_largest() -> None:
    settings = EquitySettings(min_n=1000)
    found = by_group(tables(Stated("m", {"race": RACE}), settings=settings))
    assert found["Black"]["reference"] == "White"
    assert found["Black"]["reference_note"].startswith("no group has 1000 members or more")
    assert found["Black"]["family_size"] == 3, "chosen by size: only what is displayed counts"
    largest = by_group(tables(Stated("m", {"race": RACE}), settings=EquitySettings(reference=ReferenceRule.LARGEST)))
    assert largest["Black"]["reference"] == "White"
    assert largest["Black"]["reference_rule"] == "largest"


def test_where_less_is_better_the_best_group_has_the_lowest_rate() -> None:
    visits = {"White": (90, 900), "Black": (120, 600), "Asian": (40, 160), "Other": (200, 800)}
    found = by_group(tables(Stated("m", {"race": visits}, lower_is_better=True)))
    assert found["White"]["verdict"] == "reference"
    assert found["Black"]["verdict"] == "worse"
    assert found["Black"]["rd"] == pytest.approx(0.1)
    # 120 of 600 have to come down to a tenth: 60 fewer
    assert found["Black"]["gap_to_parity"] == 60
    assert found["Black"]["relative_adverse"] == pytest.approx(1.0), "twice the bad outcome"
    assert found["Black"]["relative_favorable"] == pytest.approx(-1 / 9)
    other_way = by_group(tables(Stated("m", {"race": visits})))
    assert other_way["White"]["verdict"] == "worse"
    named = EquitySettings(named={"race": "Other"})
    better = by_group(tables(Stated("m", {"race": visits}, lower_is_better=True), settings=named))
    assert better["White"]["verdict"] == "better"
    assert better["White"]["gap_to_parity"] == 0


def test_a_hidden_named_reference_is_told_and_nothing_is_compared() -> None:
    found = tables(Stated("m", {"race": RACE}), settings=EquitySettings(named={"race": "NHPI"}))
    assert [d.code for d in found.findings] == ["VBM480"]
    assert "m.m" in found.findings[0].message
    rows = by_group(found)
    assert rows["White"]["verdict"] == "not_compared"
    assert rows["White"]["reason"] == "the named reference NHPI is hidden"
    assert rows["White"]["reference"] is None
    assert found.pairwise["p"].null_count() == found.pairwise.height


def test_a_hidden_reference_by_rule_is_passed_over() -> None:
    # NHPI would be best, and is hidden.
    race = {**RACE, "NHPI": (17, 18)}
    found = by_group(tables(Stated("m", {"race": race}), settings=EquitySettings(min_n=10)))
    assert found["NHPI"]["verdict"] == "suppressed"
    assert found["Black"]["reference"] == "Asian"
    assert "hidden" in found["Black"]["reference_note"]


def test_everything_hidden() -> None:
    few = {"A": (3, 5), "B": (4, 9), "C": (2, 8)}
    found = tables(Stated("m", {"race": few}))
    assert set(found.pairwise["verdict"]) == {"suppressed"}
    assert found.summary["groups_shown"].to_list() == [0]
    assert found.summary["best"].to_list() == [None]


def test_one_stratum_only() -> None:
    found = by_group(tables(Stated("m", {"race": {"White": (612, 900)}})))
    assert found["White"]["verdict"] == "reference"


def test_against_all_members() -> None:
    overall = EquitySettings(reference=ReferenceRule.OVERALL)
    found = by_group(tables(Stated("m", {"race": RACE}), settings=overall))
    total = (612 + 330 + 21 + 118 + 9 + 66 + 150, 900 + 600 + 42 + 160 + 18 + 120 + 300)
    assert found["White"]["reference_value"] == pytest.approx(total[0] / total[1])
    assert found["White"]["rd"] == pytest.approx(0.68 - total[0] / total[1])
    rest = Count(total[0] - 612, total[1] - 900)
    assert found["White"]["p"] == pytest.approx(compare_rates(Count(612, 900), rest).value)
    assert found["White"]["verdict"] == "better"


def test_against_a_benchmark() -> None:
    settings = EquitySettings(reference=ReferenceRule.BENCHMARK, benchmarks={"m": 60.0, "zzz": 5.0, "m.other": 1.0})
    found = tables(Stated("m", {"race": RACE}), Stated("n", {"race": RACE}), settings=settings)
    rows = by_group(found)
    assert rows["Asian"]["reference"] == "benchmark"
    assert rows["Asian"]["rd"] == pytest.approx(0.1375)
    assert rows["Black"]["gap_to_parity"] == 30
    assert rows["Black"]["verdict"] == "worse"
    assert by_group(found, "n")["Black"]["reason"] == "there is no benchmark for the rate"
    assert [d.code for d in found.findings] == ["VBM484"]
    assert "zzz, m.other" in found.findings[0].message


def test_the_family_may_be_the_whole_report() -> None:
    rates = [Stated("m", {"race": RACE}), Stated("n", {"race": RACE})]
    separate = tables(*rates, settings=WHITE)
    assert set(separate.pairwise["family_size"].drop_nulls()) == {3}
    together = tables(*rates, settings=EquitySettings(named={"race": "White"}, family="report"))
    assert set(together.pairwise["family_size"].drop_nulls()) == {6}
    # 0.147790 twice, the largest of six: unchanged; 0.004604 stands third and fourth: x 6 / 4
    two = by_group(together)["Two or More Races"]
    assert two["p_adjusted"] == pytest.approx(0.004604 * 6 / 4, abs=1e-6)


def test_rates_of_one_measure_are_one_family() -> None:
    rates = [Stated("m", {"race": RACE}, rate="a"), Stated("m", {"race": RACE}, rate="b")]
    assert set(tables(*rates, settings=WHITE).pairwise["family_size"].drop_nulls()) == {6}


def test_the_p_value_that_decides_can_be_the_raw_one() -> None:
    # p = 0.0379 against White, and three more comparisons make it 0.15.
    race = {"White": (612, 900), "A": (122, 200), "B": (136, 200), "C": (137, 200), "D": (135, 200)}
    p = compare_rates(Count(122, 200), Count(612, 900)).value
    assert p is not None
    assert 0.03 < p < 0.065
    raw = EquitySettings(named={"race": "White"}, alpha=0.065, decide_by="raw")
    adjusted = EquitySettings(named={"race": "White"}, alpha=0.065)
    assert by_group(tables(Stated("m", {"race": race}), settings=raw))["A"]["verdict"] == "worse"
    assert by_group(tables(Stated("m", {"race": race}), settings=adjusted))["A"]["verdict"] == "same"


def test_a_group_that_nobody_of_met_the_measure() -> None:
    found = by_group(tables(Stated("m", {"race": {"White": (612, 900), "Z": (0, 35), "Black": (330, 600)}})))
    assert found["Z"]["rr"] == 0.0
    assert found["Z"]["rr_high"] == pytest.approx(0.145472, abs=5e-7)
    assert found["Z"]["rr_method"] == "koopman"
    assert found["Z"]["verdict"] == "worse"


def test_a_reference_without_any_has_no_ratio_and_says_so() -> None:
    settings = EquitySettings(named={"race": "White"})
    found = by_group(tables(Stated("m", {"race": {"White": (0, 900), "Black": (60, 600)}}), settings=settings))
    assert found["Black"]["rr"] is None
    assert found["Black"]["reason"] == "no ratio: the rate of the reference is 0"
    assert found["Black"]["verdict"] == "better"


def test_internal_runs_show_small_groups_and_judge_them_with_care() -> None:
    found = by_group(tables(Stated("m", {"race": RACE}), settings=WHITE, policy=INTERNAL))
    nhpi = found["NHPI"]
    assert nhpi["rd_low"] == pytest.approx(-0.391776, abs=5e-7)
    assert nhpi["p"] == pytest.approx(0.106025, abs=5e-7)
    assert nhpi["verdict"] == "insufficient_data"


def test_ages_and_providers_are_analyzed_when_named_only() -> None:
    by = {"race": {"A": (50, 100), "B": (60, 100)}, "age_band": {"1-2": (55, 100), "3-5": (55, 100)}}
    found = tables(Stated("m", by))
    assert found.dimensions == ("race",)
    assert tables(Stated("m", by), settings=EquitySettings(dimensions=("age_band",))).dimensions == ("age_band",)


def test_crossings_are_groups_too() -> None:
    crossed = {"White * Female": (300, 450), "White * Unknown": (20, 40), "Black * Female": (170, 300)}
    found = by_group(tables(Stated("m", {"race*sex": crossed})), dimension="race*sex")
    assert found["Black * Female"]["verdict"] == "worse"
    assert found["White * Unknown"]["verdict"] == "not_compared"


@pytest.mark.parametrize(
    ("settings", "code", "hint"),
    [
        (EquitySettings(dimensions=("rase",)), "VBM481", "did you mean `race`?"),
        (EquitySettings(named={"race": "Whit"}), "VBM481", "did you mean `White`?"),
        (EquitySettings(named={"ethnicity": "White"}), "VBM481", "there are: race"),
    ],
)
def test_what_the_run_does_not_have_is_refused(settings: EquitySettings, code: str, hint: str) -> None:
    with pytest.raises(Failure) as failure:
        tables(Stated("m", {"race": RACE}), settings=settings)
    assert failure.value.diagnostics[0].code == code
    assert failure.value.diagnostics[0].hint == hint


def test_a_run_without_groups_is_refused() -> None:
    with pytest.raises(Failure, match="VBM482"):
        tables(Stated("m", {"age_band": {"1-2": (55, 100)}}))


def test_very_many_groups_are_no_trouble() -> None:
    many = {f"g{i:03d}": (50 + i % 40, 100) for i in range(200)}
    found = tables(Stated("m", {"language": many}))
    assert found.pairwise.height == 200
    assert set(found.pairwise["family_size"].drop_nulls()) == {200 * 199 // 2}
