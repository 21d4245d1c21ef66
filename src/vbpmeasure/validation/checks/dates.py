"""Dates of events: missing, in the future, before the birth, after the death, or no real date at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Thresholds
from vbpmeasure.validation.months import FIRST, LAST
from vbpmeasure.validation.people import ask_events, ask_persons, events, joinable, persons
from vbpmeasure.validation.words import count


class Undated:
    """Event rows without any date."""

    info: ClassVar = CheckInfo(
        "VBC303",
        "date_null",
        "Events have a date",
        "A claim or record without any of its dates is no event and never counts.",
        "Fill in the service date; for records, one of the date columns of the contract.",
        thresholds=Thresholds(warn=0.01, fail=0.1),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every event table."""
        return EVENT_TABLES

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows whose dates are all null."""
        day = questions.ground.day(table)
        if day is None:
            return "no date column"
        questions.scalar(table, "undated", day.null_count())
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows have no date."""
        bound, day = questions.ground.table(table), questions.ground.day(table)
        assert day is not None
        n = questions.number(table, "undated")
        text = f"{count(n, 'row')} without a date" if n else "every row has a date"
        yield Outcome(
            text, bound.rows, n, day_column(table, questions.ground), offending=bound.frame.filter(day.is_null())
        )


def day_column(table: str, ground: Ground) -> str | None:
    """Return the first date column that the table has: the place that results about its dates name."""
    return next(iter(ground.present(table, ground.contract(table).date_columns)), None)


class Future:
    """Events after the day of the validation."""

    info: ClassVar = CheckInfo(
        "VBC304",
        "date_future",
        "Nothing is dated after the day of the extract",
        "Events after --as-of (or, with --year alone, births, deaths and events more than a year after its end) have "
        "not happened. A few come from typing errors, many from a wrong century or a wrong column.",
        "Mend the dates, or name the right day with --as-of.",
        thresholds=Thresholds(warn=0.0, fail=0.01),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility and every event table."""
        return ("eligibility", *EVENT_TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows after the day."""
        if questions.ground.today is None:
            return "name the day of the extract with --as-of, or --year"
        later = self._later(table, questions.ground)
        for column, expr in later.items():
            questions.scalar(table, f"future:{column}", expr.sum())
        return None if later else "no date column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows lie after the day."""
        bound = questions.ground.table(table)
        for column, expr in self._later(table, questions.ground).items():
            n = questions.number(table, f"future:{column}")
            text = f"{count(n, 'row')} after {self._edge(questions.ground)}" if n else "nothing in the future"
            yield Outcome(text, bound.rows, n, column, offending=bound.frame.filter(expr))

    def _later(self, table: str, ground: Ground) -> dict[str, pl.Expr]:
        edge = self._edge(ground)
        if table == "eligibility":
            return {c: pl.col(c) > edge for c in ground.present(table, ("birth_date", "death_date"))}
        day, column = ground.day(table), day_column(table, ground)
        return {} if day is None or column is None else {column: day > edge}

    @staticmethod
    def _edge(ground: Ground) -> dt.date:
        assert ground.today is not None
        # A year alone does not say when the extract was made: claims of the next year may well be in it.
        return ground.as_of or ground.today.replace(year=ground.today.year + 1)


class Placeholders:
    """Dates that stand for no date."""

    info: ClassVar = CheckInfo(
        "VBC305",
        "date_implausible",
        "Dates are real dates",
        "Births and events before 1905 or after 2199 are placeholders such as 1900-01-01 or 9999-12-31. A placeholder "
        "birth makes a child too old for every measure.",
        "Write null where the date is not known.",
        thresholds=Thresholds(warn=0.0, fail=0.01),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility and every event table."""
        return ("eligibility", *EVENT_TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows out of any range."""
        odd = self._odd(table, questions.ground)
        for column, expr in odd.items():
            questions.scalar(table, f"odd:{column}", expr.sum())
        return None if odd else "no date column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows have a placeholder."""
        bound = questions.ground.table(table)
        for column, expr in self._odd(table, questions.ground).items():
            n = questions.number(table, f"odd:{column}")
            text = f"{count(n, 'row')} before 1905 or after 2199" if n else "no placeholder"
            yield Outcome(text, bound.rows, n, column, offending=bound.frame.filter(expr))

    @staticmethod
    def _odd(table: str, ground: Ground) -> dict[str, pl.Expr]:
        if table == "eligibility":
            columns = ground.present(table, ("birth_date", "death_date", "enrollment_start_date"))
            return {c: ~pl.col(c).is_between(FIRST, LAST, closed="left") for c in columns}
        day, column = ground.day(table), day_column(table, ground)
        return {} if day is None or column is None else {column: ~day.is_between(FIRST, LAST, closed="left")}


class BeforeBirth:
    """Events before the person was born."""

    info: ClassVar = CheckInfo(
        "VBC306",
        "service_before_birth",
        "Nothing happens before the birth",
        "Claims and records dated before the birth date of their person (the earliest one, where spans disagree). "
        "Usually a newborn's claims under the mother's id, or a wrong birth date.",
        "Mend births or ids. The engine counts such events where a window begins before the birth.",
        thresholds=Thresholds(warn=0.001, fail=0.01),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every event table."""
        return EVENT_TABLES

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for births, and for the first event of each person."""
        return _ask_both(table, questions)

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows lie before the birth."""
        both = events(table, questions).join(persons(questions), on="person_id")
        suspects = both.filter(pl.col("first") < pl.col("birth")).select("person_id", limit="birth")
        day = questions.ground.day(table)
        assert day is not None
        yield _rows_outside(table, questions, suspects, day < pl.col("limit"), "before the birth")


class AfterDeath:
    """Events after the death."""

    info: ClassVar = CheckInfo(
        "VBC307",
        "service_after_death",
        "Nothing happens long after the death",
        "Claims and records dated after the death date of their person. Claims that start on the day of death or "
        "within the days of grace are usual.",
        "Mend deaths or ids: a wrong death date takes a living child out of every denominator.",
        thresholds=Thresholds(warn=0.002, fail=0.02),
        limit=30,
        limit_means="days of grace",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every event table."""
        return EVENT_TABLES

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for deaths, and for the last event of each person."""
        if not questions.ground.has("eligibility", "death_date"):
            return "eligibility has no death_date"
        return _ask_both(table, questions)

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows lie after the death."""
        grace = dt.timedelta(days=questions.ground.limit(self.info))
        both = events(table, questions).join(persons(questions), on="person_id")
        edge = pl.col("death") + grace
        suspects = both.filter(pl.col("last") > edge).select("person_id", limit=edge)
        day = questions.ground.day(table)
        assert day is not None
        yield _rows_outside(
            table, questions, suspects, day > pl.col("limit"), f"more than {grace.days} days after the death"
        )


def _ask_both(table: str, questions: Questions) -> str | None:
    if (reason := joinable(table, questions)) is not None:
        return reason
    if questions.ground.day(table) is None:
        return "no date column"
    ask_persons(questions)
    ask_events(table, questions)
    return None


def _rows_outside(table: str, questions: Questions, suspects: pl.DataFrame, outside: pl.Expr, words: str) -> Outcome:
    """Count the rows of the few persons whose first or last event gave them away: clean data needs no second pass."""
    bound = questions.ground.table(table)
    column = day_column(table, questions.ground)
    if suspects.is_empty():
        return Outcome(f"nothing {words}", bound.rows, 0, column)
    rows = bound.frame.join(suspects.lazy(), on="person_id").filter(outside)
    n = int(questions.later(table, query=rows.select(pl.len())).item())
    people = count(suspects.height, "person", "persons")
    return Outcome(f"{count(n, 'row')} of {people} {words}", bound.rows, n, column, offending=rows.drop("limit"))
