"""Scores for organizations, from what is shown of their groups at risk: HESS-like, and the index of thirds.

Both need a run in which organizations are crossed with groups of people (`--by organization*race`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev

import polars as pl

from vbpmeasure.equity.analysis.cells import Cell, RateCells, parted
from vbpmeasure.equity.composite_settings import ENTITIES, CompositeSettings
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.composites import (
    HessPart,
    hess_like,
    standard_score,
    thirds,
    thirds_index,
    thirds_reward,
)
from vbpmeasure.equity.statistics.estimate import Estimate, undefined
from vbpmeasure.results.categories.stratum_text import text_of

NOBODY = ("Unattributed", "Unknown")
_WHO = dict.fromkeys(("entity_dimension", "entity", "dimension", "stratum"), pl.String)
COMPOSITE_SCHEMA = pl.Schema(
    {
        **_WHO,
        **dict.fromkeys(("members", "rates", "hess_rates", "thirds_rates"), pl.Int64),
        **dict.fromkeys(("hess_level", "hess_improvement", "hess_benchmarked", "hess_like"), pl.Float64),
        "hess_reason": pl.String,
        **dict.fromkeys(("thirds_index", "thirds_reward"), pl.Float64),
        "thirds_reason": pl.String,
    }
)
PART_SCHEMA = pl.Schema(
    {
        **_WHO,
        **dict.fromkeys(("measure", "rate"), pl.String),
        "lower_is_better": pl.Boolean,
        **dict.fromkeys(("weight", "value", "previous_value", "reference_mean", "reference_sd"), pl.Float64),
        "reference_from": pl.String,
        **dict.fromkeys(("level", "improvement", "benchmarked"), pl.Float64),
        "points": pl.Int64,
        "reason": pl.String,
    }
)


@dataclass(slots=True)
class _Part:
    """One rate of one organization's group."""

    rate: RateCells
    weight: float
    value: float
    before: float | None
    center: tuple[float, float] | None
    center_from: str
    level: float | None = None
    improvement: float | None = None
    benchmarked: float | None = None
    points: int | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Entity:
    """One organization's group: its rates that are shown, and the most members that any of them has."""

    members: int = 0
    parts: list[_Part] = field(default_factory=list)


def composite_frames(
    rates: Sequence[RateCells], settings: EquitySettings, previous: Sequence[RateCells] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return frames of ``COMPOSITE_SCHEMA`` (one row per organization, dimension and group) and of ``PART_SCHEMA``.

    The second has one row for each rate in it: what the scores are made of. All rates are `with_known_names`.
    """
    own = settings.composites
    weights = rate_weights(rates, own)
    before = {(rate.measure, rate.rate): rate for rate in previous}
    scores: list[dict[str, object]] = []
    parts: list[dict[str, object]] = []
    for crossing, entity in crossings(rates, own):
        dimension = "*".join(part for part in crossing.split("*") if part != entity)
        counted = [rate for rate in rates if crossing in rate.by and weights.get(rate.name, 0) > 0]
        for group in _groups(counted, crossing, entity, settings):
            place = (crossing, entity, group)
            entities = _entities(counted, place, weights, before, own)
            for name, found in entities.items():
                who = {"entity_dimension": entity, "entity": name, "dimension": dimension, "stratum": group}
                total = sum(weights[rate.name] for rate in counted)
                scores.append({**who, "rates": len(counted), **_scores(found, total, own, has_past=bool(previous))})
                parts += [{**who, **_part_row(part)} for part in found.parts]
    return (
        pl.DataFrame(scores, schema=COMPOSITE_SCHEMA, orient="row"),
        pl.DataFrame(parts, schema=PART_SCHEMA, orient="row"),
    )


def crossings(rates: Iterable[RateCells], settings: CompositeSettings) -> list[tuple[str, str]]:
    """Return the dimensions of a run in which organizations are crossed, with the part that is the organization."""
    there = list(dict.fromkeys(name for rate in rates for name in rate.by if "*" in name))
    wanted = (settings.entity,) if settings.entity else ENTITIES
    for entity in wanted:
        found = [(name, entity) for name in there if entity in name.split("*")]
        if found:
            return found
    return []


def rate_weights(rates: Iterable[RateCells], settings: CompositeSettings) -> dict[str, float]:
    """Return the weight of each rate by name: its own, or its part of its measure's."""
    by_measure: dict[str, list[str]] = {}
    for rate in rates:
        by_measure.setdefault(rate.measure, []).append(rate.name)
    found: dict[str, float] = {}
    for measure, names in by_measure.items():
        own = {name: float(settings.measures[name]) for name in names if name in settings.measures}
        rest = [name for name in names if name not in own]
        whole = settings.measures.get(measure, 0.0) if settings.measures else 1.0
        found |= own | {name: whole / len(rest) for name in rest}
    return found


def _groups(rates: Iterable[RateCells], crossing: str, entity: str, settings: EquitySettings) -> Iterator[str]:
    found = dict.fromkeys(parted(cell, crossing, entity)[1] for rate in rates for cell in rate.by[crossing])
    chosen = settings.composites.at_risk
    for names in found:
        group = text_of(names)
        if group in chosen if chosen else settings.is_group(names):
            yield group


def _shown(rate: RateCells | None, place: tuple[str, str, str]) -> dict[str, Cell]:
    """Return the shown cells of a group by organization."""
    crossing, entity, group = place
    found: dict[str, Cell] = {}
    for cell in () if rate is None else rate.by.get(crossing, ()):
        name, others = parted(cell, crossing, entity)
        # Those whom nobody answers for are no organization.
        if cell.has_rate and text_of(others) == group and name not in NOBODY:
            found[name] = cell
    return found


def _entities(
    rates: Iterable[RateCells],
    place: tuple[str, str, str],
    weights: Mapping[str, float],
    before: Mapping[tuple[str, str], RateCells],
    settings: CompositeSettings,
) -> dict[str, _Entity]:
    found: dict[str, _Entity] = {}
    for rate in rates:
        now = _values(_shown(rate, place))
        past = _values(_shown(before.get((rate.measure, rate.rate)), place))
        center, center_from = _center(rate, now, settings)
        points = None
        if len(now) >= settings.min_entities:
            points = thirds(now, lower_is_better=rate.lower_is_better)
        moves = {name: now[name] - past[name] for name in now if name in past}
        usual = mean(moves.values()) if len(moves) >= settings.min_entities else None
        for name, cell in _shown(rate, place).items():
            part = _Part(rate, weights[rate.name], now[name], past.get(name), center, center_from)
            part.points = None if points is None else points[name]
            _standardize(part, moves.get(name), usual)
            one = found.setdefault(name, _Entity())
            one.members = max(one.members, cell.denominator or 0)
            one.parts.append(part)
    return found


def _values(cells: Mapping[str, Cell]) -> dict[str, float]:
    return {name: cell.count.rate for name, cell in cells.items() if cell.count is not None}


def _center(
    rate: RateCells, values: Mapping[str, float], settings: CompositeSettings
) -> tuple[tuple[float, float] | None, str]:
    """Return mean and standard deviation as shares, and where they are from."""
    fixed = settings.reference.get(rate.name, settings.reference.get(rate.measure))
    if fixed is not None:
        return (fixed[0] / 100, fixed[1] / 100), "settings"
    if len(values) < settings.min_entities:
        return None, "entities"
    return (mean(values.values()), stdev(values.values())), "entities"


def _standardize(part: _Part, move: float | None, usual: float | None) -> None:
    """Put the three parts in: all in standard deviations of the level, so that they can be added."""
    if part.center is None:
        part.reason = "too few organizations to compare with"
        return
    average, deviation = part.center
    lower = part.rate.lower_is_better
    level = standard_score(part.value, average, deviation, lower_is_better=lower)
    part.level, part.reason = level.value, level.reason
    if level.value is None or move is None:
        return
    part.improvement = standard_score(move, 0.0, deviation, lower_is_better=lower).value
    if usual is not None:
        part.benchmarked = standard_score(move, usual, deviation, lower_is_better=lower).value


def _scores(entity: _Entity, total: float, settings: CompositeSettings, *, has_past: bool) -> dict[str, object]:
    # In a first year nobody has an improvement: the level is the score then.
    weights = settings.weights if has_past else (settings.weights[0], 0.0, 0.0)
    parts = [(part, HessPart(part.level, part.improvement, part.benchmarked)) for part in entity.parts]
    whole = [(part, one) for part, one in parts if one.has(weights)]
    pointed = [part for part in entity.parts if part.points is not None]
    hess = _enough([part for part, _ in whole], total, settings) or hess_like(
        [one for _, one in whole],
        entity.members,
        weights,
        settings.min_members,
        [part.weight for part, _ in whole],
    )
    index = _enough(pointed, total, settings) or thirds_index(
        [part.points for part in pointed if part.points is not None], [part.weight for part in pointed]
    )
    return {
        "members": entity.members,
        "hess_rates": len(whole),
        "thirds_rates": len(pointed),
        "hess_level": _mean(whole, "level"),
        "hess_improvement": _mean(whole, "improvement"),
        "hess_benchmarked": _mean(whole, "benchmarked"),
        "hess_like": hess.value,
        "hess_reason": hess.reason,
        "thirds_index": index.value,
        "thirds_reward": None if index.value is None else thirds_reward(index.value, settings.reward_cap),
        "thirds_reason": index.reason,
    }


def _enough(parts: Sequence[_Part], total: float, settings: CompositeSettings) -> Estimate | None:
    """Return why there is no score of these rates, or None when there is one."""
    there = sum(part.weight for part in parts)
    if parts and there + 1e-9 >= settings.min_measures * total:
        return None
    if not parts:
        return undefined("no rate that can be compared is shown")
    return undefined(f"rates with {there / total:.0%} of the weight are shown, {settings.min_measures:.0%} are needed")


def _mean(parts: Sequence[tuple[_Part, HessPart]], name: str) -> float | None:
    values: list[float | None] = [getattr(one, name) for _, one in parts]
    known = [(part.weight, value) for (part, _), value in zip(parts, values, strict=True) if value is not None]
    if not known or len(known) < len(parts):
        return None
    return sum(weight * value for weight, value in known) / sum(weight for weight, _ in known)


def _part_row(part: _Part) -> dict[str, object]:
    average, deviation = part.center or (None, None)
    return {
        "measure": part.rate.measure,
        "rate": part.rate.rate,
        "lower_is_better": part.rate.lower_is_better,
        "weight": part.weight,
        "value": part.value,
        "previous_value": part.before,
        "reference_mean": average,
        "reference_sd": deviation,
        "reference_from": part.center_from,
        "level": part.level,
        "improvement": part.improvement,
        "benchmarked": part.benchmarked,
        "points": part.points,
        "reason": part.reason,
    }
