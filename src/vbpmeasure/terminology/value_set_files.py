"""One value-set file: YAML tree in, value set and findings out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity, Span
from vbpmeasure.diagnostics.source import attach_source_lines, split_lines
from vbpmeasure.spec.tree import Entry, ListNode, MapNode, Node, TextNode, parse_yaml, read_text
from vbpmeasure.terminology.systems import SYSTEMS, canonical, fits
from vbpmeasure.terminology.value_set import ValueSet

CONFIDENCES = ("high", "medium", "low")

_NEEDED = ("name", "source", "licence", "confidence", "codes")
_TEXTS = ("name", "title", "source", "licence", "confidence", "notes")
_KEYS = ("name", "title", "source", "licence", "confidence", "used_by", "notes", "codes")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_value_set(path: Path) -> tuple[ValueSet | None, tuple[Diagnostic, ...]]:
    """Read one file: the value set (None when the file is no mapping at all), and every finding. Never raises."""
    try:
        text = read_text(path)
        tree = parse_yaml(text, str(path))
    except Failure as failure:
        return None, failure.diagnostics
    reader = _Reader(path, text)
    value_set = reader.read(tree)
    return value_set, attach_source_lines(reader.found, {str(path): text})


class _Reader:
    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.found: list[Diagnostic] = []

    def read(self, tree: Node) -> ValueSet | None:
        if not isinstance(tree, MapNode):
            self._report("VBM283", "a value set is a mapping with `name`, `source` and so on", tree.span)
            return None
        for entry in tree.entries:
            if entry.key.text not in _KEYS:
                hint = _suggestion(entry.key.text, _KEYS) or f"known keys: {', '.join(_KEYS)}"
                self._report("VBM282", f"a value set has no key `{entry.key.text}`", entry.key.span, hint)
        texts = {key: self._text(tree, key) for key in _TEXTS}
        self._check_needed(tree)
        self._check_words(tree, texts)
        return ValueSet(
            name=self.path.stem,
            title=texts["title"],
            source=texts["source"],
            licence=texts["licence"],
            confidence=texts["confidence"],
            notes=texts["notes"],
            used_by=self._used_by(tree.get("used_by")),
            codes=self._codes(tree.entry("codes")),
            path=self.path,
        )

    def _check_needed(self, tree: MapNode) -> None:
        top = tree.entries[0].key.span if tree.entries else tree.span
        for key in _NEEDED:
            entry = tree.entry(key)
            if entry is None:
                self._report("VBM281", f"the value set has no `{key}`", top)
            elif isinstance(entry.value, TextNode) and not entry.value.text.strip() and key != "codes":
                self._report("VBM281", f"the `{key}` of the value set is empty", entry.key.span)

    def _check_words(self, tree: MapNode, texts: dict[str, str]) -> None:
        name, confidence = tree.get("name"), tree.get("confidence")
        if name is not None and texts["name"] and texts["name"] != self.path.stem:
            self._report(
                "VBM288", f"the value set `{texts['name']}` stands in a file of another name", name.span, "rename one"
            )
        elif name is not None and not _NAME.fullmatch(self.path.stem):
            self._report(
                "VBM288",
                "the name of a value set is not `[a-z][a-z0-9_]*`",
                name.span,
                "use lower case letters, digits and underscores",
            )
        if confidence is not None and texts["confidence"] and texts["confidence"] not in CONFIDENCES:
            self._report("VBM283", "the confidence is not high, medium or low", confidence.span)

    def _text(self, tree: MapNode, key: str) -> str:
        node = tree.get(key)
        if node is None:
            return ""
        if not isinstance(node, TextNode):
            self._report("VBM283", f"the `{key}` of a value set is text", node.span)
            return ""
        return " ".join(node.text.split())

    def _used_by(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, ListNode) or not all(isinstance(item, TextNode) for item in node.items):
            self._report("VBM283", "`used_by` is a list of measures and fragments", node.span)
            return ()
        return tuple(item.text for item in node.items if isinstance(item, TextNode))

    def _codes(self, entry: Entry | None) -> dict[str, tuple[str, ...]]:
        if entry is None:
            return {}
        if isinstance(entry.value, TextNode) and not entry.value.text:
            self._report("VBM284", "the value set has no codes", entry.key.span)
            return {}
        if not isinstance(entry.value, MapNode):
            self._report("VBM283", "`codes` is a mapping from code system to codes", entry.key.span)
            return {}
        codes = {}
        for system in entry.value.entries:
            if system.key.text not in SYSTEMS:
                hint = _suggestion(system.key.text.upper(), SYSTEMS) or f"known systems: {', '.join(SYSTEMS)}"
                self._report("VBM285", f"unknown code system `{system.key.text}`", system.key.span, hint)
                continue
            codes[system.key.text] = self._codes_of(system)
        if not codes and not self.found:
            self._report("VBM284", "the value set has no codes", entry.key.span)
        return codes

    def _codes_of(self, entry: Entry) -> tuple[str, ...]:
        system = entry.key.text
        listed = list(self._listed(entry))
        if not listed:
            self._report("VBM284", f"the code system {system} has no codes", entry.key.span)
        kept: dict[str, Span] = {}
        for code, span in listed:
            stored = canonical(system, code)
            if not fits(system, code):
                hint = f"{SYSTEMS[system].title} codes look different: wrong system, or a lost leading zero?"
                self._report("VBM286", f"`{code}` is not a code of {system}", span, hint)
            elif stored in kept:
                self._report("VBM287", f"the code `{code}` is listed twice", span, severity=Severity.WARNING)
            else:
                kept[stored] = span
        return tuple(sorted(kept))

    def _listed(self, entry: Entry) -> Iterator[tuple[str, Span]]:
        """Yield each code with its place; codes are a list, or text with blanks and line breaks between them."""
        node = entry.value
        if isinstance(node, TextNode):
            codes = node.text.split()
            spans = list(self._words_in(node.span)) if len(codes) > 1 else [node.span]
            yield from zip(codes, spans if len(spans) == len(codes) else [node.span] * len(codes), strict=False)
        elif isinstance(node, ListNode):
            for item in node.items:
                if isinstance(item, TextNode):
                    yield item.text, item.span
                else:
                    self._report("VBM283", "a code is text", item.span)
        else:
            self._report("VBM283", "codes are a list, or text with blanks between them", entry.key.span)

    def _words_in(self, span: Span) -> Iterator[Span]:
        """Yield the places of the words of a scalar, without the `|` or `>` that opens a block."""
        lines = split_lines(self.text)
        for number in range(span.line, min(span.end_line, len(lines)) + 1):
            line = lines[number - 1]
            start = span.column - 1 if number == span.line else 0
            stop = span.end_column - 1 if number == span.end_line else len(line)
            for word in re.compile(r"[^\s]+").finditer(line, start, stop):
                if word.group()[0] not in "|>":
                    yield Span(span.path, number, word.start() + 1, number, word.end() + 1)

    def _report(
        self, code: str, message: str, span: Span, hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        self.found.append(Diagnostic(code, message, severity, span=span, hint=hint))


def _suggestion(word: str, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else None
