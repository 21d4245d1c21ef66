"""What `explain` answers: the measure in words, its query, or the verdict on one person by both engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vbpmeasure.data.contract import EVENT_TABLES, TABLES
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.measures import DEFAULT_ENROLLMENT_KEY, Program, calendar_year
from vbpmeasure.runs.request import data_place
from vbpmeasure.runs.selection import Overrides, Selection
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.terminology.user_sets import NO_USER_SETS, UserSets

if TYPE_CHECKING:
    import polars as pl

    from vbpmeasure.data.rows import Row
    from vbpmeasure.engines.reference import ReferenceRow
    from vbpmeasure.runs.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Question:
    """The measure that is asked about, for which year, with which settings; ``rates`` limits a person's answer."""

    measure: str
    year: int | None = None
    roots: tuple[Path, ...] = ()
    value_sets: UserSets = NO_USER_SETS
    overrides: Overrides = field(default_factory=dict)
    standing: Overrides = field(default_factory=dict)
    enrollment_key: tuple[str, ...] = DEFAULT_ENROLLMENT_KEY
    rates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the data is: the data folder (None when the configuration places every table) and configured sources."""

    folder: Path | RemoteFolder | None
    tables: TableSources
    access: Access = NO_ACCESS


def inputs(data: str | None, tables: TableSources, access: Access = NO_ACCESS) -> Inputs | None:
    """Return where the data is, or None when nothing says so."""
    placed = any(source.path is not None for sources in tables.values() for source in sources)
    return Inputs(data_place(data, tables), tables, access) if data is not None or placed else None


def needed(found: Inputs | None) -> Inputs:
    """Refuse a question about a person without data (:class:`Failure`, VBM407)."""
    if found is None:
        raise Failure(
            Diagnostic("VBM407", "`--person` needs `--data`: a verdict is about rows", hint="add `--data DIR`")
        )
    return found


def program_of(asked: Question) -> Program:
    """Return the program of the one measure; raises :class:`Failure` for unknown names and broken definitions."""
    from vbpmeasure.catalog.catalog import Catalog  # noqa: PLC0415  not where the program comes from a second process
    from vbpmeasure.commands.definitions import year_of  # noqa: PLC0415

    catalog = Catalog.open(asked.roots, value_sets=asked.value_sets)
    year = year_of(catalog.info(asked.measure), asked.year)
    selection = Selection(overrides=asked.overrides, standing=asked.standing)
    overrides = selection.overrides_for([asked.measure], catalog.ids())
    program = catalog.program([asked.measure], calendar_year(year), overrides, asked.enrollment_key)
    known = [rate.id for rate in program.measures[0].rates]
    unknown = [rate for rate in asked.rates if rate not in known]
    if unknown:
        raise Failure(
            [
                Diagnostic(
                    "VBM407",
                    f"`{asked.measure}` has no rate `{rate}`",
                    hint=suggestion_or_list(rate, known, "rates") or None,
                )
                for rate in unknown
            ]
        )
    return program


def words(asked: Question) -> str:
    """Return the measure as a readable tree, for the year asked for or that of the edition."""
    from vbpmeasure.plan.explain import explain as in_words  # noqa: PLC0415

    program = program_of(asked)
    return in_words(program.measures[0], program.period)


def query(asked: Question, data: Inputs | None) -> str:
    """Return the optimized Polars query of the measure, over the data or, without, over empty contract tables."""
    from vbpmeasure.data.buckets.opening import open_data  # noqa: PLC0415  words need no data
    from vbpmeasure.data.errors import guarded  # noqa: PLC0415
    from vbpmeasure.engines.polars.engine import explain_query  # noqa: PLC0415

    program = program_of(asked)
    if data is None:
        return explain_query(program, _empty_tables())
    bound, _ = open_data(data.folder, sources=data.tables, access=data.access)
    with guarded(bound.tables):
        return explain_query(program, {name: table.frame for name, table in bound.tables.items()})


def person(
    asked: Question,
    data: Inputs,
    person_id: str,
    known_as: Pseudonyms | None = None,
    begun: Callable[[Callable[[], Program]], Callable[[], Program]] = lambda make: make,
) -> str:
    """Return why one person did or did not count, rate by rate: the reference engine's trace as a tree.

    The Polars engine judges the same rows first, and the answer is refused when it comes to another verdict
    (:class:`Failure`, VBM902). Rows that a run would refuse are left out. Raises VBM320 when nobody has the id. With
    ``known_as`` the id may be a pseudonym under its key. ``begun`` may begin to make the program while the rows are
    read; what it returns is asked for it.
    """
    # Before Polars is loaded: with it no second process can be had that makes the program.
    making = begun(lambda: program_of(asked))
    from vbpmeasure.data.steady import refuse_change  # noqa: PLC0415
    from vbpmeasure.engines.reference.render_trace import render  # noqa: PLC0415
    from vbpmeasure.engines.reference.trace import JudgedPerson  # noqa: PLC0415

    try:
        from vbpmeasure.data.buckets.opening import of_one_person, open_data, open_for_person  # noqa: PLC0415
        from vbpmeasure.data.rows import person_rows  # noqa: PLC0415

        found = person_id
        if known_as is None:
            bound = open_for_person(data.folder, found, sources=data.tables, access=data.access)
        else:
            # Whose pseudonym it is, only the ids of everybody tell.
            everybody, layout = open_data(data.folder, bad_rows="keep", sources=data.tables, access=data.access)
            found = known_as.find(everybody, person_id)
            bound = of_one_person(everybody, layout, found)
        rows = person_rows(bound, found)
    except Failure:
        making()  # a definition that is wrong is told before data that are
        raise
    program = making()
    judged = JudgedPerson(program, rows)
    _agree(program, rows, judged.rows)
    refuse_change(bound)
    return "\n".join(render(judged.traces(asked.rates)))


def _agree(program: Program, rows: dict[str, list[Row]], by_reference: Sequence[ReferenceRow]) -> None:
    """Refuse to explain a verdict on which the two engines differ."""
    from vbpmeasure.engines.polars.queries import Queries  # noqa: PLC0415
    from vbpmeasure.testing.engines import polars_engine  # noqa: PLC0415

    by_polars = polars_engine(program, _said(rows), Queries(engine="in-memory"))
    # A rate of index events has several rows; rates of other measures stand in the program for composites.
    slow = {(row.measure, row.rate, row.index_date): row for row in by_reference}
    fast = {(row.measure, row.rate, row.index_date): row for row in by_polars}
    differing = sorted({key[1] for key in {*slow, *fast} if slow.get(key) != fast.get(key)})
    if differing:
        raise Failure(
            Diagnostic(
                "VBM902",
                f"the engines disagree about this person in {', '.join(differing)}; no verdict is shown",
                where=program.measures[0].id,
                hint="please report it with the measure and the version, without the person's data",
            )
        )


def _said(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return the rows without what says nothing: event tables without a row, cells without a value.

    What is absent is null to the engine (`frames_from_rows`); it looks for codes in every column that is there.
    """
    return {
        table: [{column: cell for column, cell in row.items() if cell is not None} for row in found]
        for table, found in rows.items()
        if found or table not in EVENT_TABLES
    }


def _empty_tables() -> dict[str, pl.LazyFrame]:
    """Return every contract table with all its columns and no rows."""
    import polars as pl  # noqa: PLC0415

    from vbpmeasure.data.types import contract_type  # noqa: PLC0415

    return {
        name: pl.LazyFrame(schema={c.name: contract_type(c.kind) for c in table.columns})
        for name, table in TABLES.items()
    }
