"""What goes to workers: values come back as they were, nothing else is made of bytes, and no column is missed."""

from __future__ import annotations

import datetime as dt

import orjson
import polars as pl
import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.errors import library_errors
from vbpmeasure.plan.measures import Period, calendar_year
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.spread.frames import partly


def test_a_program_of_every_measure_comes_back_equal_and_shares_its_parts() -> None:
    catalog = Catalog.open(())
    program = catalog.program(catalog.ids(), calendar_year(2025), {})
    content = codec.to_bytes(program)
    back = codec.from_bytes(content)
    assert back == program
    assert list(back.value_sets) == list(program.value_sets)
    assert back.value_sets == program.value_sets
    assert codec.to_bytes(back) == content


def test_every_kind_of_value_comes_back() -> None:
    value = {
        "a": (1, 2.5, None, True, "x"),
        ("b", 2): frozenset({"y", "z"}),
        "c": b"\x00\xff",
        "d": dt.date(2025, 1, 2),
    }
    assert codec.from_bytes(codec.to_bytes(value)) == value
    period = Period(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    first, second = codec.from_bytes(codec.to_bytes((period, period)))
    assert first is second


@pytest.mark.parametrize(
    "node",
    [
        ["data", "pathlib:Path", []],
        ["data", "vbpmeasure.runs.spread.codec:to_bytes", [["value", 1]]],
        ["enum", "vbpmeasure.plan.measures:calendar_year", "x"],
        ["call", "vbpmeasure.plan.measures:Period", []],
    ],
)
def test_nothing_but_plain_values_of_ours_is_made(node: list[object]) -> None:
    with pytest.raises(ValueError, match=r"class|value of ours"):
        codec.from_bytes(orjson.dumps([[node], {"@": 0}]))


def test_what_has_no_form_is_refused() -> None:
    for value in (object(), dt.timedelta(1), pl.DataFrame()):
        with pytest.raises(TypeError, match="cannot be sent"):
            codec.to_bytes(value)


def test_a_frame_without_some_columns_has_them_by_name_and_refuses_to_read_them() -> None:
    rows = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [1.0, 2.0, 3.0]})
    some = partly(rows.select("a", "b"), rows.schema)
    assert some.collect_schema() == rows.schema
    assert some.filter(pl.col("b") != "y").select("a").collect()["a"].to_list() == [1, 3]
    with pytest.raises((*library_errors(), RuntimeError)):
        some.select("c").collect()
