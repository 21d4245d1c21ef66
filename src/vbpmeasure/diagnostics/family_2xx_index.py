"""Codes of the 2xx family: index events, composites, event rates, indicators (docs/language.md)."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM290": CodeInfo(
        "Index events that are found by themselves",
        "The window in which index events are looked for, and the days of member-months, are the same for a person "
        "whatever event is judged; a date such as `index` is not known yet when they are needed.",
        "Put a criterion that depends on the candidate under `when`, or count from the period or the birth date.",
    ),
    "VBM291": CodeInfo(
        "Rates of different units",
        "`met` and `total_of` join rates unit by unit: persons with persons, index events with the same index events. "
        "A sub-population (`within`) has the index events of the rate it is within.",
        "Define the index events once, at the top of the measure; join persons and events in a composite.",
    ),
    "VBM292": CodeInfo(
        "A member that no composite can join",
        "A composite sums up shares of units: rates with a numerator and totals of such, of this measure or of another "
        "(`measure.rate`). Composites, events per 1,000 member-months and indicators are none.",
        "Name the rates themselves.",
    ),
    "VBM293": CodeInfo(
        "A composite of opposite directions",
        "In one of the members lower is better and in the composite higher is (or the other way round): the sum would "
        "mean nothing.",
        "Leave the member out, or give both the same `lower_is_better`.",
    ),
    "VBM294": CodeInfo(
        "Index events that contradict themselves",
        "Index events are the days of an `event` or the `stays` of one; `chain` and `dated` are about stays only; "
        "`apart` is at least one day.",
        "Keep what fits the kind of event.",
    ),
    "VBM295": CodeInfo(
        "Member-months without a clear rule",
        "`day_of_month` needs the `day` (1 to 31; in shorter months the last day is taken); the other rules have none.",
        "`member_months: {rule: day_of_month, day: 15, during: period}`.",
    ),
    "VBM296": CodeInfo(
        "A population for a composite that has none",
        "`pooled` and `equal_weight` are made from the counts of their members. Only `opportunity` and `all_or_none` "
        "look at persons and can narrow them.",
        "Narrow the members, or choose a composite of persons.",
    ),
    "VBM298": CodeInfo(
        "Bounds that no number keeps",
        "The lower bound is above the upper one, so the criterion can never hold.",
        "Swap them.",
    ),
    "VBM299": CodeInfo(
        "Persons where there are none",
        "Rows of `indicator` about a plan, a practice or a county say nothing about persons, so no population and no "
        "exclusion can narrow them.",
        "Leave both out, or ask for rows about persons (`entity: person`).",
    ),
}
