"""What became of the gaps between groups from one period to the next."""

from __future__ import annotations

import polars as pl

from vbpmeasure.diagnostics import Failure
from vbpmeasure.equity.analysis.analyze import analyze
from vbpmeasure.equity.analysis.trend import TREND_SCHEMA
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.runs.reading import RunResults

GAP_SCHEMA = TREND_SCHEMA
_NOTHING_TO_COMPARE = "VBM482"


def gap_changes(old: RunResults, new: RunResults) -> pl.DataFrame:
    """Return one row per rate, dimension and group that is compared now (``GAP_SCHEMA``; numbers are shares).

    The reference is the best group with 100 members or more of the new run, in both runs. Groups that either run hides
    have a reason instead of numbers. There are no rows when the new run has no groups of people.
    """
    lower = {(rate.measure, rate.rate) for rate in new.rates if rate.lower_is_better}
    try:
        tables = analyze(new.results, lower, EquitySettings(), previous=old.results)
    except Failure as failure:
        if any(d.code != _NOTHING_TO_COMPARE for d in failure.diagnostics):
            raise
        return pl.DataFrame(schema=GAP_SCHEMA)
    return tables.trend if tables.trend is not None else pl.DataFrame(schema=GAP_SCHEMA)
