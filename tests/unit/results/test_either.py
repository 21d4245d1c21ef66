"""Labels of the steps of a total whose rates ask different things."""

import pytest

from vbpmeasure.results.either import either


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["Enrolled"], "Enrolled"),
        (["Age 3 to 11 on the day", "Age 12 to 17 on the day"], "Age 3 to 11 or 12 to 17 on the day"),
        (["Turns 1 in the year", "Turns 2 in the year", "Turns 3 in the year"], "Turns 1, 2 or 3 in the year"),
        # numbers of one range stay together, whichever of them is common to all
        (["Age 3 to 11 on the day", "Age 3 to 17 on the day"], "Age 3 to 11 or 3 to 17 on the day"),
        (["Age 3 to 11 on the day", "Age 5 to 11 on the day"], "Age 3 to 11 or 5 to 11 on the day"),
        (["Under 3 on the day", "Age 3 to 5 on the day"], "Under 3 or Age 3 to 5 on the day"),
        # one label is the other and more
        (["Enrolled", "Enrolled for a year"], "Enrolled or Enrolled for a year"),
        (["Enrolled", "Seen, and enrolled"], "Enrolled or Seen, and enrolled"),
        (["Seen", "Enrolled"], "Seen or Enrolled"),
        (["very very ill", "very ill"], "very very ill or very ill"),
    ],
)
def test_what_labels_have_in_common_is_said_once(labels: list[str], told: str) -> None:
    assert either(labels) == told
