"""Codes of the 6xx family: how much of race, ethnicity and language is known."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

_LIMITS = "Collect the field at enrollment, or move the limit: `[completeness]` in vbpmeasure.toml."

FAMILY: dict[str, CodeInfo] = {
    "VBM620": CodeInfo(
        "Few people told the field themselves",
        "The share of people whose value comes from themselves (source direct) is under the limit. NCQA scores a plan "
        "by 20 % direct race and 20 % direct ethnicity; strata are reported whatever it is.",
        _LIMITS,
    ),
    "VBM621": CodeInfo(
        "A field is unknown for many people",
        "More people than the limit have no value, or one that no code table knows. Rates by this field say little: "
        "those who told it may differ from those who did not.",
        _LIMITS,
    ),
    "VBM622": CodeInfo(
        "A payer tells nothing",
        "Everybody of one payer is unknown, while other payers tell the field: its extract may lack the column.",
        "Look at the rows of scope `payer` in completeness.csv, and at the mapping of that source.",
    ),
    "VBM623": CodeInfo(
        "A field is unknown for many people in some denominators",
        "Over all people the field is known well enough, but not among those whom some rates are about.",
        _LIMITS,
    ),
}
