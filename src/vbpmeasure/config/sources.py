"""`[tables]` of the configuration as sources for the data layer; everything that can be judged without data."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from vbpmeasure.config.document import TomlDocument
from vbpmeasure.config.models import MappingSection, TableSection
from vbpmeasure.config.toml_places import KeyPath
from vbpmeasure.data.contract import TABLES, Column, Kind, Table
from vbpmeasure.data.date_formats import fault_of
from vbpmeasure.data.mapping import LABEL_COLUMN, Constant, SourceMapping, TableSource, TableSources, Unmapped
from vbpmeasure.data.remote.address import TABLE_FORMATS, parse
from vbpmeasure.diagnostics.model import Diagnostic, Span
from vbpmeasure.spec.suggest import suggestion_or_list

_PARTS = ("columns", "constants", "values", "dates")
_FLAG_TEXTS = ("1", "true", "yes", "y", "0", "false", "no", "n", "")
_CONSTANT_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.ID: (str,),
    Kind.TEXT: (str,),
    Kind.DATE: (dt.date,),
    Kind.INTEGER: (int,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (bool,),
}
_CONSTANT_WORDS = {
    Kind.ID: "a text",
    Kind.TEXT: "a text",
    Kind.DATE: "a date such as 2025-01-31, without quotes",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.FLAG: "`true` or `false`",
}
_VALUE_KINDS = (Kind.TEXT, Kind.FLAG)


def table_sources(
    tables: Mapping[str, TableSection], document: TomlDocument, folder: Path, found: list[Diagnostic]
) -> TableSources:
    """Return the sources by contract table; what is wrong is added to ``found`` (VBM122 to VBM128).

    Relative paths start at ``folder``, the place of the configuration file.
    """
    sources: dict[str, tuple[TableSource, ...]] = {}
    for name, section in tables.items():
        table = TABLES.get(name)
        if table is None:
            hint = suggestion_or_list(name, TABLES, "tables") or None
            message = f"the data contract has no table `{name}`"
            found.append(Diagnostic("VBM124", message, span=document.key("tables", name), hint=hint))
            continue
        reader = _Reader(table, section, document, folder)
        sources[name] = tuple(reader.sources())
        found += reader.found
    return sources


class _Reader:
    """Reads one `[tables.NAME]`."""

    def __init__(self, table: Table, section: TableSection, document: TomlDocument, folder: Path) -> None:
        self.table, self.section, self.document, self.folder = table, section, document, folder
        self.at: KeyPath = ("tables", table.name)
        self.found: list[Diagnostic] = []

    def sources(self) -> Iterator[TableSource]:
        parts: list[tuple[KeyPath, MappingSection]] = [(self.at, self.section)]
        if self.section.sources:
            if self.section.path is not None:
                self._refuse("VBM126", "a table has either a `path` or `sources`, not both", *self.at, "path")
            parts = [((*self.at, "sources", i), s) for i, s in enumerate(self.section.sources)]
        # What is wrong with the shared part is said once, not for every source.
        self._check(self.at, self.section)
        for at, part in parts:
            if at != self.at:
                self._check(at, part)
                if part.path is None:
                    span = self.document.key(*at)
                    self.found.append(Diagnostic("VBM123", f"a source of {self.table.name} has no `path`", span=span))
            yield self._source(at, part)

    def _source(self, at: KeyPath, part: MappingSection) -> TableSource:
        label = part.label if part.label is not None else self.section.label
        path = part.path
        catalog = part.catalog or self.section.catalog
        address = None if path is None else parse(path)
        kind = part.format or self.section.format or ("iceberg" if catalog else "parquet")
        if address is not None and address.format in TABLE_FORMATS:
            kind = "delta" if address.format == "delta" else "iceberg"
        if catalog is not None and kind != "iceberg":
            self._refuse("VBM126", "only Iceberg tables are found in a `catalog`", *at, "catalog")
        mapping = self._merged(at, part, label)
        return TableSource(
            path=None if path is None else path if catalog is not None else self._opened(path, at),
            format=kind,
            label=label,
            mapping=mapping,
            written=path if path is None or not os.path.isabs(path) else os.path.basename(path),  # noqa: PTH117, PTH119
            span=self.document.value(*at, "path") if path is not None else self.document.key(*at),
            version=part.version if part.version is not None else self.section.version,
            catalog=catalog,
        )

    def _opened(self, path: str, at: KeyPath) -> str:
        address = parse(path)
        if address is not None and address.holds_credentials:
            span = self.document.key(*at, "path")
            where = None if span is None else f"{span.path}:{span.line}"
            message = f"the address of {self.table.name} holds credentials, and a configuration is no place for them"
            hint = "write the plain address; credentials come from the environment, or from `[storage]` by name"
            # No span: the line would be printed.
            self.found.append(Diagnostic("VBM131", message, where=where, hint=hint))
        if address is not None and address.format not in (None, *TABLE_FORMATS):
            self._refuse(
                "VBM122", "an address begins with s3://, gs://, az:// and the like, or `delta+s3://`", *at, "path"
            )
        if "://" in path or os.path.isabs(path):  # noqa: PTH117  a glob is no Path
            return path
        return os.path.join(self.folder, path) if str(self.folder) != "." else path  # noqa: PTH118

    def _merged(self, at: KeyPath, part: MappingSection, label: str | None) -> SourceMapping:
        """Lay a source's entries over those of its table, column by column."""
        places: dict[tuple[str, str], Span] = {}
        merged: dict[str, dict[str, object]] = {name: {} for name in _PARTS}
        unmapped: dict[str, Unmapped] = {}
        layers = [(self.at, self.section)] if at == self.at else [(self.at, self.section), (at, part)]
        for where, layer in layers:
            for name in _PARTS:
                for column, said in getattr(layer, name).items():
                    self._supersede(merged, name, column)
                    merged[name][column] = said
                    if (span := self.document.key(*where, name, column)) is not None:
                        places[name, column] = span
            rule = layer.unmapped
            if isinstance(rule, str):
                unmapped |= dict.fromkeys(merged["values"], rule)
            elif rule is not None:
                unmapped |= rule
        self._state_unmapped(merged["values"], unmapped, places)
        if label is not None:
            self._label(at, part, merged)
            merged["constants"][LABEL_COLUMN] = label
        return SourceMapping(
            columns={k: str(v) for k, v in merged["columns"].items()},
            constants={k: v for k, v in merged["constants"].items() if isinstance(v, Constant)},
            values={k: dict(v) for k, v in merged["values"].items() if isinstance(v, dict)},
            unmapped={k: v for k, v in unmapped.items() if k in merged["values"]},
            dates={k: str(v) for k, v in merged["dates"].items()},
            places=places,
        )

    @staticmethod
    def _supersede(merged: dict[str, dict[str, object]], part: str, column: str) -> None:
        """Let a source say `columns` where its table said `constants`, and the other way round."""
        if part == "constants":
            for other in ("columns", "values", "dates"):
                merged[other].pop(column, None)
        else:
            merged["constants"].pop(column, None)

    def _state_unmapped(
        self,
        values: Mapping[str, object],
        unmapped: Mapping[str, Unmapped],
        places: Mapping[tuple[str, str], Span],
    ) -> None:
        for column in values:
            if column not in unmapped and not any(
                d.code == "VBM123" and d.span == places.get(("values", column)) for d in self.found
            ):
                message = f"what becomes of values of {column} that are not listed has to be said"
                hint = 'add `unmapped = "error"` to the table, or "keep", or "null"; or one word a column: '
                hint += f'`unmapped = {{ {column} = "keep" }}`'
                self.found.append(Diagnostic("VBM123", message, span=places.get(("values", column)), hint=hint))

    def _label(self, at: KeyPath, part: MappingSection, merged: Mapping[str, Mapping[str, object]]) -> None:
        if self.table.column(LABEL_COLUMN) is None:
            self._refuse("VBM126", f"{self.table.name} has no column {LABEL_COLUMN} for a label", *at, "label")
        for name in _PARTS:
            if LABEL_COLUMN in merged[name]:
                message = f"`label` fills {LABEL_COLUMN}, and `{name}` says something else about it"
                where = at if LABEL_COLUMN in getattr(part, name) else self.at
                self._refuse("VBM126", message, *where, name, LABEL_COLUMN)

    # --- one layer ------------------------------------------------------------------------------------------------

    def _check(self, at: KeyPath, part: MappingSection) -> None:
        for name in _PARTS:
            for column, said in getattr(part, name).items():
                known = self.table.column(column)
                if known is None:
                    hint = suggestion_or_list(column, [c.name for c in self.table.columns], "columns") or None
                    message = f"{self.table.name} has no contract column `{column}`"
                    span = self.document.key(*at, name, column)
                    self.found.append(Diagnostic("VBM125", message, span=span, hint=hint))
                elif name == "constants":
                    self._check_constant(at, part, known, said)
                elif name == "values":
                    self._check_values(at, known, said)
                elif name == "dates":
                    self._check_date(at, known, said)
        if isinstance(part.unmapped, dict):
            known_values = {*part.values, *self.section.values}
            for column in part.unmapped:
                if column not in known_values:
                    message = f"`unmapped` speaks of {column}, and no `values` do"
                    self._refuse("VBM126", message, *at, "unmapped", column)

    def _check_constant(self, at: KeyPath, part: MappingSection, column: Column, said: object) -> None:
        also = next((name for name in ("columns", "values", "dates") if column.name in getattr(part, name)), None)
        where = (*at, "constants", column.name)
        if also is not None:
            self._refuse("VBM126", f"{column.name} is a constant here, and `{also}` speaks of it too", *where)
        elif column.name == "person_id":
            self._refuse("VBM128", "person_id cannot be a constant: it tells people apart", *where)
        elif type(said) not in _CONSTANT_TYPES[column.kind]:
            self._refuse("VBM128", f"{column.name} needs {_CONSTANT_WORDS[column.kind]}", *where)

    def _check_values(self, at: KeyPath, column: Column, said: Mapping[str, str]) -> None:
        where = (*at, "values", column.name)
        if column.kind not in _VALUE_KINDS:
            self._refuse("VBM128", f"values of {column.name} cannot be translated: it holds no words", *where)
        elif column.kind is Kind.FLAG:
            for source, target in said.items():
                if target.lower() not in _FLAG_TEXTS:
                    message = f"{column.name} is a flag: `yes` or `no` is needed, or an empty text for unknown"
                    self.found.append(Diagnostic("VBM128", message, span=self.document.value(*where, source)))

    def _check_date(self, at: KeyPath, column: Column, said: str) -> None:
        where = (*at, "dates", column.name)
        if column.kind is not Kind.DATE:
            self._refuse("VBM128", f"{column.name} is no date", *where)
        elif (fault := fault_of(said)) is not None:
            hint = "for example `%Y-%m-%d`, `%Y%m%d`, `%m/%d/%Y`, `%d%b%Y`"
            span = self.document.value(*where)
            self.found.append(Diagnostic("VBM127", f"this date format cannot be used: {fault}", span=span, hint=hint))

    def _refuse(self, code: str, message: str, *path: str | int) -> None:
        self.found.append(Diagnostic(code, message, span=self.document.key(*path)))
