"""What an event looks for, in words."""

from __future__ import annotations

import pytest

from vbpmeasure.plan.events import EventSet, LineFilter, Role, Trigger
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.plan.words import Words


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, "a code of visit"),
        ({"record_statuses": ("active", "unknown")}, "a code of visit; record status active or unknown"),
        (
            {"encounter_classes": ("amb", "vr"), "encounter_types": ("office visit",)},
            "a code of visit; encounter class amb or vr; encounter type office visit",
        ),
        ({"sources": ("immunization", "medication")}, "a code of visit; from immunization or medication"),
    ],
)
def test_conditions_on_records_and_sources(where: dict[str, tuple[str, ...]], words: str) -> None:
    events = EventSet((Trigger(Role.ANY, ("visit",), LineFilter(**where)),))  # type: ignore[arg-type]
    assert list(Words(calendar_year(2025)).triggers(events)) == [words]
