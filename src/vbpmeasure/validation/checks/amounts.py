"""Amounts: money, quantities and days of supply that cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Thresholds
from vbpmeasure.validation.words import count

_REVERSED = "reversed"


class Money:
    """Paid amounts that are negative outside reversals, not a number, or beyond reason."""

    info: ClassVar = CheckInfo(
        "VBC601",
        "paid_amount",
        "Paid amounts are plausible",
        "Amounts below zero on lines that are not reversed, above the limit on one line, or not a number. Cents in "
        "place of dollars and an added total line show here.",
        "Check units and reversals in the extract.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.001, fail=None),
        limit=1_000_000,
        limit_means="the highest plausible amount of one line",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at claims."""
        return ("medical_claim", "pharmacy_claim")

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows with such an amount."""
        if not questions.ground.has(table, "paid_amount"):
            return "no column paid_amount"
        odd = self._odd(table, questions.ground)
        # The statuses of the few suspects alone are looked at: lower case of every line would cost more than the rest.
        questions.frame(
            table, "odd_money", lambda rows: rows.filter(self._suspect(questions.ground)).filter(odd).select(pl.len())
        )
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows have an odd amount."""
        bound, n = questions.ground.table(table), int(questions.counted(table, "odd_money").item())
        text = f"{count(n, 'row')} negative without reversal, or beyond the limit" if n else "every amount is plausible"
        rows = bound.frame.filter(self._odd(table, questions.ground))
        yield Outcome(text, bound.rows, n, "paid_amount", offending=rows)

    def _suspect(self, ground: Ground) -> pl.Expr:
        paid = pl.col("paid_amount")
        return (paid < 0) | (paid > ground.limit(self.info)) | paid.is_nan()

    def _odd(self, table: str, ground: Ground) -> pl.Expr:
        paid = pl.col("paid_amount")
        odd = (paid.abs() > ground.limit(self.info)) | ~paid.is_finite()
        negative = paid < 0
        if ground.has(table, "claim_status"):
            negative = negative & (pl.col("claim_status").str.to_lowercase() != _REVERSED).fill_null(True)
        return (odd | negative).fill_null(False)


class Supply:
    """Quantities and days of supply that are zero, negative or beyond reason."""

    info: ClassVar = CheckInfo(
        "VBC602",
        "days_supply",
        "Days of supply and quantities are plausible",
        "A fill with no days, less than none or more than the limit breaks days-covered rates.",
        "Check the columns of the pharmacy extract; reversals must not be sent as negative fills.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.005, fail=None),
        limit=366,
        limit_means="the most days of one fill",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at pharmacy claims."""
        return ("pharmacy_claim",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows with such a number."""
        odd = self._odd(table, questions.ground)
        for column, expr in odd.items():
            questions.scalar(table, f"supply:{column}", expr.sum())
        return None if odd else "neither days_supply nor quantity"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per column."""
        bound = questions.ground.table(table)
        for column, expr in self._odd(table, questions.ground).items():
            n = questions.number(table, f"supply:{column}")
            text = f"{count(n, 'row')} with an impossible number" if n else "every number is plausible"
            yield Outcome(text, bound.rows, n, column, offending=bound.frame.filter(expr))

    def _odd(self, table: str, ground: Ground) -> dict[str, pl.Expr]:
        found = {c: pl.col(c) <= 0 for c in ground.present(table, ("days_supply", "quantity"))}
        if "days_supply" in found:
            found["days_supply"] = found["days_supply"] | (pl.col("days_supply") > ground.limit(self.info))
        return found
