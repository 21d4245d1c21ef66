"""What later files need of earlier ones, in a small database beside the output: memory does not grow with the input."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE patient (id TEXT PRIMARY KEY, digest TEXT, birth TEXT, death TEXT, gender TEXT, race TEXT, ethnicity TEXT,
    language TEXT, zip TEXT, state TEXT) WITHOUT ROWID;
CREATE TABLE payer (id TEXT PRIMARY KEY, digest TEXT, name TEXT, ownership TEXT) WITHOUT ROWID;
CREATE TABLE provider (id TEXT PRIMARY KEY, digest TEXT, specialty TEXT, taxonomy TEXT) WITHOUT ROWID;
CREATE TABLE encounter (id TEXT PRIMARY KEY, digest TEXT, person TEXT, first TEXT, last TEXT, class TEXT, code TEXT,
    provider TEXT, payer TEXT, reason TEXT) WITHOUT ROWID;
CREATE TABLE claim (id TEXT PRIMARY KEY, digest TEXT, person TEXT, encounter TEXT, served TEXT, provider TEXT,
    payer TEXT, type TEXT, diagnoses TEXT) WITHOUT ROWID;
CREATE TABLE charge (claim TEXT, position INTEGER PRIMARY KEY, charge TEXT, code TEXT, first TEXT, last TEXT,
    provider TEXT);
CREATE TABLE payment (claim TEXT, charge TEXT, paid REAL, PRIMARY KEY (claim, charge)) WITHOUT ROWID;
CREATE TABLE snomed (code TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE covered (person TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_CACHED = 50_000


class Index:
    """The database of one conversion."""

    def __init__(self, path: Path) -> None:
        """Make an empty one at a path that does not exist yet, for its owner alone."""
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32000", "temp_store=FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self.get = lru_cache(_CACHED)(self._get)
        self.is_snomed = lru_cache(_CACHED)(self._is_snomed)

    def close(self) -> None:
        """Close and delete it."""
        self._db.close()
        self._path.unlink(missing_ok=True)

    def put(self, table: str, *values: object) -> bool:
        """Insert a row; False when its key is there already, and the first row stands."""
        marks = ", ".join("?" * len(values))
        done = self._db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608  our own names
        return done.rowcount == 1

    def pay(self, claim: str, charge: str, amount: float) -> None:
        """Add a payment to a charge of a claim."""
        self._db.execute(
            "INSERT INTO payment VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET paid = paid + excluded.paid",
            (claim, charge, amount),
        )

    def ready(self) -> None:
        """Make the lines of a claim easy to find, after all of them are there."""
        self._db.execute("CREATE INDEX charge_claim ON charge (claim, position)")

    def lines(self, claim: str) -> list[sqlite3.Row]:
        """Return the charges of a claim with what was paid for each, in the order of the file."""
        query = """SELECT charge.*, payment.paid FROM charge LEFT JOIN payment USING (claim, charge)
            WHERE claim = ? ORDER BY position"""
        return self._db.execute(query, (claim,)).fetchall()

    def all(self, table: str) -> Iterator[sqlite3.Row]:
        """Yield all rows of a table with a key, by key."""
        yield from self._db.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608  our own names

    def without_claim(self) -> int:
        """Return how many charges belong to no claim."""
        return self._one("SELECT count(*) FROM charge WHERE claim NOT IN (SELECT id FROM claim)")

    def without_coverage(self) -> int:
        """Return how many patients have no span."""
        return self._one("SELECT count(*) FROM patient WHERE id NOT IN (SELECT person FROM covered)")

    def _get(self, table: str, id_: str) -> sqlite3.Row | None:
        found = self._db.execute(f"SELECT * FROM {table} WHERE id = ?", (id_,)).fetchone()  # noqa: S608  our own names
        return found if isinstance(found, sqlite3.Row) else None

    def _is_snomed(self, code: str) -> bool:
        return bool(self._one("SELECT count(*) FROM snomed WHERE code = ?", code))

    def _one(self, query: str, *values: Any) -> int:
        return int(self._db.execute(query, values).fetchone()[0])
