"""What the engines count of the rows that look like evidence and are none (semantics page, section 11)."""

from __future__ import annotations

WITHOUT_A_DATE = "events without a date"
STAYS_WITHOUT_A_DATE = "stays without a date"
STAYS_BACKWARDS = "stays that end before they start"
INDICATORS_LEFT_OUT = "indicator rows left out"
FAULTS = (WITHOUT_A_DATE, STAYS_WITHOUT_A_DATE, STAYS_BACKWARDS, INDICATORS_LEFT_OUT)


def fault_counter(measure: str, fault: str) -> str:
    """Return the name of the counter of one fault of one measure."""
    return f"{fault} {measure}"
