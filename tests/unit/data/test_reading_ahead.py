"""Files on this machine are read ahead by one row group for each thread, others and a user's own wish as ever."""

from __future__ import annotations

import os
from dataclasses import replace

import polars as pl
import pytest

from support.commands import DataFolder
from vbpmeasure.data.binding import bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.reading_ahead import short_reading_ahead
from vbpmeasure.data.remote.store import RemotePath

VARIABLE = "POLARS_ROW_GROUP_PREFETCH_SIZE"


@pytest.fixture
def bound(small_data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> BoundData:
    monkeypatch.delenv(VARIABLE, raising=False)
    return bind(small_data.path)


def within(bound: BoundData) -> str | None:
    with short_reading_ahead(bound):
        return os.environ.get(VARIABLE)


def test_files_of_this_machine_are_read_ahead_by_one_for_each_thread(bound: BoundData) -> None:
    assert within(bound) == str(pl.thread_pool_size())
    assert VARIABLE not in os.environ


def test_an_error_does_not_leave_the_setting_behind(bound: BoundData) -> None:
    with pytest.raises(ZeroDivisionError), short_reading_ahead(bound):
        _ = 1 / 0
    assert VARIABLE not in os.environ


def test_what_the_user_set_stays(bound: BoundData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "64")
    assert within(bound) == "64"
    assert os.environ[VARIABLE] == "64"


def test_where_one_table_is_far_away_the_reader_decides(bound: BoundData) -> None:
    far = replace(bound.tables["eligibility"], files=(RemotePath("s3://bucket/eligibility.parquet"),))
    assert within(replace(bound, tables={**bound.tables, "eligibility": far})) is None
