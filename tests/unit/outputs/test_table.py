"""The table on the screen."""

import pytest

from support.run_folders import Stated, published
from vbpmeasure.outputs.table import results_text

SMALL = Stated("lsc", {"race": {"White": (5, 9), "Asian": (3, 8)}})
EMPTY = Stated("ima", {"race": {"White": (0, 0), "Asian": (0, 0)}})
# 5 of 9 is small, and 600 of 900 less 595 of 891 tells it.
STRATA = Stated("wcv", {"race": {"White": (5, 9), "Asian": (595, 891)}})
SHOWN = Stated("wcv", {"race": {"White": (105, 209), "Asian": (495, 691)}})


def test_80_columns(table):
    text = results_text(table)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "wcv  Child and Adolescent Well-Care Visits"
    cells = {line[:40].strip(): line[40:].split() for line in lines}
    assert cells["wcv_3_11  Ages 3 to 11"] == ["1,840", "1,156", "62.83", "60.59", "-", "65.01"]
    assert cells["Asian"] == ["160", "118", "73.75", "66.43", "-", "79.95"]
    assert cells["American Indian or Alaska Native"] == ["*", "*", "*", "*"]
    assert cells["wcv_12_17  Ages 12 to 17"] == ["25", "NA", "NA", "NA"]


def test_numbers_stand_under_each_other(table):
    lines = results_text(table, 100).splitlines()
    header = next(line for line in lines if "denom." in line)
    end = header.index("denom.") + len("denom.")
    for word in ("1,840", "900", "25"):
        line = next(line for line in lines if f" {word} " in line)
        assert line.index(word) + len(word) == end


def test_wide_shows_the_population(table):
    assert "population" not in results_text(table, 80)
    wide = results_text(table, 120)
    assert "population" in wide
    assert max(map(len, wide.splitlines())) <= 120


def test_empty_strata_are_left_to_the_files(table):
    assert "Some Other Race" not in results_text(table, 120)


def test_legend_and_notice(table, internal):
    text = results_text(table)
    assert "*   hidden: a count from 1 to 10" in text
    assert "NA  denominator below 30" in text
    assert "Unaudited, HEDIS-like" in text
    assert "2025-01-01 to 2025-12-31" in text
    assert "INTERNAL" not in text
    shown = results_text(internal)
    assert shown.startswith("INTERNAL: small cells are NOT suppressed")
    assert "hidden" not in shown


@pytest.mark.parametrize(
    ("rates", "what"),
    [
        ([SMALL], "this table"),
        ([SMALL, EMPTY], "this table but zeros"),
        ([SMALL, SHOWN], "lsc"),
        ([SMALL, EMPTY, SHOWN], "lsc"),
        ([SMALL, STRATA], "lsc, the strata by race"),
        ([SHOWN, EMPTY], ""),
        ([EMPTY], ""),
    ],
)
def test_what_is_hidden_as_a_whole_is_said_with_the_reason(rates, what):
    said = " ".join(results_text(published(rates), 80).split())
    why = "each is, or gives away, a count from 1 to 10; fewer strata, larger groups or fewer measures in one run may"
    assert (f"All results of {what} are hidden: {why} show more." in said) is bool(what)
    assert ("All results" in said) is bool(what)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_hidden_counts_are_nowhere(table, width):
    text = results_text(table, width)
    assert not {"9", "18", "21", "42"} & set(text.replace(",", " ").split())
