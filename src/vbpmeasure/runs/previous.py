"""What earlier runs have published of the same numbers: `run --previous DIR`.

Only what is exactly the same number is linked: one measurement period, the same input files, the same definition with
the same parameters and value sets, the same category system. What is not the same is said, and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.disclosure.earlier import NOTHING, Earlier, Told
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.frame import RateKind
from vbpmeasure.results.rates import TOTAL
from vbpmeasure.runs.reading import RunResults, read_run

_HIDDEN = (Status.SUPPRESSED_PRIMARY.value, Status.SUPPRESSED_COMPLEMENTARY.value)
_OF_MEASURE = ("digest", "edition", "parameters", "value_sets")

Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Now:
    """The run that is to be published: what its manifest will say, its dimensions, the category systems there are."""

    manifest: Mapping[str, Any]
    by: tuple[str, ...]
    systems: Mapping[str, CategorySystem]


@dataclass(frozen=True, slots=True)
class Previous:
    """What is known from earlier runs; ``by`` are the dimensions that must be counted for it, beside those asked for.

    ``record`` has the digests of the results that were read.
    """

    earlier: Earlier = field(default_factory=Earlier)
    by: tuple[str, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    record: tuple[str, ...] = ()


def previous(folders: Iterable[Path], now: Now) -> Previous:
    """Read earlier runs. Warns (VBM631) of what is not the same number and so is not protected.

    Raises `Failure`: VBM632 for a run that hides nothing, and those of `read_run`.
    """
    rows: dict[Row, Told] = {}
    extra: dict[str, None] = {}
    orders: dict[str, tuple[str, ...]] = {}
    findings: list[Diagnostic] = []
    record: list[str] = []
    for folder in folders:
        run = read_run(folder)
        if not run.is_public:
            raise Failure(
                Diagnostic(
                    "VBM632",
                    "an earlier run that hides nothing leaves nothing to protect",
                    where="--previous",
                    hint="name the runs that were published",
                )
            )
        reasons = list(_unlike(run.manifest, now.manifest))
        if reasons:
            findings.append(_not_linked(f"it has {', '.join(reasons)}", folder))
            continue
        measures = set(_same_measures(run.manifest, now.manifest))
        others = sorted({row.measure for row in run.rates} - measures)
        if others:
            findings.append(_not_linked(f"{', '.join(others)}: not run here, or by another definition", folder))
        names, lost = _dimensions(run, now)
        if lost:
            findings.append(_not_linked(f"{', '.join(lost)}: other categories than here", folder))
        twice = [name for name in _with_rows_of_one_text(run) if names.pop(name, None) is not None]
        if twice:
            findings.append(_not_linked(f"{', '.join(twice)}: two of its strata have one text", folder))
        for row, told in _rows(run, measures):
            if row[2] in names:
                rows[row] = rows.get(row, NOTHING).and_also(told)
        for name, here in names.items():
            if name != here:
                orders[here] = tuple(dict.fromkeys((*orders.get(here, ()), name)))
        extra |= {dimension: None for dimension in _counted(run) if dimension in names and _new(dimension, now.by)}
        record.append(str(run.manifest["outputs"]["results.csv"]))
    return Previous(Earlier(rows, frozenset(extra), orders), tuple(extra), tuple(findings), tuple(record))


def _not_linked(what: str, folder: Path) -> Diagnostic:
    return Diagnostic(
        "VBM631",
        f"an earlier run is not taken into account, or not all of it: {what}",
        severity=Severity.WARNING,
        where=f"--previous {folder.name}",
        hint="a reader may still subtract what is nearly the same; `vbpmeasure rule VBM631` says more",
    )


def _unlike(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("period") != new.get("period"):
        yield "another measurement period"
    tables = [_digests(run) for run in (old, new)]
    both = tables[0].keys() & tables[1].keys()  # a run opens only what it needs
    if not both or any(tables[0][name] != tables[1][name] or "" in tables[0][name] for name in both):
        yield "other input files"
    for key, words in (
        ("enrollment_key", "another enrollment key"),
        ("bad_rows", "other rows left out"),
        ("supplemental", "other evidence"),
    ):
        if old.get(key) != new.get(key):
            yield words
    if None not in (old.get("attribution"), new.get("attribution")) and old["attribution"] != new["attribution"]:
        yield "another attribution"


def _digests(run: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in run.get("inputs") or ():
        # The name of a version holds the version; of an address that only Polars reads nothing is known.
        name = "" if one.get("footer_sha256", "") is None else one.get("name")
        digest = one.get("sha256") or one.get("footer_sha256") or name
        found.setdefault(str(one.get("table")), []).append(str(digest))
    return {table: sorted(digests) for table, digests in found.items()}


def _same_measures(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield the measures of both runs that are the same to the last code of their value sets."""
    sides = [{str(one["id"]): one for one in run.get("measures") or ()} for run in (old, new)]
    codes = [{str(one["name"]): one.get("digest") for one in run.get("value_sets") or ()} for run in (old, new)]
    for name in sides[0].keys() & sides[1].keys():
        a, b = sides[0][name], sides[1][name]
        used: Sequence[Any] = a.get("value_sets") or ()
        same_codes = all(codes[0].get(str(one)) == codes[1].get(str(one)) for one in used)
        if same_codes and all(a.get(key) == b.get(key) for key in _OF_MEASURE):
            yield name


def _dimensions(run: RunResults, now: Now) -> tuple[dict[str, str], list[str]]:
    """Return the dimensions that mean the same here, with their name here, and those that do not.

    The components of a crossing may be named in another order here.
    """
    found, lost = {TOTAL: TOTAL}, []
    systems = run.manifest.get("category_systems") or {}
    for name in dict.fromkeys((*run.dimensions, *run.amounts["dimension"].to_list())):
        if name == TOTAL:
            continue
        components = name.split("*")
        known = [(systems.get(c) or {}, now.systems.get(c)) for c in components]
        if any(
            (old.get("sha256"), old.get("tabulation"))
            != ((new.digest, new.tabulation) if new is not None else (None, None))
            for old, new in known
        ):
            lost.append(name)
            continue
        same = next((other for other in now.by if sorted(other.split("*")) == sorted(components)), None)
        found[name] = same or name
    return found, lost


def _with_rows_of_one_text(run: RunResults) -> list[str]:
    """Return the dimensions in which nobody knows which stratum a row is of: versions up to 0.7.3 let that happen."""
    places = (frame.select("measure", "rate", "dimension", "stratum") for frame in (run.results, run.amounts))
    return sorted({name for one in places for name in one.filter(one.is_duplicated())["dimension"].to_list()})


def _counted(run: RunResults) -> Iterator[str]:
    """Yield the dimensions of a run without the total, and without lines of entities: those are nobody's strata."""
    yield from run.dimensions
    of_people = run.amounts.filter(pl.col("kind") != RateKind.EXTERNAL.value)
    yield from (name for name in of_people["dimension"].unique(maintain_order=True) if name != TOTAL)


def _new(dimension: str, by: Iterable[str]) -> bool:
    return all(sorted(dimension.split("*")) != sorted(name.split("*")) for name in by)


def _rows(run: RunResults, measures: set[str]) -> Iterator[tuple[Row, Told]]:
    below = int(run.suppression.get("suppress_below") or 0)
    floors = {_HIDDEN[0]: 1, _HIDDEN[1]: below}
    for row in run.results.filter(run.results["measure"].is_in(sorted(measures))).iter_rows(named=True):
        n, d, p = (row[name] is not None for name in ("numerator", "denominator", "population"))
        place = (row["measure"], row["rate"], row["dimension"], row["stratum"])
        yield place, Told(n, d, p, floors.get(row["status"], 0))
    for row in run.amounts.filter(run.amounts["measure"].is_in(sorted(measures))).iter_rows(named=True):
        part = row["part"] is not None or row["value"] is not None
        # Of too few for a rate the denominator is shown all the same.
        whole = part or row["whole"] is not None or row["member_months"] is not None
        place = (row["measure"], row["rate"], row["dimension"], row["stratum"])
        yield place, Told(part, whole, whole, floors.get(row["status"], 0))
