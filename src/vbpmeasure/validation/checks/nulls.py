"""Null shares of the columns that measures draw evidence from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Thresholds

# The usual share of nulls differs by column: half of all claim lines have no taxonomy of their own in many extracts.
_USUAL: dict[str, Thresholds] = {
    "eligibility.gender": Thresholds(0.02, 0.5),
    "eligibility.payer": Thresholds(0.05, 0.5),
    "eligibility.product_line": Thresholds(0.2, None),
    "medical_claim.hcpcs_code": Thresholds(0.3, 0.9),
    "medical_claim.diagnosis_code_1": Thresholds(0.25, 0.9),
    "medical_claim.place_of_service_code": Thresholds(0.4, 0.95),
    "medical_claim.rendering_npi": Thresholds(0.25, 0.95),
    "medical_claim.billing_npi": Thresholds(0.25, 0.95),
    "medical_claim.claim_status": Thresholds(0.1, None),
    "medical_claim.paid_amount": Thresholds(0.5, None),
    "immunization.status": Thresholds(0.5, None),
    "lab_result.result": Thresholds(0.2, None),
    "observation.result": Thresholds(0.3, None),
    "practitioner.taxonomy_code": Thresholds(0.2, 0.9),
    "pharmacy_claim.ndc_code": Thresholds(0.02, 0.5),
    "pharmacy_claim.days_supply": Thresholds(0.1, None),
}


class NullShare:
    """Columns with more nulls than usual."""

    info: ClassVar = CheckInfo(
        "VBC505",
        "null_share",
        "Columns that measures draw on are mostly filled",
        "The share of nulls in a column against what is usual for it (`columns` holds the thresholds of each). An "
        "empty text is no null: in a code column code_format finds it.",
        "Find out at which step of the extract the column is lost.",
        severity=Severity.ERROR,
        thresholds=Thresholds(warn=0.5, fail=None),
        columns=_USUAL,
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at the tables that have such columns."""
        return tuple(dict.fromkeys(place.split(".")[0] for place in _USUAL))

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the nulls of each column."""
        columns = null_columns(table, questions.ground)
        for column in columns:
            questions.scalar(table, f"null:{column}", pl.col(column).null_count())
        return None if columns else "none of these columns"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per column."""
        bound = questions.ground.table(table)
        for column in null_columns(table, questions.ground):
            n = questions.number(table, f"null:{column}")
            share = n / bound.rows if bound.rows else 0.0
            text = f"null in {share:.1%} of rows" if n else "always filled in"
            yield Outcome(text, bound.rows, n, column, offending=bound.frame.filter(pl.col(column).is_null()))


def null_columns(table: str, ground: Ground) -> list[str]:
    """Return the columns of the table whose null share is looked at, as far as they are there."""
    return ground.present(table, tuple(p.split(".")[1] for p in _USUAL if p.startswith(f"{table}.")))
