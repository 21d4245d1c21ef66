"""Rates standardized by age, from crossings such as `age_band*race`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from vbpmeasure.equity.analysis.cells import NO_DATA, Cell, RateCells, parted
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.estimate import Count, Estimate, undefined
from vbpmeasure.equity.statistics.standardize import direct
from vbpmeasure.results.categories.stratum_text import text_of

Names = tuple[str, ...]

STANDARDIZED_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "dimension", "stratum", "by", "weights_from"), pl.String),
        **dict.fromkeys(("crude", "adjusted", "adjusted_low", "adjusted_high", "se"), pl.Float64),
        "bands": pl.Int64,
        "reason": pl.String,
    }
)


def standardized_frame(rates: Iterable[RateCells], settings: EquitySettings) -> pl.DataFrame:
    """Return a frame of ``STANDARDIZED_SCHEMA``, one row per rate, dimension and group of people.

    For each crossing of the run with ``settings.standardize_by``: the group's rate with the ages of all members of the
    rate's denominator as the standard (the whole program, those of unknown group among them). ``crude`` is the group's
    own rate, where the run has that dimension too; ``bands`` are the bands that count. All rates are
    `with_known_names`.
    """
    rows = [row for rate in rates for crossing in rate.by for row in _crossing(rate, crossing, settings)]
    return pl.DataFrame(rows, schema=STANDARDIZED_SCHEMA, orient="row")


def _crossing(rate: RateCells, crossing: str, settings: EquitySettings) -> Iterator[dict[str, object]]:
    parts = crossing.split("*")
    by = settings.standardize_by
    if by not in parts or len(parts) < 2:
        return
    dimension = "*".join(part for part in parts if part != by)
    groups: dict[Names, dict[str, Cell]] = {}
    for cell in rate.by[crossing]:
        band, group = parted(cell, crossing, by)
        groups.setdefault(group, {})[band] = cell
    weights = _weights(rate, by, groups)
    crude = {cell.stratum: cell.count for cell in rate.by.get(dimension, ()) if cell.has_rate}
    for group, cells in groups.items():
        own = crude.get(text_of(group))
        if not settings.is_group(group) or all(cell.status == NO_DATA for cell in cells.values()):
            continue
        found = _adjusted(cells, weights)
        yield {
            "measure": rate.measure,
            "rate": rate.rate,
            "dimension": dimension,
            "stratum": text_of(group),
            "by": by,
            "weights_from": f"all members of {rate.name} by {by}",
            "crude": None if own is None else own.rate,
            "adjusted": found.value,
            "adjusted_low": found.low,
            "adjusted_high": found.high,
            "se": found.error,
            "bands": sum(members > 0 for members in weights.values()) if isinstance(weights, dict) else None,
            "reason": found.reason,
        }


def _adjusted(cells: dict[str, Cell], weights: dict[str, int] | str) -> Estimate:
    if isinstance(weights, str):
        return undefined(weights)
    bands: dict[str, Count | None] = {}
    for band, cell in cells.items():
        bands[band] = Count(0, 0) if cell.status == NO_DATA else cell.count if cell.has_rate else None
    # A band that the crossing does not list has no one of the group.
    return direct({band: bands.get(band, Count(0, 0)) for band in weights}, weights)


def _weights(rate: RateCells, by: str, groups: Mapping[Names, dict[str, Cell]]) -> dict[str, int] | str:
    """Return the members of each band: from the bands' own rows, else by adding up the crossing; or why not."""
    found: dict[str, int] = {}
    own = {cell.stratum: cell.denominator for cell in rate.by.get(by, ())}
    hidden = []
    for band in dict.fromkeys(band for cells in groups.values() for band in cells):
        parts = [cells[band].denominator for cells in groups.values() if band in cells]
        members = own.get(band)
        if members is None and all(part is not None for part in parts):
            members = sum(part for part in parts if part is not None)
        if members is None:
            hidden.append(band)
        else:
            found[band] = members
    return f"the standard is not shown: {', '.join(hidden)}" if hidden else found
