"""How much is known of the people, and from whom: the run's table of completeness, by what it is about."""

from __future__ import annotations

import polars as pl

from vbpmeasure.report.numbers import NOTHING, one, whole
from vbpmeasure.report.pages.common import Material, Table, TableRow

# What the table is about, in the order of reading.
_SCOPES = {
    "people": "All people",
    "payer": "By payer",
    "organization": "By organization",
    "practice": "By practice",
    "provider": "By provider",
    "measure": "By denominator of a rate",
    "month": "By month",
}
_NAMES = ("scope", "measure", "rate", "group", "field")
# A table of more rows is for a spreadsheet: the run folder has it whole.
_MOST_ROWS = 300


def completeness_tables(material: Material) -> tuple[Table, ...]:
    """Return the completeness of race, ethnicity, language ... as the run wrote it, one table for each scope.

    None when the run wrote no such table, or one without a column of texts ``scope``; rows without one are left out.
    """
    found = material.now.run.completeness
    if found is None or found.schema.get("scope") != pl.String:
        return ()
    found = found.drop_nulls("scope")
    scopes = sorted(
        found["scope"].unique().to_list(),
        key=lambda name: (name not in _SCOPES, list(_SCOPES).index(name) if name in _SCOPES else 0, name),
    )
    return tuple(_table(material, found.filter(pl.col("scope") == scope), scope) for scope in scopes)


def _table(material: Material, own: pl.DataFrame, scope: str) -> Table:
    names = [
        name for name in _NAMES[1:] if name in own.columns and own[name].cast(pl.String).fill_null("").ne("").any()
    ]
    numbers = [name for name in own.columns if name not in (*_NAMES, "status")]
    rows: tuple[TableRow, ...] = tuple(
        (
            *(str(row[name] or "") for name in names),
            *(_number(row[name], str(row.get("status") or "")) for name in numbers),
        )
        for row in own.head(_MOST_ROWS).iter_rows(named=True)
    )
    cut = f" The first {_MOST_ROWS} of {own.height:,} rows; the run folder has all." if own.height > _MOST_ROWS else ""
    title = _SCOPES.get(scope, scope)
    heads = tuple(name.replace("percent_", "% ").replace("_", " ").capitalize() for name in (*names, *numbers))
    hidden = "status" in own.columns and own["status"].cast(pl.String).fill_null("").str.starts_with("SUPPRESSED").all()
    nothing = hidden and all(own[name].null_count() == own.height for name in numbers)
    return Table(
        f"{title}: how many answers there are, by source.{cut}",
        heads,
        rows,
        words=len(names),
        sortable=True,
        warning=material.hidden_words() if nothing else "",
    )


def _number(value: object, status: str) -> str:
    if value is None:
        return "hidden" if status.startswith("SUPPRESSED") else NOTHING
    return whole(value) if isinstance(value, int) else one(value) if isinstance(value, float) else str(value)
