"""The rows of the table `indicator` in a deck, and the lines that must come out for entities that are no persons."""

from __future__ import annotations

from vbpmeasure.spec.tree import Entry, MapNode, Node
from vbpmeasure.testing.model import ExpectedLine, ExpectedLines, IndicatorRow
from vbpmeasure.testing.reader import Reader

_NUMBERS = ("numerator", "denominator", "value")
_KEYS = ("indicator", "entity", "id", "period_start", "period_end", *_NUMBERS, "source")
_LINE_KEYS = ("id", *_NUMBERS, "source")
_MOST = 1_000_000_000


def read_indicators(reader: Reader, mapping: MapNode) -> tuple[IndicatorRow, ...]:
    """Return the rows under `indicators` of a case or a person; nothing when the key is not there."""
    node = mapping.get("indicators")
    nodes = reader.items(node, "`indicators`") if node is not None else ()
    return tuple(row for row in (_indicator(reader, item) for item in nodes) if row is not None)


def _indicator(reader: Reader, node: Node) -> IndicatorRow | None:
    what = "an indicator"
    mapping = reader.mapping(node, what, _KEYS)
    if mapping is None:
        return None
    name_node, end_node = reader.needed(mapping, "indicator", what), reader.needed(mapping, "period_end", what)
    entity, entity_id = mapping.get("entity"), mapping.get("id")
    if (entity is None) != (entity_id is None):
        reader.report("VBM703", "`entity` and `id` go together", node.span, "an indicator of the person has neither")
        return None
    if name_node is None or end_node is None:
        return None
    name, end = reader.text(name_node, "`indicator`"), reader.date(end_node, "`period_end`")
    start, source = mapping.get("period_start"), mapping.get("source")
    read = IndicatorRow(
        indicator=name or "",
        period_end=end,
        span=node.span,
        entity=reader.text(entity, "`entity`") if entity is not None else None,
        entity_id=reader.text(entity_id, "`id`") if entity_id is not None else None,
        period_start=reader.date(start, "`period_start`") if start is not None else None,
        numbers={key: reader.number(value, f"`{key}`") for key in _NUMBERS if (value := mapping.get(key)) is not None},
        source=reader.text(source, "`source`") if source is not None else None,
    )
    return read if name is not None and end is not None else None


def read_lines(reader: Reader, mapping: MapNode) -> tuple[ExpectedLines, ...]:
    """Return what a case expects under `lines`, by rate; an empty list expects that there is no line."""
    node = mapping.get("lines")
    expected = reader.mapping(node, "`lines`") if node is not None else None
    if expected is None:
        return ()
    if not expected.entries:
        reader.report("VBM703", "`lines` names at least one rate", expected.span)
    return tuple(_lines_of(reader, entry) for entry in expected.entries)


def _lines_of(reader: Reader, entry: Entry) -> ExpectedLines:
    nodes = reader.items(entry.value, f"`{entry.key.text}`")
    lines = (_line(reader, node) for node in nodes)
    return ExpectedLines(entry.key.text, entry.key.span, tuple(line for line in lines if line is not None))


def _line(reader: Reader, node: Node) -> ExpectedLine | None:
    mapping = reader.mapping(node, "a line", _LINE_KEYS)
    id_node = reader.needed(mapping, "id", "a line") if mapping is not None else None
    if mapping is None or id_node is None:
        return None
    entity_id = reader.text(id_node, "`id`")
    top, bottom, value, source = (mapping.get(key) for key in _LINE_KEYS[1:])
    line = ExpectedLine(
        entity_id or "",
        node.span,
        numerator=reader.whole_number(top, "`numerator`", 0, _MOST) if top is not None else None,
        denominator=reader.whole_number(bottom, "`denominator`", 1, _MOST) if bottom is not None else None,
        value=reader.number(value, "`value`") if value is not None else None,
        source=reader.text(source, "`source`") if source is not None else None,
    )
    return line if entity_id is not None else None
