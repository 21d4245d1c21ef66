"""The profile of the data: the aggregates that a later run compares with. No count from 1 to 10 is in it."""

from __future__ import annotations

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.validation import months
from vbpmeasure.validation.cells import shown
from vbpmeasure.validation.checks.codes import CODED, well_formed
from vbpmeasure.validation.checks.nulls import null_columns
from vbpmeasure.validation.ground import Ground, Questions, Unreadable
from vbpmeasure.validation.judge import SMALL
from vbpmeasure.validation.values import Family, ask_values, families, values

TOP = 60
OTHER = "other"


def ask_profile(questions: Questions) -> None:
    """Ask for what the profile holds, beyond what checks ask anyway."""
    ground = questions.ground
    for table in ground.bound.tables:
        if table in EVENT_TABLES and ground.day(table) is not None:
            months.ask_days(table, questions)
        for family in families(table, ground) if table in CODED else ():
            ask_values(family, questions)


def build_profile(questions: Questions) -> dict[str, object]:
    """Return, by readable table: ``rows``, ``months`` (name to rows), ``nulls`` (column to share), ``codes``.

    ``codes`` maps code columns to the share of their most frequent codes and of the rest. A code that is not of
    the form of its system is never named: an id in the wrong column would be published otherwise.
    """
    found: dict[str, object] = {}
    for table in questions.ground.bound.tables:
        try:
            found[table] = _table(table, questions)
        except Unreadable:
            continue
    return found


def _table(table: str, questions: Questions) -> dict[str, object]:
    ground = questions.ground
    questions.need(table)
    part: dict[str, object] = {"rows": ground.table(table).rows}
    if table in EVENT_TABLES and ground.day(table) is not None:
        total = months.total_by_month(months.month_counts(table, questions))
        part["months"] = {months.name(m): n for m, n in shown(total).items()}
    nulls = null_shares(table, ground, questions)
    if nulls:
        part["nulls"] = nulls
    if table in CODED:
        codes = {f.key: shares for f in families(table, ground) if (shares := _codes(f, questions))}
        if codes:
            part["codes"] = codes
    return part


def null_shares(table: str, ground: Ground, questions: Questions) -> dict[str, float | None]:
    """Return the share of nulls by column, three digits; None where 1 to 10 rows are null or are not."""
    rows, shares = ground.table(table).rows, {}
    for column in null_columns(table, ground) if rows else ():
        try:
            n = questions.number(table, f"null:{column}")
        except KeyError:
            continue
        small = 0 < n < SMALL or 0 < rows - n < SMALL
        shares[column] = None if small else round(n / rows, 3)
    return shares


def _codes(family: Family, questions: Questions) -> dict[str, float]:
    counted = values(family, questions)
    total = int(counted["n"].sum())
    by_code: dict[str, int] = {}
    for kind, code, n in counted.iter_rows():
        if well_formed(family, kind, code):
            by_code[code] = by_code.get(code, 0) + n
    top = sorted(((n, code) for code, n in by_code.items() if n >= SMALL), key=lambda item: (-item[0], item[1]))[:TOP]
    # The rest follows from the total: it must not be small either.
    while top and 0 < total - sum(n for n, _ in top) < SMALL:
        top.pop()
    if not top:
        return {}
    shares = {code: round(n / total, 5) for n, code in top}
    return {**shares, OTHER: round((total - sum(n for n, _ in top)) / total, 5)}
