"""The value sets of one or more folders: found by file name, read only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.terminology.value_set import ValueSet


class ValueSetLibrary:
    """The value sets of some folders. A set of a later folder replaces one of the same name in an earlier one.

    Nothing is read until it is asked for. Findings are collected, never raised: a broken set has diagnostics, and
    holds those of its codes that are sound.
    """

    def __init__(self, files: Mapping[str, Path], found: Sequence[Diagnostic] = ()) -> None:
        """Take the file of each set by name, and what was found about the folders themselves."""
        self._files = dict(sorted(files.items()))
        self._folder_findings = tuple(found)
        self._read: dict[str, tuple[ValueSet | None, tuple[Diagnostic, ...]]] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of all sets, sorted."""
        return tuple(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def get(self, name: str) -> ValueSet | None:
        """Return the set of that name; None when there is none, or when its file cannot be read as one.

        A set that is known (``name in library``) and None has errors in `diagnostics_of`.
        """
        return self._load(name)[0] if name in self._files else None

    def diagnostics_of(self, names: Iterable[str]) -> tuple[Diagnostic, ...]:
        """Return the findings of these sets alone, in the order of the names; unknown names have none."""
        return tuple(d for name in dict.fromkeys(names) if name in self._files for d in self._load(name)[1])

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings of all sets and folders; reads every set."""
        return (*self._folder_findings, *self.diagnostics_of(self._files))

    def _load(self, name: str) -> tuple[ValueSet | None, tuple[Diagnostic, ...]]:
        if name not in self._read:
            from vbpmeasure.terminology.value_set_files import read_value_set  # noqa: PLC0415  only it needs YAML

            self._read[name] = read_value_set(self._files[name])
        return self._read[name]


def load_value_sets(roots: Sequence[Path]) -> ValueSetLibrary:
    """Return the library of the ``.yaml`` files that stand directly in the folders; later folders win by name.

    Never raises: a folder that cannot be read is a finding of the library (VBM280).
    """
    files: dict[str, Path] = {}
    found = []
    for root in roots:
        try:
            files |= {path.stem: path for path in sorted(root.iterdir()) if path.suffix == ".yaml"}
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            found.append(Diagnostic("VBM280", f"cannot read the value-set folder: {reason}", where=str(root)))
    return ValueSetLibrary(files, found)
