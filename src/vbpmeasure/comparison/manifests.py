"""What is different in how two runs were made, read off their manifests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vbpmeasure.runs.reading import RunResults

_NOT_KNOWN = "not known"


class Kind(StrEnum):
    """What sort of difference it is."""

    PERIOD = "period"
    MEASURE = "measure"
    EDITION = "edition"
    DEFINITION = "definition"
    PARAMETER = "parameter"
    VALUE_SET = "value set"
    MEMBER = "member"
    DATA = "data"
    ENROLLMENT_KEY = "enrollment key"
    SUPPLEMENTAL = "supplemental evidence"
    ATTRIBUTION = "attribution"
    BAD_ROWS = "rows left out"
    STRATA = "strata asked"
    SUPPRESSION = "suppression"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: of the whole runs (``measure`` empty) or of one measure; ``old`` and ``new`` are in words."""

    kind: Kind
    name: str
    old: str
    new: str
    measure: str = ""


NOT_THERE = "-"
_DIGITS = 12


def differences(old: RunResults, new: RunResults) -> tuple[Difference, ...]:
    """Return all that may have moved the numbers, or what is shown of them: first of the runs, then by measure."""
    one, two = old.manifest, new.manifest
    return (*_of_runs(one, two), *_of_measures(one, two))


def defined_alike(old: RunResults, new: RunResults) -> frozenset[str]:
    """Return the measures with one definition, edition and parameters in both runs: their steps are the same."""
    runs = [{str(one["id"]): one for one in run.manifest.get("measures") or ()} for run in (old, new)]
    names = ("digest", "edition", "parameters")
    return frozenset(
        measure
        for measure in runs[0].keys() & runs[1].keys()
        if runs[0][measure].get("digest")
        and all(runs[0][measure].get(name) == runs[1][measure].get(name) for name in names)
    )


def _of_runs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    yield from _unlike(Kind.PERIOD, "measurement period", _period(old), _period(new))
    yield from _data(old, new)
    for kind, key in (
        (Kind.ENROLLMENT_KEY, "enrollment_key"),
        (Kind.SUPPLEMENTAL, "supplemental"),
        (Kind.ATTRIBUTION, "attribution"),
        (Kind.BAD_ROWS, "bad_rows"),
        (Kind.STRATA, "by"),
    ):
        yield from _unlike(kind, key, _words(old.get(key)), _words(new.get(key)))
    policies = [run.get("suppression") or {} for run in (old, new)]
    for name in dict.fromkeys(key for policy in policies for key in policy):
        yield from _unlike(Kind.SUPPRESSION, name, *(_words(policy.get(name)) for policy in policies))
    yield from _unlike(Kind.PROGRAM, "vbpmeasure", _words(old.get("version")), _words(new.get("version")))
    yield from _unlike(Kind.PROGRAM, "polars", _words(old.get("polars_version")), _words(new.get("polars_version")))


def _data(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield input tables that are not the same files: rows as far as both runs may show them, then a digest."""
    files = [_files(run) for run in (old, new)]
    for table in dict.fromkeys((*files[0], *files[1])):
        before, after = (found.get(table, []) for found in files)
        if _digests(before) != _digests(after) or _NOT_KNOWN in _digests(before):
            yield Difference(Kind.DATA, table, _table_words(before), _table_words(after))


def _files(run: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in run.get("inputs") or ():
        found.setdefault(str(one.get("table", "")), []).append(one)
    return found


def _digests(files: list[Mapping[str, Any]]) -> list[str]:
    """Return what tells the files of a table apart; names and places do not."""
    return sorted(str(one.get("sha256") or one.get("footer_sha256") or _named(one)) for one in files)


def _named(one: Mapping[str, Any]) -> str:
    """Return the name, which holds the version of a table that has versions; some addresses tell nothing at all."""
    return _NOT_KNOWN if one.get("footer_sha256", "") is None else str(one.get("name"))


def _table_words(files: list[Mapping[str, Any]]) -> str:
    if not files:
        return NOT_THERE
    rows = [one.get("rows") for one in files]
    known = [row for row in rows if isinstance(row, int)]
    count = f"{sum(known):,} rows" if len(known) == len(rows) else "rows hidden"
    return f"{count} ({_short(','.join(_digests(files)))})" if len(files) == 1 else f"{count} in {len(files)} files"


def _of_measures(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    runs = [{str(one["id"]): one for one in run.get("measures") or ()} for run in (old, new)]
    sets = [{str(one["name"]): str(one.get("digest", "")) for one in run.get("value_sets") or ()} for run in (old, new)]
    for measure in dict.fromkeys((*runs[0], *runs[1])):
        one, two = (run.get(measure) for run in runs)
        if one is None or two is None:
            yield Difference(Kind.MEASURE, measure, _there(one), _there(two), measure)
            continue
        pairs = (
            (Kind.MEASURE, "outcome", str(one.get("status", "")), str(two.get("status", ""))),
            (Kind.EDITION, "edition", str(one.get("edition", "")), str(two.get("edition", ""))),
            (Kind.DEFINITION, "digest", _short(str(one.get("digest", ""))), _short(str(two.get("digest", "")))),
        )
        for kind, name, before, after in pairs:
            yield from _unlike(kind, name, before, after, measure)
        parameters = [run.get("parameters") or {} for run in (one, two)]
        for name in dict.fromkeys((*parameters[0], *parameters[1])):
            before, after = (_words(found.get(name)) for found in parameters)
            yield from _unlike(Kind.PARAMETER, name, before, after, measure)
        used = [set(run.get("value_sets") or ()) for run in (one, two)]
        for name in sorted(used[0] | used[1]):
            before, after = (
                _short(found.get(name, "")) if name in names else NOT_THERE
                for found, names in zip(sets, used, strict=True)
            )
            yield from _unlike(Kind.VALUE_SET, name, before, after, measure)
        yield from _members(one, two, measure)


def _members(old: Mapping[str, Any], new: Mapping[str, Any], measure: str) -> Iterator[Difference]:
    """Yield the members of a composite that are defined otherwise; runs before 0.5 do not tell of members."""
    if "members" not in old or "members" not in new:
        return
    for name in dict.fromkeys((*old["members"], *new["members"])):
        before, after = (_short(str(one["members"].get(name, ""))) for one in (old, new))
        yield from _unlike(Kind.MEMBER, name, before, after, measure)


def _unlike(kind: Kind, name: str, old: str, new: str, measure: str = "") -> Iterator[Difference]:
    if old != new:
        yield Difference(kind, name, old, new, measure)


def _there(one: object) -> str:
    return NOT_THERE if one is None else "run"


def _period(run: Mapping[str, Any]) -> str:
    period = run["period"]
    return f"{period['start']} to {period['end']}"


def _words(value: object) -> str:
    if value is None or value in ([], {}, ""):
        return NOT_THERE
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _short(digest: str) -> str:
    return digest[:_DIGITS] if digest else NOT_THERE
