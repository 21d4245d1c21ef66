"""The people of a deck: birth, enrollment, events, and what is expected of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from vbpmeasure.data.contract import ELIGIBILITY, EVENT_TABLES, Column, Kind
from vbpmeasure.diagnostics.model import Span
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import Entry, ListNode, MapNode, Node, TextNode
from vbpmeasure.testing.deck_events import read_event
from vbpmeasure.testing.model import ENROLLED_UNTIL, DeckPerson, EnrolledSpan, Expectation, Result
from vbpmeasure.testing.reader import Reader

PERSON_KEYS = ("born", "sex", "died", "enrolled", "events", "expect")

_SPAN_COLUMNS = {
    column.name: column
    for column in ELIGIBILITY.columns
    if column.name not in {"person_id", "enrollment_start_date", "enrollment_end_date"}
}

# Which keys go with which result.
_DETAILS = {
    Result.MET: ("on", "from", "index", "part", "whole"),
    Result.OPEN: ("index", "part", "whole"),
    Result.EXCLUDED: ("reason", "index"),
    Result.NOT_ELIGIBLE: ("step", "index"),
    Result.NO_EVENT: (),
}
_EXPECT_KEYS = ("result", "on", "from", "reason", "step", "index", "part", "whole")
_MOST_AMOUNT = 1_000_000
_MOST_STEPS = 100


def read_person(reader: Reader, mapping: MapNode) -> DeckPerson | None:
    """Return the person that the keys of the mapping describe (others are the caller's), or None without birth date."""
    born_node, died_node, sex_node = reader.needed(mapping, "born", "a person"), mapping.get("died"), mapping.get("sex")
    born = reader.date(born_node, "the birth date") if born_node is not None else None
    enrolled_node, events_node = mapping.get("enrolled"), mapping.get("events")
    spans = reader.items(enrolled_node, "`enrolled`") if enrolled_node is not None else ()
    enrolled = tuple(span for span in (_enrolled(reader, node) for node in spans) if span is not None)
    event_nodes = reader.items(events_node, "`events`") if events_node is not None else ()
    events = tuple(event for event in (read_event(reader, node) for node in event_nodes) if event is not None)
    expect = _expectations(reader, mapping)
    died = reader.date(died_node, "the date of death") if died_node is not None else None
    sex = reader.text(sex_node, "`sex`") if sex_node is not None else None
    if born is None:
        return None
    if enrolled_node is None:
        enrolled = (EnrolledSpan(born, ENROLLED_UNTIL),)
    elif not spans:
        reader.report("VBM708", "nobody without an enrollment span is in the data", enrolled_node.span)
    return DeckPerson(born, enrolled, expect, events, sex, died)


def _enrolled(reader: Reader, node: Node) -> EnrolledSpan | None:
    if isinstance(node, TextNode):
        return _short_span(reader, node)
    mapping = reader.mapping(node, "an enrollment span", ("from", "to", *_SPAN_COLUMNS))
    if mapping is None:
        return None
    start_node, end_node = reader.needed(mapping, "from", "an enrollment span"), mapping.get("to")
    start = reader.date(start_node, "`from`") if start_node is not None else None
    end = reader.date(end_node, "`to`") if end_node is not None else None
    columns = {
        entry.key.text: _column_value(reader, _SPAN_COLUMNS[entry.key.text], entry)
        for entry in mapping.entries
        if entry.key.text in _SPAN_COLUMNS
    }
    if start is None:
        return None
    _check_order(reader, start, end, node.span)
    return EnrolledSpan(start, end, columns)


def _short_span(reader: Reader, node: TextNode) -> EnrolledSpan | None:
    first, dots, last = (part.strip() for part in node.text.partition(".."))
    if not first or not dots:
        reader.report("VBM708", f"`{node.text}` is not an enrollment span", node.span, "write `START .. END`")
        return None
    start = reader.date_of(first, node.span, "the start of the span")
    end = reader.date_of(last, node.span, "the end of the span") if last else None
    if start is None:
        return None
    _check_order(reader, start, end, node.span)
    return EnrolledSpan(start, end)


def _check_order(reader: Reader, start: dt.date, end: dt.date | None, span: Span) -> None:
    if end is not None and end < start:
        reader.report("VBM708", "the enrollment span ends before it starts", span)


def _column_value(reader: Reader, column: Column, entry: Entry) -> object:
    what = f"`{column.name}`"
    match column.kind:
        case Kind.FLAG:
            return reader.flag(entry.value, what)
        case Kind.DATE:
            return reader.date(entry.value, what)
        case Kind.INTEGER | Kind.NUMBER:
            return reader.number(entry.value, what)
        case _:
            return reader.text(entry.value, what)


def _expectations(reader: Reader, mapping: MapNode) -> tuple[Expectation, ...]:
    node = reader.needed(mapping, "expect", "a person")
    expected = reader.mapping(node, "`expect`") if node is not None else None
    if expected is None:
        return ()
    if not expected.entries:
        reader.report("VBM703", "`expect` names at least one rate", expected.span)
    return tuple(found for entry in expected.entries for found in _of_rate(reader, entry))


def _of_rate(reader: Reader, entry: Entry) -> Iterator[Expectation]:
    """Yield what is expected of one rate: one result, or a list with one for each index event."""
    rate = entry.key
    if not isinstance(entry.value, ListNode):
        expected = _expectation(reader, rate.text, rate.span, entry.value)
        if expected is not None:
            yield expected
        return
    if not entry.value.items:
        reader.report("VBM703", "the list of index events is empty", entry.value.span, "write `no_event`")
    for item in entry.value.items:
        expected = _expectation(reader, rate.text, item.span, item)
        if expected is not None and expected.index is None:
            reader.report("VBM703", "an index event in a list needs `index`", item.span, "`{index: DATE, result: met}`")
        elif expected is not None:
            yield expected


def _expectation(reader: Reader, rate: str, span: Span, node: Node) -> Expectation | None:
    if isinstance(node, TextNode):
        result = _result(reader, node)
        return Expectation(rate, result, span) if result is not None else None
    mapping = reader.mapping(node, "an expectation", _EXPECT_KEYS)
    if mapping is None:
        return None
    result_node = reader.needed(mapping, "result", "an expectation")
    result = _result(reader, result_node) if result_node is not None else None
    if result is None:
        return None
    for detail in mapping.entries:
        if detail.key.text in _EXPECT_KEYS[1:] and detail.key.text not in _DETAILS[result]:
            reader.report("VBM711", f"`{detail.key.text}` does not go with `{result}`", detail.key.span)
    on, sources, reason, step, index, part, whole = (mapping.get(key) for key in _EXPECT_KEYS[1:])
    return Expectation(
        rate,
        result,
        span,
        on=reader.date(on, "`on`") if on is not None else None,
        sources=_sources(reader, sources) if sources is not None else None,
        reason=reader.text(reason, "`reason`") if reason is not None else None,
        step=reader.whole_number(step, "`step`", 1, _MOST_STEPS) if step is not None else None,
        index=reader.date(index, "`index`") if index is not None else None,
        part=reader.whole_number(part, "`part`", 0, _MOST_AMOUNT) if part is not None else None,
        whole=reader.number(whole, "`whole`") if whole is not None else None,
    )


def _result(reader: Reader, node: Node) -> Result | None:
    text = reader.text(node, "a result")
    if text is None:
        return None
    words = [result.value for result in Result]
    if text in words:
        return Result(text)
    reader.report("VBM711", f"`{text}` is no result", node.span, suggestion_or_list(text, words, "results"))
    return None


def _sources(reader: Reader, node: Node) -> frozenset[str]:
    tables = reader.texts(node, "a table")
    for table in tables:
        if table not in EVENT_TABLES:
            hint = suggestion_or_list(table, EVENT_TABLES, "tables")
            reader.report("VBM711", f"no table of events is called `{table}`", node.span, hint)
    return frozenset(tables)
