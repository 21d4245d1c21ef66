"""What an earlier, killed run left of the work on one table: used when it is whole, forgotten when it is not.

The work folder has no digests while a table is half done: a power cut, or somebody who tidies up, can leave files in
it that are short or of another make. Nothing of that is worth a question to the user, for all of it can be done again.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic import TypeAdapter

from vbpmeasure.data.bound import BoundTable
from vbpmeasure.data.buckets.chunks import Unfit
from vbpmeasure.data.buckets.layout import LaidFile
from vbpmeasure.data.buckets.record import LaidFileRecord
from vbpmeasure.data.errors import library_errors
from vbpmeasure.data.fingerprint import footer_digest
from vbpmeasure.spec.json_text import read_json

_RECORDS = TypeAdapter(list[LaidFileRecord])


def damaged() -> tuple[type[BaseException], ...]:
    """Return what reading the files of an earlier run can raise; of the input's files the same are failures by then."""
    return (*library_errors(), Unfit)


def recorded(record: Path, folder: Path, table: BoundTable, buckets: int) -> tuple[LaidFile, ...] | None:
    """Return the files of a table that was finished, None when its record cannot be used.

    The files have to be there as they were written, and to hold the rows of the table. Raises `OSError`.
    """
    if not record.is_file():
        return None
    try:
        files = tuple(LaidFile(**dict(one)) for one in _RECORDS.validate_python(read_json(record.read_bytes())))
    except ValueError:  # of the text, or of its shape
        return None
    whole = all(_is_there(folder / file.name, file) and _belongs(file, table, buckets) for file in files)
    return files if whole and sum(file.rows for file in files) == table.rows else None


def _is_there(path: Path, file: LaidFile) -> bool:
    if not path.is_file():
        return False
    return path.stat().st_size == file.bytes and footer_digest(path, file.bytes) == file.footer_sha256


def _belongs(file: LaidFile, table: BoundTable, buckets: int) -> bool:
    if file.bucket is None:
        return file.name == f"{table.name}.parquet"
    return file.bucket < buckets and file.name.startswith(f"{table.name}/bucket-{file.bucket:04d}-of-{buckets:04d}-")


def forget(*places: Path) -> None:
    """Remove files and folders of unfinished work. Raises `OSError`."""
    for place in places:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
