"""What several checks know of each person: one row a person out of eligibility, one row a person out of events."""

from __future__ import annotations

import polars as pl

from vbpmeasure.validation.ground import Questions

PERSONS = "persons"


def ask_persons(questions: Questions) -> None:
    """Ask eligibility for one row per person: births and deaths (first and last), the last covered day."""
    columns = questions.ground.table("eligibility").columns
    parts = [
        pl.col("birth_date").min().alias("birth"),
        pl.col("birth_date").max().alias("birth_last"),
        pl.col("enrollment_end_date").max().alias("covered_to"),
    ]
    if "death_date" in columns:
        parts += [pl.col("death_date").min().alias("death_first"), pl.col("death_date").max().alias("death")]
    questions.frame("eligibility", PERSONS, lambda rows: rows.group_by("person_id").agg(parts))


def persons(questions: Questions) -> pl.DataFrame:
    """Return one row per person id: birth, birth_last, covered_to, death_first, death (null without the column)."""
    found = questions.counted("eligibility", PERSONS).filter(pl.col("person_id").is_not_null())
    if "death" not in found.columns:
        found = found.with_columns(death_first=pl.lit(None, pl.Date), death=pl.lit(None, pl.Date))
    return found


def ask_events(table: str, questions: Questions) -> None:
    """Ask an event table for one row per person: number of rows, first and last day."""
    day = questions.ground.day(table)
    parts = [pl.len().alias("n")]
    if day is not None:
        parts += [day.min().alias("first"), day.max().alias("last")]
    questions.frame(table, "by_person", lambda rows: rows.group_by("person_id").agg(parts))


def events(table: str, questions: Questions) -> pl.DataFrame:
    """Return one row per person id of an event table: n, first, last (null without any date column)."""
    found = questions.counted(table, "by_person").filter(pl.col("person_id").is_not_null())
    if "first" not in found.columns:
        found = found.with_columns(first=pl.lit(None, pl.Date), last=pl.lit(None, pl.Date))
    return found


def joinable(table: str, questions: Questions) -> str | None:
    """Return why the table cannot be joined to eligibility, or None."""
    ground = questions.ground
    if not ground.has("eligibility", "person_id"):
        return "eligibility cannot be read"
    if not ground.has(table, "person_id"):
        return "no column person_id"
    types = {ground.table(t).frame.collect_schema()["person_id"] for t in ("eligibility", table)}
    return "person_id has another type than in eligibility" if len(types) > 1 else None
