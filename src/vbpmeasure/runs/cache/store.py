"""The cache folder: one file of counts for each measure and all that decides them, for its owner alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.data.buckets.writing import put
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.partial.wire import from_bytes, to_bytes

_NAME = re.compile(r"[0-9a-f]{64}\.counts")


def default_folder() -> Path:
    """Return the user's cache folder: ``$XDG_CACHE_HOME/vbpmeasure``, else ``~/.cache/vbpmeasure``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "vbpmeasure"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in a cache folder: files and bytes."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class CountCache:
    """Counts by key below one folder. They are whole numbers of strata, small ones too, and no rows of persons."""

    folder: Path

    def get(self, key: str) -> Partial | None:
        """Return the counts of a key; None when there are none, or they cannot be read whole."""
        try:
            content = self._path(key).read_bytes()
            digest, body = content[:32], content[32:]
            if hashlib.sha256(body).digest() != digest:
                return None
            return from_bytes(body)
        except (OSError, ValueError):
            return None

    def keep(self, key: str, counts: Partial) -> None:
        """Keep the counts of a key. Raises `Failure` (VBM502, VBM506, VBM507) when the folder cannot be written."""
        body = to_bytes(counts)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            put(self._path(key), hashlib.sha256(body).digest() + body)
        except OSError as error:
            raise output_failure(error, self.folder, "--cache-dir") from None

    def kept(self) -> Kept:
        """Return what is there."""
        sizes = []
        for file in self._files():
            with contextlib.suppress(OSError):
                sizes.append(file.stat().st_size)
        return Kept(len(sizes), sum(sizes))

    def clear(self) -> Kept:
        """Remove what this cache wrote, and nothing else; return what was removed. Raises `Failure` VBM502, VBM507."""
        before = self.kept()
        try:
            for file in self._files():
                file.unlink(missing_ok=True)
        except OSError as error:
            raise output_failure(error, self.folder, "--cache-dir") from None
        return before

    def _files(self) -> list[Path]:
        try:
            return sorted(file for file in self.folder.iterdir() if _NAME.fullmatch(file.name))
        except OSError:
            return []

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.counts"
