"""Volume: events per member-month by month and source, so that a missing month or a doubled file shows."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.validation import months
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Thresholds

_FEWEST_ROWS = 60  # a month: below this chance alone makes months look empty
_SHOWN = 6
# Tables of which a month without rows is strange; records come in by season and by campaign.
_STEADY = ("medical_claim", "pharmacy_claim")


class _Volume:
    """What both volume checks share: the rate of each month against the usual month, for each source."""

    info: ClassVar[CheckInfo]
    word: ClassVar[str]

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at the tables that grow month by month."""
        return tuple(t for t in EVENT_TABLES if t in _STEADY)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows by day and source, and for the spans by first and last day."""
        if questions.ground.day(table) is None:
            return "no date column"
        months.ask_days(table, questions)
        if "eligibility" in questions.ground.bound.tables:
            months.ask_spans(questions)
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome for all sources together, then one per source when there are several."""
        ground = questions.ground
        by_source = months.month_counts(table, questions)
        total = months.total_by_month(by_source)
        window = months.window(ground, total)
        covered = self._covered(questions, window)
        column = next(iter(ground.present(table, ground.contract(table).date_columns)), None)
        groups: list[tuple[str | None, Mapping[int, int]]] = [(None, total)]
        if len(by_source) > 1:
            groups += [(f"data_source {name or 'not given'}", counts) for name, counts in sorted(by_source.items())]
        for group, counts in groups:
            rows = [m for m in window if covered.get(m)]
            # A source may begin or end within the window; what all sources together lack is told without a group.
            rows = rows if group is None else [m for m in rows if min(counts) <= m <= max(counts)]
            usual = statistics.median(counts.get(m, 0) / covered[m] for m in rows) if rows else 0.0
            if len(rows) < 3 or sum(counts.get(m, 0) for m in rows) < _FEWEST_ROWS * len(rows):
                continue
            odd = [m for m in rows if self._odd(counts.get(m, 0) / covered[m], usual, ground.limit(self.info))]
            yield Outcome(self._text(odd, usual), len(rows), len(odd), column, group)

    @staticmethod
    def _covered(questions: Questions, window: range) -> dict[int, int]:
        if "eligibility" not in questions.ground.bound.tables:
            return dict.fromkeys(window, 1)
        return months.member_months(questions, window)

    def _text(self, odd: list[int], usual: float) -> str:
        if not odd:
            return f"no month {self.word} the usual {usual:.2f} rows per member-month"
        shown = ", ".join(months.name(m) for m in odd[:_SHOWN]) + (" ..." if len(odd) > _SHOWN else "")
        return f"{shown}: far {self.word} the usual {usual:.2f} rows per member-month"

    @staticmethod
    def _odd(rate: float, usual: float, limit: float) -> bool:
        raise NotImplementedError


class MissingMonth(_Volume):
    """Months with far fewer rows than usual."""

    info: ClassVar = CheckInfo(
        "VBC701",
        "month_missing",
        "No month lacks its claims",
        "Rows per member-month by month of service, against the median month. A month below the limit is missing or "
        "half loaded; the last months of an extract made too early show too. With --year its months up to --as-of are "
        "judged, else all from the first to the last that has rows. Told for all sources together and for each "
        "source. Data with fewer than 60 rows a month is not judged. Member-months are spans that touch the month.",
        "Load the missing month; wait for the run-out of claims before measuring.",
        thresholds=Thresholds(warn=None, fail=0.0),
        of="months",
        limit=0.4,
        limit_means="below this part of the median month",
    )
    word = "below"

    @staticmethod
    def _odd(rate: float, usual: float, limit: float) -> bool:
        return rate < limit * usual


class DoubledMonth(_Volume):
    """Months with far more rows than usual."""

    info: ClassVar = CheckInfo(
        "VBC702",
        "month_doubled",
        "No month has its claims twice",
        "As month_missing, for months above the limit: a file of the month that was loaded twice, or a batch of old "
        "claims under one date.",
        "Look at key_duplicate; load every file once.",
        thresholds=Thresholds(warn=0.0, fail=None),
        of="months",
        limit=1.7,
        limit_means="above this multiple of the median month",
    )
    word = "above"

    @staticmethod
    def _odd(rate: float, usual: float, limit: float) -> bool:
        return usual > 0 and rate > limit * usual
