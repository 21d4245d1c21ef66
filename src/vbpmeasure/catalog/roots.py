"""Roots: folders of measures, or single definition files, and what lies in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Failure

MEASURE_FILE = "measure.yaml"
DECK_FILE = "cases.yaml"
SHARED = "shared"
VALUE_SETS = "value_sets"


@dataclass(frozen=True, slots=True)
class Root:
    """One root: a folder with measure folders, `shared` and `value_sets`, or one definition file.

    ``measures`` are the definition files in the order of their folders' names; ``fragments`` are by name.
    """

    path: Path
    folder: Path
    measures: tuple[Path, ...]
    fragments: dict[str, Path]
    value_sets: Path | None


def open_roots(paths: Sequence[Path]) -> tuple[Root, ...]:
    """Return the roots in the order given, each once.

    Raises `Failure` VBM242 for every path that does not exist, cannot be read, or holds neither measures nor parts of
    them.
    """
    found: list[Diagnostic] = []
    roots: dict[Path, Root] = {}
    for path in paths:
        try:
            root = _open(path)
        except (OSError, ValueError):  # a NUL in the path is a ValueError
            found.append(Diagnostic("VBM242", "this file or folder of measures cannot be read", where=str(path)))
            continue
        if root is None:
            found.append(Diagnostic("VBM242", "there is no such file or folder of measures", where=str(path)))
        elif not (root.measures or root.fragments or root.value_sets):
            hint = f"a folder of measures holds NAME/{MEASURE_FILE}, `{SHARED}` or `{VALUE_SETS}`"
            found.append(Diagnostic("VBM242", "no measure is in this folder", where=str(path), hint=hint))
        else:
            roots.setdefault(path.resolve(), root)
    if found:
        raise Failure(found)
    return tuple(roots.values())


def _open(path: Path) -> Root | None:
    """Return what lies at the path, or None when nothing does; raises `OSError` when it cannot be read."""
    if not path.exists():
        return None
    folder = path if path.is_dir() else path.parent
    value_sets = folder / VALUE_SETS
    return Root(
        path,
        folder,
        _measures(path),
        {file.stem: file for file in sorted((folder / SHARED).glob("*.yaml"))},
        value_sets if value_sets.is_dir() else None,
    )


def _measures(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        return (path,)
    # The folder of one measure holds its definition itself.
    files = [path / MEASURE_FILE, *(folder / MEASURE_FILE for folder in sorted(path.iterdir()) if folder.is_dir())]
    return tuple(file for file in files if file.is_file())
