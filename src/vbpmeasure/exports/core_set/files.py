"""Core set reports as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import polars as pl

from vbpmeasure.exports.core_set.rows import TOTAL, CoreReport, CoreRow

CORE_SET_SCHEMA = pl.Schema(
    {
        "reporting_year": pl.Int64,
        "measurement_year": pl.Int64,
        "measure_id": pl.String,
        "measure_title": pl.String,
        "mandatory": pl.Boolean,
        "stratification_mandatory": pl.Boolean,
        "rate_label": pl.String,
        "age_band": pl.String,
        "stratification": pl.String,
        "stratum": pl.String,
        "numerator": pl.Int64,
        "denominator": pl.Int64,
        "rate": pl.Float64,
        "reported": pl.Boolean,
        "reason_code": pl.String,
        "reason": pl.String,
        "reason_category": pl.String,
        "data_source": pl.String,
        "source_measure": pl.String,
        "source_rate": pl.String,
        "source_edition": pl.String,
        "source_status": pl.String,
        "label_confidence": pl.String,
        "notice": pl.String,
    }
)
_DATA_SOURCE = "administrative"


def core_set_frame(report: CoreReport) -> pl.DataFrame:
    """Return the report as a table (``CORE_SET_SCHEMA``), one row per rate and stratum."""
    return pl.DataFrame([_flat(report, row) for row in report.rows], schema=CORE_SET_SCHEMA, orient="row")


def core_set_csv(report: CoreReport) -> bytes:
    """Return the report as CSV (UTF-8, a header, Unix line ends)."""
    places = report.mapping.decimals
    return core_set_frame(report).write_csv(float_precision=places, line_terminator="\n").encode()


def core_set_json(report: CoreReport) -> bytes:
    """Return the report as one JSON document: measures, their rates, the strata of each."""
    said = report.about
    document: dict[str, Any] = {
        "schema_version": "1",
        "tool": "vbpmeasure",
        "version": said.version,
        "notice": said.notice,
        **({"banner": said.banner} if said.banner is not None else {}),
        "core_set": report.mapping.title,
        "reporting_year": report.mapping.reporting_year,
        "measurement_period": {"start": said.period_start, "end": said.period_end},
        "data_source": _DATA_SOURCE,
        "suppression_profile": said.suppression_profile,
        "references": [one.model_dump() for one in report.mapping.references],
        "measures": [
            _measure(report, list(own)) for _, own in groupby(report.rows, key=lambda row: row.measure.id)
        ],
    }  # fmt: skip
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _flat(report: CoreReport, row: CoreRow) -> tuple[object, ...]:
    facts = report.about.measures.get(row.measure.measure or "")
    reason = report.mapping.reasons[row.reason] if row.reason is not None else None
    return (
        report.mapping.reporting_year,
        report.about.year,
        row.measure.id,
        row.measure.title,
        row.measure.mandatory,
        row.measure.stratified,
        row.rate.label if row.rate else None,
        row.rate.age if row.rate else None,
        row.category,
        row.value,
        row.numerator,
        row.denominator,
        row.percent,
        row.reason is None,
        row.reason.value if row.reason else None,
        reason.words if reason else None,
        reason.category if reason else None,
        _DATA_SOURCE,
        row.measure.measure,
        row.rate.rate if row.rate else None,
        facts.edition if facts else None,
        facts.definition_status if facts else None,
        row.measure.confidence,
        report.about.words,
    )


def _measure(report: CoreReport, rows: Sequence[CoreRow]) -> dict[str, Any]:
    measure = rows[0].measure
    facts = report.about.measures.get(measure.measure or "")
    found: dict[str, Any] = {
        "id": measure.id,
        "title": measure.title,
        "mandatory": measure.mandatory,
        "stratification_mandatory": measure.stratified,
        "label_confidence": measure.confidence,
        "source": None
        if facts is None
        else {"measure": facts.id, "edition": facts.edition, "status": facts.definition_status, "digest": facts.digest},
    }
    if rows[0].rate is None:
        return {**found, **_numbers(report, rows[0]), "rates": []}
    return {
        **found,
        "rates": [
            _rate(report, list(own)) for _, own in groupby(rows, key=lambda row: row.rate and row.rate.rate)
        ],
    }  # fmt: skip


def _rate(report: CoreReport, rows: Sequence[CoreRow]) -> dict[str, Any]:
    rate = rows[0].rate
    assert rate is not None
    total = next(row for row in rows if row.category == TOTAL)
    strata = [row for row in rows if row.category != TOTAL]
    return {
        "label": rate.label,
        "age_band": rate.age,
        "source_rate": rate.rate,
        **_numbers(report, total),
        "strata": [_strata(report, category, list(own)) for category, own in groupby(strata, key=lambda r: r.category)],
    }


def _strata(report: CoreReport, category: str, rows: Sequence[CoreRow]) -> dict[str, Any]:
    """Return one stratification: its strata, or the reason why there are none."""
    values = [{"stratum": row.value, **_numbers(report, row)} for row in rows if row.value]
    found: dict[str, Any] = {"stratification": category, "reported": bool(values), "values": values}
    return found if values else {**found, "reason": _reason(report, rows[0])}


def _numbers(report: CoreReport, row: CoreRow) -> dict[str, Any]:
    found: dict[str, Any] = {"numerator": row.numerator, "denominator": row.denominator, "rate": row.percent}
    if row.reason is None:
        return {"reported": True, **found}
    return {"reported": False, **found, "reason": _reason(report, row)}


def _reason(report: CoreReport, row: CoreRow) -> dict[str, str] | None:
    if row.reason is None:
        return None
    words = report.mapping.reasons[row.reason]
    return {"code": row.reason.value, "words": words.words, "category": words.category}
