"""Which Parquet types a contract column may have, and what they become."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from vbpmeasure.data.contract import Kind
from vbpmeasure.data.types import contract_type, reading, words

DAY = dt.date(2024, 3, 1)
LATE = dt.datetime(2024, 3, 1, 23, 30)  # noqa: DTZ001  as extracts have it


def read(kind: Kind, values: list[object], dtype: pl.DataType) -> list[object]:
    """Read the values as the reader would: widen, then convert."""
    how = reading(kind, dtype)
    assert how is not None
    column = pl.col("x") if how.convert is None else how.convert(pl.col("x"))
    out = pl.DataFrame({"x": pl.Series(values, dtype=dtype).cast(how.scan_type)}).select(column.alias("x"))["x"]
    assert out.dtype == how.result
    return out.to_list()


@pytest.mark.parametrize(
    ("kind", "dtype", "values", "expected"),
    [
        (Kind.TEXT, pl.String(), ["08", None], ["08", None]),
        (Kind.TEXT, pl.Categorical(), ["08"], ["08"]),
        (Kind.TEXT, pl.Enum(["08", "8"]), ["08"], ["08"]),
        (Kind.ID, pl.String(), ["007"], ["007"]),
        (Kind.ID, pl.Int32(), [7], [7]),
        (Kind.ID, pl.UInt64(), [7], [7]),
        (Kind.ID, pl.Decimal(38, 0), [Decimal(7)], [7]),
        (Kind.DATE, pl.Date(), [DAY, None], [DAY, None]),
        (Kind.DATE, pl.Datetime("ns"), [LATE], [DAY]),
        (Kind.DATE, pl.Datetime("us", "America/New_York"), [LATE], [dt.date(2024, 3, 1)]),
        (Kind.INTEGER, pl.Int8(), [3], [3]),
        (Kind.NUMBER, pl.Decimal(12, 2), [Decimal("5.25")], [5.25]),
        (Kind.NUMBER, pl.Int64(), [5], [5.0]),
        (Kind.NUMBER, pl.Float32(), [0.5], [0.5]),
        (Kind.FLAG, pl.Boolean(), [True, None], [True, None]),
        (Kind.FLAG, pl.Int16(), [1, 0, None], [True, False, None]),
        (Kind.FLAG, pl.Decimal(1, 0), [Decimal(1), Decimal(0)], [True, False]),
        (
            Kind.FLAG,
            pl.String(),
            ["Y", " yes ", "TRUE", "1", "n", "No", "false", "0", "", None],
            [True, True, True, True, False, False, False, False, None, None],
        ),
    ],
)
def test_accepted_types(kind: Kind, dtype: pl.DataType, values: list[object], expected: list[object]) -> None:
    assert read(kind, values, dtype) == expected


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        (Kind.TEXT, pl.Int64()),
        (Kind.TEXT, pl.Float64()),
        (Kind.TEXT, pl.Binary()),
        (Kind.TEXT, pl.List(pl.String())),
        (Kind.ID, pl.Float64()),
        (Kind.ID, pl.Decimal(10, 2)),
        (Kind.DATE, pl.String()),
        (Kind.DATE, pl.Int64()),
        (Kind.DATE, pl.Time()),
        (Kind.INTEGER, pl.Float64()),
        (Kind.INTEGER, pl.String()),
        (Kind.NUMBER, pl.String()),
        (Kind.NUMBER, pl.Boolean()),
        (Kind.FLAG, pl.Date()),
        (Kind.FLAG, pl.Float64()),
    ],
)
def test_refused_types(kind: Kind, dtype: pl.DataType) -> None:
    assert reading(kind, dtype) is None


def test_a_local_day_is_the_day_as_written_not_that_of_utc() -> None:
    """23:30 in New York is the next day in UTC: the claim was on the earlier one."""
    zone = pl.Datetime("us", "America/New_York")
    local = pl.Series([LATE]).dt.replace_time_zone("America/New_York")
    how = reading(Kind.DATE, zone)
    assert how is not None
    assert how.convert is not None
    assert pl.DataFrame({"x": local}).select(how.convert(pl.col("x")))["x"].to_list() == [DAY]
    assert local.dt.convert_time_zone("UTC").dt.date().to_list() == [dt.date(2024, 3, 2)]


@pytest.mark.parametrize(
    ("dtype", "values", "off"),
    [
        (pl.String(), ["yes", "", None, "maybe", "2"], 2),
        (pl.Int64(), [0, 1, None, 2, -1], 2),
    ],
)
def test_unknown_flag_values_are_found(dtype: pl.DataType, values: list[object], off: int) -> None:
    how = reading(Kind.FLAG, dtype)
    assert how is not None
    assert how.off_contract is not None
    assert pl.DataFrame({"x": pl.Series(values, dtype=dtype)}).select(how.off_contract(pl.col("x")).sum()).item() == off


def test_every_kind_has_a_type_and_words() -> None:
    for kind in Kind:
        dtype = contract_type(kind)
        assert reading(kind, dtype) is not None
        assert words(dtype)
