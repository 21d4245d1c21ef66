"""Who moved between two runs: from the person-level rows of both. The table identifies persons."""

from __future__ import annotations

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.runs.person_rows import person_rows, pseudonym_key
from vbpmeasure.runs.reading import RunResults

_KEYS = ("measure", "rate", "unit_id")
OUTSIDE, EXCLUDED, OPEN, MET = "not_in_population", "excluded", "open", "met"
MOVED_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("measure", "rate", "person_id", "unit_id"), pl.String),
        "index_date": pl.Date,
        **dict.fromkeys(("before", "after", "moved", "exclusion_before", "exclusion_after"), pl.String),
        **dict.fromkeys(("evidence_before", "evidence_after"), pl.Date),
    }
)


def moved_persons(old: RunResults, new: RunResults) -> pl.DataFrame:
    """Return one row per rate and unit that stands elsewhere than before (``MOVED_SCHEMA``).

    Units are children, or index events (`unit_id` is the child's id with the index date). ``before`` and ``after`` are
    not_in_population, excluded, open or met; ``moved`` says what it means for the rate. Sorted by measure and rate as
    the new run has them, then by person. Raises ``Failure`` as `person_rows`, and VBM565 when one run names people by
    ids or pseudonyms that the other does not have.
    """
    if pseudonym_key(old) != pseudonym_key(new):
        hint = "run one of them again, with the same key for both"
        raise Failure(
            Diagnostic("VBM565", "the two runs name people in different ways", where=str(new.folder), hint=hint)
        )
    one, two = _states(person_rows(old), "before"), _states(person_rows(new), "after")
    # Only rates of both runs: in the others everybody moved.
    rates = [(rate.measure, rate.rate) for rate in new.rates]
    common = pl.DataFrame(
        [(m, r, place) for place, (m, r) in enumerate(rates) if (m, r) in {(o.measure, o.rate) for o in old.rates}],
        schema={"measure": pl.String, "rate": pl.String, "place": pl.UInt32},
        orient="row",
    )
    both = one.join(two, on=_KEYS, how="full", coalesce=True).join(common, on=["measure", "rate"], how="inner")
    before, after = pl.col("before").fill_null(OUTSIDE), pl.col("after").fill_null(OUTSIDE)
    return (
        both.with_columns(
            before,
            after,
            pl.coalesce("person_id_before", "person_id_after").alias("person_id"),
            pl.coalesce("index_date_before", "index_date_after").alias("index_date"),
        )
        .filter(pl.col("before") != pl.col("after"))
        .with_columns(_meaning().alias("moved"))
        .sort("place", "person_id", "unit_id")
        .select(pl.col(name).cast(kind) for name, kind in MOVED_SCHEMA.items())
    )


def _states(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return each unit in the population of a rate with where it stands, columns marked with the side."""
    state = (
        pl.when(pl.col("exclusion").is_not_null())
        .then(pl.lit(EXCLUDED))
        .when("numerator")
        .then(pl.lit(MET))
        .otherwise(pl.lit(OPEN))
    )
    return rows.filter("population").select(
        *("measure", "rate"),
        pl.col("unit_id").cast(pl.String),
        pl.col("person_id").cast(pl.String).alias(f"person_id_{side}"),
        pl.col("index_date").alias(f"index_date_{side}"),
        state.alias(side),
        pl.col("exclusion").alias(f"exclusion_{side}"),
        pl.col("evidence_date").alias(f"evidence_{side}"),
    )


def _meaning() -> pl.Expr:
    counted = [OPEN, MET]
    was, is_now = pl.col("before").is_in(counted), pl.col("after").is_in(counted)
    return (
        pl.when(~was & is_now)
        .then(pl.lit("entered the denominator"))
        .when(was & ~is_now)
        .then(pl.lit("left the denominator"))
        .when(~was & ~is_now)
        .then(pl.lit("neither time in the denominator"))
        .when(pl.col("after") == MET)
        .then(pl.lit("entered the numerator"))
        .otherwise(pl.lit("left the numerator"))
    )
