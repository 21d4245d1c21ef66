"""People: events of unknown persons, contradicting births, children whom the registry does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Thresholds
from vbpmeasure.validation.people import ask_events, ask_persons, events, joinable, persons
from vbpmeasure.validation.words import count


class Orphans:
    """Claims and records of persons whom eligibility does not know."""

    info: ClassVar = CheckInfo(
        "VBC204",
        "person_unknown",
        "Events belong to persons of eligibility",
        "Rows whose person_id is in no row of eligibility never count. Some are usual when registries know more "
        "children than the plan; a large share means that ids were changed or spans were lost.",
        "Compare how both extracts write person_id: leading zeros, letter case, prefixes.",
        thresholds=Thresholds(warn=0.02, fail=0.2),
        columns={"immunization": Thresholds(warn=0.25, fail=0.6)},
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every event table."""
        return EVENT_TABLES

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the persons on both sides."""
        if (reason := joinable(table, questions)) is not None:
            return reason
        ask_persons(questions)
        ask_events(table, questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows belong to nobody."""
        known = persons(questions).select("person_id")
        unknown = events(table, questions).join(known, on="person_id", how="anti")
        n = int(unknown["n"].sum())
        bound = questions.ground.table(table)
        people = count(unknown.height, "person", "persons")
        text = f"{count(n, 'row')} of {people} who are not in eligibility" if n else "every person is in eligibility"
        yield Outcome(
            text, bound.rows, n, "person_id", offending=bound.frame.join(known.lazy(), on="person_id", how="anti")
        )


class NoBirth:
    """Persons without a birth date."""

    info: ClassVar = CheckInfo(
        "VBC205",
        "birth_unknown",
        "Every person has a birth date",
        "A person without a birth date on any span cannot be judged; a run refuses such data unless --bad-rows drop is "
        "given (VBM314).",
        "Complete the birth dates in the extract.",
        thresholds=Thresholds(warn=None, fail=0.0),
        of="persons",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the persons."""
        ask_persons(questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many persons have no birth date."""
        known = persons(questions)
        missing = known.filter(pl.col("birth").is_null())
        n = missing.height
        text = f"{count(n, 'person', 'persons')} without any birth date" if n else "known for every person"
        yield Outcome(
            text,
            known.height,
            n,
            "birth_date",
            code="VBM314" if n else None,
            offending=missing.lazy().sort("person_id"),
        )


class BirthConflicts:
    """Persons whose spans name different births or deaths."""

    info: ClassVar = CheckInfo(
        "VBC206",
        "birth_conflict",
        "Spans of a person agree on birth and death",
        "The latest span wins, so that a correction needs no rewriting of old spans. Many conflicts mean that two "
        "children share an id.",
        "Look at the ids concerned with --person-level; mend the master data.",
        thresholds=Thresholds(warn=0.005, fail=0.05),
        of="persons",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the persons."""
        ask_persons(questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many persons have two births, and two deaths when deaths are there."""
        known = persons(questions)
        pairs = [("birth_date", "birth", "birth_last")]
        if questions.ground.has("eligibility", "death_date"):
            pairs.append(("death_date", "death_first", "death"))
        for column, first, last in pairs:
            differ = known.filter(pl.col(first) != pl.col(last))
            n = differ.height
            text = f"{count(n, 'person', 'persons')} with different dates" if n else "no person has two"
            yield Outcome(text, known.height, n, column, offending=differ.lazy().sort("person_id"))


class RegistryPresence:
    """Persons without any immunization record."""

    info: ClassVar = CheckInfo(
        "VBC207",
        "registry_presence",
        "Children are found in the immunization registry",
        "The share of persons of eligibility without a single immunization record. Registry matching loses some; when "
        "half are missing, immunization rates measure the match and not the care.",
        "Look at the matching between registry and eligibility.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.3, fail=None),
        of="persons",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at immunization."""
        return ("immunization",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the persons on both sides."""
        if (reason := joinable(table, questions)) is not None:
            return reason
        ask_persons(questions)
        ask_events(table, questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many persons have no record."""
        known = persons(questions)
        seen = events(table, questions).select("person_id")
        missing = known.join(seen, on="person_id", how="anti")
        n = missing.height
        text = f"{count(n, 'person', 'persons')} of eligibility without a record" if n else "everyone has a record"
        yield Outcome(text, known.height, n, "person_id", offending=missing.lazy().sort("person_id"))
