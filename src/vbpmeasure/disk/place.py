"""Where what is made from run folders may be put: one file, whole or not at all, and never inside a run folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.disk.durable import put_files
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import PRIVATE_FILE, PUBLIC_FILE


def check_place(path: Path, runs: Iterable[Path]) -> None:
    """Refuse a place inside one of the run folders (VBM554): the next run would not replace a folder with guests."""
    for run in runs:
        if path.resolve().is_relative_to(run.resolve()):
            hint = "name a place beside the run folder"
            raise Failure(Diagnostic("VBM554", "this would lie inside the run folder", where=str(path), hint=hint))


def put_file(path: Path, content: bytes, *, private: bool, named: str = "--out") -> None:
    """Write one file, replacing its namesake; a private one is for its owner alone.

    ``named`` is the option that says the place.
    Raises ``Failure`` VBM504 for a symbolic link, VBM555 for a folder, VBM502, VBM506, VBM507 as run folders do.
    """
    if path.is_symlink():
        raise Failure(Diagnostic("VBM504", "the output file is a symbolic link", where=str(path)))
    if path.is_dir():
        hint = "name a file"
        raise Failure(Diagnostic("VBM555", "there is a folder where the file should be", where=str(path), hint=hint))
    try:
        put_files(path.parent, {path.name: content}, PRIVATE_FILE if private else PUBLIC_FILE)
    except OSError as error:
        raise output_failure(error, path, named) from None
