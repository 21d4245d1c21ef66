"""The manifest of a run: everything that decided the numbers, and nothing that changes by itself."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence

import polars as pl

from vbpmeasure import __version__
from vbpmeasure.disk.folder import TOOL
from vbpmeasure.plan.measures import Composite, MeasurePlan, Program
from vbpmeasure.results.disclosure.published import PublishedTable

SCHEMA_VERSION = "1"


def build_manifest(
    program: Program,
    table: PublishedTable,
    *,
    inputs: Sequence[Mapping[str, object]] = (),
    counters: Mapping[str, int] | None = None,
    status: Mapping[str, str] | None = None,
    by: Sequence[str] = (),
    value_sets: Sequence[Mapping[str, object]] | None = None,
    as_of: dt.date | None = None,
) -> dict[str, object]:
    """Return the manifest: no clock, no paths of its own, no identifiers; small counts as the policy shows them.

    ``inputs``: one mapping per input file (name, digest, rows ...), as the data layer fingerprints them. ``status``:
    what happened to each measure (default: all ``written``). ``value_sets``: name, digest, source and confidence
    (default: name and digest from the program). ``by``: the dimensions as written. ``as_of`` is recorded when given.
    """
    listed = [dict(v) for v in value_sets] if value_sets is not None else _value_sets(program)
    manifest: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "tool": TOOL,
        "version": __version__,
        "polars_version": pl.__version__,
        "period": {"start": program.period.start.isoformat(), "end": program.period.end.isoformat()},
        "enrollment_key": list(program.enrollment_key),
        "measures": [measure_entry(m.id, program, status or {}) for m in program.measures],
        "value_sets": sorted(listed, key=lambda v: str(v["name"])),
        "inputs": [_input(i, table) for i in inputs],
        "people": table.people,
        "counters": {n: table.policy.shown(count) for n, count in (counters or {}).items() if n != "people"},
        "unmapped_codes": dict(table.unmapped),
        "by": list(by),
        "suppression": table.policy.as_record(),
    }
    if as_of is not None:
        manifest["as_of"] = as_of.isoformat()
    return manifest


def measure_entry(measure_id: str, program: Program, status: Mapping[str, str]) -> dict[str, object]:
    """Return what the manifest says of a measure."""
    plan = next(m for m in program.measures if m.id == measure_id)
    members = _members(plan, program)
    return {
        "id": plan.id,
        "edition": plan.edition,
        "definition_status": plan.status,
        "digest": plan.digest,
        "parameters": dict(plan.parameters),
        "value_sets": list(plan.value_sets),
        "status": status.get(plan.id, "written"),
        **({"members": members} if members else {}),
    }


def _members(plan: MeasurePlan, program: Program) -> dict[str, str]:
    """Return the other measures that the composites of a measure sum up, each with one digest of all that defines it.

    Members are run without being reported, so nothing else in the manifest tells that one is defined otherwise.
    """
    plans = {one.id: one for one in program.measures}
    reached: dict[str, None] = {}
    todo = [plan.id]
    while todo:
        for rate in plans[todo.pop()].rates:
            for name, _ in rate.members if isinstance(rate, Composite) else ():
                if name in plans and name not in reached:
                    reached[name] = None
                    todo.append(name)
    return {name: _fingerprint(plans[name], program) for name in sorted(reached) if name != plan.id}


def _fingerprint(plan: MeasurePlan, program: Program) -> str:
    sets = {name: program.value_sets[name].digest for name in plan.value_sets if name in program.value_sets}
    said = [plan.edition, plan.digest, dict(plan.parameters), sets]
    return digest(json.dumps(said, sort_keys=True, default=str).encode())


def _input(source: Mapping[str, object], table: PublishedTable) -> dict[str, object]:
    """Return an input file; the rows of eligibility say how many people there are, so both are shown or neither."""
    hidden = table.people is None and source.get("table") == "eligibility"
    return {**source, "rows": None} if hidden else dict(source)


def _value_sets(program: Program) -> list[dict[str, object]]:
    return [{"name": v.name, "digest": v.digest} for v in program.value_sets.values()]


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
