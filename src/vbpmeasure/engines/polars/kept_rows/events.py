"""The event tables as they are kept: rows with a text that is looked for, its number in place of the text.

Nothing of people, cohorts, days or conditions is in them: a run of another year, or of other rules over the same codes,
reads them as it would read the input. The texts of a run may be fewer than those that were kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import TABLES, Kind
from vbpmeasure.engines.polars.carried import carried
from vbpmeasure.engines.polars.columns import Reading
from vbpmeasure.engines.polars.kept_rows.keeper import EVENTS, Facts, Keeper
from vbpmeasure.engines.polars.literals import BITS
from vbpmeasure.engines.polars.lookup import gathered
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.engines.polars.rows import Rows, claim_of, rows_of, with_needed_codes

_NUMBER = pl.UInt16  # the code lists of all shipped measures hold a third of what this can count
_MOST = 65_535

# Of these nothing is ever asked: neither a condition, nor a detail, nor a day. Should something be, the column is
# missed loudly, and the input is read instead.
NEVER_ASKED = frozenset(
    {"payer", "plan", "claim_type", "facility_npi", "data_source", "condition_type", "paid_amount", "paid_date"}
    | {"claim_line_number", "practitioner_id", "attending_provider_id", "quantity"}
)


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The kept rows of one event table, and the readings that can still find anything there."""

    rows: Rows
    readings: list[Reading]


def _cohorts_by_person(needed: pl.DataFrame, people: int) -> pl.Series:
    """Return the cohorts of every person by position, 0 for those whom nobody asks for (``needed`` as the engine's)."""
    asked = needed.select("person", "cohorts")
    return pl.zeros(people, BITS, eager=True).scatter(asked["person"], asked["cohorts"])


def kept_events(
    keeper: Keeper,
    tables: Mapping[str, pl.LazyFrame],
    asked: Mapping[str, list[Reading]],
    ids: pl.DataFrame,
    needed: pl.DataFrame,
    queries: Queries,
) -> dict[str, KeptRows] | None:
    """Return the kept rows of the event tables in which anything can be found; None when nothing can be kept.

    ``ids``: person_id, person (its position), one row per person of the input; ``needed`` as in `load_events`.
    """
    asked = {table: found for table, found in asked.items() if found}
    if not asked or any(len(r.order) > _MOST for found in asked.values() for r in found):
        return None
    kept = keeper.find(EVENTS, lambda facts: _serves(facts, asked, ids.height))
    if kept is None:
        there = carried(tables, asked, queries)
        made = {table: _thin(table, tables[table], found, asked[table], ids) for table, found in there.items()}
        kept = keeper.keep(EVENTS, made, lambda written: _facts(written, asked, there, ids.height))
    if kept is None:
        return None
    texts = _Texts(kept.facts)
    cohorts = _cohorts_by_person(needed, ids.height)
    read: dict[str, KeptRows] = {}
    for table, found in asked.items():
        numbers = [(reading, *texts.numbers(table, reading)) for reading in found]
        held = [(reading, number) for reading, number, any_row in numbers if any_row]
        if held:
            present = frozenset(tables[table].collect_schema().names())
            rows = rows_of(kept.tables[table], [number(pl.col(_name(reading))) for reading, number in held])
            read[table] = KeptRows(Rows(rows, present, pl.col("claim"), cohorts), [reading for reading, _ in held])
    return read


def _name(reading: Reading) -> str:
    return f"{reading.column}/{reading.length}"


def _thin(
    table: str, frame: pl.LazyFrame, found: list[Reading], asked: list[Reading], ids: pl.DataFrame
) -> pl.LazyFrame:
    """Return one row per input row that carries a text of any reading found there, of those that are asked for.

    Columns: person, the number of the text for each reading found, claim, and the contract columns that rules may ask
    for: dates and numbers as they are, texts as categories.
    """
    schema = frame.collect_schema()
    names = [_name(reading) for reading in found]
    others = [_as_kept(name, dtype) for name, dtype in schema.items() if _may_be_asked(table, name, asked)]
    claim = [claim_of()] if "claim_id" in schema else []
    return (
        with_needed_codes(frame, found)
        .with_columns(reading.number.cast(_NUMBER).alias(name) for reading, name in zip(found, names, strict=True))
        .filter(pl.any_horizontal([pl.col(name).is_not_null() for name in names]))
        .join(ids.lazy().select("person_id", "person"), on="person_id", build_side="force_right")
        .select("person", *names, *claim, *others)
    )


def _may_be_asked(table: str, column: str, found: list[Reading]) -> bool:
    contract = TABLES[table].column(column)
    if contract is None or contract.kind is Kind.ID or column in NEVER_ASKED:
        return False
    # A code that nothing looks for is a code that nothing reads.
    codes = {pair.code_column for pair in TABLES[table].code_pairs}
    return column not in codes and column not in {reading.column for reading in found}


def _as_kept(column: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(column).cast(pl.Categorical) if dtype == pl.String else pl.col(column)


def _facts(
    written: Mapping[str, pl.LazyFrame],
    asked: Mapping[str, list[Reading]],
    there: Mapping[str, list[Reading]],
    people: int,
) -> Facts:
    """Say which texts the numbers stand for, and which of them rows carry for each reading: none if not ``there``."""
    lists: list[list[str]] = []
    place: dict[int, int] = {}
    columns: dict[str, dict[str, object]] = {}
    for table, found in asked.items():
        names = [_name(reading) for reading in there.get(table, ())]
        seen = written[table].select(pl.col(names).unique().sort().implode()).collect() if names else pl.DataFrame()
        for reading in found:
            if id(reading.texts) not in place:
                place[id(reading.texts)] = len(lists)
                lists.append(list(reading.order))
            name = _name(reading)
            numbers = seen.get_column(name)[0].drop_nulls().to_list() if name in seen.columns else []
            columns.setdefault(table, {})[name] = [place[id(reading.texts)], numbers]
    return {"people": people, "texts": lists, "columns": columns}


def _serves(facts: Facts, asked: Mapping[str, list[Reading]], people: int) -> bool:
    """Return whether every text that is looked for was looked for in the same column when the rows were kept."""
    if facts["people"] != people:
        return False
    lists = [frozenset(texts) for texts in facts["texts"]]
    known: dict[tuple[int, int], bool] = {}
    for table, found in asked.items():
        columns = facts["columns"].get(table, {})
        for reading in found:
            if _name(reading) not in columns:
                return False
            place = (columns[_name(reading)][0], id(reading.texts))
            if place not in known:
                known[place] = lists[place[0]].issuperset(reading.order)
            if not known[place]:
                return False
    return True


class _Texts:
    """The texts behind the numbers of kept columns."""

    def __init__(self, facts: Facts) -> None:
        """Take what was said of the rows."""
        self._facts = facts
        self._places: dict[tuple[int, int], pl.Series] = {}

    def numbers(self, table: str, reading: Reading) -> tuple[Callable[[pl.Expr], pl.Expr], bool]:
        """Return how kept numbers become those of the reading, and whether any row carries one of its texts."""
        number, carried = self._facts["columns"][table][_name(reading)]
        known = (number, id(reading.texts))
        if known not in self._places:
            position = {text: i for i, text in enumerate(reading.order)}
            found = [position.get(text) for text in self._facts["texts"][number]]
            self._places[known] = pl.Series(found, dtype=pl.UInt32)
        places = self._places[known]
        return lambda column: gathered(column, places), places.gather(carried).null_count() < len(carried)
