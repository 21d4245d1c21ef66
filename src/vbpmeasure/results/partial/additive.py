"""Frames of whole numbers that add up: which columns name a row, and the sum of two such frames."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.results.amounts import SUM_SCHEMA
from vbpmeasure.results.completeness.counts import RATE_TOLD_SCHEMA, TOLD_SCHEMA
from vbpmeasure.results.knowledge import BEHIND_SCHEMA, LINK_SCHEMA
from vbpmeasure.results.persons import PERSON_SCHEMA
from vbpmeasure.results.rates import COUNT_SCHEMA
from vbpmeasure.results.supplemental import CHANGE_SCHEMA
from vbpmeasure.results.waterfall import PATH_SCHEMA, STAGE_SCHEMA

# How many people there are in each stratum, by dimension (0 is the total).
PRESENT_SCHEMA = pl.Schema({"dimension": pl.UInt16, "stratum": pl.UInt32, "people": pl.Int64})

_CELL = ("rate", "dimension", "stratum")

# Every frame of a partial result by name: its schema, and the columns that name a row. The others are added.
FRAMES: Mapping[str, tuple[pl.Schema, tuple[str, ...]]] = {
    "cells": (COUNT_SCHEMA, _CELL),
    "persons": (PERSON_SCHEMA, _CELL),
    "sums": (SUM_SCHEMA, _CELL),
    "stages": (STAGE_SCHEMA, ("rate", "failed_step", "exclusion", "numerator")),
    "paths": (PATH_SCHEMA, ("rate", "leaves")),
    "changes": (CHANGE_SCHEMA, _CELL),
    "behind": (BEHIND_SCHEMA, ("inner", "outer", "bit", "dimension", "stratum")),
    "told": (RATE_TOLD_SCHEMA, ("rate", "field", "answer")),
    "told_by_people": (TOLD_SCHEMA, ("scope", "group", "field", "answer")),
    "links": (LINK_SCHEMA, ("one", "stratum_of_one", "other", "stratum_of_other")),
    "present": (PRESENT_SCHEMA, ("dimension", "stratum")),
}


def added(name: str, *frames: pl.DataFrame) -> pl.DataFrame:
    """Return the sum of frames of one name: one row per row of any of them, sorted by the columns that name it."""
    schema, keys = FRAMES[name]
    together = pl.concat([pl.DataFrame(schema=schema), *(frame.select(schema.names()) for frame in frames)])
    numbers = [column for column in schema.names() if column not in keys]
    return together.group_by(keys).agg(pl.col(numbers).sum()).sort(keys).select(schema.names()).cast(schema)
