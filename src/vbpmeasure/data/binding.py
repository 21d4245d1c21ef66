"""Bind the user's Parquet files to the data contract. Only footers are read; the tables stay lazy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from vbpmeasure.data.bad_rows import check_eligibility, refuse_unknown_flags, without_bad_rows
from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.contract import TABLES, Table
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.locate import Location, at_pattern, locate
from vbpmeasure.data.mapping import TableSource, TableSources
from vbpmeasure.data.near_misses import near_misses
from vbpmeasure.data.opened import Opened, open_location, open_source
from vbpmeasure.data.remote.access import NO_ACCESS, Access, Versions
from vbpmeasure.data.remote.address import RemoteFolder
from vbpmeasure.data.remote.locate import locate_remote
from vbpmeasure.data.remote.store import File, Stores
from vbpmeasure.data.sources import Part, as_table, bind_part
from vbpmeasure.diagnostics.model import Diagnostic, Failure

__all__ = ["BoundData", "BoundTable", "bind", "bind_readable", "bind_tables"]

BadRows = Literal["refuse", "drop", "keep"]
# A table's sources, each with where it lies in the data folder when the configuration does not place it.
Root = Path | RemoteFolder | None
Places = Sequence[tuple[Location | None, TableSource | None]]


def bind(
    root: Root,
    *,
    tables: Collection[str] | None = None,
    bad_rows: BadRows = "refuse",
    sources: TableSources | None = None,
    access: Access | Stores = NO_ACCESS,
) -> BoundData:
    """Bind the contract tables below a data folder.

    ``tables`` limits what is looked for (default: the whole contract). Each table is ``NAME.parquet`` or a folder
    ``NAME`` of Parquet files, with partition folders or without. ``bad_rows`` says what happens to eligibility rows
    that cannot be used (semantics section 1): ``refuse`` raises, ``drop`` leaves them out of the frame and counts them,
    ``keep`` leaves them in, for a copy of the data.
    That check is one pass over the span dates; nothing else is read but footers. ``sources`` are those of the
    configuration: where a table lies instead (``root`` may be None when all do), and how its columns are mapped. Text
    dates and values that must be listed cost one pass over their columns.

    Raises ``Failure`` (exit 3) with every finding of the phase that failed: VBM301 to VBM311, VBM313 to VBM316, VBM330
    to VBM335.
    """
    wanted = _wanted(tables)
    configured = {name: found for name, found in (sources or {}).items() if name in wanted}
    elsewhere = _elsewhere(configured)
    here = [name for name in wanted if name not in elsewhere]
    stores = Stores.behind(access)
    located = _located(root, here, stores)
    findings = Findings()
    places = _places(located, configured, elsewhere, wanted, root, findings)
    findings.raise_if_any()
    return _bind(places, wanted, bad_rows, root, stores)


def _located(root: Root, names: Collection[str], stores: Stores) -> dict[str, Location]:
    if isinstance(root, RemoteFolder):
        return locate_remote(root, names, stores)
    return {} if root is None else locate(root, names)


def _elsewhere(configured: TableSources) -> set[str]:
    """Return the tables that the configuration places; the others lie in the data folder, if anywhere."""
    return {name for name, found in configured.items() if all(s.path is not None for s in found)}


def _places(
    located: Mapping[str, Location],
    configured: TableSources,
    elsewhere: Collection[str],
    wanted: Iterable[str],
    root: Root,
    findings: Findings,
) -> dict[str, Places]:
    """Return the sources of every table that is anywhere; a mapped table that is nowhere is a finding (VBM336)."""
    for name, found in configured.items():
        if name not in elsewhere and name not in located:
            _report_nowhere(name, found[0], root, findings)
    return {
        name: [(located.get(name), source) for source in configured[name]]
        if name in configured
        else [(located[name], None)]
        for name in wanted
        if name in located or name in elsewhere
    }


def _report_nowhere(name: str, source: TableSource, root: Root, findings: Findings) -> None:
    where = "no data folder was named" if root is None else "the data folder has no such table"
    findings.add(
        Diagnostic(
            "VBM336",
            f"table {name} is mapped without a `path`, and {where}",
            span=source.span,
            where=None if root is None else str(root),
            hint="give it a `path`, or put it into the data folder",
        )
    )


def bind_tables(paths: Mapping[str, str | Path], *, bad_rows: BadRows = "refuse") -> BoundData:
    """Bind tables given one by one: contract name to a file, a folder or a glob (``**`` goes through folders).

    The required tables are not asked for here: what is not named is missing. Otherwise as ``bind``; VBM316 when a
    pattern matches nothing. An unknown table name is a ``ValueError``.
    """
    wanted = _wanted(paths)
    findings = Findings()
    located: dict[str, Location] = {}
    for name in wanted:
        try:
            located[name] = at_pattern(name, str(paths[name]))
        except Failure as failure:
            findings.take(failure)
    findings.raise_if_any()
    return _bind(
        {name: [(location, None)] for name, location in located.items()}, wanted, bad_rows, None, Stores(NO_ACCESS)
    )


def rebound(bound: BoundData, files: Mapping[str, Sequence[File]], rows_of: Mapping[File, int]) -> BoundData:
    """Return bound data with other files for some of its tables, as `bind_files` binds them."""
    found = bind_files(files, bound.bad_rows, rows_of)
    sources = {name: bound.tables[name].sources for name in found}
    tables = {name: replace(table, sources=sources[name]) for name, table in found.items()}
    return replace(bound, tables={**bound.tables, **tables})


def bind_files(
    files: Mapping[str, Sequence[File]], bad_rows: Mapping[str, int], rows_of: Mapping[File, int] | None = None
) -> dict[str, BoundTable]:
    """Bind Parquet files that hold some of the rows of tables which were judged as a whole before.

    They are in contract names and types already: nothing is checked again, and rows with the faults of ``bad_rows``
    stay out. ``rows_of`` are the rows of each file when they are known, of files of a table that are all alike: then
    one footer a table is read. Raises ``Failure`` as ``bind`` does when a file cannot be read.
    """
    findings = Findings()
    tables: dict[str, BoundTable] = {}
    for name, paths in files.items():
        location = Location(name, tuple(paths), paths[0].parent)
        opened = open_location(TABLES[name], location, findings, rows_of=rows_of)
        part = bind_part(TABLES[name], opened, None, findings)
        if part is None:
            continue
        table = as_table(TABLES[name], [part], findings)
        if name == "eligibility":
            table = without_bad_rows(table, bad_rows)
        tables[name] = replace(table, footers_tell=False)
    if findings.errors:
        raise Failure(findings.errors)
    return tables


def _wanted(names: Collection[str] | None) -> tuple[str, ...]:
    unknown = sorted(set(names or ()) - set(TABLES))
    if unknown:
        raise ValueError(f"not in the data contract: {', '.join(unknown)}")
    return tuple(name for name in TABLES if names is None or name in names)


def _bind(
    located: Mapping[str, Places], wanted: Sequence[str], bad_rows: BadRows, root: Root, stores: Stores
) -> BoundData:
    _check_versions(stores.access.versions, located)
    findings = Findings()
    _report_missing(located, wanted, root, findings)
    bound: dict[str, BoundTable] = {}
    for name, places in located.items():
        table = _bind_table(TABLES[name], places, findings, stores)
        if table is not None:
            bound[name] = table
    data = _together(bound, wanted, located, root, findings)
    if "eligibility" not in bound:
        return data
    if bad_rows == "keep":
        refuse_unknown_flags(bound["eligibility"])
        return data
    eligibility, counts = check_eligibility(bound["eligibility"], bad_rows)
    return replace(data, tables={**bound, "eligibility": eligibility}, bad_rows=counts)


def bind_opened(opened: Mapping[str, Opened], wanted: Collection[str]) -> BoundData:
    """Bind tables that somebody else opened, by contract name; rows of eligibility are not looked at.

    Raises ``Failure`` with every finding: VBM305 to VBM308, VBM311, VBM313.
    """
    findings = Findings()
    names = _wanted(wanted)
    _report_missing(opened, names, None, findings)
    bound: dict[str, BoundTable] = {}
    for name, one in opened.items():
        part = bind_part(TABLES[name], one, None, findings)
        if part is None:
            continue
        bound[name] = replace(as_table(TABLES[name], [part], findings), footers_tell=False)
        if part.rows == 0:
            _report_no_rows(TABLES[name], one, findings)
    return _together(bound, names, opened, None, findings)


def _report_missing(there: Collection[str], wanted: Sequence[str], root: Root, findings: Findings) -> None:
    missing = [name for name in wanted if name not in there]
    for name in missing:
        if TABLES[name].required:
            findings.error(
                "VBM305",
                f"the required table {name} is not there",
                where=None if root is None else str(root),
                hint=f"put it there as {name}.parquet or as a folder {name} of Parquet files",
            )
    _report_near_misses(missing, root, findings)


def _report_near_misses(missing: Collection[str], root: Root, findings: Findings) -> None:
    """Warn of what may be meant for a missing table. Object stores are not listed once more for it."""
    if not isinstance(root, Path):
        return
    for name, entry in near_misses(root, missing).items():
        findings.warning(
            "VBM324",
            f"{entry} is not read; it may be meant for table {name}, which is not there",
            where=str(root),
            hint=f"tables are read from {name}.parquet or from a folder {name} of Parquet files",
        )


def _together(
    bound: dict[str, BoundTable],
    wanted: Sequence[str],
    there: Collection[str],
    root: Root,
    findings: Findings,
) -> BoundData:
    _check_person_ids(bound, findings)
    findings.raise_if_any()
    return BoundData(
        tables=bound,
        missing_tables=tuple(name for name in wanted if name not in there),
        missing_columns={name: _absent(TABLES[name], table) for name, table in bound.items()},
        warnings=findings.warnings,
        root=root,
    )


def _check_versions(versions: Versions, located: Mapping[str, Places]) -> None:
    """Refuse a version for a table that is not there, or that is put together from several sources."""
    for name in versions.tables:
        places = located.get(name, ())
        if len(places) != 1:
            what = "that is not there" if not places else "that several sources make up"
            raise Failure(
                Diagnostic(
                    "VBM411",
                    f"`--as-of-version` names table {name}, {what}",
                    hint="check the name" if not places else "give each source a `version` in vbpmeasure.toml",
                )
            )


def _bind_table(table: Table, places: Places, findings: Findings, stores: Stores) -> BoundTable | None:
    """Return the bound table, or None when something about it became an error in ``findings``."""
    before = len(findings.errors)
    parts: list[Part] = []
    for location, source in places:
        try:
            opened = _open(table, location, source, findings, stores)
        except Failure as failure:
            findings.take(failure)
            continue
        if (part := bind_part(table, opened, source, findings)) is not None:
            parts.append(part)
    if len(findings.errors) > before:
        return None
    bound = as_table(table, parts, findings)
    if bound.rows == 0:
        _report_no_rows(table, parts[0].opened, findings)
    return bound


def _open(
    table: Table, location: Location | None, source: TableSource | None, findings: Findings, stores: Stores
) -> Opened:
    version = stores.access.versions.of(table.name)
    if source is not None and source.path is not None:
        return open_source(table, source, findings, stores, version)
    assert location is not None
    version = source.version if version is None and source is not None else version
    return open_location(table, location, findings, version)


def _report_no_rows(table: Table, opened: Opened, findings: Findings) -> None:
    where = place(table.name, file=opened.place)
    if table.name == "eligibility":
        findings.error("VBM311", "eligibility has no rows: there is nobody to measure", where=where)
    else:
        findings.warning(
            "VBM312",
            f"table {table.name} has no rows: nothing in it can be evidence",
            where=where,
            hint="check the extract; an absent table and an empty one count the same",
        )


def _check_person_ids(bound: Mapping[str, BoundTable], findings: Findings) -> None:
    """Refuse person ids that are text in one table and integers in another: they would never meet."""
    by_type: dict[str, list[str]] = {}
    for table in bound.values():
        if "person_id" in table.columns:
            dtype = table.frame.collect_schema()["person_id"]
            by_type.setdefault("text" if dtype == pl.String else "integers", []).append(table.name)
    if len(by_type) > 1:
        findings.error(
            "VBM313",
            f"person_id is text in {', '.join(by_type['text'])} and an integer in {', '.join(by_type['integers'])}",
            where=place(by_type["integers"][0], "person_id", next(iter(bound[by_type["integers"][0]].files), None)),
            hint="give it one type in all tables; text keeps leading zeros",
        )


def _absent(table: Table, bound: BoundTable) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns if c.name not in bound.columns)


def _of_the_folder(found: Diagnostic, root: Root) -> bool:
    """Return whether a finding is about the data folder as a whole, and not about one table in it."""
    return found.code in ("VBM301", "VBM302") or (found.code == "VBM304" and found.where == str(root))


def bind_readable(
    root: Root, *, sources: TableSources | None = None, access: Access = NO_ACCESS
) -> tuple[BoundData, tuple[Diagnostic, ...]]:
    """Bind what can be bound, for checks that want to see it all; no table raises. ``sources`` as in ``bind``.

    Returns the tables that are sound (eligibility with its faulty rows), and every finding, errors included. Tables
    with errors are in ``missing_tables``. Raises ``Failure`` only when there is no folder or no table at all: VBM301,
    VBM302, VBM304.
    """
    configured = sources or {}
    elsewhere = _elsewhere(configured)
    findings = Findings()
    stores = Stores(access)
    located: dict[str, Location] = {}
    for name in TABLES:
        if root is None or name in elsewhere:
            continue
        try:
            located |= _located(root, (name,), stores)
        except Failure as failure:
            if not elsewhere and any(_of_the_folder(d, root) for d in failure.diagnostics):
                raise
            findings.take(failure)
    bound: dict[str, BoundTable] = {}
    found_at = _places(located, configured, elsewhere, TABLES, root, findings)
    for name, places in found_at.items():
        own = Findings()
        table = _bind_table(TABLES[name], places, own, stores)
        if table is not None:
            bound[name] = table
        for diagnostic in (*own.errors, *own.warnings):
            findings.add(diagnostic)
    _report_near_misses([name for name in TABLES if name not in found_at], root, findings)
    # Emptiness has a check of its own, and so do faulty rows and required tables that are missing.
    _check_person_ids(bound, findings)
    data = BoundData(
        tables=bound,
        missing_tables=tuple(name for name in TABLES if name not in bound),
        missing_columns={name: _absent(TABLES[name], table) for name, table in bound.items()},
        warnings=findings.warnings,
        root=root,
    )
    return data, findings.errors
