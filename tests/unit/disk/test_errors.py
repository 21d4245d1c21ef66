"""What the file system refuses is told with the option or argument that said the place."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vbpmeasure.adapters.folder import ConversionFolder
from vbpmeasure.adapters.report import Report
from vbpmeasure.commands.definitions import write_schemas
from vbpmeasure.commands.scaffold import scaffold
from vbpmeasure.commands.validating import write_file
from vbpmeasure.diagnostics import Failure
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.disk.place import put_file
from vbpmeasure.runs.cache.store import CountCache
from vbpmeasure.sample import write_sample


def hint_of(failure: Failure) -> tuple[str, str | None]:
    (found,) = failure.diagnostics
    return found.code, found.hint


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, ("VBM506", "free space or choose another --into; the previous results are still whole")),
        (errno.EDQUOT, ("VBM506", "free space or choose another --into; the previous results are still whole")),
        (errno.EROFS, ("VBM502", "choose another --into, or ask for the right to write there")),
        (errno.EIO, ("VBM507", None)),
    ],
)
def test_another_place_is_named_with_what_named_this_one(number: int, told: tuple[str, str | None]) -> None:
    assert hint_of(output_failure(OSError(number, "no"), Path("sets"), "--into")) == told


def _convert(out: Path) -> None:
    with ConversionFolder(out, Report("fhir")):
        pass


def _run(out: Path) -> None:
    with RunFolder(out):
        pass


@pytest.mark.parametrize(
    ("write", "named"),
    [
        (_run, "--out"),
        (_convert, "OUT"),
        (lambda out: write_sample(out, people=1, seed=1, year=2025), "DIR"),
        (scaffold, "DIR"),
        (write_schemas, "--folder"),
        (lambda out: put_file(out / "a", b"", private=False, named="--metrics-file"), "--metrics-file"),
        (lambda out: write_file(out / "a", b"", 0o600, "--person-level"), "--person-level"),
    ],
)
def test_writers_name_their_own(
    write: Callable[[Path], object], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    for name in ("mkdir", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Failure) as caught:
        write(tmp_path / "new" / "place")
    monkeypatch.undo()
    assert hint_of(caught.value) == ("VBM502", f"choose another {named}, or ask for the right to write there")


def test_the_cache_names_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / f"{'a' * 64}.counts").write_bytes(b"")
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(Failure) as caught:
        CountCache(tmp_path).clear()
    assert hint_of(caught.value) == ("VBM502", "choose another --cache-dir, or ask for the right to write there")
