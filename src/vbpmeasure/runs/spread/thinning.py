"""What workers do with tables that only Spark reads: thin the rows and sort them by bucket, then judge each bucket.

Rows come in the columns and types of Spark and are bound to the contract as those of a file are. What goes on from
there are parts: the rows of one bucket in some rows of a table, in contract columns.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from vbpmeasure.data.bad_rows import Faults, faults_of, without_bad_rows
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.buckets.hashing import bucket_column
from vbpmeasure.data.contract import EVENT_TABLES, TABLES
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.footers import Footer
from vbpmeasure.data.found import Findings
from vbpmeasure.data.opened import Opened
from vbpmeasure.data.sources import as_table, bind_part
from vbpmeasure.data.types import contract_type
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.results.partial import wire
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.spread.frames import partly
from vbpmeasure.runs.spread.job import opened
from vbpmeasure.runs.spread.needed import needed_rows
from vbpmeasure.runs.spread.replies import answered, is_content
from vbpmeasure.runs.work import Work, measure_bucket

if TYPE_CHECKING:
    import pyarrow as pa

PACK, JUDGE = f"{__name__}:pack", f"{__name__}:judge"
PACK_FAULTS, COUNT_FAULTS = f"{__name__}:pack_faults", f"{__name__}:count_faults"

# The bucket, the table and rows of it.
Part = tuple[int, str, bytes]

_BUCKET = "bucket of the person"
_FAULTS = "eligibility"
_OFF = "off:"
# The texts of Polars types that contract columns have.
_TYPES: Mapping[str, pl.DataType] = {
    str(dtype): dtype for dtype in (pl.String(), pl.Int64(), pl.Date(), pl.Float64(), pl.Boolean())
}


@dataclass(frozen=True, slots=True)
class Thinned:
    """A table as it goes to the workers.

    ``schema``: all its contract columns with their types as texts; ``columns``: those that are sent.
    """

    schema: Mapping[str, str]
    columns: tuple[str, ...]

    @property
    def polars_schema(self) -> pl.Schema:
        """The contract columns with their types."""
        return pl.Schema({name: _TYPES[text] for name, text in self.schema.items()})


@dataclass(frozen=True, slots=True)
class Thinning:
    """What is done to tables of Spark. ``whole`` are tables that are about nobody, as Arrow files by name."""

    work: Work
    buckets: int
    tables: Mapping[str, Thinned]
    bad_rows: Mapping[str, int]
    whole: Mapping[str, bytes] = field(default_factory=dict)


def opened_rows(name: str, rows: pl.DataFrame, number: int | None = None) -> Opened:
    """Return rows of Spark as an opened source of a contract table; ``number`` of rows when it is not that of these."""
    place = Path(name)
    footer = Footer(place, rows.height if number is None else number, 0, rows.schema)
    return Opened(place, [footer], (), scanned=rows.lazy())


def bound_rows(name: str, rows: pl.DataFrame) -> BoundTable:
    """Bind some rows of a table, whose columns were judged before; raises ``Failure`` when one is off contract.

    A required column that stayed behind is there without a value.
    """
    findings = Findings()
    absent = [c for c in TABLES[name].columns if c.required and c.name not in {n.lower() for n in rows.columns}]
    whole = rows.with_columns(pl.lit(None, dtype=contract_type(c.kind)).alias(c.name) for c in absent)
    part = bind_part(TABLES[name], opened_rows(name, whole), None, findings)
    findings.raise_if_any()
    assert part is not None
    return as_table(TABLES[name], [part], findings)


def pack(common: bytes, name: str, rows: pa.Table) -> list[Part]:
    """Return the rows of a table that the program needs, as parts by bucket."""
    return _parts(name, lambda: _thin(*_known(common), name, rows))


def judge(common: bytes, parts: list[tuple[str, bytes]]) -> bytes:
    """Return the counts of one bucket, given all its parts; what `replies.read` reads."""
    return _failure_among(parts) or answered(lambda: _judged(*_known(common), parts))


def pack_faults(common: bytes, name: str, rows: pa.Table) -> list[Part]:
    """Return what the check of eligibility rows looks at, as parts by bucket; ``common`` is the number of buckets."""

    def found() -> dict[int, pl.DataFrame]:
        table = bound_rows(name, _polars(rows))
        assert table.audit is not None
        with guarded({name: table}):
            looked_at = table.audit.collect()
        return _by_bucket(looked_at, bucket_column(int(opened(common))))

    return _parts(name, found)


def count_faults(common: bytes, parts: list[tuple[str, bytes]]) -> bytes:
    """Return the faults of the eligibility rows of one bucket, and how many usable rows there are."""

    def found() -> bytes:
        opened(common)
        rows = _together([content for _, content in parts])
        plain = rows.lazy().select(c for c in rows.columns if not c.startswith(_OFF))
        table = BoundTable(_FAULTS, plain, frozenset(), (), rows.height, 0, audit=rows.lazy(), footers_tell=False)
        faults = faults_of(table)
        left = without_bad_rows(table, faults.rows).frame.select(pl.len()).collect().item()
        return codec.to_bytes(Checked(faults, left))

    return _failure_among(parts) or answered(found)


@dataclass(frozen=True, slots=True)
class Checked:
    """The faults of some eligibility rows, and how many are usable."""

    faults: Faults
    usable: int


@lru_cache(maxsize=2)
def _known(common: bytes) -> tuple[Thinning, Plans]:
    thinning: Thinning = opened(common)
    return thinning, Plans()


def _thin(thinning: Thinning, plans: Plans, name: str, rows: pa.Table) -> dict[int, pl.DataFrame]:
    thinned = thinning.tables[name]
    table = bound_rows(name, _polars(rows))
    frame = table.frame
    if name in EVENT_TABLES:
        schemas = {n: t.polars_schema for n, t in thinning.tables.items()}
        frame = frame.filter(pl.any_horizontal(needed_rows(thinning.work, schemas, plans)[name]))
    bucket = bucket_column(thinning.buckets)
    if name == "indicator":
        # The lines of others than persons are in the first bucket, as in a run on files.
        of_person = pl.col("entity_type") == "person"
        bucket = pl.when(of_person).then(bucket_column(thinning.buckets, "entity_id")).otherwise(0)
    with guarded({name: table}):
        kept = frame.with_columns(bucket.cast(pl.UInt32).alias(_BUCKET)).select(*thinned.columns, _BUCKET).collect()
    return _by_bucket(kept, pl.col(_BUCKET))


def _judged(thinning: Thinning, plans: Plans, parts: list[tuple[str, bytes]]) -> bytes:
    of_table: dict[str, list[bytes]] = {name: [] for name in thinning.tables}
    for name, content in parts:
        of_table[name].append(content)
    tables: dict[str, BoundTable] = {}
    for name, thinned in thinning.tables.items():
        schema = thinned.polars_schema
        sent = pl.Schema({column: schema[column] for column in thinned.columns})
        contents = [thinning.whole[name]] if name in thinning.whole else of_table[name]
        rows = pl.concat([sent.to_frame(), *(_read(content).select(sent.names()) for content in contents)])
        frame = partly(rows, schema)
        tables[name] = BoundTable(name, frame, frozenset(schema), (), rows.height, 0, footers_tell=False)
    tables["eligibility"] = without_bad_rows(tables["eligibility"], thinning.bad_rows)
    return wire.to_bytes(measure_bucket(thinning.work, BoundData(tables, bad_rows=thinning.bad_rows), plans))


def _polars(rows: pa.Table) -> pl.DataFrame:
    found = pl.from_arrow(rows)
    assert isinstance(found, pl.DataFrame)
    return found


def _by_bucket(rows: pl.DataFrame, bucket: pl.Expr) -> dict[int, pl.DataFrame]:
    parts = rows.with_columns(bucket.alias(_BUCKET)).partition_by(_BUCKET, as_dict=True, include_key=False)
    return {int(key[0]): part for key, part in parts.items()}


def _parts(name: str, make: Callable[[], dict[int, pl.DataFrame]]) -> list[Part]:
    """Return rows by bucket as parts; a failure goes on as the part of a table without a name."""
    found: list[Part] = []

    def made() -> bytes:
        found.extend((bucket, name, as_bytes(rows)) for bucket, rows in make().items())
        return b""

    answer = answered(made)
    return found if is_content(answer) else [(0, "", answer)]


def _failure_among(parts: list[tuple[str, bytes]]) -> bytes | None:
    return next((content for name, content in parts if not name), None)


def as_bytes(rows: pl.DataFrame) -> bytes:
    """Return rows as an Arrow file."""
    content = io.BytesIO()
    rows.rechunk().write_ipc(content, compression="zstd")
    return content.getvalue()


def _read(content: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(content))


def _together(contents: list[bytes]) -> pl.DataFrame:
    return pl.concat([_read(content) for content in contents])
