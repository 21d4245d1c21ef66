"""YAML as a tree that remembers where everything stood, with every scalar as text.

The tree is built from the parser's event stream in one loop, not by PyYAML's composer: nothing recurses, so
hostile nesting cannot exhaust the stack, and aliases are refused before they can be expanded. YAML's own typing
(`08` an octal, `no` a boolean) never happens: what a text means is for the schema of the file to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span
from vbpmeasure.diagnostics.source import LINE_BREAK, attach_source_lines, source_line, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "Entry",
    "ListNode",
    "MapNode",
    "Node",
    "TextNode",
    "attach_source_lines",
    "parse_yaml",
    "read_text",
    "read_yaml",
    "source_line",
]

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 50_000

# More findings of one kind than this help nobody; the file is plainly not meant for us.
_MAX_SAME_FINDINGS = 20

# Both parsers give the same events and marks; the one in C is about ten times faster.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class TextNode:
    """A scalar, as text; an empty value (``key:``) is the empty text."""

    text: str
    span: Span

    def to_plain(self) -> str:
        """Return the text."""
        return self.text


@dataclass(frozen=True, slots=True)
class ListNode:
    """A sequence of nodes."""

    items: tuple[Node, ...]
    span: Span

    def to_plain(self) -> list[Any]:
        """Return the items as plain lists, dicts and texts."""
        return [item.to_plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``key: value`` of a mapping."""

    key: TextNode
    value: Node


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping; the keys are distinct texts, in the order of the file."""

    entries: tuple[Entry, ...]
    span: Span

    def get(self, key: str) -> Node | None:
        """Return the value of the key, or None when the mapping has no such key."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)

    def entry(self, key: str) -> Entry | None:
        """Return the whole entry of the key (for the span of the key), or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)

    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(entry.key.text for entry in self.entries)

    def to_plain(self) -> dict[str, Any]:
        """Return the entries as plain dicts, lists and texts."""
        return {entry.key.text: entry.value.to_plain() for entry in self.entries}


Node = MapNode | ListNode | TextNode


def read_yaml(path: Path) -> Node:
    """Read one YAML file into a tree; spans carry the path as given.

    Raises `Failure` with every finding: VBM101 unreadable, VBM103 too large, VBM102 not UTF-8, and those of
    `parse_yaml`.
    """
    return parse_yaml(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read a definition file as text, without a byte order mark.

    Raises `Failure`: VBM101 unreadable or no regular file, VBM103 over one megabyte, VBM102 not UTF-8.
    """
    where = str(path)
    try:
        if path.exists() and not path.is_file():
            raise Failure(Diagnostic("VBM101", "cannot read: this is not a regular file", where=where))
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Failure(Diagnostic("VBM101", f"cannot read the file: {reason}", where=where)) from None
    except ValueError:  # a NUL in the path
        raise Failure(Diagnostic("VBM101", "cannot read the file: not a possible path", where=where)) from None
    if len(content) > MAX_BYTES:
        raise Failure(Diagnostic("VBM103", f"the file is larger than {MAX_BYTES:,} bytes", where=where))
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8")
        span = _span_at(good, where, len(good), 1)
        raise Failure(Diagnostic("VBM102", "the file is not UTF-8 text", span=span)) from None


def parse_yaml(text: str, path: str) -> Node:
    """Parse YAML text into a tree; ``path`` is only the name used in spans.

    Raises `Failure` with every finding up to the first one that makes reading on senseless: VBM103 too large, VBM104
    control characters, VBM105 tabs, VBM106 empty, VBM107 syntax, VBM108 several documents, VBM109 anchors
    and aliases, VBM110 tags, VBM111 merge keys, VBM112 duplicate keys, VBM113 keys that are not
    text, VBM114 nesting deeper than 32, VBM115 more than 50,000 nodes.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Failure(Diagnostic("VBM103", f"the file is larger than {MAX_BYTES:,} bytes", where=path))
    found = list(_bad_characters(text, path))
    if not found:
        builder = _Builder(path)
        root = builder.build(text)
        found = builder.found
        if not found and root is not None:
            return root
    found.sort(key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))
    raise Failure(attach_source_lines(found, {path: text}))


def _span_at(text: str, path: str, start: int, length: int) -> Span:
    """Return the span of ``length`` characters of one line that begin at the position ``start``."""
    breaks = list(LINE_BREAK.finditer(text, 0, start))
    line = len(breaks) + 1
    column = start - (breaks[-1].end() if breaks else 0) + 1
    return Span(path, line, column, line, column + length)


def _bad_characters(text: str, path: str) -> Iterator[Diagnostic]:
    for number, line in enumerate(_first_matches(text, _UNPRINTABLE), start=1):
        if line is not None:
            column = line.start() + 1
            name = f"U+{ord(line.group()):04X}"
            yield Diagnostic(
                "VBM104",
                f"the control character {name} is not allowed in YAML",
                span=Span(path, number, column, number, column + 1),
            )
    for number, line in enumerate(_first_matches(text, re.compile("\t+")), start=1):
        if line is not None:
            yield Diagnostic(
                "VBM105",
                "tabs are not allowed",
                span=Span(path, number, line.start() + 1, number, line.end() + 1),
                hint="indent with spaces",
            )


def _first_matches(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str] | None]:
    """Yield, for each line, the first match in it; stop after enough of them."""
    if not pattern.search(text):
        return
    matches = 0
    for line in split_lines(text):
        match = pattern.search(line)
        yield match
        matches += match is not None
        if matches == _MAX_SAME_FINDINGS:
            return


class _Collection:
    """A mapping or sequence that is still open."""

    def __init__(self, start: Any, is_map: bool) -> None:
        self.start = start
        self.is_map = is_map
        self.children: list[Node] = []
        self.in_key = False  # this collection stands where a key was expected


class _StopReading(Exception):
    """Reading on would only make follow-up findings."""


class _Builder:
    """Builds one tree out of parser events and collects what it has to refuse."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[Diagnostic] = []
        self.open: list[_Collection] = []
        self.root: Node | None = None
        self.nodes = 0
        self.documents = 0

    def build(self, text: str) -> Node | None:
        """Return the root, or None when something was found."""
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event)
            if self.root is None or (isinstance(self.root, TextNode) and not self.root.text):
                self.found.append(Diagnostic("VBM106", "the file is empty", where=self.path))
        except _StopReading:
            pass
        except yaml.YAMLError as error:
            self.found.append(self._syntax(error))
        return None if self.found else self.root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._check_decorations(event)
            self._add(TextNode(event.value, self._span(event.start_mark, event.end_mark)))
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._check_decorations(event)
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._report("VBM109", f"the alias `*{event.anchor}` is not allowed", event, "write the value out again")
            self._place(TextNode("", self._span(event.start_mark, event.end_mark)))
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._report("VBM108", "the file holds more than one YAML document", event, "remove the `---` line")
                raise _StopReading

    def _check_decorations(self, event: Any) -> None:
        if event.anchor is not None:
            self._report("VBM109", f"the anchor `&{event.anchor}` is not allowed", event, "write the value out")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report("VBM110", f"the tag `{tag}` is not allowed", event, "remove it: every value is text")

    def _open(self, event: Any) -> None:
        self._count(event)
        collection = _Collection(event, isinstance(event, yaml.MappingStartEvent))
        if self._key_expected():
            collection.in_key = True
            self._report("VBM113", "a key must be text", event, "did you mean to quote it?")
        self.open.append(collection)
        if len(self.open) > MAX_DEPTH:
            self._report("VBM114", f"more than {MAX_DEPTH} levels of nesting", event)
            raise _StopReading

    def _close(self, event: Any) -> None:
        collection = self.open.pop()
        start = collection.start.start_mark
        children = collection.children
        # The end mark of a block collection is where the next token begins, often lines further on.
        if collection.start.flow_style or not children:
            span = self._span(start, event.end_mark)
        else:
            last = children[-1].span
            span = Span(self.path, start.line + 1, start.column + 1, last.end_line, last.end_column)
        node: Node
        if collection.in_key:
            node = TextNode("", span)
        elif collection.is_map:
            node = self._mapping(children, span)
        else:
            node = ListNode(tuple(children), span)
        self._place(node)

    def _mapping(self, children: list[Node], span: Span) -> MapNode:
        entries = []
        seen: dict[str, Span] = {}
        # _close has put a text in the place of every key that is none.
        keys = cast("list[TextNode]", children[::2])
        for key, value in zip(keys, children[1::2], strict=True):
            if key.text in seen:
                line = seen[key.text].line
                self.found.append(
                    Diagnostic("VBM112", f"the key `{key.text}` is already given on line {line}", span=key.span)
                )
            elif key.text:
                seen[key.text] = key.span
            entries.append(Entry(key, value))
        return MapNode(tuple(entries), span)

    def _add(self, node: TextNode) -> None:
        if self._key_expected():
            if node.text == "<<":
                self._found("VBM111", "merge keys (`<<`) are not allowed", node.span, "write the entries out")
            elif not node.text:
                self._found("VBM113", "a key must not be empty", node.span)
        self._count(node)
        self._place(node)

    def _place(self, node: Node) -> None:
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node

    def _key_expected(self) -> bool:
        return bool(self.open) and self.open[-1].is_map and len(self.open[-1].children) % 2 == 0

    def _count(self, at: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            span = at.span if isinstance(at, TextNode) else self._span(at.start_mark, at.end_mark)
            self._found("VBM115", f"more than {MAX_NODES:,} values", span, "split the file")
            raise _StopReading

    def _report(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        self._found(code, message, self._span(event.start_mark, event.end_mark), hint)

    def _found(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.found.append(Diagnostic(code, message, span=span, hint=hint))
        if sum(d.code == code for d in self.found[-_MAX_SAME_FINDINGS:]) == _MAX_SAME_FINDINGS:
            raise _StopReading

    def _span(self, start: Any, end: Any) -> Span:
        return Span(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _syntax(self, error: yaml.YAMLError) -> Diagnostic:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "the text cannot be read"
        context = getattr(error, "context", None)
        begun = getattr(error, "context_mark", None)
        message = f"YAML syntax: {problem}" + (f", {context}" if context else "")
        if context and begun is not None and mark is not None and begun.line != mark.line:
            message += f" that begins on line {begun.line + 1}"
        span = self._span(mark, mark) if mark is not None else None
        hint = None
        if "mapping values are not allowed" in problem:
            hint = "put a text that holds a colon and a space between quotes"
        elif "expected" in problem:
            hint = "look for a wrong indent, a missing comma or an unclosed bracket on this line or the one before"
        return Diagnostic("VBM107", message, span=span, where=None if span else self.path, hint=hint)
