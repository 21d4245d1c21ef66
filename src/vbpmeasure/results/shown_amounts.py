"""Rates that are no share of units as they may be shown: with values and intervals, or hidden.

Whether a cell is hidden is decided on the true counts; values and intervals are made from those that are shown.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from vbpmeasure.plan.measures import MONTH_UNITS
from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame
from vbpmeasure.results.poisson import exact_interval

PER = 1_000

CellName = tuple[str, str, str, str]  # measure, rate, dimension, stratum


@dataclass(frozen=True, slots=True)
class ShownAmount:
    """One cell as it may be shown: hidden numbers are None, ``status`` says why.

    ``value`` is events per 1,000 member-months or a share; the interval is the exact Poisson one for event rates and
    None for everything else. ``member_months`` stands for ``whole`` in event rates.
    """

    key: RateKey
    dimension: str
    stratum: str
    part: int | None
    whole: int | None
    member_months: float | None
    value: float | None
    low: float | None
    high: float | None
    status: Status


def shown_amounts(
    frame: ResultFrame,
    cells: list[Amount],
    policy: SuppressionPolicy,
    unseen: Container[CellName] = (),
    statuses: Mapping[int, Status] | None = None,
) -> list[ShownAmount]:
    """Return the cells as they may be shown.

    ``statuses`` are the verdicts, by position in the list, over the cells with counts of their own (events, opportunity
    and indicators): they add up over strata as shares do, and the same arithmetic was applied to them. A pooled or
    equally weighted composite is made from the counts of its members alone: it is shown where those of all members are,
    and then tells nothing new. ``unseen`` holds the (measure, rate, dimension, stratum) of shares whose counts are
    hidden. Lines of entities from outside are hidden when their counts are small: with one of them all of the rate.
    """
    statuses = {**(statuses or {}), **_of_small_combinations(cells, policy)}
    shown: dict[int, ShownAmount] = {}
    dark: set[CellName] = set()
    for position, cell in enumerate(cells):
        if position in statuses:
            key = frame.rates[cell.rate]
            status = statuses[position]
            one = _shown(key, cell, policy, few=status is Status.NA_SMALL_DENOM)
            if status in (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY):
                one = _hidden(key, cell, status)
            if one.status is not Status.VALUE:
                dark.add((key.measure, key.rate, cell.dimension, cell.stratum))
            shown[position] = one
    small = {
        position
        for position, cell in enumerate(cells)
        if position not in shown
        and (
            _is_small(frame.rates[cell.rate], cell, policy)
            or any(
                (*member, cell.dimension, cell.stratum) in unseen or (*member, cell.dimension, cell.stratum) in dark
                for member in frame.rates[cell.rate].components
            )
        )
    }
    spread = {cells[position].rate for position in small if frame.rates[cells[position].rate].kind is RateKind.EXTERNAL}
    for position, cell in enumerate(cells):
        key = frame.rates[cell.rate]
        if position in small:
            shown[position] = _hidden(key, cell, Status.SUPPRESSED_PRIMARY)
        elif cell.rate in spread:
            shown[position] = _hidden(key, cell, Status.SUPPRESSED_COMPLEMENTARY)
        elif position not in shown:
            shown[position] = _shown(key, cell, policy)
    return [shown[position] for position in range(len(cells))]


def _of_small_combinations(cells: Sequence[Amount], policy: SuppressionPolicy) -> dict[int, Status]:
    """Return the cells of overlapping strata to hide, by position: all of a rate and dimension with a small atom.

    What overlaps gives combinations away by adding and subtracting rows; nothing follows when none of them is small.
    """
    overlapping = [(position, cell) for position, cell in enumerate(cells) if cell.overlaps]
    small = {
        (cell.rate, cell.dimension) for _, cell in overlapping if policy.is_public and policy.any_small(cell.atoms)
    }
    hidden = Status.SUPPRESSED_COMPLEMENTARY
    return {position: hidden for position, cell in overlapping if (cell.rate, cell.dimension) in small}


def _is_small(key: RateKey, cell: Amount, policy: SuppressionPolicy) -> bool:
    if not policy.is_public:
        return False
    counts = [cell.persons, *cell.behind]
    pairs = cell.members or (((cell.part, cell.whole),) if cell.part is not None and cell.whole is not None else ())
    for part, whole in pairs:
        counts += [part] if key.kind is RateKind.EVENTS_PER_1000 else [part, whole, whole - part]
    return policy.any_small(counts)


def hide(cell: ShownAmount) -> ShownAmount:
    """Return the cell without its numbers; what has no data, or is hidden already, stays as it is."""
    if cell.status in (Status.NO_DATA, Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY):
        return cell
    return ShownAmount(
        cell.key, cell.dimension, cell.stratum, None, None, None, None, None, None, Status.SUPPRESSED_COMPLEMENTARY
    )


def _hidden(key: RateKey, cell: Amount, status: Status) -> ShownAmount:
    return ShownAmount(key, cell.dimension, cell.stratum, None, None, None, None, None, None, status)


def _shown(key: RateKey, cell: Amount, policy: SuppressionPolicy, *, few: bool | None = None) -> ShownAmount:
    if few is None:
        few = cell.persons < policy.min_denominator and cell.value is None
    cell = _rounded_cell(key, cell, policy)
    part, whole = cell.part, cell.whole
    per_1000 = key.kind is RateKind.EVENTS_PER_1000
    months = whole / MONTH_UNITS if per_1000 and whole is not None else None
    value, low, high = _value(key, cell)
    status = Status.VALUE if value is not None else Status.NO_DATA
    if status is Status.VALUE and few:
        status, value, low, high, part = Status.NA_SMALL_DENOM, None, None, None, None
    return ShownAmount(
        key, cell.dimension, cell.stratum, part, None if per_1000 else whole, months, value, low, high, status
    )


def _rounded_cell(key: RateKey, cell: Amount, policy: SuppressionPolicy) -> Amount:
    """Return the cell with its counts as the policy rounds them; member-months are no count of anyone."""
    if policy.round_to == 1:
        return cell

    def one(count: int | None) -> int | None:
        return None if count is None else policy.rounded(count)

    whole = cell.whole if key.kind is RateKind.EVENTS_PER_1000 else one(cell.whole)
    members = tuple((policy.rounded(part), policy.rounded(all_of)) for part, all_of in cell.members)
    return replace(cell, part=one(cell.part), whole=whole, members=members)


def _value(key: RateKey, cell: Amount) -> tuple[float | None, float | None, float | None]:
    """Return the value of a cell and the two ends of its interval, None where there is none."""
    if cell.value is not None:
        return cell.value, None, None
    if key.kind is RateKind.EQUAL_WEIGHT:
        if not cell.members or any(whole == 0 for _, whole in cell.members):
            return None, None, None
        return sum(part / whole for part, whole in cell.members) / len(cell.members), None, None
    if cell.part is None or not cell.whole:
        return None, None, None
    if key.kind is RateKind.EVENTS_PER_1000:
        per = PER * MONTH_UNITS / cell.whole
        low, high = exact_interval(cell.part)
        return cell.part * per, low * per, high * per
    return cell.part / cell.whole, None, None


def as_records(cells: Sequence[ShownAmount]) -> list[Mapping[str, object]]:
    """Return the cells as records for outputs: names, kind, numbers rounded (six places), status."""
    return [
        {
            "measure": cell.key.measure,
            "rate": cell.key.rate,
            "kind": cell.key.kind.value,
            "dimension": cell.dimension,
            "stratum": cell.stratum,
            "part": cell.part,
            "whole": cell.whole,
            "member_months": _rounded(cell.member_months, 2),
            "value": _rounded(cell.value, 6),
            "low": _rounded(cell.low, 6),
            "high": _rounded(cell.high, 6),
            "status": cell.status.value,
        }
        for cell in cells
    ]


AMOUNT_CSV_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "kind", "dimension", "stratum"), pl.String),
        **dict.fromkeys(("part", "whole"), pl.Int64),
        **dict.fromkeys(("member_months", "value", "low", "high"), pl.Float64),
        "status": pl.String,
    }
)


def as_frame(cells: Sequence[ShownAmount]) -> pl.DataFrame:
    """Return the records of `as_records` as a frame, one row per cell (``AMOUNT_CSV_SCHEMA``)."""
    return pl.DataFrame(as_records(cells), schema=AMOUNT_CSV_SCHEMA, orient="row")


def _rounded(number: float | None, places: int) -> float | None:
    return None if number is None else round(number, places)
