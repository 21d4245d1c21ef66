"""Refuse a measurement period for which there is no data: its rates would be empty, or zero for want of claims."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.contract import EVENT_TABLES, TABLES
from vbpmeasure.data.ranges import Cover, event_cover, span_cover
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.plan.measures import Period, calendar_year

_FAR = dt.date(2200, 1, 1)  # 9999-12-31 and its like mean that the span is open


def check_period(bound: BoundData, period: Period) -> tuple[Diagnostic, ...]:
    """Return warnings about a period with little data; raise ``Failure`` when there is none.

    VBM321: no enrollment span touches the period. VBM322: no event row of any table is dated in it. Warning VBM323:
    other tables have events in the period, medical_claim has none. Messages show months, never a single day. Footer
    statistics decide where files have them; then a hole *between* dates of one row group is not seen.
    """
    spans = span_cover(bound.tables["eligibility"], period)
    # Nothing more is read of data without any span in the period.
    covers = {
        table: event_cover(bound.tables[table], TABLES[table].date_columns, period)
        for table in EVENT_TABLES
        if table in bound.tables and spans.touches
    }
    return check_covers(spans, covers, period)


def check_covers(spans: Cover, covers: Mapping[str, Cover], period: Period) -> tuple[Diagnostic, ...]:
    """Say what `check_period` says, given how enrollment spans and the dates of each table of events lie."""
    name = _name(period)
    if not spans.touches:
        raise Failure(
            Diagnostic(
                "VBM321",
                f"no eligibility in {name}{_run('the spans', spans, open_end=spans.last is None or spans.last > _FAR)}",
                where="eligibility.enrollment_start_date",
                hint="check --year, or whether the extract covers that time",
            )
        )
    if not any(cover.touches for cover in covers.values()):
        dated = {table: cover for table, cover in covers.items() if cover.first is not None}
        table, cover = next(iter(dated.items()), (None, None))
        told = "; the tables have no dated row" if cover is None else _run(f"those of {table}", cover, open_end=False)
        raise Failure(
            Diagnostic(
                "VBM322",
                f"no claim or record is dated in {name}{told}",
                where=table or next(iter(covers), None),
                hint="check --year, or whether the claims of that time are in the extract",
            )
        )
    claims = covers.get("medical_claim")
    if claims is not None and not claims.touches:
        return (
            Diagnostic(
                "VBM323",
                f"medical_claim has no row dated in {name}{_run('its claims', claims, open_end=False)}",
                severity=Severity.WARNING,
                where="medical_claim.claim_start_date",
                hint="check whether the claims of that time have been loaded",
            ),
        )
    return ()


def _name(period: Period) -> str:
    return str(period.year) if period == calendar_year(period.year) else f"{period.start} to {period.end}"


def _run(what: str, cover: Cover, *, open_end: bool) -> str:
    if cover.first is None:
        return ""
    first = f"{cover.first.isoformat()[:7]}"
    if open_end or cover.last is None:
        return f"; {what} run from {first} on"
    return f"; {what} run from {first} to {cover.last.isoformat()[:7]}"
