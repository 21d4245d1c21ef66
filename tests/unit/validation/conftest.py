"""A small sound population, and a function that spoils it and returns what one check says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vbpmeasure.data.binding import bind_readable
from vbpmeasure.validation.ground import Ground
from vbpmeasure.validation.model import CheckResult, Report
from vbpmeasure.validation.registry import INFOS, named
from vbpmeasure.validation.runner import validate
from vbpmeasure.validation.settings import ValidationSettings

N = 40
PEOPLE = [f"P{i:03d}" for i in range(N)]
DAY = dt.date
Rows = dict[str, dict[str, list[Any]]]


def sound() -> Rows:
    """Return 40 children born in 2018, enrolled in 2025, each with one line a month that is as it should be."""
    months = [(p, m) for p in PEOPLE for m in range(1, 13)]
    return {
        "eligibility": {
            "person_id": list(PEOPLE),
            "birth_date": [DAY(2018, 3, 1)] * N,
            "death_date": [None] * (N - 1) + [DAY(2025, 12, 31)],
            "gender": ["female", "male"] * (N // 2),
            "enrollment_start_date": [DAY(2025, 1, 1)] * N,
            "enrollment_end_date": [DAY(2025, 12, 31)] * N,
            "payer": ["a"] * 20 + ["b"] * 20,
            "product_line": ["medicaid"] * N,
            "race": ["2106-3", "2054-5"] * (N // 2),
            "ethnicity": ["2186-5"] * N,
            "language": ["en"] * N,
            "data_source": ["enrollment"] * N,
            "hospice_flag": ["n"] * N,
        },
        "medical_claim": {
            "claim_id": [f"C{i:04d}" for i in range(len(months))],
            "claim_line_number": [1] * len(months),
            "person_id": [p for p, _ in months],
            "claim_start_date": [DAY(2025, m, 5) for _, m in months],
            "claim_end_date": [DAY(2025, m, 6) for _, m in months],
            "place_of_service_code": ["11"] * len(months),
            "hcpcs_code": ["99393" if m == 1 else "99213" for _, m in months],
            "diagnosis_code_1": ["Z00129"] * len(months),
            "diagnosis_code_2": ["J45.20"] * len(months),
            "bill_type_code": ["131"] * len(months),
            "revenue_center_code": ["0510"] * len(months),
            "rendering_npi": ["9000000001"] * len(months),
            "rendering_taxonomy": [None] * len(months),
            "claim_status": ["PAID"] * len(months),
            "paid_amount": [80.0] * len(months),
            "data_source": ["east" if i < 20 else "west" for i in range(N) for _ in range(12)],
        },
        "immunization": {
            "immunization_id": [f"I{i}" for i in range(N)],
            "person_id": list(PEOPLE),
            "occurrence_date": [DAY(2019, 5, 5)] * N,
            "source_code_type": ["cvx"] * N,
            "source_code": ["08"] * N,
            "status": ["completed"] * N,
        },
        "pharmacy_claim": {
            "claim_id": [f"R{i}" for i in range(N)],
            "person_id": list(PEOPLE),
            "dispensing_date": [DAY(2025, 5, 5)] * N,
            "ndc_code": ["00093415073"] * N,
            "days_supply": [30] * N,
            "quantity": [30.0] * N,
            "paid_amount": [10.0] * N,
        },
        "practitioner": {"npi": ["9000000001"], "taxonomy_code": ["208000000X"]},
    }


_TYPES = {
    "death_date": pl.Date,
    "occurrence_date": pl.Date,
    "rendering_taxonomy": pl.String,
    "claim_line_number": pl.Int64,
}


def write(root: Path, rows: Rows) -> Path:
    """Write the tables into a folder."""
    root.mkdir(exist_ok=True)
    for name, columns in rows.items():
        types = {c: _TYPES.get(c, pl.String) for c, v in columns.items() if c in _TYPES or not v}
        pl.DataFrame(columns, schema_overrides=types).write_parquet(root / f"{name}.parquet")
    return root


def judged(root: Path, *checks: str, baseline: Any = None, settings: Any = None, **more: Any) -> Report:
    """Return the report of some checks (all of them when none is named) over a folder."""
    bound, findings = bind_readable(root)
    ground = Ground(bound, findings, ValidationSettings.from_mapping(settings or {}, INFOS), **more)
    return validate(ground, select=named(checks, "--select"), baseline=baseline, profile=True)


Check = Callable[..., list[CheckResult]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return ``check(id, spoil=None, **ground)``: the applicable results of a check over the spoiled population."""

    def run(name: str, spoil: Callable[[Rows], object] | None = None, **more: Any) -> list[CheckResult]:
        rows = sound()
        if spoil is not None:
            spoil(rows)
        report = judged(write(tmp_path / "data", rows), name, **more)
        return [r for r in report.results if r.status != "not_applicable"]

    return run
