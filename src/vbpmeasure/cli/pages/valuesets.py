"""The pages of `valuesets import`, `list` and `diff`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from vbpmeasure.cli.pages.text import columns, folded
from vbpmeasure.commands.importing import ImportOutcome
from vbpmeasure.commands.value_sets import ListedSet, SetDifference
from vbpmeasure.terminology.value_set import ValueSet

_SHORT = 12  # characters of a digest that people compare by eye


def imported_page(outcome: ImportOutcome) -> str:
    """Return one line per set that an import stored."""
    rows = [
        (one.value_set.name, one.value_set.version, _systems(one.value_set), one.value_set.digest[:_SHORT], one.change)
        for one in outcome.sets
    ]
    table = columns(("set", "version", "codes", "digest", "change"), rows)
    return f"{table}\n{len(rows)} value {'set' if len(rows) == 1 else 'sets'} in {outcome.into}"


def listing_page(found: Sequence[ListedSet], form: str) -> str:
    """Return one line, row or object per file of a set."""
    if form == "json":
        return json.dumps([_listed(one) for one in found], indent=2, ensure_ascii=False)
    header = ("set", "codes", "source", "overridden by", "oid", "version", "confidence")
    rows = [
        (
            one.address,
            _systems(one.value_set),
            one.origin,
            one.overridden_by,
            one.value_set.oid,
            one.value_set.version,
            one.value_set.confidence,
        )
        for one in found
    ]
    if form == "csv":
        return _csv((*header, "digest"), [(*row, one.value_set.digest) for row, one in zip(rows, found, strict=True)])
    return columns(header, rows)


def diff_page(found: Sequence[SetDifference], form: str) -> str:
    """Return the differences: a block per set, one CSV row per code, or JSON."""
    if form == "json":
        return json.dumps([_difference(one) for one in found], indent=2, ensure_ascii=False)
    if form == "csv":
        return _csv(
            ("set", "change", "system", "code", "measures"),
            [
                (one.name, change, system, code, " ".join(touched.measure for touched in one.touched))
                for one in found
                for change, codes in (("added", one.added), ("removed", one.removed))
                for system, listed in codes.items()
                for code in listed
            ],
        )
    if not found:
        return "no difference"
    return "\n\n".join("\n".join(_block(one)) for one in found)


def _block(one: SetDifference) -> Iterable[str]:
    yield f"{one.name}: {_side(one.before)} -> {_side(one.after)}"
    for mark, codes in (("+", one.added), ("-", one.removed)):
        for system, listed in codes.items():
            lines = folded(" ".join(listed), indent="    ")
            yield f"  {mark} {system} ({len(listed)})"
            yield from (f"    {line.strip()}" for line in lines)
    if one.touched:
        yield "  touches " + "; ".join(f"{t.measure} ({', '.join(t.rates)})" for t in one.touched)
    else:
        yield "  touches no measure"


def _side(value_set: ValueSet | None) -> str:
    if value_set is None:
        return "nothing"
    name = value_set.taken_from or value_set.name
    version = f" version {value_set.version}" if value_set.version and "@" not in name else ""
    return f"{name}{version}, {value_set.size} codes ({value_set.digest[:_SHORT]})"


def _systems(value_set: ValueSet) -> str:
    return ", ".join(f"{system} {len(codes)}" for system, codes in sorted(value_set.codes.items()))


def _listed(one: ListedSet) -> dict[str, Any]:
    value_set = one.value_set
    return {
        "name": value_set.name,
        "address": one.address,
        "title": value_set.title,
        "codes": {system: len(codes) for system, codes in sorted(value_set.codes.items())},
        "origin": one.origin,
        "overridden_by": one.overridden_by or None,
        "oid": value_set.oid or None,
        "version": value_set.version or None,
        "confidence": value_set.confidence,
        "source": value_set.source,
        "digest": value_set.digest,
    }


def _difference(one: SetDifference) -> dict[str, Any]:
    def side(value_set: ValueSet | None) -> dict[str, Any] | None:
        if value_set is None:
            return None
        return {
            "name": value_set.name,
            "taken_from": value_set.taken_from or None,
            "version": value_set.version or None,
            "codes": value_set.size,
            "digest": value_set.digest,
        }

    return {
        "name": one.name,
        "before": side(one.before),
        "after": side(one.after),
        "added": {system: list(codes) for system, codes in one.added.items()},
        "removed": {system: list(codes) for system, codes in one.removed.items()},
        "touches": {touched.measure: list(touched.rates) for touched in one.touched},
    }


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
