"""Which of the user's sets stands in for which set of the definitions: a plain mapping of names.

The mapping itself is ``name in definitions -> set, or several sets together``; the file `mapping.yaml` of a value-set
folder is one way to write it down, and any other reader of settings can hand over the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity, Span
from vbpmeasure.spec.tree import ListNode, MapNode, Node, TextNode, read_yaml

MAPPING_FILE = "mapping.yaml"
_EMPTY = "VBM106"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One entry: the sets whose codes together stand in for a name, and where the entry is written.

    A set is named by its name, its title, its OID, each with ``@VERSION`` if need be, or by the path of its file
    relative to ``folder``.
    """

    name: str
    sets: tuple[str, ...]
    folder: Path
    span: Span | None = None
    where: str | None = None

    def error(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """Return an error at the place of the entry."""
        return Diagnostic(code, message, Severity.ERROR, span=self.span, where=self.where, hint=hint)


def replacements(
    entries: Mapping[str, str | Sequence[str]], folder: Path, where: str | None = None
) -> tuple[Replacement, ...]:
    """Return the entries of a plain mapping; ``where`` names its place for messages, paths start at ``folder``."""
    return tuple(
        Replacement(name, (sets,) if isinstance(sets, str) else tuple(sets), folder, where=where)
        for name, sets in entries.items()
    )


def read_mapping(path: Path) -> tuple[tuple[Replacement, ...], tuple[Diagnostic, ...]]:
    """Read a mapping file: its sound entries, and findings (VBM262, and those of reading YAML). Never raises."""
    try:
        tree = read_yaml(path)
    except Failure as failure:
        empty = all(d.code == _EMPTY for d in failure.diagnostics)  # comments alone are a mapping of nothing
        return (), () if empty else failure.diagnostics
    if not isinstance(tree, MapNode):
        return (), (_wrong("the file is a mapping from names in definitions to your sets", tree.span),)
    found: list[Diagnostic] = []
    entries: list[Replacement] = []
    for entry in tree.entries:
        sets = _texts(entry.value)
        if sets:
            entries.append(Replacement(entry.key.text, sets, path.parent, span=entry.key.span))
        else:
            found.append(_wrong(f"`{entry.key.text}` needs the name of a set, or a list of names", entry.key.span))
    return tuple(entries), tuple(found)


def _texts(node: Node) -> tuple[str, ...]:
    items = node.items if isinstance(node, ListNode) else (node,)
    texts = tuple(item.text.strip() for item in items if isinstance(item, TextNode))
    return texts if len(texts) == len(items) and all(texts) else ()


def _wrong(message: str, span: Span) -> Diagnostic:
    return Diagnostic("VBM262", message, Severity.ERROR, span=span, hint="for example `imm_dtap: DTaP Immunization`")
