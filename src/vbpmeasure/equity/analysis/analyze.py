"""All tables of disparities of one run, from its published rows."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.equity.analysis.cells import RateCells, RateName, rate_cells, with_known_names
from vbpmeasure.equity.analysis.composites import composite_frames, crossings
from vbpmeasure.equity.analysis.pairwise import Pair, compare_groups, pairwise_frame
from vbpmeasure.equity.analysis.standardized import standardized_frame
from vbpmeasure.equity.analysis.summary import summary_frame
from vbpmeasure.equity.analysis.trend import trend_frame
from vbpmeasure.equity.settings import NOT_BY_DEFAULT, EquitySettings


@dataclass(frozen=True, slots=True)
class EquityTables:
    """What the statistics say of one run.

    ``pairwise`` follows ``PAIRWISE_SCHEMA`` (one row per rate, dimension and group), ``summary`` ``SUMMARY_SCHEMA``
    (one row per rate and dimension), ``standardized`` ``STANDARDIZED_SCHEMA``, ``trend`` ``TREND_SCHEMA``, None without
    an earlier run. ``composites`` and ``composite_parts`` are the scores of organizations and what they are made of.
    ``dimensions`` are those analyzed; ``findings`` are warnings.
    """

    pairwise: pl.DataFrame
    summary: pl.DataFrame
    standardized: pl.DataFrame
    trend: pl.DataFrame | None
    composites: pl.DataFrame
    composite_parts: pl.DataFrame
    dimensions: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    settings: EquitySettings


def analyze(
    results: pl.DataFrame,
    lower_is_better: Collection[RateName],
    settings: EquitySettings,
    previous: pl.DataFrame | None = None,
) -> EquityTables:
    """Compare the groups of a frame of ``RESULT_SCHEMA``; ``previous`` is that of an earlier run.

    Everything is computed from shown counts: what is null stays null. Raises `Failure`: VBM481 a dimension or a named
    reference that the run does not have, VBM482 a run without strata to compare.
    """
    rates = rate_cells(results, lower_is_better)
    dimensions = _dimensions(rates, settings)
    _check_named(rates, dimensions, settings)
    pairs = compare_groups(rates, dimensions, settings)
    past = None if previous is None else rate_cells(previous, lower_is_better)
    known, lost = with_known_names(rates)
    known_before, lost_before = with_known_names(past or ())
    composites, parts = composite_frames(known, settings, known_before)
    return EquityTables(
        pairwise=pairwise_frame(pairs, settings),
        summary=summary_frame(rates, dimensions, settings),
        standardized=standardized_frame(known, settings),
        trend=None if past is None else trend_frame(pairs, past),
        composites=composites,
        composite_parts=parts,
        dimensions=dimensions,
        findings=(
            *_missing_references(pairs),
            *_idle_benchmarks(rates, settings),
            *_idle_composites(rates, settings),
            *_unknown_names(lost, "the run"),
            *_unknown_names(lost_before, "the earlier run"),
        ),
        settings=settings,
    )


def _dimensions(rates: list[RateCells], settings: EquitySettings) -> tuple[str, ...]:
    there = tuple(dict.fromkeys(name for rate in rates for name in rate.by))
    for name in settings.dimensions:
        if name not in there:
            raise _unknown(name, "the run has no dimension", there)
    if settings.dimensions:
        return settings.dimensions
    chosen = tuple(name for name in there if not set(name.split("*")) & set(NOT_BY_DEFAULT))
    if not chosen:
        raise Failure(
            Diagnostic(
                "VBM482",
                "the run has no groups to compare",
                hint="run it with strata: `vbpmeasure run --by race,ethnicity,language --out DIR`",
            )
        )
    return chosen


def _check_named(rates: list[RateCells], dimensions: Iterable[str], settings: EquitySettings) -> None:
    for dimension, group in settings.named.items():
        if dimension not in dimensions:
            raise _unknown(dimension, "a reference is named for a dimension that is not analyzed:", dimensions)
        strata = dict.fromkeys(cell.stratum for rate in rates for cell in rate.by.get(dimension, ()))
        if group not in strata:
            raise _unknown(group, f"`{dimension}` has no group", strata)


def _unknown(name: str, what: str, known: Iterable[str]) -> Failure:
    listed = list(known)
    near = difflib.get_close_matches(name, listed, n=1, cutoff=0.6)
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(listed[:12])}"
    return Failure(Diagnostic("VBM481", f"{what} `{name}`", hint=hint))


def _missing_references(pairs: list[Pair]) -> Iterable[Diagnostic]:
    missing: dict[str, dict[str, None]] = {}
    for pair in pairs:
        if pair.reference.missing:
            missing.setdefault(pair.dimension, {})[pair.rate.name] = None
    for dimension, names in missing.items():
        yield Diagnostic(
            "VBM480",
            f"the named reference of `{dimension}` has no rate that is shown in {_listed(list(names))}: its groups "
            "are not compared there",
            severity=Severity.WARNING,
            hint="name a larger group, or leave the choice to a rule: `--reference best` or `largest`",
        )


def _idle_benchmarks(rates: list[RateCells], settings: EquitySettings) -> Iterable[Diagnostic]:
    known = {name for rate in rates for name in (rate.measure, rate.name)}
    idle = [name for name in settings.benchmarks if name not in known]
    if idle:
        yield Diagnostic(
            "VBM484",
            f"benchmarks for what was not run: {_listed(idle)}",
            severity=Severity.WARNING,
            hint="benchmarks are by measure (`wcv`) or rate (`w30.w30_6`)",
        )


def _idle_composites(rates: list[RateCells], settings: EquitySettings) -> Iterable[Diagnostic]:
    own = settings.composites
    known = {name for rate in rates for name in (rate.measure, rate.name)}
    idle = [name for name in dict.fromkeys((*own.measures, *own.reference)) if name not in known]
    if idle:
        yield Diagnostic(
            "VBM484",
            f"weights or references of scores for what was not run: {_listed(idle)}",
            severity=Severity.WARNING,
            hint="[equity.composites] names measures (`wcv`) or rates (`w30.w30_6`)",
        )
    if own.entity and not crossings(rates, own):
        yield Diagnostic(
            "VBM484",
            f"no scores: the run has no groups crossed with `{own.entity}`",
            severity=Severity.WARNING,
            hint=f"run it with `--by {own.entity}*race`",
        )


def _unknown_names(dimensions: tuple[str, ...], run: str) -> Iterable[Diagnostic]:
    if dimensions:
        yield Diagnostic(
            "VBM478",
            f"{run} has rows of {_listed(list(dimensions))} of which nobody knows which names belong together: there "
            "are no standardized rates and no scores of them",
            severity=Severity.WARNING,
            hint="make the run again with this version: it writes names that hold ` * ` in quotation marks",
        )


def _listed(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
