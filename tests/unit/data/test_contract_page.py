"""The tables on the documentation page are those of the contract."""

from __future__ import annotations

import re
from pathlib import Path

from vbpmeasure.data.contract import TABLES, Table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "data-contract.md"
PART = re.compile(r"(<!-- tables: begin[^\n]*-->\n)(.*?)(<!-- tables: end -->)", re.DOTALL)


def folded(names: list[str]) -> list[str]:
    """Write runs of numbered columns as one: ``diagnosis_code_1..25``."""
    out: list[str] = []
    for name in names:
        stem, _, number = name.rpartition("_")
        if number.isdecimal() and int(number) > 1:
            out[-1] = f"{stem}_1..{number}"
        else:
            out.append(name)
    return out


def described(table: Table) -> str:
    required = [c.name for c in table.columns if c.required]
    optional = folded([c.name for c in table.columns if not c.required])
    cells = [f"**{name}**" for name in required] + optional
    return f"| `{table.name}` | {', '.join(cells)} |"


def test_the_page_lists_every_table_and_column() -> None:
    found = PART.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    expected = ["| table | columns |", "|---|---|", *(described(t) for t in TABLES.values())]
    assert found.group(2).splitlines() == expected
