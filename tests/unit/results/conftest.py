"""Small result frames, built by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.categories.crosswalks import CategorySystem, load_category_systems
from vbpmeasure.results.frame import ROW_SCHEMA, RateKey, ResultFrame

CROSSWALKS = Path(__file__).parents[3] / "measures" / "crosswalks"


def rate_key(rate: str = "r", measure: str = "m", members: tuple[str, ...] = (), **more: object) -> RateKey:
    words = {"steps": ("is two", "is enrolled"), "exclusions": (("hospice", "Hospice"), ("deceased", "Deceased"))}
    return RateKey(measure, rate, measure.upper(), rate.upper(), **{**words, "members": members, **more})


def frame_of(
    units: Iterable[Mapping[str, object]], rates: tuple[RateKey, ...] | None = None, people: pl.DataFrame | None = None
) -> ResultFrame:
    """One mapping per unit: person, and any of rate, failed_step, exclusion, numerator ..."""
    rows = [
        {**dict.fromkeys(ROW_SCHEMA), "rate": 0, "numerator": False, "person": n, **unit}
        for n, unit in enumerate(units)
    ]
    table = pl.DataFrame(rows, schema=ROW_SCHEMA).sort("rate", "person", "index_date")
    if people is None:
        height = max((int(row["person"]) for row in rows), default=-1) + 1
        people = pl.DataFrame({"person_id": [f"p{i:05d}" for i in range(height)]}).with_columns(
            birth_date=pl.lit(dt.date(2020, 1, 1))
        )
    return ResultFrame(calendar_year(2025), rates or (rate_key(),), table, people)


@pytest.fixture(scope="session")
def systems() -> dict[str, CategorySystem]:
    return load_category_systems([CROSSWALKS])


@pytest.fixture
def make_frame() -> Callable[..., ResultFrame]:
    return frame_of


@pytest.fixture
def key() -> Callable[..., RateKey]:
    return rate_key
