"""Pseudonyms: keyed digests in the place of the ids of people, the same for the same key and never reversible without.

A pseudonym is HMAC-SHA256 of the person id (its text, UTF-8) under the key, in hexadecimal: who has the key and the ids
can make the same with any tool. The key is read when it is needed and written nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.errors import guarded
from vbpmeasure.diagnostics.model import Diagnostic, Failure

METHOD = "HMAC-SHA256"
OPTION = "--pseudonymize"
KIND, KEY_CHECK = "pseudonyms", "pseudonym_key_check"
SHORTEST, LARGEST = 32, 4096  # bytes; the output of SHA-256 has 32, and a shorter key is easier to guess than it
_FEWEST_KINDS = 8
_VARIABLE = "env:"
_SHAPE = re.compile(r"[0-9a-f]{64}")
# Tells two keys apart without telling either: what is said of the key in files that hold pseudonyms.
_CHECK = b"vbpmeasure: which key is it"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms under one key."""

    _key: bytes = field(repr=False)

    def of(self, person_id: object) -> str:
        """Return the pseudonym of a person: 64 hexadecimal digits."""
        return hmac.new(self._key, str(person_id).encode(), hashlib.sha256).hexdigest()

    @property
    def key_check(self) -> str:
        """A word that is the same for the same key, and says nothing else about it."""
        return hmac.new(self._key, _CHECK, hashlib.sha256).hexdigest()[:16]

    @property
    def words(self) -> dict[str, str]:
        """What a file says that holds pseudonyms."""
        return {KIND: METHOD, KEY_CHECK: self.key_check}

    def of_series(self, ids: pl.Series) -> pl.Series:
        """Return the pseudonyms of a column of ids, text whatever the ids are; null stays null."""
        distinct = ids.unique().drop_nulls()
        made = pl.Series([self.of(one) for one in distinct.to_list()], dtype=pl.String)
        return ids.replace_strict(distinct, made, default=None, return_dtype=pl.String)

    def of_rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return a person-level table under pseudonyms: ``person_id`` and, where it is there, ``unit_id``.

        Within a rate the rows are sorted again: the order of the ids would tell of them.
        """
        names = self.of_series(rows["person_id"])
        if "unit_id" in rows.columns:
            # The unit of an index event is the id with the day after it.
            day = rows["index_date"].dt.to_string("%Y-%m-%d")
            rows = rows.with_columns(
                pl.when(day.is_null()).then(names).otherwise(pl.concat_str(names, pl.lit("@"), day)).alias("unit_id")
            )
        keys = ("measure", "rate")
        numbered = rows.with_columns(names.alias("person_id"), pl.struct(keys).rle_id().alias("_rate"))
        return numbered.sort("_rate", "person_id", "index_date", nulls_last=False).drop("_rate")

    def find(self, bound: BoundData, pseudonym: str) -> str:
        """Return the id of the person with a pseudonym; what is no pseudonym is taken for an id itself.

        Raises :class:`Failure` VBM320 when nobody has the pseudonym.
        """
        if _SHAPE.fullmatch(pseudonym) is None:
            return pseudonym
        with guarded(bound.tables):
            ids = bound.tables["eligibility"].frame.select(pl.col("person_id").unique()).collect().to_series()
        for one in ids.drop_nulls().to_list():
            if hmac.compare_digest(self.of(one), pseudonym):
                return str(one)
        raise Failure(
            Diagnostic(
                "VBM320",
                "no eligibility row has a person id with that pseudonym",
                where="eligibility.person_id",
                hint="it may be one of another key, or of other data",
            )
        )


def pseudonyms(said: str | None) -> Pseudonyms | None:
    """Return the pseudonyms under the key of a file, or of a variable (``env:NAME``); None when nothing was said.

    White space around the key does not count. Raises :class:`Failure` VBM489 when there is no such key, when it is too
    short or too plain, and when others than its owner may read the file.
    """
    if said is None:
        return None
    key = _of_variable(said.removeprefix(_VARIABLE)) if said.startswith(_VARIABLE) else _of_file(Path(said))
    key = key.strip()
    if len(key) < SHORTEST or len(set(key)) < _FEWEST_KINDS:
        raise _refused(
            f"the key is too short or too plain: {SHORTEST} bytes or more are needed",
            "make one with `openssl rand -hex 32`",
        )
    return Pseudonyms(key)


def _of_variable(name: str) -> bytes:
    value = os.environ.get(name)
    if not value:
        raise _refused(f"the environment variable {name} is not set", "set it to the key")
    return os.fsencode(value)


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _refused("the key is no plain file", "name a file that holds the key", path)
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise _refused(
                    "others may read the file of the key", "chmod 600 it; if others did, make a new key", path
                )
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _refused(f"the key cannot be read: {reason}", "name a file, or `env:NAME` for a variable", path) from None
    if len(content) > LARGEST:
        raise _refused("the file is too large for a key", "name the file that holds the key alone", path)
    return content


def _refused(message: str, hint: str, path: Path | None = None) -> Failure:
    return Failure(Diagnostic("VBM489", message, where=OPTION if path is None else str(path), hint=hint))
