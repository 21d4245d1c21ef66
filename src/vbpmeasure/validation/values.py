"""How often each value of a code column occurs: asked once, used by formats, unknown values and drift alike."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vbpmeasure.data.contract import (
    DIAGNOSIS_COLUMNS,
    EVENT_TABLES,
    MODIFIER_COLUMNS,
    PROCEDURE_COLUMNS,
    TABLES,
)
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.words import numbered


@dataclass(frozen=True, slots=True)
class Family:
    """Columns that carry codes of one kind.

    ``systems``: their code systems when no type column says otherwise. ``type_column`` names it row by row. ``pad`` is
    the width to which lost leading zeros are restored before the format is judged, as the engine does.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    systems: tuple[str, ...]
    type_column: str | None = None
    pad: int = 0

    @property
    def label(self) -> str:
        """The columns in short: ``diagnosis_code_1..8``."""
        return numbered(self.key, list(self.columns))


_CLAIM: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str | None, int], ...] = (
    ("hcpcs_code", ("hcpcs_code",), ("CPT", "HCPCS", "CDT"), None, 0),
    ("diagnosis_code", DIAGNOSIS_COLUMNS, ("ICD10CM",), "diagnosis_code_type", 0),
    ("procedure_code", PROCEDURE_COLUMNS, ("ICD10PCS",), "procedure_code_type", 0),
    ("hcpcs_modifier", MODIFIER_COLUMNS, ("MODIFIER",), None, 0),
    ("place_of_service_code", ("place_of_service_code",), ("POS",), None, 0),
    ("revenue_center_code", ("revenue_center_code",), ("UBREV",), None, 4),
    ("bill_type_code", ("bill_type_code",), ("UBTOB_PREFIX",), None, 4),
    ("discharge_disposition_code", ("discharge_disposition_code",), ("UBDISP",), None, 0),
    ("rendering_taxonomy", ("rendering_taxonomy",), ("NUCC",), None, 0),
    ("billing_taxonomy", ("billing_taxonomy",), ("NUCC",), None, 0),
)


def families(table: str, ground: Ground) -> tuple[Family, ...]:
    """Return the code columns of a bound table, by kind, as far as they are there."""
    found: list[Family] = []

    def add(key: str, columns: tuple[str, ...], systems: tuple[str, ...], kind: str | None, pad: int = 0) -> None:
        here = tuple(ground.present(table, columns))
        if here:
            found.append(Family(table, key, here, systems, kind if kind and ground.has(table, kind) else None, pad))

    if table == "medical_claim":
        for each in _CLAIM:
            add(*each)
    elif table == "practitioner":
        add("taxonomy_code", ("taxonomy_code",), ("NUCC",), None)
    elif table in EVENT_TABLES:
        for pair in TABLES[table].code_pairs:
            default = (pair.default_system,) if pair.default_system else ()
            add(pair.code_column, (pair.code_column,), default, pair.type_column)
    return tuple(found)


def ask_values(family: Family, questions: Questions) -> None:
    """Ask for one row per (type, code) of the family that is not null, with ``n``, the times it occurs."""
    kind = pl.lit(None, pl.String) if family.type_column is None else pl.col(family.type_column)
    # Columns are laid end to end without their nulls: five times faster than counting each with them.
    questions.frame(
        family.table,
        f"values:{family.key}",
        lambda rows: (
            pl.concat(
                [
                    rows.filter(pl.col(c).is_not_null()).select(pl.col(c).alias("code"), kind.alias("type"))
                    for c in family.columns
                ]
            )
            .group_by("code", *(["type"] if family.type_column else []))
            .agg(pl.len().alias("n"))
        ),
    )


def values(family: Family, questions: Questions) -> pl.DataFrame:
    """Return the counted codes of a family: columns type, code, n (`Unreadable` when the table is broken)."""
    found = questions.counted(family.table, f"values:{family.key}")
    if "type" not in found.columns:
        found = found.with_columns(pl.lit(None, pl.String).alias("type"))
    return found.select("type", "code", "n").sort("type", "code", nulls_last=False)


def ask_texts(table: str, column: str, questions: Questions) -> None:
    """Ask for one row per value of a text column, null included, with ``n``."""
    questions.frame(table, f"texts:{column}", lambda rows: rows.group_by(column).agg(pl.len().alias("n")))


def texts(table: str, column: str, questions: Questions) -> dict[str | None, int]:
    """Return how often each text of a column occurs; the key None counts the nulls."""
    return dict(questions.counted(table, f"texts:{column}").iter_rows())
