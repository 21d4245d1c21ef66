"""`--as-of-version`: which versions of Delta and Iceberg tables are read."""

from __future__ import annotations

from collections.abc import Iterable

from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.remote.access import Versions
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.suggest import suggestion_or_list

_MOST = 2**63


def versions(texts: Iterable[str]) -> Versions:
    """Return what ``TABLE=VERSION`` texts ask for; a number alone is for all tables.

    Raises ``Failure`` with one VBM411 for each text of another form, unknown table, or table named twice.
    """
    every: int | None = None
    tables: dict[str, int] = {}
    wrong: list[Diagnostic] = []
    for text in texts:
        name, equals, number = (part.strip() for part in text.rpartition("="))
        hint = "`--as-of-version medical_claim=3`, or `--as-of-version 3` for all tables"
        if not (number.isascii() and number.isdecimal()) or int(number) >= _MOST or (equals and not name):
            wrong.append(Diagnostic("VBM411", f"`--as-of-version {text}` is not of the form TABLE=VERSION", hint=hint))
        elif equals and name not in TABLES:
            hint = suggestion_or_list(name, TABLES, "tables") or hint
            wrong.append(Diagnostic("VBM411", f"`--as-of-version` names no table of the contract: `{name}`", hint=hint))
        elif name in tables or (not equals and every is not None):
            what = f"table {name}" if equals else "all tables"
            wrong.append(Diagnostic("VBM411", f"`--as-of-version` speaks twice of {what}", hint="say it once"))
        elif equals:
            tables[name] = int(number)
        else:
            every = int(number)
    if wrong:
        raise Failure(wrong)
    return Versions(every, tables)
