"""JSON: one document with the results, the waterfall and what they are."""

from __future__ import annotations

import json
from typing import Any

from vbpmeasure.outputs.words import metadata
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.shown_amounts import as_records


def results_json(table: PublishedTable) -> bytes:
    """Return one JSON document (UTF-8); hidden numbers are null and their row's status says why."""
    document = {
        **metadata(table),
        "suppression": table.policy.as_record(),
        "people": table.people,
        "unmapped_codes": dict(table.unmapped),
        "measures": _measures(table),
        "results": table.results.to_dicts(),
        "amounts": as_records(table.amounts),
        "waterfall": table.waterfall.to_dicts(),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def audit_json(table: PublishedTable) -> bytes:
    """Return the record of the disclosure control: what was hidden, why, and the proof (UTF-8)."""
    document = {**metadata(table), **table.audit}
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _measures(table: PublishedTable) -> list[dict[str, Any]]:
    measures: dict[str, dict[str, Any]] = {}
    for key in table.keys:
        measure = measures.setdefault(key.measure, {"id": key.measure, "title": key.measure_title, "rates": []})
        rate = {"id": key.rate, "title": key.rate_title, "lower_is_better": key.lower_is_better}
        measure["rates"].append(rate)
    return list(measures.values())
