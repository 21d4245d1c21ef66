"""What is needed of tables that only Spark reads; the rest stays behind. In doubt a row or a column goes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.data.contract import (
    DIAGNOSIS_COLUMNS,
    EVENT_TABLES,
    MODIFIER_COLUMNS,
    PROCEDURE_COLUMNS,
    TABLES,
    Kind,
)
from vbpmeasure.engines.polars.attributes import wants_provider
from vbpmeasure.engines.polars.engine import columns_of_spans
from vbpmeasure.engines.polars.events import Asked
from vbpmeasure.engines.polars.kept_rows.events import NEVER_ASKED
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.plan.measures import Indicator
from vbpmeasure.results.attribution.attribute import TABLE as ATTRIBUTION_TABLE
from vbpmeasure.results.attribution.rule import PROVIDER_COLUMNS
from vbpmeasure.results.attribution.visits import coded_as_visit, visit_texts
from vbpmeasure.results.categories.dimensions import attributes_needed
from vbpmeasure.results.completeness.answers import columns_of_completeness
from vbpmeasure.runs.spread.sought import Sought
from vbpmeasure.runs.work import Work

_CLAIMS, _SPANS, _INDICATORS = "medical_claim", "eligibility", "indicator"
_SOURCE = "data_source"
# Up to 75 columns of a claim, most of them empty and many not read.
_CODES = frozenset({*DIAGNOSIS_COLUMNS, *PROCEDURE_COLUMNS, *(f"procedure_date_{i}" for i in range(1, 26))})
_CODED = frozenset({"hcpcs_code", "revenue_center_code", "bill_type_code", "discharge_disposition_code"})
_PROVIDERS = frozenset({*PROVIDER_COLUMNS, "rendering_taxonomy", "billing_taxonomy"})
# Columns that one kind of condition alone reads, and the days of stays.
_ASKED_BY = {**dict.fromkeys(MODIFIER_COLUMNS, "modifier"), "tooth_number": "tooth", "place_of_service_code": "place"}
_OF_STAYS = frozenset({"admission_date", "discharge_date", "claim_end_date", "claim_line_end_date"})
_OF_VISITS = _CODED | _PROVIDERS | {"place_of_service_code", "claim_status"}


def needed_rows(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> dict[str, list[pl.Expr]]:
    """Return by table of events the conditions of which a row meets one that matters; no other such table matters.

    Rows matter for a code that the program looks for, those of claims also for one that attribution by visits does.
    """
    readings = _asked(work, schemas, plans).readings
    found = {table: [reading.matches for reading in each] for table, each in readings.items()}
    if work.attributor is not None and _by_visits(work, schemas):
        rule, value_sets = work.attributor.rule, work.attributor.value_sets
        visit = coded_as_visit(rule, value_sets, schemas[_CLAIMS].names())
        found.setdefault(_CLAIMS, []).append(pl.lit(False) if visit is None else visit)
    return found


def sought(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> dict[str, list[Sought]]:
    """Return the texts behind `needed_rows` by table: a row without any of them meets none of its conditions."""
    readings = _asked(work, schemas, plans).readings
    found = {table: [Sought.by(reading) for reading in each] for table, each in readings.items()}
    if work.attributor is not None and _by_visits(work, schemas):
        rule, value_sets = work.attributor.rule, work.attributor.value_sets
        visits = visit_texts(rule, value_sets, schemas[_CLAIMS].names())
        found.setdefault(_CLAIMS, []).extend(Sought(column, 0, tuple(texts)) for column, texts in visits.items())
    return found


def needed_columns(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> dict[str, tuple[str, ...]]:
    """Return by table the columns that matter, none of tables of events that nobody looks for codes in.

    What an engine reads of tables without rows would tell more, and not everything: a join with nobody is not made.
    So rules say it, of each column that has one, and a worker that reads another is told so (`partly`).
    """
    rows = needed_rows(work, schemas, plans)
    found: dict[str, tuple[str, ...]] = {}
    for table, schema in schemas.items():
        if table == _SPANS:
            asked = _of_spans(work, plans)
        elif table in EVENT_TABLES:
            asked = _of_events(work, table, schemas, plans) if table in rows else set()
        elif table == _INDICATORS:
            indicators = any(isinstance(rate, Indicator) for one in work.program.measures for rate in one.rates)
            asked = set(schema) if indicators else set()
        else:
            asked = set(schema)
        found[table] = tuple(column for column in schema if column in asked)
    return found


def _of_spans(work: Work, plans: Plans) -> set[str]:
    """Return what is read of eligibility: by the engine, by strata and completeness, and by the sums of months."""
    attributes = (
        *attributes_needed(work.dimensions, work.systems),
        *columns_of_completeness(work.dimensions, work.systems),
    )
    return {*columns_of_spans(plans.of(work.program).layout, work.program.enrollment_key), *attributes}


def _of_events(work: Work, table: str, schemas: Mapping[str, pl.Schema], plans: Plans) -> set[str]:
    """Return the columns of an event table that codes, conditions on rows, details or attribution may read."""
    asked = _asked(work, schemas, plans)
    contract, attributes = TABLES[table], asked.sheet.attributes
    kinds = {kind for kind, _ in attributes.bits}
    ids = {column.name for column in contract.columns if column.kind is Kind.ID}
    pairs = {column for pair in contract.code_pairs for column in (pair.code_column, pair.type_column)}
    unread = ids | pairs | NEVER_ASKED | {column for column, kind in _ASKED_BY.items() if kind not in kinds}
    if table == _CLAIMS:
        unread |= _CODES | _CODED
        unread |= frozenset() if wants_provider(attributes) else _PROVIDERS
        unread |= frozenset() if asked.details.stays else _OF_STAYS
    read = {"person_id", *(c for r in asked.readings.get(table, ()) for c in (r.column, r.type_column, r.date_column))}
    if asked.sheet.marks:
        read.add("claim_id")
    if work.supplemental != "with" and work.sources_left_out.data_sources:
        read.add(_SOURCE)
    if table == _CLAIMS and _by_visits(work, schemas):
        read |= _OF_VISITS
    return {column for column in schemas[table] if column in read or column not in unread}


def _by_visits(work: Work, schemas: Mapping[str, pl.Schema]) -> bool:
    return work.attributor is not None and ATTRIBUTION_TABLE not in schemas and _CLAIMS in schemas


def _asked(work: Work, schemas: Mapping[str, pl.Schema], plans: Plans) -> Asked:
    return plans.of(work.program).asked({name: pl.LazyFrame(schema=schema) for name, schema in schemas.items()})
