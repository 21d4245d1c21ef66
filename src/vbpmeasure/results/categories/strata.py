"""Strata: which stratum of each dimension a person belongs to, as small whole numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.dimensions import ATTRIBUTED, Dimension, attributed_names
from vbpmeasure.results.categories.rollup import RolledUp, fill_ethnicity, roll_up
from vbpmeasure.results.categories.stratum_text import text_of
from vbpmeasure.results.categories.tabulation import Atom, arrange, as_text, atom_of, sorted_by
from vbpmeasure.results.frame import ResultFrame

UNKNOWN = "Unknown"
UNATTRIBUTED = "Unattributed"
_OLDEST = 200

# More strata than this are no stratifier, but something close to an identifier
MAX_STRATA = 2_000
# Providers are many by nature; what they are not is one for each person.
MAX_PROVIDERS = 50_000


@dataclass(frozen=True, slots=True)
class Strata:
    """One dimension over the people of a result frame.

    ``labels`` are the strata in order, each with one text per component; ``ids`` has one row per person (in
    the order of ``people``): the position in ``labels``. ``fixed`` strata are reported even when they are empty.
    ``is_open`` labels are the values that these people have, in their order, with those of nobody last: other people
    may have others. ``untabulated`` labels are combinations (`tabulation.as_text`), not yet the rows of a tabulation.

    Where strata overlap (race alone or in combination), ``ids`` are positions in ``atoms`` instead: the combinations
    behind the strata, of which every person has one; ``made_of`` names the atoms of each stratum.
    """

    dimension: Dimension
    labels: tuple[tuple[str, ...], ...]
    ids: pl.Series
    fixed: bool = False
    is_open: bool = False
    untabulated: bool = False
    atoms: tuple[tuple[str, ...], ...] = ()
    made_of: tuple[tuple[int, ...], ...] = ()

    @property
    def overlaps(self) -> bool:
        """Whether a person may be in several strata."""
        return bool(self.made_of)

    @property
    def disjoint(self) -> tuple[tuple[str, ...], ...]:
        """What ``ids`` are positions in: the atoms of overlapping strata, else the strata themselves."""
        return self.atoms if self.overlaps else self.labels

    @property
    def disjoint_texts(self) -> tuple[str, ...]:
        """The atoms or strata that ``ids`` point to, as they are shown."""
        return tuple(text_of(label) for label in self.disjoint)

    @property
    def name(self) -> str:
        """The name of the dimension."""
        return self.dimension.name

    @property
    def texts(self) -> tuple[str, ...]:
        """The strata as they are shown (`stratum_text`): each once, whatever the data call them."""
        return tuple(text_of(label) for label in self.labels)


@dataclass(frozen=True, slots=True)
class StrataSet:
    """All dimensions of a run.

    ``unmapped``: people by stratifier whose raw value holds a code that no table knows; ``absent``: columns of
    eligibility that a dimension reads and the input does not have; ``components`` are the strata of each component
    alone, by name; ``categories``: by dimension, the category system that it was sorted by, with the tabulation.
    """

    strata: tuple[Strata, ...] = ()
    unmapped: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    components: Mapping[str, Strata] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


def assign_strata(
    frame: ResultFrame,
    dimensions: Iterable[Dimension],
    systems: Mapping[str, CategorySystem],
    *,
    tabulated: bool = True,
) -> StrataSet:
    """Put every person of the frame into one stratum of each dimension.

    Which combinations get a row of their own can depend on all people: with ``tabulated`` off, people of some of them
    are put into combinations, and `results.partial.settled` makes rows of the sum.
    Attributes that ``people`` lacks count as null, which is the unknown stratum. Raises `Failure` (VBM405) when a
    dimension has more than 2,000 strata (50,000 with providers or practices among them).
    """
    dimensions = tuple(dimensions)
    names = tuple(dict.fromkeys(c for dimension in dimensions for c in dimension.components))
    read = {name: systems[name].columns if name in systems else (name,) for name in names}
    absent = dict.fromkeys(
        c
        for name, columns in read.items()
        for c in columns
        if c not in frame.people.columns and not _stands_in(systems.get(name), frame.people.columns, c)
    )

    def assign(name: str) -> tuple[Strata, int | None]:
        system = systems.get(name)
        if system is None:
            return raw_strata(name, frame.people), None
        if system.bands:
            return _age_bands(system, frame.people, frame.period.end), None
        return _categories(system, systems, frame.people, tabulated=tabulated)

    with ThreadPoolExecutor() as beside:  # each is one small query on one core
        found = dict(zip(names, beside.map(assign, names), strict=True))
    singles = {name: strata for name, (strata, _) in found.items()}
    unmapped = {name: unknown for name, (_, unknown) in found.items() if unknown is not None}
    by = {name: sorted_by(systems[name]) for name in names if name in systems}
    return StrataSet(tuple(_crossed(d, singles) for d in dimensions), unmapped, tuple(absent), singles, by)


def _stands_in(system: CategorySystem | None, present: Sequence[str], column: str) -> bool:
    """Whether the other one of a column and the one that is read in its stead is there."""
    pair = () if system is None or system.instead is None else (system.column, system.instead)
    return column in pair and any(other in present for other in pair)


def text_column(people: pl.DataFrame, name: str) -> pl.Series:
    """Return a column of the people as text; nulls when they do not have it."""
    if name not in people.columns:
        return pl.Series(name, [None] * people.height, dtype=pl.String)
    return people[name].cast(pl.String).alias(name)


def raw_strata(name: str, people: pl.DataFrame) -> Strata:
    """Return the values of a column as strata, in order, those without one last."""
    values = text_column(people, name).str.strip_chars().replace("", None)
    nobody = UNATTRIBUTED if name in ATTRIBUTED else UNKNOWN
    texts = sorted(values.drop_nulls().unique().to_list())
    if nobody in texts:
        texts.remove(nobody)
    labels = (*texts, nobody)
    positions = pl.DataFrame({"value": labels, "id": range(len(labels))}, schema={"value": pl.String, "id": pl.UInt32})
    ids = _look_up(values.fill_null(nobody).alias("value").to_frame(), positions, ["value"])
    return Strata(Dimension((name,)), tuple((label,) for label in labels), ids, is_open=True)


def _categories(
    system: CategorySystem, systems: Mapping[str, CategorySystem], people: pl.DataFrame, *, tabulated: bool
) -> tuple[Strata, int]:
    """Roll up the distinct raw values (few), then give every person the stratum of theirs with one join."""
    raw = pl.DataFrame([text_column(people, column) for column in system.columns])
    distinct = raw.unique(maintain_order=True)
    donor = systems.get(system.fill_from) if system.fill_from is not None else None
    rolled = [roll_row(system, donor, row) for row in distinct.iter_rows()]
    order = {category: position for position, category in enumerate(system.categories)}
    atoms = sorted({atom_of(r) for r in rolled}) if system.tabulations else []
    position = {atom: i for i, atom in enumerate(atoms)}
    table = distinct.with_columns(
        pl.Series("id", [position[atom_of(r)] if atoms else order[r.category] for r in rolled], dtype=pl.UInt32),
        pl.Series("unmapped", [r.unmapped for r in rolled], dtype=pl.Boolean),
    )
    joined = raw.join(table, on=list(system.columns), how="left", nulls_equal=True, maintain_order="left")
    unmapped = int(joined["unmapped"].sum())
    if system.tabulations:
        strata = _tabulated if tabulated else _untabulated
        return strata(system, atoms, joined["id"]), unmapped
    labels = tuple((c,) for c in system.categories)
    return Strata(Dimension((system.dimension,)), labels, joined["id"], fixed=True), unmapped


def _tabulated(system: CategorySystem, atoms: list[Atom], ids: pl.Series) -> Strata:
    """Return the strata of a system with a tabulation; ``ids`` are positions in ``atoms``."""
    counts = np.bincount(ids.to_numpy(), minlength=len(atoms))
    found = arrange(system, {atom: int(n) for atom, n in zip(atoms, counts, strict=True)})
    places = pl.Series([found.place[atom] for atom in atoms], dtype=pl.UInt32)
    dimension = Dimension((system.dimension,))
    ids = places.gather(ids).alias("id")
    return Strata(dimension, found.labels, ids, fixed=True, atoms=found.atoms, made_of=found.made_of)


def _untabulated(system: CategorySystem, atoms: list[Atom], ids: pl.Series) -> Strata:
    """Return the combinations themselves as strata, in an order that other people's fit into."""
    texts = sorted(as_text(atom) for atom in atoms)
    places = pl.Series([texts.index(as_text(atom)) for atom in atoms], dtype=pl.UInt32)
    labels = tuple((text,) for text in texts)
    return Strata(Dimension((system.dimension,)), labels, places.gather(ids).alias("id"), untabulated=True)


def roll_row(system: CategorySystem, donor: CategorySystem | None, row: Sequence[str | None]) -> RolledUp:
    """Roll up the raw values of one person, given in the order of ``system.columns``.

    ``donor`` is the system of the column that fills this one where it says nothing (rule 7).
    """
    raw = dict(zip(system.columns, row, strict=True))
    also = raw[system.also.column] if system.also is not None and system.also.column is not None else None
    own = roll_up(system, raw[system.columns[0]], also)
    if system.instead is not None and own.category == system.unknown:
        second = roll_up(system, raw[system.instead], also)
        own = second if second.category != system.unknown else own
    if donor is not None and system.fill_from is not None:
        own = fill_ethnicity(system, own, roll_up(donor, raw[system.fill_from]))
    return own


def _age_bands(system: CategorySystem, people: pl.DataFrame, on: dt.date) -> Strata:
    """Completed years on the day: the year has turned once month and day of birth are reached.

    A birthday on 29 February is 28 February in a common year (fact sheet 1.1).
    """
    birth = pl.col("birth_date")
    month_day = birth.dt.month().cast(pl.Int16) * 100 + birth.dt.day().cast(pl.Int16)
    common_year = (dt.date(on.year, 3, 1) - dt.timedelta(days=1)).day == 28
    if common_year:
        month_day = pl.when(month_day == 229).then(228).otherwise(month_day)
    age = on.year - birth.dt.year() - (month_day > on.month * 100 + on.day).cast(pl.Int32)
    # Every possible age has its band in a short list; the unborn and those of no band are unknown (the last position).
    by_age = [
        next(
            (
                i
                for i, (first, last) in enumerate(system.bands)
                if first <= years <= (_OLDEST if last is None else last)
            ),
            None,
        )
        for years in range(_OLDEST + 1)
    ]
    bands = pl.Series([len(system.bands) if band is None else band for band in (*by_age, None)], dtype=pl.UInt32)
    years = people.select(age=age.cast(pl.Int32))["age"]
    position = years.clip(-1, _OLDEST).replace(-1, _OLDEST + 1).fill_null(_OLDEST + 1).cast(pl.UInt32)
    labels = tuple((c,) for c in (*system.categories, system.unknown))
    return Strata(Dimension((system.dimension,)), labels, bands.gather(position).alias("id"))


def _crossed(dimension: Dimension, singles: Mapping[str, Strata]) -> Strata:
    parts = [singles[name] for name in dimension.components]
    final = not any(part.untabulated for part in parts)  # else combinations are counted, which become fewer strata
    if len(parts) == 1:
        if final:
            refuse_too_many(dimension, parts[0].ids.n_unique())
        return parts[0]
    columns = [part.ids.alias(f"part_{i}") for i, part in enumerate(parts)]
    names = [c.name for c in columns]
    people = pl.DataFrame(columns)
    seen = people.unique().sort(names)
    if final:
        refuse_too_many(dimension, seen.height)
    return cross(dimension, parts, list(seen.iter_rows()), _look_up(people, seen.with_row_index("id"), names))


def cross(
    dimension: Dimension, parts: Sequence[Strata], rows: Sequence[tuple[int, ...]], ids: pl.Series | None = None
) -> Strata:
    """Return the strata of a crossing: ``rows`` are its cells that occur, sorted, as numbers of the parts' strata.

    ``ids`` are positions in ``rows``, one per person (none when only labels are asked for).
    """
    ids = pl.Series("id", [], dtype=pl.UInt32) if ids is None else ids
    cells = tuple(tuple(part.disjoint[i][0] for part, i in zip(parts, row, strict=True)) for row in rows)
    if not any(part.overlaps for part in parts):
        return Strata(dimension, cells, ids, is_open=True)
    made_of: dict[tuple[int, ...], list[int]] = {}
    for atom, row in enumerate(rows):
        for cell in product(*(_strata_of(part, i) for part, i in zip(parts, row, strict=True))):
            made_of.setdefault(cell, []).append(atom)
    places = sorted(made_of)
    labels = tuple(tuple(part.labels[i][0] for part, i in zip(parts, place, strict=True)) for place in places)
    strata = tuple(tuple(made_of[place]) for place in places)
    return Strata(dimension, labels, ids, is_open=True, atoms=cells, made_of=strata)


def _strata_of(part: Strata, number: int) -> list[int]:
    """Return the strata that a person with this number is in: several where strata overlap."""
    return [stratum for stratum, atoms in enumerate(part.made_of) if number in atoms] if part.overlaps else [number]


def _look_up(people: pl.DataFrame, positions: pl.DataFrame, on: list[str]) -> pl.Series:
    return people.join(positions, on=on, how="left", maintain_order="left")["id"].cast(pl.UInt32)


def refuse_too_many(dimension: Dimension, count: int) -> None:
    """Raise `Failure` (VBM405) when a dimension has more strata with people in them than a stratifier can have."""
    most = MAX_PROVIDERS if attributed_names([dimension]) else MAX_STRATA
    if count > most:
        raise Failure(
            Diagnostic(
                "VBM405",
                f"`{dimension.name}` has more than {most:,} strata",
                where="--by",
                hint="a column with a value of its own for almost every person is not a stratum",
            )
        )
