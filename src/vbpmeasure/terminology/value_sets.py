"""The value sets of one or more folders: found by file name, read only when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.terminology.joined import joined
from vbpmeasure.terminology.mapping import MAPPING_FILE, Replacement
from vbpmeasure.terminology.stored import name_and_version, version_order, version_tag
from vbpmeasure.terminology.value_set import ValueSet

_OWN, _STORED = ".yaml", ".csv"
_Read = tuple[ValueSet | None, tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class SetFile:
    """The file of one set in one version (as file names have it; empty when it has none), in the folder of a rank."""

    name: str
    version: str
    path: Path
    rank: int

    @property
    def address(self) -> str:
        """``NAME`` or ``NAME@VERSION``."""
        return f"{self.name}@{self.version}" if self.version else self.name


class ValueSetLibrary:
    """The value sets of some folders.

    A set of a later folder replaces one of the same name in an earlier one; of several versions in one folder the
    latest is taken. Replacements put other sets in the place of a name, whatever folder it comes from. Nothing is read
    until it is asked for. Findings are collected, never raised: a broken set has diagnostics, and holds those of its
    codes that are sound.
    """

    def __init__(
        self, files: Iterable[SetFile], found: Sequence[Diagnostic] = (), replacing: Iterable[Replacement] = ()
    ) -> None:
        """Take the files, what was found about the folders themselves, and the replacements (the last one wins)."""
        self._files: dict[str, list[SetFile]] = {}
        for file in sorted(files, key=lambda f: (f.name, f.rank, version_order(f.version), f.path.suffix == _STORED)):
            self._files.setdefault(file.name, []).append(file)
        self._replacing = {entry.name: entry for entry in replacing}
        self._folder_findings = tuple(found)
        self._read: dict[Path, _Read] = {}
        self._joined: dict[str, _Read] = {}

    def names(self) -> tuple[str, ...]:
        """Return the names of all sets, sorted."""
        return tuple(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def get(self, name: str) -> ValueSet | None:
        """Return the set of that name as definitions get it; None when there is none, or when it cannot be read.

        A set that is known (``name in library``) and None has errors in `diagnostics_of`.
        """
        return self._load(name)[0] if name in self._files else None

    def files(self, name: str) -> tuple[SetFile, ...]:
        """Return every file of that name, the one that holds without a replacement last."""
        return tuple(self._files.get(name, ()))

    def replacement(self, name: str) -> Replacement | None:
        """Return the entry that puts other sets in the place of this name, or None."""
        return self._replacing.get(name)

    def read(self, file: SetFile) -> ValueSet | None:
        """Return the set of one file, whatever replaces it; None when it cannot be read."""
        return self._load_file(file)[0]

    def diagnostics_of(self, names: Iterable[str]) -> tuple[Diagnostic, ...]:
        """Return the findings of these sets alone, in the order of the names; unknown names have none."""
        return tuple(d for name in dict.fromkeys(names) if name in self._files for d in self._load(name)[1])

    @property
    def folder_diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the folders and the mapping, whichever sets are used."""
        from vbpmeasure.spec.suggest import suggestion_or_list  # noqa: PLC0415  only mistakes need it

        wrong = [
            entry.error(
                "VBM263",
                f"no value set is called `{name}`, so nothing can stand in for it",
                suggestion_or_list(name, self._files, "value sets") or None,
            )
            for name, entry in self._replacing.items()
            if name not in self._files
        ]
        unknown = [
            d for name in self._replacing if name in self._files for d in self._load(name)[1] if d.code == "VBM264"
        ]
        return (*self._folder_findings, *wrong, *unknown)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings of all sets and folders; reads every set."""
        return tuple(dict.fromkeys((*self.folder_diagnostics, *self.diagnostics_of(self._files))))

    def find(self, text: str, folder: Path = Path()) -> tuple[SetFile, ...]:
        """Return the files of the set that a text names: by name, title or OID, ``@VERSION`` if need be, or by path.

        Empty when there is none; several when different sets have the title or OID. Of several versions the latest.
        """
        if text.endswith((_OWN, _STORED)):
            path = folder / text
            known = name_and_version(path)
            return (SetFile(known[0], known[1], path, -1),) if known is not None and os.path.isfile(path) else ()  # noqa: PTH113  a name may be too long for a file
        name, _, version = text.rpartition("@") if "@" in text else (text, "", "")
        candidates = self._files.get(name) or self._by_title_or_oid(name)
        wanted = [file for file in candidates if not version or file.version == version_tag(version)]
        return tuple({file.name: file for file in wanted}.values())

    def _by_title_or_oid(self, text: str) -> list[SetFile]:
        """Return the files of every set of that title or OID, in the order that `_files` has; reads all sets."""
        found = []
        for files in self._files.values():
            for file in files:
                value_set = self._load_file(file)[0]
                if value_set is not None and text in (value_set.oid, value_set.title):
                    found.append(file)
        return found

    def _load(self, name: str) -> _Read:
        if name not in self._joined:
            entry = self._replacing.get(name)
            self._joined[name] = self._load_file(self._files[name][-1]) if entry is None else self._replaced(entry)
        return self._joined[name]

    def _replaced(self, entry: Replacement) -> _Read:
        found: list[Diagnostic] = []
        parts: list[tuple[SetFile, ValueSet]] = []
        for text in entry.sets:
            files = self.find(text, entry.folder)
            if len(files) != 1:
                message = f"`{entry.name}` is to be `{text}`, and "
                message += "no value set is called that" if not files else f"{len(files)} value sets are called that"
                names = ", ".join(file.address for file in files)
                hint = f"name one of {names}" if files else "`vbpmeasure valuesets list` shows what there is"
                found.append(entry.error("VBM264", message, hint))
                continue
            value_set, problems = self._load_file(files[0])
            found += problems
            if value_set is not None:
                parts.append((files[0], value_set))
        if found or not parts:
            return None, tuple(found)
        taken_from = " + ".join(file.address for file, _ in parts)
        return replace(joined(entry.name, [part for _, part in parts]), taken_from=taken_from), ()

    def _load_file(self, file: SetFile) -> _Read:
        if file.path not in self._read:
            if file.path.suffix == _STORED:
                from vbpmeasure.terminology.stored import read_stored  # noqa: PLC0415

                self._read[file.path] = read_stored(file.path)
            else:
                from vbpmeasure.terminology.value_set_files import read_value_set  # noqa: PLC0415  only it needs YAML

                self._read[file.path] = read_value_set(file.path)
        return self._read[file.path]


def load_value_sets(
    roots: Sequence[Path], mapping: Mapping[str, str | Sequence[str]] | None = None, where: str | None = None
) -> ValueSetLibrary:
    """Return the library of the ``.yaml`` and stored ``.csv`` files that stand directly in the folders.

    Later folders win by name. Each folder may hold a `mapping.yaml`; ``mapping`` is one more, which wins over them
    (``where`` names its place in messages; its paths start at the working folder). Never raises: a folder that cannot
    be read is a finding of the library (VBM280).
    """
    from vbpmeasure.terminology.mapping import read_mapping, replacements  # noqa: PLC0415  reads YAML

    files: list[SetFile] = []
    replacing: list[Replacement] = []
    found: list[Diagnostic] = []
    for rank, root in enumerate(roots):
        try:
            inside = sorted(root.iterdir())
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            found.append(Diagnostic("VBM280", f"cannot read the value-set folder: {reason}", where=str(root)))
            continue
        for path in inside:
            if path.name == MAPPING_FILE:
                entries, problems = read_mapping(path)
                replacing += entries
                found += problems
            elif path.suffix == _OWN:
                files.append(SetFile(path.stem, "", path, rank))
            elif path.suffix == _STORED and (known := name_and_version(path)) is not None:
                files.append(SetFile(*known, path, rank))
    return ValueSetLibrary(files, found, [*replacing, *replacements(mapping or {}, Path(), where)])
