"""Ages that a code rules out, by the shipped list of age limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.validation.age_limits import AgeLimit, load_age_limits
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Thresholds
from vbpmeasure.validation.people import ask_persons, joinable, persons
from vbpmeasure.validation.wellcare import ask_lines, lines
from vbpmeasure.validation.words import count

_MONTH = 30.4375  # days


class AgeForCode:
    """Codes on persons for whom they are too young or too old."""

    info: ClassVar = CheckInfo(
        "VBC405",
        "age_for_code",
        "Codes fit the age of the person",
        "A code that is made for an age stands on somebody of another: a well-child visit on a 40-year-old, a "
        "rotavirus dose at school age. Usually a parent's claim under the child's id or a wrong birth date. The "
        "limits stand in `measures/validation/age_limits.yaml`, with a month of tolerance on both sides.",
        "Look at the persons with --person-level; mend ids or birth dates.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.01, fail=None),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at medical claims."""
        return ("medical_claim",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the lines with such codes, and for the births."""
        if (reason := joinable(table, questions)) is not None:
            return reason
        if not questions.ground.has(table, "hcpcs_code"):
            return "no column hcpcs_code"
        ask_persons(questions)
        ask_lines(questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per age limit of which the data has a line."""
        known = persons(questions).select("person_id", "birth")
        dated = lines(questions).join(known, on="person_id").filter(pl.col("birth").is_not_null())
        months = (pl.col("day") - pl.col("birth")).dt.total_days() / _MONTH
        aged = dated.select("person_id", "claim_id", "code", "day", months=months)
        frame = questions.ground.table(table).frame
        for limit in load_age_limits(questions.ground.value_sets):
            own = aged.filter(pl.col("code").is_in(sorted(limit.codes)))
            if own.is_empty():
                continue
            wrong = own.filter(~_fits(limit))
            n = wrong.height
            text = f"{count(n, 'line')} of persons outside {limit.ages}" if n else f"all within {limit.ages}"
            claims = wrong.select("claim_id", hcpcs_code="code").unique().lazy()
            offending = frame.join(claims, on=["claim_id", "hcpcs_code"], how="semi")
            yield Outcome(text, own.height, n, "hcpcs_code", limit.title, offending=offending)


def _fits(limit: AgeLimit) -> pl.Expr:
    fits = pl.lit(value=True)
    if limit.from_months is not None:
        fits = fits & (pl.col("months") >= limit.from_months - 1)
    if limit.below_months is not None:
        fits = fits & (pl.col("months") < limit.below_months + 1)
    return fits
