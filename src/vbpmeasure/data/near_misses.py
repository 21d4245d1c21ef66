"""What lies in a data folder for a table that is not there: a misspelled name, a date in it, another format.

Without a word a run would take such a table for one that nobody has, and its rates would lack the evidence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from pathlib import Path

from vbpmeasure.data.locate import PARQUET_SUFFIXES, entries_of, table_of

# Formats that hold tables; a README or a checksum beside a table is none of its rows.
_OTHER_FORMATS = ("csv", "tsv", "json", "ndjson", "jsonl", "xlsx", "orc", "feather", "arrow", "zip", "gz")
# The date or number of a delivery behind the name: `_2025-12-31`, `_part1`, `.v2`.
_DELIVERY = re.compile(r"[-_. ]*(part|v)?[-_]?\d[-_\d]*$")
# High enough to keep `practitioner_role` apart from `practitioner`.
_CLOSE = 0.85


def near_misses(root: Path, missing: Collection[str]) -> dict[str, str]:
    """Return the name of what seems to be meant for a table that is missing, by table; of several the first.

    Raises ``Failure`` VBM304 when the folder may not be read.
    """
    found: dict[str, str] = {}
    for entry in entries_of(root):
        if table_of(entry.name, folder=entry.is_dir) is None and _holds_a_table(entry):
            table = _meant(entry.name, missing)
            if table is not None:
                found.setdefault(table, entry.name)
    return found


def _holds_a_table(entry: Path) -> bool:
    name = entry.name.lower()
    return name.endswith(PARQUET_SUFFIXES) or name.rpartition(".")[2] in _OTHER_FORMATS or entry.is_dir()


def _meant(name: str, missing: Collection[str]) -> str | None:
    stem = _DELIVERY.sub("", name.lower().partition(".")[0]).replace("-", "_").replace(" ", "_")
    return next(iter(difflib.get_close_matches(stem, missing, n=1, cutoff=_CLOSE)), None)
