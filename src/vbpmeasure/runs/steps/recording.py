"""The manifest of a run: what decided its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from vbpmeasure.data.buckets.opening import inputs_behind
from vbpmeasure.data.steady import Seen
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.conversion import conversion_of
from vbpmeasure.runs.manifest import build_manifest
from vbpmeasure.runs.pseudonyms import METHOD as PSEUDONYMS
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.steps.preparing import Prepared
from vbpmeasure.runs.supplementing import evidence_shown


def manifest_of(
    asked: RunRequest, prepared: Prepared, counted: Partial, table: PublishedTable, before: Seen
) -> dict[str, object]:
    """Return the manifest: inputs, definitions, value sets, parameters and everything else that decides the numbers."""
    manifest = build_manifest(
        prepared.program,
        table,
        inputs=[asdict(f) for f in inputs_behind(prepared.bound, prepared.layout, before.files)],
        counters=counted.every_counter,
        status=dict.fromkeys(counted.failed, "failed"),
        by=[d.name for d in prepared.dimensions],
        value_sets=list(_value_sets(prepared)),
        as_of=asked.as_of,
    )
    return {
        **manifest,
        "bad_rows": dict(prepared.bound.bad_rows),
        "evidence_lost": [note.text for note in prepared.lost],
        **({"attribution": dict(counted.attribution.record)} if counted.attribution is not None else {}),
        **({"mandate": asked.mandate.record()} if asked.mandate is not None else {}),
        **_categories(prepared),
        "supplemental": evidence_shown(asked),
        **({"previous": list(prepared.previous.record)} if asked.disclosure.previous else {}),
        **({"pseudonymized": PSEUDONYMS} if asked.person_level and asked.pseudonyms is not None else {}),
        **_configuration(asked, prepared),
        **({"conversion": made} if (made := conversion_of(asked.data, asked.access)) else {}),
    }


def _categories(prepared: Prepared) -> dict[str, object]:
    """Return by what the people were sorted: the category system behind every stratum that was asked for."""
    names = dict.fromkeys(name for dimension in prepared.dimensions for name in dimension.components)
    used = {name: prepared.systems[name] for name in names if name in prepared.systems}
    return {
        "category_systems": {
            name: {
                "id": system.id,
                "sha256": system.digest,
                **({"standard": system.standard} if system.standard is not None else {}),
                **({"tabulation": system.tabulation} if system.tabulation is not None else {}),
            }
            for name, system in used.items()
        }
    }


def _configuration(asked: RunRequest, prepared: Prepared) -> dict[str, object]:
    """Return what the configuration decided: the file, and how each of the tables it speaks of was read."""
    if asked.config is None:
        return {}
    mapped = {name: list(table.sources) for name, table in prepared.bound.tables.items() if table.sources}
    return {"configuration": {"file": asked.config.name, "sha256": asked.config.sha256}, "sources": mapped}


def _value_sets(prepared: Prepared) -> Iterator[dict[str, object]]:
    for name, codes in prepared.program.value_sets.items():
        known = prepared.catalog.value_sets.get(name)
        yield {
            "name": name,
            "digest": codes.digest,
            "source": known.source if known else "",
            "confidence": known.confidence if known else "",
            "oid": known.oid if known else "",
            "version": known.version if known else "",
            "taken_from": known.taken_from if known else "",
        }
