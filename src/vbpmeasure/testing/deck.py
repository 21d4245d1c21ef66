"""Reading a test deck, `cases.yaml`: all findings at once, each with its place (docs/decks.md describes the file)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from vbpmeasure.data.contract import ELIGIBILITY
from vbpmeasure.diagnostics.model import Failure, Severity
from vbpmeasure.diagnostics.source import attach_source_lines
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import ListNode, MapNode, Node, parse_yaml, read_text
from vbpmeasure.testing.deck_indicators import read_indicators, read_lines
from vbpmeasure.testing.deck_people import PERSON_KEYS, read_person
from vbpmeasure.testing.model import Deck, DeckCase, DeckPerson, IndicatorRow
from vbpmeasure.testing.reader import Reader

_DECK_KEYS = ("measure", "year", "about", "cases")
_CASE_KEYS = ("name", "about", "year", "parameters", "enrollment_key", "people", *PERSON_KEYS, "indicators", "lines")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_COLUMNS = tuple(column.name for column in ELIGIBILITY.columns)


def read_deck(path: Path, measure: str | None = None) -> Deck:
    """Read the deck of one measure; ``measure`` is the id that it must be for, when the caller knows.

    Raises `Failure` with every error of the file: 1xx from reading the YAML, 7xx from what it says. Whether
    expectations fit the measure's rates is `runner.run_deck`'s to say, which knows the plan.
    """
    return parse_deck(read_text(path), path, measure)


def parse_deck(text: str, path: Path, measure: str | None = None) -> Deck:
    """Read a deck from its text; ``path`` names it in diagnostics. Raises `Failure` as `read_deck` does."""
    tree = parse_yaml(text, str(path))
    reader = Reader()
    deck = _deck(reader, tree, path, measure)
    found = attach_source_lines(reader.found, {str(path): text})
    if deck is None or any(d.severity is Severity.ERROR for d in found):
        raise Failure(found)
    return Deck(deck.measure, deck.path, deck.cases, deck.span, warnings=found)


def _deck(reader: Reader, tree: Node, path: Path, measure: str | None) -> Deck | None:
    mapping = reader.mapping(tree, "a deck", _DECK_KEYS)
    if mapping is None:
        return None
    measure_node, cases_node = (reader.needed(mapping, key, "a deck") for key in ("measure", "cases"))
    named = reader.text(measure_node, "`measure`") if measure_node is not None else None
    if measure_node is not None and named is not None and measure is not None and named != measure:
        reader.report("VBM714", f"this deck is for `{named}`, and stands beside `{measure}`", measure_node.span)
    # A year that cannot be read was reported; zero keeps every case from reporting it again.
    year = _year(reader, mapping) or (0 if mapping.get("year") is not None else None)
    nodes = reader.items(cases_node, "`cases`") if cases_node is not None else ()
    if isinstance(cases_node, ListNode) and not nodes:
        reader.report("VBM707", "the deck has no cases", cases_node.span)
    first_lines: dict[str, int] = {}
    cases = tuple(case for case in (_case(reader, node, year, first_lines) for node in nodes) if case is not None)
    if named is None or not cases:
        return None
    return Deck(named, path, cases, mapping.entries[0].key.span)


def _year(reader: Reader, mapping: MapNode) -> int | None:
    node = mapping.get("year")
    return reader.whole_number(node, "`year`", _FIRST_YEAR, _LAST_YEAR) if node is not None else None


def _case(reader: Reader, node: Node, deck_year: int | None, first_lines: dict[str, int]) -> DeckCase | None:
    mapping = reader.mapping(node, "a case", _CASE_KEYS)
    if mapping is None:
        return None
    name_node, about = reader.needed(mapping, "name", "a case"), mapping.get("about")
    name = _name(reader, name_node, first_lines) if name_node is not None else None
    year = _year(reader, mapping) or deck_year
    if year is None and mapping.get("year") is None:
        reader.report("VBM703", "a case needs a `year`, its own or the deck's", mapping.span)
    indicators, lines = read_indicators(reader, mapping), read_lines(reader, mapping)
    of_person = tuple(row for row in indicators if row.entity is None)
    people = _people(reader, mapping, of_person)
    parameters, key = _parameters(reader, mapping), _enrollment_key(reader, mapping)
    shown = reader.text(about, "`about`") if about is not None else ""
    if name is None or name_node is None or not year or not (people or lines):
        return None
    others = tuple(row for row in indicators if row.entity is not None)
    return DeckCase(name, year, people, name_node.span, shown or "", parameters, key, others, lines)


def _name(reader: Reader, node: Node, first_lines: dict[str, int]) -> str | None:
    name = reader.text(node, "the name of a case")
    if name is None:
        return None
    if not _NAME.fullmatch(name):
        reader.report("VBM706", f"`{name}` is not `[a-z][a-z0-9_]*`", node.span)
    if name in first_lines:
        reader.report("VBM706", f"the case `{name}` is already there, on line {first_lines[name]}", node.span)
    first_lines.setdefault(name, node.span.line)
    return name


def _people(reader: Reader, mapping: MapNode, indicators: tuple[IndicatorRow, ...]) -> tuple[DeckPerson, ...]:
    """Return the people of a case; ``indicators`` are those of the only person, when the case is about one."""
    people = mapping.get("people")
    if people is None:
        about_a_person = [key for key in PERSON_KEYS if mapping.get(key) is not None]
        if mapping.get("lines") is not None and not about_a_person:
            _say_whose(reader, indicators)
            return ()
        alone = read_person(reader, mapping)
        return (replace(alone, indicators=indicators),) if alone is not None else ()
    _say_whose(reader, indicators)
    for entry in mapping.entries:
        if entry.key.text in PERSON_KEYS:
            hint = "move it to the people it is about"
            reader.report("VBM702", f"a case with `people` has no `{entry.key.text}` of its own", entry.key.span, hint)
    nodes = reader.items(people, "`people`")
    if not nodes:
        reader.report("VBM703", "`people` names at least one person", people.span)
    mappings = (reader.mapping(node, "a person", (*PERSON_KEYS, "indicators")) for node in nodes)
    read = (_one_of_people(reader, person) for person in mappings if person is not None)
    return tuple(person for person in read if person is not None)


def _one_of_people(reader: Reader, mapping: MapNode) -> DeckPerson | None:
    indicators = read_indicators(reader, mapping)
    for row in indicators:
        if row.entity is not None:
            hint = "move it to the case"
            reader.report("VBM702", "an indicator of a person has no `entity`", row.span, hint)
    person = read_person(reader, mapping)
    return None if person is None else replace(person, indicators=indicators)


def _say_whose(reader: Reader, indicators: Iterable[IndicatorRow]) -> None:
    """Report indicators that do not say which entity they are about, where that is no single person."""
    for row in indicators:
        hint = "add `entity` and `id`, or move it to the person it is about"
        reader.report("VBM703", "an indicator of a case says whose it is", row.span, hint)


def _parameters(reader: Reader, mapping: MapNode) -> Mapping[str, str]:
    node = mapping.get("parameters")
    overrides = reader.mapping(node, "`parameters`") if node is not None else None
    if overrides is None:
        return {}
    read = {entry.key.text: reader.text(entry.value, f"`{entry.key.text}`") for entry in overrides.entries}
    return {name: text for name, text in read.items() if text is not None}


def _enrollment_key(reader: Reader, mapping: MapNode) -> tuple[str, ...] | None:
    node = mapping.get("enrollment_key")
    if node is None:
        return None
    columns = []
    for item in reader.items(node, "`enrollment_key`"):
        column = reader.text(item, "a column of eligibility")
        if column is not None and column not in _COLUMNS:
            hint = suggestion_or_list(column, _COLUMNS, "columns")
            reader.report("VBM702", f"eligibility has no column `{column}`", item.span, hint or None)
        elif column is not None:
            columns.append(column)
    return tuple(columns)
