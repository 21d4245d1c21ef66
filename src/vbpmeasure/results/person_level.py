"""The person-level table: the result frame with names. It identifies persons; it is written only when asked for."""

from __future__ import annotations

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.results.categories.strata import StrataSet
from vbpmeasure.results.frame import AMOUNT_SCHEMA, ResultFrame
from vbpmeasure.results.gaps import gap_status


def person_level(frame: ResultFrame, strata: StrataSet | None = None) -> pl.DataFrame:
    """Return one row per row of the frame (rate and unit), sorted by measure and rate as declared, person, index date.

    Columns: measure, rate, person_id (as in the input), unit_id (the person id, with the index date after an ``@``
    for index events), index_date, population, exclusion (the id of the first reason), numerator, evidence_date,
    evidence_sources (table names joined with ``+``), gap_status, ``part`` and ``whole`` when a rate has amounts, then
    one text column per dimension (the combination of a person where strata overlap).
    """
    rows = frame.rows.sort("rate", "person", "index_date", nulls_last=False)
    number, person = rows["rate"], rows["person"]
    person_id = frame.people["person_id"].gather(person)
    index_date = rows["index_date"]
    unit_id = person_id.cast(pl.String)
    if index_date.null_count() < rows.height:
        unit_id = pl.select(
            pl.when(index_date.is_null())
            .then(unit_id)
            .otherwise(pl.concat_str(unit_id, index_date.dt.to_string("%Y-%m-%d"), separator="@"))
        ).to_series()
    return pl.DataFrame(
        [
            _texts([r.measure for r in frame.rates], number).alias("measure"),
            _texts([r.rate for r in frame.rates], number).alias("rate"),
            person_id.alias("person_id"),
            unit_id.alias("unit_id"),
            index_date,
            rows["failed_step"].is_null().alias("population"),
            _exclusion_ids(frame, rows).alias("exclusion"),
            rows["numerator"],
            rows["evidence_date"],
            _source_names(rows["evidence_sources"]).alias("evidence_sources"),
            rows.select(gap_status(frame.rates).alias("gap_status")).to_series(),
            *(rows[name] for name in AMOUNT_SCHEMA.names() if name in rows.columns),
            *(
                _texts(one.disjoint_texts, one.ids.gather(person)).alias(one.name)
                for one in (strata.strata if strata is not None else ())
            ),
        ]
    )


def _texts(texts: list[str] | tuple[str, ...], positions: pl.Series) -> pl.Series:
    return pl.Series(texts, dtype=pl.String).gather(positions)


def _exclusion_ids(frame: ResultFrame, rows: pl.DataFrame) -> pl.Series:
    """Return the id of each row's exclusion: the position counts within the rate, so rates are laid end to end."""
    starts: list[int] = []
    ids: list[str] = []
    for rate in frame.rates:
        starts.append(len(ids))
        ids += [identifier for identifier, _ in rate.exclusions]
    start = pl.Series(starts, dtype=pl.UInt32).gather(rows["rate"])
    return _texts(ids or [""], start + rows["exclusion"])


def _source_names(bits: pl.Series) -> pl.Series:
    """Return the table names behind the bits, in the order of the contract, joined with ``+``; null stays null."""
    distinct = bits.unique().drop_nulls().to_list()
    names = ["+".join(t for i, t in enumerate(EVENT_TABLES) if value >> i & 1) for value in distinct]
    return bits.replace_strict(distinct, names, default=None, return_dtype=pl.String)
