"""VBM217: nothing is defined by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error
from vbpmeasure.spec.models.rates import RateModel
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.uses import PIECE_KINDS, Kind, piece_uses, uses
from vbpmeasure.spec.words import Word


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every circle of pieces, and of rates through `met`, `total_of`, `within` and `of`."""
    pieces = {
        name: [use.name for use in piece_uses(declared.model) if use.kind in PIECE_KINDS]
        for name, declared in names.pieces.items()
    }
    rates = {name: _rates_named(rate, names) for name, rate in names.rates.items()}
    # A piece may say `met`, and a rate may name a piece: one graph for both, with the kinds kept apart.
    graph: dict[tuple[str, str], list[tuple[str, Word]]] = {}
    for name, declared in names.pieces.items():
        met = [use.name for use in piece_uses(declared.model) if use.kind is Kind.RATE]
        graph["piece", name] = [("piece", w) for w in pieces[name]] + [("rate", w) for w in met]
    for name, rate in names.rates.items():
        used = [use.name for use in uses(rate) if use.kind in PIECE_KINDS]
        graph["rate", name] = [("rate", w) for w in rates[name]] + [("piece", w) for w in used]
    yield from _circles(graph)


def _rates_named(rate: RateModel, names: Namespace) -> list[Word]:
    """Return the rates of the measure that a rate names: in `met`, `total_of`, `within` or `of`."""
    found: list[Word] = []
    for use in uses(rate):
        measure, dot, member = str(use.name).rpartition(".")
        if use.kind is Kind.RATE or (use.kind is Kind.MEMBER and (not dot or measure == names.measure.model.id)):
            found.append(Word(member, use.name.span) if dot else use.name)
    return found


def _circles(graph: Mapping[tuple[str, str], list[tuple[str, Word]]]) -> Iterator[Diagnostic]:
    done: set[tuple[str, str]] = set()
    for start in graph:
        path: list[tuple[str, str]] = []
        stack: list[tuple[tuple[str, str], Word | None, bool]] = [(start, None, False)]
        while stack:
            node, word, leaving = stack.pop()
            if leaving:
                path.pop()
                done.add(node)
            elif node in path:
                circle = [name for _, name in path[path.index(node) :]] + [node[1]]
                span = word.span if word is not None else None
                yield error("VBM217", f"`{node[1]}` is defined by itself: {' -> '.join(circle)}", span)
            elif node not in done and node in graph:
                path.append(node)
                stack.append((node, word, True))
                stack.extend(((kind, str(w)), w, False) for kind, w in reversed(graph[node]))
