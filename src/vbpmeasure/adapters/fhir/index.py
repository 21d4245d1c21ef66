"""What the second pass must know beforehand: people, providers, encounters, diagnoses, answered claims. On disk."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_SCHEMA = """
CREATE TABLE patient (id TEXT PRIMARY KEY, birth TEXT, gender TEXT, death TEXT, race TEXT, ethnicity TEXT,
    language TEXT, zip TEXT, state TEXT) WITHOUT ROWID;
CREATE TABLE provider (id TEXT, type TEXT, npi TEXT, name TEXT, specialty TEXT, taxonomies TEXT, PRIMARY KEY (id, type))
    WITHOUT ROWID;
CREATE TABLE role (id TEXT PRIMARY KEY, practitioner TEXT, specialty TEXT, taxonomies TEXT) WITHOUT ROWID;
CREATE TABLE encounter (id TEXT PRIMARY KEY, first TEXT, last TEXT, class TEXT, practitioner TEXT) WITHOUT ROWID;
CREATE TABLE coded (id TEXT PRIMARY KEY, codes TEXT) WITHOUT ROWID;
CREATE TABLE answered (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE asked (id TEXT PRIMARY KEY, parts TEXT) WITHOUT ROWID;
CREATE TABLE identifier (type TEXT, key TEXT, id TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID;
CREATE TABLE coverage (id TEXT PRIMARY KEY, payer TEXT, organization TEXT) WITHOUT ROWID;
CREATE TABLE spell (person TEXT, first TEXT, last TEXT, payer TEXT, payer_type TEXT, plan TEXT,
    subscriber TEXT, member TEXT);
"""
_CACHED = 50_000


class Provider(NamedTuple):
    """A practitioner or an organization: NPI, name of an organization, specialty in words, taxonomy codes."""

    npi: str | None
    name: str | None
    specialty: str | None
    taxonomies: tuple[str, ...]


class Stay(NamedTuple):
    """An encounter: first and last day, class code, id of its main practitioner."""

    first: dt.date | None
    last: dt.date | None
    class_code: str | None
    practitioner: str | None


class Index:
    """A small database in a folder of its owner; memory does not grow with the input."""

    def __init__(self, path: Path) -> None:
        """Make an empty index at a path that does not exist yet."""
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32000", "temp_store=MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self.birth_date = lru_cache(_CACHED)(self._birth_date)
        self.has_patient = lru_cache(_CACHED)(self._has_patient)
        self.provider = lru_cache(_CACHED)(self._provider)
        self.stay = lru_cache(_CACHED)(self._stay)

    def close(self) -> None:
        """Close and delete it."""
        self._db.close()
        self._path.unlink(missing_ok=True)

    def put(self, table: str, *values: object) -> None:
        """Insert a row; the first row of a key stands."""
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", [_stored(v) for v in values])  # noqa: S608

    def finish_roles(self) -> None:
        """Give practitioners the taxonomies and specialties of their roles; to be called between the passes."""
        rows = self._db.execute("SELECT practitioner, specialty, taxonomies FROM role ORDER BY id").fetchall()
        for practitioner, specialty, taxonomies in rows:
            id_ = self.settled("Practitioner", practitioner)
            known = self._provider("Practitioner", id_) if id_ else None
            if id_ is None or known is None:
                continue
            self._db.execute("UPDATE role SET practitioner = ? WHERE practitioner = ?", (id_, practitioner))
            merged = dict.fromkeys((*known.taxonomies, *_split(taxonomies)))
            self._db.execute(
                "UPDATE provider SET specialty = coalesce(specialty, ?), taxonomies = ? WHERE id = ? AND type = ?",
                (specialty, " ".join(merged), id_, "Practitioner"),
            )
        for cached in (self.birth_date, self.has_patient, self.provider, self.stay):
            cached.cache_clear()  # what was not there yet may be there now

    def settled(self, type_: str, pending: str | None) -> str | None:
        """Return the id behind what `references.pending` gave."""
        if pending is not None and pending.startswith("?"):
            return self.by_identifier(type_, pending[1:])
        return pending

    def by_identifier(self, type_: str, key: str) -> str | None:
        """Return the id of the resource of a type that has the identifier ``system|value`` (or any of that value)."""
        return self._text("SELECT id FROM identifier WHERE type = ? AND key = ?", type_, key)

    def practitioner_of_role(self, role: str) -> str | None:
        """Return the id of the practitioner of a PractitionerRole."""
        return self._text("SELECT practitioner FROM role WHERE id = ?", role)

    def payer_of(self, coverage: str) -> str | None:
        """Return the name of the payer of a Coverage."""
        row = self._db.execute("SELECT payer, organization FROM coverage WHERE id = ?", (coverage,)).fetchone()
        if row is None or row[0] is not None:
            return row[0] if row else None
        id_ = self.settled("Organization", row[1])
        known = self.provider("Organization", id_) if id_ else None
        return known.name if known else None

    def codes_of(self, id_: str) -> str | None:
        """Return the stored codes of a Condition or Medication."""
        return self._text("SELECT codes FROM coded WHERE id = ?", id_)

    def asked_of(self, claim: str) -> str | None:
        """Return the stored parts of a Claim."""
        return self._text("SELECT parts FROM asked WHERE id = ?", claim)

    def is_answered(self, claim: str) -> bool:
        """Return whether an ExplanationOfBenefit refers to the Claim."""
        return self._text("SELECT id FROM answered WHERE id = ?", claim) is not None

    def practitioners(self) -> Iterator[tuple[str, Provider]]:
        """Yield all practitioners by id."""
        rows = self._db.execute(
            "SELECT id, npi, name, specialty, taxonomies FROM provider WHERE type = 'Practitioner' ORDER BY id"
        )
        for id_, npi, name, specialty, taxonomies in rows:
            yield id_, Provider(npi, name, specialty, _split(taxonomies))

    def spans(self) -> Iterator[dict[str, Any]]:
        """Yield the spells with the person's attributes, by person and start."""
        self._db.row_factory = sqlite3.Row
        rows = self._db.execute(
            "SELECT spell.*, patient.* FROM spell JOIN patient ON patient.id = person WHERE birth IS NOT NULL "
            "ORDER BY person, first, last IS NULL, last, spell.rowid"
        )
        for row in rows:
            yield dict(row)
        self._db.row_factory = None

    def people_without_spans(self) -> int:
        """Return how many patients have a birth date and no spell."""
        query = "SELECT count(*) FROM patient WHERE birth IS NOT NULL AND id NOT IN (SELECT person FROM spell)"
        return int(self._db.execute(query).fetchone()[0])

    def _birth_date(self, person: str) -> dt.date | None:
        return _date(self._text("SELECT birth FROM patient WHERE id = ?", person))

    def _has_patient(self, person: str) -> bool:
        return self._text("SELECT id FROM patient WHERE id = ?", person) is not None

    def _provider(self, type_: str, id_: str) -> Provider | None:
        query = "SELECT npi, name, specialty, taxonomies FROM provider WHERE id = ? AND type = ?"
        row = self._db.execute(query, (id_, type_)).fetchone()
        return Provider(row[0], row[1], row[2], _split(row[3])) if row else None

    def _stay(self, id_: str) -> Stay | None:
        query = "SELECT first, last, class, practitioner FROM encounter WHERE id = ?"
        row = self._db.execute(query, (id_,)).fetchone()
        if row is None:
            return None
        practitioner = self.settled("Practitioner", row[3])
        if practitioner is not None and (behind := self.practitioner_of_role(practitioner)) is not None:
            practitioner = behind
        return Stay(_date(row[0]), _date(row[1]), row[2], practitioner)

    def _text(self, query: str, *values: str) -> str | None:
        row = self._db.execute(query, values).fetchone()
        return row[0] if row else None


def _stored(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Iterable):
        return " ".join(value)
    return value


def _split(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split())


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
