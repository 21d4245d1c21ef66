"""The table of gaps: one row per child (or index event) and rate, in the order in which to work on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.plan.measures import Program, Proportion
from vbpmeasure.plan.questions import Questions
from vbpmeasure.results.care_gaps.missing import LeafState, missing_words
from vbpmeasure.results.care_gaps.order import in_working_order
from vbpmeasure.results.care_gaps.same_day import with_same_day
from vbpmeasure.results.care_gaps.standing import Reader, Standing
from vbpmeasure.results.frame import RateKind, ResultFrame
from vbpmeasure.results.gaps import GapStatus, gap_status

Ask = Callable[[Program], ResultFrame]

UNIT = ("person", "index_date")
# The tag of measures whose care is given elsewhere: a visit to the dentist is another visit.
ELSEWHERE = "dental"

OPEN_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "person": pl.UInt32,
        "index_date": pl.Date,
        "missing": pl.String,
        "due_by": pl.Date,
        "first": pl.Date,
        "last": pl.Date,
    }
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A rate of the frame with the standing of its numerator."""

    position: int
    reader: Reader
    target: Standing


def care_gaps(frame: ResultFrame, program: Program, ask: Ask, as_of: dt.date) -> pl.DataFrame:
    """Return one row per unit and proportion of the frame that met the first population step.

    Totals, composites, event rates and indicators have no rows: their gaps are those of other rates, or none. ``ask``
    runs an engine over the same data as the frame came from. Columns: ``measure``, ``rate``, ``rate_title``,
    ``person`` (position in ``frame.people``), ``person_id``, ``birth_date``, ``index_date``, ``gap_status``,
    ``exclusion`` (words of the first reason), ``closed_on``, and for open gaps ``can_still_pass`` (as of the day),
    ``missing``, ``due_by`` (the last day on which the next missing thing can happen), ``days_left`` (0 on that day),
    ``visit_gaps`` and ``visit_measures`` (how many gaps of the child, and of how many measures, one visit can close
    together with this one; null when no single visit closes it).
    """
    judged = list(_judged(frame, program))
    positions = [one.position for one in judged]
    rows = frame.rows.filter(pl.col("rate").is_in(positions)).with_columns(gap_status(frame.rates).alias("gap_status"))
    found = _opened(rows.filter(pl.col("gap_status") == GapStatus.OPEN.value), judged, program, ask, as_of)
    keys = _keys(frame, program, positions)
    table = (
        rows.join(found, on=["rate", *UNIT], how="left", nulls_equal=True, maintain_order="left")
        .join(keys, on="rate", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("gap_status") == GapStatus.OPEN.value)
            .then((pl.col("due_by") >= as_of).fill_null(False))
            .alias("can_still_pass"),
            (pl.col("due_by") - pl.lit(as_of)).dt.total_days().alias("days_left"),
            _exclusion(frame, rows),
            frame.people["person_id"].gather(rows["person"]),
            frame.people["birth_date"].gather(rows["person"]),
            pl.when(pl.col("gap_status") == GapStatus.CLOSED.value).then("evidence_date").alias("closed_on"),
        )
    )
    ordered = in_working_order(with_same_day(table, as_of))
    return ordered.select(
        *("measure", "rate_id", "rate_title", "person", "person_id", "birth_date", "index_date", "gap_status"),
        *("exclusion", "closed_on", "can_still_pass", "missing", "due_by", "days_left", "visit_gaps", "visit_measures"),
    ).rename({"rate_id": "rate"})


def has_gaps(program: Program) -> bool:
    """Tell whether some rate of the program that is reported has gaps."""
    return any(isinstance(rate, Proportion) for one in program.measures if not one.support for rate in one.rates)


def _judged(frame: ResultFrame, program: Program) -> Sequence[_Judged]:
    questions = Questions()
    rates = {(measure.id, rate.id): rate for measure in program.measures for rate in measure.rates}
    found = []
    for position, key in enumerate(frame.rates):
        rate = rates.get((key.measure, key.rate))
        if key.kind is RateKind.PROPORTION and isinstance(rate, Proportion) and not key.support:
            reader = Reader(rate, questions, program.period, program.value_sets)
            found.append(_Judged(position, reader, reader.target()))
    return found


def _opened(rows: pl.DataFrame, judged: Sequence[_Judged], program: Program, ask: Ask, as_of: dt.date) -> pl.DataFrame:
    """Return what is missing for the open units, and until when."""
    open_rates = set(rows["rate"].unique().to_list())
    if not open_rates:
        return pl.DataFrame(schema=OPEN_SCHEMA)
    questions = judged[0].reader.questions
    answers = _answers(ask(questions.program(program)))
    return pl.concat(
        _of_rate(one, rows.filter(pl.col("rate") == one.position), answers, program, as_of)
        for one in judged
        if one.position in open_rates
    )


def _answers(frame: ResultFrame) -> Mapping[int, pl.DataFrame]:
    """Return by number of the question the units for which it holds, with the day."""
    met = frame.rows.filter("numerator").select("rate", *UNIT, "evidence_date")
    return {int(number): part.drop("rate") for (number,), part in met.partition_by("rate", as_dict=True).items()}


def _of_rate(
    one: _Judged, units: pl.DataFrame, answers: Mapping[int, pl.DataFrame], program: Program, as_of: dt.date
) -> pl.DataFrame:
    units = units.select("rate", *UNIT)
    nobody = pl.DataFrame(schema={"person": pl.UInt32, "index_date": pl.Date, "evidence_date": pl.Date})
    for number in sorted(one.reader.asked):
        answer = answers.get(number, nobody).with_columns(pl.lit(True).alias(f"v{number}"))
        units = units.join(
            answer.rename({"evidence_date": f"d{number}"}),
            on=UNIT,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        ).with_columns(pl.col(f"v{number}").fill_null(False))
    leaves = list(one.target.leaves())
    states = [f"{what}{number}" for number in range(len(leaves)) for what in ("value", "have", "possible")]
    stood = one.reader.evaluated(units).select(
        "rate",
        *UNIT,
        one.target.due.cast(pl.Date).alias("due_by"),
        one.target.first.cast(pl.Date).alias("first"),
        one.target.last.cast(pl.Date).alias("last"),
        *(leaf.value.alias(f"value{number}") for number, leaf in enumerate(leaves)),
        *(
            (leaf.have if leaf.have is not None else pl.lit(None)).cast(pl.Int32).alias(f"have{number}")
            for number, leaf in enumerate(leaves)
        ),
        *((leaf.due >= as_of).fill_null(False).alias(f"possible{number}") for number, leaf in enumerate(leaves)),
    )
    # Few ways to stand for many units: the words are made once for each way.
    ways = stood.select(states).unique(maintain_order=True)
    words = [
        missing_words(one.target, [LeafState(*way[i : i + 3]) for i in range(0, len(way), 3)], program.period)
        for way in ways.iter_rows()
    ]
    told = ways.with_columns(pl.Series("missing", words, dtype=pl.String))
    return stood.join(told, on=states, how="left", nulls_equal=True, maintain_order="left").select(OPEN_SCHEMA.names())


def _keys(frame: ResultFrame, program: Program, positions: Sequence[int]) -> pl.DataFrame:
    elsewhere = {measure.id for measure in program.measures if ELSEWHERE in measure.tags}
    keys = [frame.rates[position] for position in positions]
    return pl.DataFrame(
        {
            "rate": pl.Series(positions, dtype=pl.UInt16),
            "measure": pl.Series([key.measure for key in keys], dtype=pl.String),
            "rate_id": pl.Series([key.rate for key in keys], dtype=pl.String),
            "rate_title": pl.Series([key.rate_title for key in keys], dtype=pl.String),
            "elsewhere": pl.Series([key.measure in elsewhere for key in keys], dtype=pl.Boolean),
        }
    )


def _exclusion(frame: ResultFrame, rows: pl.DataFrame) -> pl.Series:
    titles = {
        (position, number): title or identifier
        for position, key in enumerate(frame.rates)
        for number, (identifier, title) in enumerate(key.exclusions)
    }
    pairs = zip(rows["rate"].to_list(), rows["exclusion"].to_list(), strict=True)
    return pl.Series("exclusion", [titles.get(pair) for pair in pairs], dtype=pl.String)
