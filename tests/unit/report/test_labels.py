"""Names of rows in charts: within their place, and never the same words for two rows."""

from __future__ import annotations

import re

import pytest

from vbpmeasure.report.charts.labels import labels, width
from vbpmeasure.report.charts.years import Line, slopes

FLUORIDE = [
    f"Fluoride as {kind} service, ages {ages}"
    for kind in ("a dental or oral-health", "a dental", "an oral-health")
    for ages in ("1 to 2", "3 to 5", "6 to 14", "15 to 20", "1 to 20")
]
AFTER_EMERGENCIES = [
    f"FUA: Followed up within {days} days of the emergency visit, ages 13 to 17" for days in ("7", "30")
]


def test_a_name_with_room_stays_as_it_is() -> None:
    assert labels(["White", "Two or More Races"], 142.0) == [("White",), ("Two or More Races",)]


def test_a_longer_name_takes_two_lines_of_about_one_length() -> None:
    assert labels(["Native Hawaiian or Other Pacific Islander"], 142.0) == [
        ("Native Hawaiian or", "Other Pacific Islander")
    ]


@pytest.mark.parametrize("names", [FLUORIDE, AFTER_EMERGENCIES], ids=["the end differs", "the middle differs"])
@pytest.mark.parametrize(("room", "lines"), [(142.0, 2), (192.0, 2), (168.0, 1)])
def test_names_that_are_cut_are_told_apart_and_fit(names: list[str], room: float, lines: int) -> None:
    found = labels(names, room, lines)
    assert len(set(found)) == len(names)
    for label in found:
        assert 1 <= len(label) <= lines
        assert all(width(line) <= room for line in label)


@pytest.mark.parametrize(("last", "leaders"), [(30.5, 0), (50.5, 1)])
def test_names_moved_apart_are_led_to_their_lines(last: float, leaders: int) -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    lines = [Line("Asian", "", (50.0, 51.0)), Line("White", "", (31.0, last))]
    drawn = slopes([2024, 2025], lines, "Rates over the years.")
    assert drawn is not None
    # The axis goes from 30 to 60 over 150 pixels: half a point is 2.5 of them, and names are 14 apart.
    found = re.findall(r'<path stroke="var\(--interval\)"[^>]* d="([^"]*)"', drawn)
    assert sum(path.count("M") for path in found) == leaders


def test_what_differs_is_what_stays() -> None:
    for name, label in zip(FLUORIDE, labels(FLUORIDE, 142.0), strict=True):
        assert label[-1].endswith("ages " + name.partition(", ages ")[2])
    seven, thirty = labels(AFTER_EMERGENCIES, 142.0)
    assert "within 7 days" in " ".join(seven)
    assert "within 30 days" in " ".join(thirty)


def test_one_long_word_is_cut() -> None:
    (label,) = labels(["x" * 60], 142.0)
    assert label[0].endswith("x…")
    assert width(label[0]) <= 142.0


def test_the_same_name_twice_is_the_same_label() -> None:
    name = "Well-care visit at any of the ages from 3 to 21 years, all payers"
    first, second = labels([name] * 2, 142.0)
    assert first == second
    assert "" not in first
    # One that goes on where the other ends is told by its longer end.
    shorter, longer = labels([name, name + " and regions"], 142.0)
    assert (shorter[-1], longer[-1]) == ("all payers", "all payers and regions")
