"""Keys: ids that are null, lines and records that stand twice, spans sent twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES, TABLES
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Thresholds
from vbpmeasure.validation.words import count

# The columns that name a row of each table; records have an id of their own.
KEYS: dict[str, tuple[str, ...]] = {
    "medical_claim": ("claim_id", "claim_line_number"),
    "practitioner": ("npi", "taxonomy_code"),
    **{name: (f"{name}_id",) for name in EVENT_TABLES if not name.endswith("_claim")},
}


class NullKeys:
    """Rows without the ids that they are found by."""

    info: ClassVar = CheckInfo(
        "VBC201",
        "key_null",
        "Ids are filled in",
        "A span without a person is refused by a run (VBM314); a claim or record without one belongs to nobody and is "
        "silently no event; a line without a claim id is on no claim.",
        "Mend the extract: ids must not be lost in joins.",
        thresholds=Thresholds(warn=0.0, fail=0.01),
        columns={"eligibility.person_id": Thresholds(warn=None, fail=0.0)},
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table."""
        return tuple(TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the nulls of each id column."""
        for column in self._ids(table, questions.ground):
            questions.scalar(table, f"null:{column}", pl.col(column).null_count())
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per id column."""
        bound = questions.ground.table(table)
        for column in self._ids(table, questions.ground):
            n = questions.number(table, f"null:{column}")
            yield Outcome(
                f"{count(n, 'row')} without {column}" if n else "always filled in",
                bound.rows,
                n,
                column,
                code="VBM314" if n and table == "eligibility" else None,
                offending=bound.frame.filter(pl.col(column).is_null()),
            )

    @staticmethod
    def _ids(table: str, ground: Ground) -> list[str]:
        key = KEYS.get(table, ())
        named = ("person_id", "claim_id", "npi", *(c for c in key if c.endswith("_id")))
        return ground.present(table, tuple(dict.fromkeys(named)))


class DuplicateKeys:
    """Two rows under one key."""

    info: ClassVar = CheckInfo(
        "VBC202",
        "key_duplicate",
        "No claim line and no record stands twice",
        "Two rows share claim_id and claim_line_number, or a record id and its codes (a record that was coded in "
        "several systems, or that holds several readings, has a row for each). The engine counts distinct dates, so "
        "that plain repetition changes few rates, but a file that was loaded twice is a sign of worse. Ids are "
        "compared by a 64-bit hash; rows whose key is null are not counted. In practitioner the key is NPI and "
        "taxonomy.",
        "Load every file once; keep the last version of a claim line.",
        thresholds=Thresholds(warn=0.0, fail=0.005),
        columns={"practitioner": Thresholds(warn=0.05, fail=0.5)},
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table that has a key."""
        return tuple(KEYS)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how many rows repeat a key that another row has."""
        key = KEYS[table]
        lacking = [c for c in key if not questions.ground.has(table, c)]
        if lacking:
            return f"no column {lacking[0]}"
        columns = self._told_apart(table, questions.ground)
        questions.frame(table, "key_duplicate", lambda rows: repeated(rows.drop_nulls(key), columns))
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows repeat a key."""
        bound, key = questions.ground.table(table), KEYS[table]
        columns = self._told_apart(table, questions.ground)
        n = int(questions.counted(table, "key_duplicate").item())
        name = " and ".join(key) if len(columns) == len(key) else f"{key[0]} and code"
        text = f"{count(n, 'row repeats', 'rows repeat')} the {name} of another" if n else f"{name} is unique"
        twice = bound.frame.drop_nulls(key).filter(pl.struct(columns).is_duplicated()).sort(columns)
        yield Outcome(text, bound.rows, n, offending=twice)

    @staticmethod
    def _told_apart(table: str, ground: Ground) -> list[str]:
        """Return the columns in which two rows of a table must differ: the key, and for records their codes."""
        pairs = TABLES[table].code_pairs if table in EVENT_TABLES and not table.endswith("_claim") else ()
        codes = [c for pair in pairs for c in (pair.type_column, pair.code_column)]
        return [*KEYS[table], *ground.present(table, tuple(codes))]


def repeated(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """Return a query of one number: how many rows are a repetition of an earlier one in these columns.

    Sorting one integer per row is the fastest exact way that was measured: half the time of counting distinct keys.
    """
    key = pl.sum_horizontal(pl.col(c).hash(seed) for seed, c in enumerate(columns))
    return rows.select(key.alias("key")).sort("key").select((pl.col("key") == pl.col("key").shift(1)).sum())


class DuplicateRows:
    """Rows that are equal in all columns, where there is no key."""

    info: ClassVar = CheckInfo(
        "VBC208",
        "row_duplicate",
        "No row stands twice where there is no key to tell",
        "Some extracts come without line numbers or record ids: there, rows that are equal in every contract column "
        "are counted. Half of all rows means a file that was loaded twice.",
        "Load every file once.",
        thresholds=Thresholds(warn=0.05, fail=0.25),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at the tables that have no key in this data."""
        return tuple(
            t
            for t in TABLES
            if t in ground.bound.tables and t != "eligibility" and not ground.has(t, *KEYS.get(t, ("",)))
        )

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how many rows repeat another one in every column."""
        columns = sorted(questions.ground.table(table).columns)
        questions.frame(table, "row_duplicate", lambda rows: repeated(rows, columns))
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows are repetitions."""
        bound = questions.ground.table(table)
        n = int(questions.counted(table, "row_duplicate").item())
        text = f"{count(n, 'row repeats', 'rows repeat')} another one in every column" if n else "no row stands twice"
        columns = sorted(bound.columns)
        yield Outcome(
            text, bound.rows, n, offending=bound.frame.filter(pl.struct(columns).is_duplicated()).sort(columns)
        )
