"""The gate, and what may be told besides the rates."""

import polars as pl
import pytest

from support.tables import rate_table, waterfalls
from vbpmeasure.diagnostics.codes import CODES
from vbpmeasure.results.disclosure.policy import INTERNAL, INTERNAL_BANNER, PUBLIC
from vbpmeasure.results.disclosure.published import RESULT_SCHEMA, WATERFALL_SCHEMA, PublishedTable
from vbpmeasure.results.remarks import strata_remarks


def publish(frame, policy=PUBLIC, **unmapped):
    return PublishedTable(rate_table(frame), policy, waterfalls(frame), unmapped)


def units(count):
    return [{"numerator": n % 2 == 0} for n in range(count)]


def test_schemas(make_frame):
    table = publish(make_frame(units(60)))
    assert table.results.schema == RESULT_SCHEMA
    assert table.waterfall.schema == WATERFALL_SCHEMA


def test_nothing_can_be_changed_or_recovered(make_frame):
    table = publish(make_frame(units(18)))
    with pytest.raises(AttributeError):
        table.results = pl.DataFrame()
    held = [getattr(table, name) for name in table.__slots__]
    frames = [value for value in held if isinstance(value, pl.DataFrame)]
    assert len(frames) == 2
    numbers = {v for frame in frames for row in frame.rows() for v in row if isinstance(v, int) and v > 7}
    assert 9 not in numbers  # the numerator, and the misses


@pytest.mark.parametrize(("people", "shown"), [(0, 0), (1, None), (10, None), (11, 11), (60, 60)])
def test_the_number_of_people(make_frame, people, shown):
    assert publish(make_frame(units(people))).people == shown


def test_banner(make_frame):
    frame = make_frame(units(3))
    assert publish(frame).banner is None
    assert publish(frame, INTERNAL).banner == INTERNAL_BANNER


def test_stand_alone_counts():
    assert [PUBLIC.shown(n) for n in (0, 1, 10, 11)] == [0, "1-10", "1-10", 11]
    assert [INTERNAL.shown(n) for n in (0, 1, 10)] == [0, 1, 10]


def test_remarks_have_codes_and_no_values(make_frame):
    table = publish(make_frame(units(60)), race=3, ethnicity=1200, sex=0)
    found = strata_remarks(table, absent=["plan"])
    assert [(r.code, r.severity) for r in found] == [
        ("VBM610", "warning"),
        ("VBM610", "warning"),
        ("VBM611", "warning"),
    ]
    assert found[0].message.startswith("1-10 people have an unknown race code")
    assert found[1].message.startswith("1,200 people have an unknown ethnicity code")
    assert all(r.code in CODES for r in found)
