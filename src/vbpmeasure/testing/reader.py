"""Reading values out of a spanned tree: what cannot be read becomes a finding and None, and reading goes on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from vbpmeasure.diagnostics.model import Diagnostic, Severity, Span
from vbpmeasure.spec.numbers import whole_number
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import ListNode, MapNode, Node, TextNode

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FLAGS = {
    **dict.fromkeys(("yes", "true", "1", "y"), True),
    **dict.fromkeys(("no", "false", "0", "n"), False),
}


class Reader:
    """Reads values and collects what is wrong with them in ``found``."""

    def __init__(self) -> None:
        """Start without findings."""
        self.found: list[Diagnostic] = []

    def report(
        self, code: str, message: str, span: Span, hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        """Add a finding."""
        self.found.append(Diagnostic(code, message, severity, span=span, hint=hint))

    def mapping(self, node: Node, what: str, known: Iterable[str] | None = None) -> MapNode | None:
        """Return the mapping; every key that is not among the known ones is reported (VBM702)."""
        if not isinstance(node, MapNode):
            self.report("VBM701", f"{what} is a mapping", node.span)
            return None
        if known is not None:
            keys = tuple(known)
            for entry in node.entries:
                if entry.key.text not in keys:
                    hint = suggestion_or_list(entry.key.text, keys, "keys")
                    self.report("VBM702", f"{what} has no key `{entry.key.text}`", entry.key.span, hint or None)
        return node

    def needed(self, mapping: MapNode, key: str, what: str) -> Node | None:
        """Return the value of a key that must be there (VBM703)."""
        node = mapping.get(key)
        if node is None:
            at = mapping.entries[0].key.span if mapping.entries else mapping.span
            self.report("VBM703", f"{what} needs `{key}`", at)
        return node

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """Return the items of a list; nothing, and a finding, for anything else."""
        if isinstance(node, ListNode):
            return node.items
        self.report("VBM701", f"{what} is a list", node.span)
        return ()

    def one_or_more(self, node: Node) -> tuple[Node, ...]:
        """Return the items of a list, or the one value that stands for a list of one."""
        return node.items if isinstance(node, ListNode) else (node,)

    def text(self, node: Node, what: str) -> str | None:
        """Return a text that is not empty."""
        if isinstance(node, TextNode) and node.text.strip():
            return node.text.strip()
        self.report("VBM701", f"{what} is a text", node.span)
        return None

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """Return one text or a list of texts."""
        read = (self.text(item, what) for item in self.one_or_more(node))
        return tuple(text for text in read if text is not None)

    def date(self, node: Node, what: str) -> dt.date | None:
        """Return a date written YYYY-MM-DD (VBM704)."""
        text = self.text(node, what)
        return self.date_of(text, node.span, what) if text is not None else None

    def date_of(self, text: str, span: Span, what: str) -> dt.date | None:
        """Return the date that a text is (VBM704 when it is none)."""
        if _DATE.fullmatch(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                pass
        self.report("VBM704", f"{what}: `{text}` is not a date", span, "write YYYY-MM-DD")
        return None

    def whole_number(self, node: Node, what: str, least: int, most: int) -> int | None:
        """Return a whole number in a range (VBM705)."""
        text = self.text(node, what)
        if text is None:
            return None
        number = whole_number(text, most)
        if number is not None and number >= least:
            return number
        self.report("VBM705", f"{what}: `{text}` is not a whole number from {least} to {most}", node.span)
        return None

    def flag(self, node: Node, what: str) -> bool | None:
        """Return a yes or no (VBM705)."""
        text = self.text(node, what)
        if text is None:
            return None
        if text.lower() in _FLAGS:
            return _FLAGS[text.lower()]
        self.report("VBM705", f"{what}: `{text}` is neither yes nor no", node.span)
        return None

    def number(self, node: Node, what: str) -> float | None:
        """Return a number (VBM705)."""
        text = self.text(node, what)
        if text is None:
            return None
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
            return float(text)
        self.report("VBM705", f"{what}: `{text}` is not a number", node.span)
        return None
