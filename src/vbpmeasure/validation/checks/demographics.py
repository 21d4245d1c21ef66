"""Race, ethnicity, language and gender: values that no crosswalk knows, and how complete they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.rollup import roll_up
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.judge import SMALL
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Status, Thresholds
from vbpmeasure.validation.words import count

# Field of eligibility -> dimension of its crosswalk.
_FIELDS = {"race": "race", "ethnicity": "ethnicity", "language": "language", "gender": "sex"}
_KEY = "demographics"
_GROUPS = ("payer", "data_source")


def _ask(questions: Questions) -> list[str]:
    """Ask for the distinct combinations of person, payer, source and demographic values: a fraction of the rows."""
    ground = questions.ground
    fields = ground.present("eligibility", tuple(_FIELDS))
    more = ground.present("eligibility", (*_GROUPS, *(f"{f}_source" for f in fields)))
    person = pl.col("person_id").hash().alias("person")
    # Spans of a person mostly stand together and say the same: the first of each such run is enough, and much less to
    # take apart.
    told = person + pl.sum_horizontal(pl.col(c).hash(seed) for seed, c in enumerate((*fields, *more), start=1))
    questions.frame(
        "eligibility",
        _KEY,
        lambda rows: (
            rows.select(person, *fields, *more, told=told)
            .filter((pl.col("told") != pl.col("told").shift(1)).fill_null(True))
            .drop("told")
            .unique()
        ),
    )
    return fields


class Unmapped:
    """Values that no crosswalk knows."""

    info: ClassVar = CheckInfo(
        "VBC503",
        "category_unmapped",
        "Race, ethnicity, language and gender are known codes",
        "A value that no crosswalk maps falls into the stratum Unknown: a child who told their race is counted as one "
        "who did not. Several races in one text are taken apart before they are looked up.",
        "Add the code to the crosswalk in `measures/crosswalks`, or map it in the extract.",
        thresholds=Thresholds(warn=0.01, fail=0.25),
        of="persons with a value",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the combinations of values."""
        return None if _ask(questions) else "no demographic column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per field: persons with an unmapped value among those with any value."""
        people, frame = questions.counted(table, _KEY), questions.ground.table(table).frame
        for field in (f for f in _FIELDS if f in people.columns):
            system = questions.ground.category_systems[_FIELDS[field]]
            told = people.select("person", field).filter(pl.col(field).str.strip_chars() != "").unique()
            wrong = [v for v in told[field].unique().to_list() if roll_up(system, v).unmapped]
            odd = told.filter(pl.col(field).is_in(wrong))
            n, rows = odd["person"].n_unique(), told["person"].n_unique()
            kinds = count(len(wrong), "unknown value")
            text = f"{count(n, 'person', 'persons')} with one of {kinds}" if n else "every value is known"
            yield Outcome(text, rows, n, field, offending=frame.filter(pl.col(field).is_in(wrong)) if n else None)


class Completeness:
    """Persons whose race, ethnicity, language or gender is known, by payer and by source."""

    info: ClassVar = CheckInfo(
        "VBC504",
        "demographics_complete",
        "Race, ethnicity, language and gender are known for most persons",
        "The share of persons for whom no span tells the field: null, unknown, or only codes that no crosswalk knows. "
        "Having been asked and having declined is an answer. Told for all persons, by payer, by data source, and by "
        "the field's own source column; groups of fewer than 11 persons are left out, and counts of 1 to 10 are not "
        "shown. Rates by race mean little where a third of the children are in Unknown.",
        "Collect the field at enrollment, or bring in another source for it.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.4, fail=None),
        of="persons",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the combinations of values."""
        return None if _ask(questions) else "no demographic column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield, for each field, all persons and then each group of persons."""
        people, ground = questions.counted(table, _KEY), questions.ground
        for field in (f for f in _FIELDS if f in people.columns):
            system = ground.category_systems[_FIELDS[field]]
            values = people[field].unique().to_list()
            known = {v: _is_known(system, v) for v in values}
            mark = pl.col(field).replace_strict(known, return_dtype=pl.Boolean).alias("known")
            by = [g for g in (*_GROUPS, f"{field}_source") if g in people.columns]
            marked = people.select("person", mark, *by)
            yield _outcome(field, None, marked)
            for group in by:
                yield from self._groups(field, group, marked)

    @staticmethod
    def _groups(field: str, group: str, marked: pl.DataFrame) -> Iterator[Outcome]:
        parts = marked.partition_by(group, as_dict=True)
        if len(parts) < 2:
            return
        for (name,), part in sorted(parts.items(), key=lambda item: str(item[0][0] or "")):
            if part["person"].n_unique() >= SMALL:
                # The field's own source says "unknown" exactly where the field is: that is no finding of its own.
                told = Status.PASS_WITH_ROWS if group == f"{field}_source" else None
                yield _outcome(field, f"{group} {'not given' if name is None else name}", part, told)


def _is_known(system: CategorySystem, value: str | None) -> bool:
    return roll_up(system, value).category != system.unknown


def _outcome(field: str, group: str | None, part: pl.DataFrame, forced: Status | None = None) -> Outcome:
    by_person = part.group_by("person").agg(pl.col("known").any())
    rows = by_person.height
    n = rows - int(by_person["known"].sum())
    share = n / rows if rows else 0.0
    # The count stands in fields that can be masked, never in the text.
    small = 0 < n < SMALL or 0 < rows - n < SMALL
    text = "known for nearly all or nearly none" if small else f"unknown for {share:.1%} of persons"
    return Outcome(
        text if n else "known for every person", rows, n, field, group, masked=True, forced=forced if n else None
    )
