"""Spans and claims in time: ends before starts, spans that overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Severity, Thresholds
from vbpmeasure.validation.words import count

# First and last date of what happens, by table.
_ORDERED: dict[str, tuple[tuple[str, str], ...]] = {
    "eligibility": (("enrollment_start_date", "enrollment_end_date"),),
    "medical_claim": (
        ("claim_start_date", "claim_end_date"),
        ("claim_line_start_date", "claim_line_end_date"),
        ("admission_date", "discharge_date"),
    ),
    "encounter": (("encounter_start_date", "encounter_end_date"),),
}


class Ordered:
    """Ends that lie before their starts."""

    info: ClassVar = CheckInfo(
        "VBC301",
        "end_before_start",
        "What ends does not end before it starts",
        "A span that ends before it starts is refused by a run (VBM314). On claims and encounters it warns: the "
        "engine uses the start.",
        "Mend the extract; swapped columns show as a share near one.",
        thresholds=Thresholds(warn=0.0, fail=0.01),
        columns={"eligibility.enrollment_end_date": Thresholds(warn=None, fail=0.0)},
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at the tables with starts and ends."""
        return tuple(_ORDERED)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the pairs in wrong order."""
        pairs = self._pairs(table, questions.ground)
        for start, end in pairs:
            questions.scalar(table, f"order:{end}", (pl.col(end) < pl.col(start)).sum())
        return None if pairs else "no column with an end"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per pair."""
        bound = questions.ground.table(table)
        for start, end in self._pairs(table, questions.ground):
            n = questions.number(table, f"order:{end}")
            yield Outcome(
                f"{count(n, 'row')} with {end} before {start}" if n else f"never before {start}",
                bound.rows,
                n,
                end,
                code="VBM314" if n and table == "eligibility" else None,
                offending=bound.frame.filter(pl.col(end) < pl.col(start)),
            )

    @staticmethod
    def _pairs(table: str, ground: Ground) -> list[tuple[str, str]]:
        return [pair for pair in _ORDERED[table] if ground.has(table, *pair)]


class Overlaps:
    """Spans of one person and payer that overlap."""

    info: ClassVar = CheckInfo(
        "VBC302",
        "spans_overlap",
        "Spans of a person with one payer do not overlap",
        "Overlapping spans of the same person, payer and product line are merged by the engine, so that rates are "
        "right. Many of them mean that corrections were appended instead of replacing what they correct. A span sent "
        "twice counts as an overlap.",
        "Replace corrected spans in the extract, or leave it: nothing is counted twice.",
        severity=Severity.WARNING,
        thresholds=Thresholds(warn=0.1, fail=None),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how many spans start on or before the last day that an earlier span of the same key covers."""
        ask_overlaps(questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many spans overlap an earlier one."""
        bound = questions.ground.table(table)
        n = int(questions.counted(table, OVERLAPS)["overlaps"].item())
        text = f"{count(n, 'span overlaps', 'spans overlap')} an earlier one of the same person and payer"
        key = span_key(questions.ground)
        found = _laid_out(bound.frame, key, key).filter(_overlaps()).select(*key, *_days())
        yield Outcome(text if n else "no span overlaps another", bound.rows, n, offending=found)


class RepeatedSpans:
    """Spans that stand twice."""

    info: ClassVar = CheckInfo(
        "VBC203",
        "span_duplicate",
        "No span stands twice",
        "Eligibility has no key: spans of the same person, payer and product line with the same dates are "
        "repetitions. A few are usual and harmless; half of all rows means a file that was loaded twice.",
        "Load every file once.",
        thresholds=Thresholds(warn=0.05, fail=0.25),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at eligibility."""
        return ("eligibility",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how many spans repeat another one."""
        ask_overlaps(questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many spans are repetitions."""
        bound = questions.ground.table(table)
        n = int(questions.counted(table, OVERLAPS)["repeated"].item())
        text = f"{count(n, 'span repeats', 'spans repeat')} another one" if n else "no span stands twice"
        key = span_key(questions.ground)
        found = _laid_out(bound.frame, key, key).filter(_repeated()).select(*key, *_days())
        yield Outcome(text, bound.rows, n, offending=found)


OVERLAPS = "overlaps"


def span_key(ground: Ground) -> tuple[str, ...]:
    """Return the columns whose spans are compared with each other: the person, and what breaks enrollment."""
    return ("person_id", *ground.present("eligibility", ("payer", "product_line")))


def ask_overlaps(questions: Questions) -> None:
    """Ask how many spans overlap an earlier one of their key, and how many repeat it: one sort serves both."""
    key = span_key(questions.ground)
    questions.frame(
        "eligibility",
        OVERLAPS,
        lambda rows: _laid_out(rows, key).select(overlaps=_overlaps().sum(), repeated=_repeated().sum()),
    )


_FAR = 2_932_896  # 9999-12-31 as days since 1970
_APART = 1 << 23  # more than any two days are apart


def _laid_out(rows: pl.LazyFrame, key: Sequence[str], keep: Sequence[str] = ()) -> pl.LazyFrame:
    """Return the spans ordered by key and start: ``key``, ``base``, ``start``, ``end`` as day numbers, and ``keep``."""
    start, end = pl.col("enrollment_start_date"), pl.col("enrollment_end_date")
    hashed = pl.sum_horizontal(pl.col(c).hash(seed) for seed, c in enumerate(key))
    spans = rows.filter(start.is_not_null()).select(
        *keep,
        key=hashed,
        start=start.to_physical().cast(pl.Int64),
        end=end.to_physical().cast(pl.Int64).fill_null(_FAR),
    )
    # Each key gets a stretch of the integers of its own, so that one running maximum serves all of them.
    first = (pl.col("key") != pl.col("key").shift(1)).fill_null(True)
    return spans.sort("key", "start", "end").with_columns(base=first.cast(pl.Int64).cum_sum() * _APART)


def _overlaps() -> pl.Expr:
    reach = (pl.col("base") + pl.col("end")).cum_max().shift(1)
    return (pl.col("base") + pl.col("start") <= reach).fill_null(False)


def _repeated() -> pl.Expr:
    same = [pl.col(c) == pl.col(c).shift(1) for c in ("key", "start", "end")]
    return pl.all_horizontal(same).fill_null(False)


def _days() -> list[pl.Expr]:
    return [pl.col(c).cast(pl.Int32).cast(pl.Date).alias(f"span_{c}") for c in ("start", "end")]
