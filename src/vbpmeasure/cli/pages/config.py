"""The page of `config show`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from vbpmeasure.cli.pages.text import columns, section
from vbpmeasure.config.settings import Setting, Settings
from vbpmeasure.data.mapping import TableSource

SCHEMA_VERSION = "1"
_RAW = ("validate", "value_sets")


def config_page(found: Settings, form: str) -> str:
    """Return all settings with their origin, then the sources of mapped tables, as text or JSON."""
    if form == "json":
        return json.dumps(_as_dict(found), indent=2, ensure_ascii=False)
    document = found.config.document
    head = f"configuration: {'none' if document is None else document.path.as_posix()}"
    rows = [(s.name, _words(s), s.origin.value, s.place or "-") for s in _settings(found)]
    blocks = [head, columns(("setting", "value", "from", "where"), rows)]
    for table, sources in found.config.tables.items():
        blocks.append(section(f"table {table}", [line for source in sources for line in _source_lines(source)]))
    blocks += [f"[{name}] is set" for name in _set_sections(found)]
    return "\n\n".join(blocks)


def _settings(found: Settings) -> Iterator[Setting]:
    yield from found.found.values()
    for setting in found.params.values():
        yield Setting(f"params.{setting.name}", setting.value, setting.origin, setting.place)


def _words(setting: Setting) -> str:
    value = setting.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    return "-" if value is None else str(value)


def _source_lines(source: TableSource) -> Iterator[str]:
    where = "" if source.span is None else f"  ({source.span.path}:{source.span.line})"
    label = "" if source.label is None else f", label {source.label}"
    yield f"{source.format} {source.written or 'in the data folder'}{label}{where}"
    mapping = source.mapping
    for column, theirs in mapping.columns.items():
        yield f"  {column} is their {theirs}"
    for column, value in mapping.constants.items():
        yield f"  {column} is always {value}"
    for column, form in mapping.dates.items():
        yield f"  {column} is read as {form}"
    for column, values in mapping.values.items():
        yield f"  {column}: {len(values)} values translated, others: {mapping.unmapped.get(column, '')}"


def _set_sections(found: Settings) -> list[str]:
    document = found.config.document
    return [] if document is None else [name for name in _RAW if name in document.values]


def _as_dict(found: Settings) -> dict[str, object]:
    document = found.config.document
    return {
        "schema_version": SCHEMA_VERSION,
        "configuration": None if document is None else document.path.as_posix(),
        "settings": [
            {"name": s.name, "value": s.value, "from": s.origin.value, "where": s.place or None}
            for s in _settings(found)
        ],
        "tables": {
            name: [{**source.record(), "line": None if source.span is None else source.span.line} for source in sources]
            for name, sources in found.config.tables.items()
        },
        "sections": _set_sections(found),
    }
