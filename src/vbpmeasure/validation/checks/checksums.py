"""Checksums: page checksums inside Parquet files, and a SHA256SUMS file beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.remote.store import File, RemotePath
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Status, Thresholds
from vbpmeasure.validation.words import count

SUMS = "SHA256SUMS"
_LINE = re.compile(r"\\?([0-9a-fA-F]{64}) [ *](.+)")
_CHUNK = 1 << 20


class Pages:
    """Data pages that do not match their own checksum, or cannot be decoded."""

    info: ClassVar = CheckInfo(
        "VBC901",
        "page_checksum",
        "Data pages match their checksums",
        "With --checksums every page of every file is decoded once more by a reader that verifies page checksums "
        "where the writer left them (PyArrow's write_page_checksum, Spark 3.4 and later; Polars writes none). Without "
        "them only damage that breaks the decoding is found, and a flipped bit mostly does not break it.",
        "Write the file again from its source. Write page checksums, or keep a SHA256SUMS file.",
        thresholds=Thresholds(warn=None, fail=0.0),
        of="files",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table."""
        return tuple(TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Need --checksums."""
        return None if questions.ground.checksums else "not asked for: --checksums"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many files are damaged."""
        files = questions.ground.table(table).files
        damaged = [file for file in files if not pages_sound(file)]
        if damaged:
            text = f"VBM340: {count(len(damaged), 'file')} with damaged pages, first {damaged[0].name}"
            yield Outcome(text, len(files), len(damaged), code="VBM340")
        else:
            yield Outcome("every page could be decoded, and matches its checksum where it has one", rows=len(files))


def pages_sound(file: File) -> bool:
    """Return whether every page of a Parquet file can be decoded and matches its checksum, where it has one."""
    try:
        with _opened(file) as source, pq.ParquetFile(source, page_checksum_verification=True) as parquet:
            for batch in parquet.iter_batches(batch_size=1 << 16):
                batch.validate()
    except (pa.ArrowException, OSError, ValueError):
        return False
    return True


def _opened(file: File) -> AbstractContextManager[Any]:
    if isinstance(file, RemotePath):
        store = file.reached()
        return store.filesystem.open_input_file(store.key(str(file).partition("://")[2]))  # type: ignore[no-any-return]
    return file.open("rb")


class Sums:
    """Files that differ from SHA256SUMS."""

    info: ClassVar = CheckInfo(
        "VBC902",
        "sha256sums",
        "Files match SHA256SUMS",
        "With --checksums, and with a SHA256SUMS file in the data folder (as sha256sum writes it), every file that it "
        "names is digested and compared, and every input file must be named. This is the one check that sees every "
        "damage.",
        "Fetch the file that differs again. `sha256sum *.parquet > SHA256SUMS` writes such a file at the source.",
        thresholds=Thresholds(warn=None, fail=0.0),
        of="files",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at the tables whose files can be in the folder."""
        return tuple(TABLES)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Need --checksums and the file."""
        ground = questions.ground
        if not ground.checksums:
            return "not asked for: --checksums"
        return None if ground.root is not None and (ground.root / SUMS).is_file() else f"no {SUMS} in the data folder"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many files of the table differ or are not named."""
        root = questions.ground.root
        assert root is not None
        named = read_sums(root / SUMS)
        if named is None:
            yield Outcome(f"VBM343: {SUMS} cannot be read", 1, 1, code="VBM343", forced=Status.FAIL)
            return
        files = questions.ground.table(table).files
        absent = [f for f in files if _name(f, root) not in named]
        differing = [f for f in files if f not in absent and _digest(f) != named[_name(f, root)]]
        n = len(absent) + len(differing)
        if differing:
            text = f"VBM341: {count(len(differing), 'file differs', 'files differ')}, first {_name(differing[0], root)}"
            yield Outcome(text, len(files), n, code="VBM341")
        elif absent:
            text = f"VBM342: {count(len(absent), 'file')} not named in {SUMS}, first {_name(absent[0], root)}"
            yield Outcome(text, len(files), n, code="VBM342")
        else:
            yield Outcome("every file has the digest that is written down", rows=len(files))


def read_sums(file: Path) -> dict[str, str] | None:
    """Return digest by name of a file as sha256sum writes it; None when it is of another form."""
    try:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        return None
    matches = [_LINE.fullmatch(line) for line in lines]
    if not lines or any(m is None for m in matches):
        return None
    return {m[2].removeprefix("./"): m[1].lower() for m in matches if m is not None}


def _name(file: File, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def _digest(file: File) -> str | None:
    whole = hashlib.sha256()
    try:
        with _opened(file) as stream:
            while chunk := stream.read(_CHUNK):
                whole.update(chunk)
    except OSError:
        return None
    return whole.hexdigest()
