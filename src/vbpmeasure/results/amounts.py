"""Rates that are no share of units: events per 1,000 member-months, opportunity, pooled, equal weight, indicators.

Counts alone, in whole numbers; values and intervals come at the end, from what may be shown (`shown_amounts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl

from vbpmeasure.results.categories.strata import Strata, StrataSet
from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame
from vbpmeasure.results.persons import event_rates
from vbpmeasure.results.rates import TOTAL


@dataclass(frozen=True, slots=True)
class Amount:
    """One cell: a rate in one stratum. True counts, not for publication.

    ``persons`` are the distinct persons in the denominator; ``part`` and ``whole`` the sums of section 8 to 10 of the
    semantics page (None for what has none: equal weight, values without counts); ``members`` are the (part, whole) of
    each member of a composite made from counts; ``value`` is one that came from outside. ``behind`` are the distinct
    persons behind each count that a reader sees or can compute: twelve visits of two children are two children.
    ``overlaps`` says that the strata of the dimension do not add up to the total; ``atoms`` are then the counts of the
    combinations behind them: all that could be small. ``parts`` are the names of a stratum of a crossing, one for each
    component: its text cannot be taken apart where a name holds what stands between two.
    """

    rate: int
    dimension: str
    stratum: str
    persons: int
    part: int | None
    whole: int | None
    members: tuple[tuple[int, int], ...] = ()
    value: float | None = None
    behind: tuple[int, ...] = ()
    atoms: tuple[int, ...] = ()
    overlaps: bool = False
    parts: tuple[str, ...] = ()


SUM_SCHEMA = pl.Schema(
    {
        "rate": pl.UInt16,
        "dimension": pl.UInt16,  # 0 is the total, n the n-th of the strata
        "stratum": pl.UInt32,
        **dict.fromkeys(("persons", "with_part", "with_rest", "part", "whole"), pl.Int64),
    }
)


def amounts_of(
    rates: tuple[RateKey, ...], strata: Sequence[Strata], sums: pl.DataFrame, external: pl.DataFrame
) -> list[Amount]:
    """Return the cells behind sums as `sum_cells` gives them; nobody's ids in ``strata`` are looked at."""
    cells: list[Amount] = []
    counted = _cells(rates, strata, sums)
    overlapping = {one.name for one in strata if one.overlaps}
    for number, key in enumerate(rates):
        if key.kind is RateKind.EXTERNAL:
            cells.extend(_external(external, number))
        elif key.kind.from_members:
            cells.extend(_from_members(rates, number, key, counted))
        elif _is_own(key):
            cells.extend(
                Amount(
                    number,
                    dimension,
                    stratum,
                    sums.persons,
                    sums.part,
                    sums.whole,
                    behind=_behind(key, sums),
                    atoms=sums.atoms,
                )
                for (rate, dimension, stratum), sums in counted.items()
                if rate == number
            )
    parts = {
        (one.name, text): label
        for one in strata
        for text, label in zip(one.texts, one.labels, strict=True)
        if label[1:]
    }
    return [
        replace(cell, overlaps=cell.dimension in overlapping, parts=parts.get((cell.dimension, cell.stratum), ()))
        if cell.dimension in overlapping or (cell.dimension, cell.stratum) in parts
        else cell
        for cell in cells
    ]


def _needed(rates: tuple[RateKey, ...]) -> list[int]:
    """Return the positions of the rates whose part and whole are summed: those shown, and members of composites."""
    members = {member for key in rates if key.kind.from_members for member in key.components}
    return [n for n, key in enumerate(rates) if _is_own(key) or (key.measure, key.rate) in members]


def _is_own(key: RateKey) -> bool:
    return key.kind.has_amounts and key.kind is not RateKind.ALL_OR_NONE


class _Sums(NamedTuple):
    """Distinct persons, those with some part and those with some rest, and the sums of part and whole."""

    persons: int = 0
    with_part: int = 0
    with_rest: int = 0
    part: int = 0
    whole: int = 0
    atoms: tuple[int, ...] = ()


_Cells = dict[tuple[int, str, str], _Sums]


def _behind(key: RateKey, sums: _Sums) -> tuple[int, ...]:
    # Member-months are no multiple of events: nobody subtracts the one from the other.
    if key.kind is RateKind.EVENTS_PER_1000:
        return (sums.persons, sums.with_part)
    return (sums.persons, sums.with_part, sums.with_rest)


def sum_cells(frame: ResultFrame, strata: StrataSet | None = None) -> pl.DataFrame:
    """Sum part and whole of every rate that needs it, by stratum; those of a share are its units.

    One row per rate, dimension and stratum (atom where strata overlap) that has anyone (``SUM_SCHEMA``): the distinct
    persons, those with some part and those with some rest, and the sums. All can be added to those of other people.
    """
    rows = frame.rows.filter(pl.col("failed_step").is_null() & pl.col("exclusion").is_null())
    if "part" not in rows.columns:
        rows = rows.with_columns(
            pl.lit(None, dtype=pl.Int64).alias("part"), pl.lit(None, dtype=pl.Int64).alias("whole")
        )
    shares = [n for n, key in enumerate(frame.rates) if key.kind in (RateKind.PROPORTION, RateKind.ALL_OR_NONE)]
    is_share = _one_of(shares)
    part, whole = pl.col("part"), pl.col("whole")
    slim = rows.filter(_one_of(_needed(frame.rates))).select(
        "rate",
        "person",
        pl.when(is_share).then(pl.col("numerator").cast(pl.Int64)).otherwise(part).alias("part"),
        pl.when(is_share).then(pl.lit(1, dtype=pl.Int64)).otherwise(whole).alias("whole"),
    )
    slim = slim.with_columns((part > 0).alias("with_part"), (whole > part).alias("with_rest"))
    events = _one_of(sorted(event_rates(frame)))
    by_person = slim.filter(events).group_by("rate", "person")
    slim = pl.concat(
        [slim.filter(~events), by_person.agg(part.sum(), whole.sum(), pl.col("with_part", "with_rest").any())]
    )
    found = [pl.DataFrame(schema=SUM_SCHEMA)]
    for number, ids in enumerate(_dimensions(frame, strata)):
        grouped = (
            slim.with_columns(ids.gather(slim["person"]).alias("stratum"))
            .group_by("rate", "stratum")
            .agg(
                pl.len().alias("persons"),
                pl.col("with_part").sum(),
                pl.col("with_rest").sum(),
                part.sum(),
                whole.sum(),
            )
        )
        numbered = grouped.with_columns(dimension=pl.lit(number, dtype=pl.UInt16))
        found.append(numbered.select(SUM_SCHEMA.names()).cast(SUM_SCHEMA))
    return pl.concat(found).sort("rate", "dimension", "stratum")


def _cells(rates: tuple[RateKey, ...], strata: Sequence[Strata], sums: pl.DataFrame) -> _Cells:
    known = {row[:3]: _Sums(*row[3:]) for row in sums.select(SUM_SCHEMA.names()).iter_rows()}
    dimensions = [(TOTAL, (TOTAL,), ()), *((one.name, one.texts, one.made_of) for one in strata)]
    found: _Cells = {}
    for dimension, (name, texts, made_of) in enumerate(dimensions):
        for number in _needed(rates):
            for position, text in enumerate(texts):
                if made_of:
                    atoms = [known.get((number, dimension, atom), _Sums()) for atom in made_of[position]]
                    found[number, name, text] = _joined(atoms)
                else:
                    found[number, name, text] = known.get((number, dimension, position), _Sums())
    return found


def _joined(atoms: Sequence[_Sums]) -> _Sums:
    """Add up the combinations of a stratum; no person is in two of them."""
    each = tuple(
        count
        for atom in atoms
        for count in (atom.persons, atom.with_part, atom.with_rest, atom.part, atom.whole, atom.whole - atom.part)
    )
    return _Sums(
        sum(atom.persons for atom in atoms),
        sum(atom.with_part for atom in atoms),
        sum(atom.with_rest for atom in atoms),
        sum(atom.part for atom in atoms),
        sum(atom.whole for atom in atoms),
        each,
    )


def _one_of(rates: Sequence[int]) -> pl.Expr:
    return pl.col("rate").is_in(pl.Series(list(rates), dtype=pl.UInt16).implode())


def _dimensions(frame: ResultFrame, strata: StrataSet | None) -> Iterator[pl.Series]:
    yield pl.repeat(0, frame.people.height, dtype=pl.UInt32, eager=True)
    for one in strata.strata if strata is not None else ():
        yield one.ids


def _from_members(rates: tuple[RateKey, ...], number: int, key: RateKey, counted: _Cells) -> Iterator[Amount]:
    positions = [i for i, other in enumerate(rates) if (other.measure, other.rate) in key.components]
    for dimension, stratum in dict.fromkeys((d, s) for rate, d, s in counted if rate in positions):
        cells = [counted[rate, dimension, stratum] for rate in positions]
        # Persons of several members may be the same ones: the fewest that it can be are those of the largest member.
        persons = max(cell.persons for cell in cells)
        pairs = tuple((cell.part, cell.whole) for cell in cells)
        behind = tuple(count for cell in cells for count in _behind(key, cell))
        atoms = tuple(count for cell in cells for count in cell.atoms)
        if key.kind is RateKind.EQUAL_WEIGHT:
            yield Amount(number, dimension, stratum, persons, None, None, pairs, behind=behind, atoms=atoms)
        else:
            part, whole = sum(p for p, _ in pairs), sum(w for _, w in pairs)
            yield Amount(number, dimension, stratum, persons, part, whole, pairs, behind=behind, atoms=atoms)


def _external(external: pl.DataFrame, number: int) -> Iterator[Amount]:
    """Yield the total and the line of every entity; lines are no persons, their counts come as they are."""
    lines = external.filter(pl.col("rate") == number)
    counted = lines.filter(pl.col("denominator").is_not_null())
    if lines.height and counted.height == lines.height:
        part, whole = int(lines["numerator"].sum()), int(lines["denominator"].sum())
        yield Amount(number, TOTAL, TOTAL, whole, part, whole)
    else:
        only = lines["value"][0] if lines.height == 1 else None
        yield Amount(number, TOTAL, TOTAL, 0, None, None, value=only)
    for row in lines.iter_rows(named=True):
        whole = row["denominator"]
        yield Amount(number, "entity", row["entity_id"], whole or 0, row["numerator"], whole, value=row["value"])
