"""The claim lines with codes that age limits or provider rules are about: few of all lines, read once."""

from __future__ import annotations

import polars as pl

from vbpmeasure.validation.age_limits import load_age_limits
from vbpmeasure.validation.ground import Questions

WELL_CARE = "well_care_visit"
_KEY = "wellcare"
PROVIDER_COLUMNS = ("rendering_taxonomy", "rendering_npi", "billing_taxonomy", "billing_npi")


def ask_lines(questions: Questions) -> None:
    """Ask for the claim lines with a code of an age limit or a well-care code, with person, day and provider."""
    ground = questions.ground
    codes = set(ground.hcpcs_codes(WELL_CARE))
    codes |= {c for limit in load_age_limits(ground.value_sets) for c in limit.codes}
    wanted, day = sorted(codes), ground.day("medical_claim")
    assert day is not None
    more = ground.present("medical_claim", PROVIDER_COLUMNS)
    questions.frame(
        "medical_claim",
        _KEY,
        lambda rows: rows.filter(pl.col("hcpcs_code").is_in(wanted)).select(
            "person_id", "claim_id", *more, code="hcpcs_code", day=day
        ),
    )


def lines(questions: Questions) -> pl.DataFrame:
    """Return those lines: person_id, claim_id, code, day, and the provider columns that are there."""
    return questions.counted("medical_claim", _KEY)
