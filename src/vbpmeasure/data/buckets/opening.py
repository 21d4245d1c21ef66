"""Bind a data folder, whether `vbpmeasure bucket` laid it out or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from vbpmeasure.data.bad_rows import EVERY_FAULT, without_bad_rows
from vbpmeasure.data.binding import BadRows, Root, bind, bind_files
from vbpmeasure.data.bound import BoundData, TableVersion
from vbpmeasure.data.buckets.hashing import bucket_of
from vbpmeasure.data.buckets.layout import Layout, as_laid_out, layout_of, refuse_other_mapping
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import FileFingerprint
from vbpmeasure.data.locate import table_of
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.data.remote.store import Stores
from vbpmeasure.data.rows import of_person


def open_data(
    root: Root,
    *,
    tables: Collection[str] | None = None,
    bad_rows: BadRows = "refuse",
    sources: TableSources,
    access: Access = NO_ACCESS,
) -> tuple[BoundData, Layout | None]:
    """Return the bound tables, and the layout when the folder is one: its tables are mapped already.

    Raises ``Failure`` as `bind` does, VBM346 for a layout that is not whole, VBM347 when it was mapped in another way.
    """
    stores = Stores(access)
    layout = layout_of(root, stores)
    if layout is None:
        return bind(root, tables=tables, bad_rows=bad_rows, sources=sources, access=stores), None
    refuse_other_mapping(layout, sources)
    others = {name: found for name, found in sources.items() if name not in layout.files}
    bound = bind(root, tables=tables, bad_rows=bad_rows, sources=others, access=stores)
    return as_laid_out(bound, layout), layout


def open_for_person(root: Root, person_id: str, *, sources: TableSources, access: Access = NO_ACCESS) -> BoundData:
    """Return the data for a question about one person, as `open_data` with all rows kept and `of_one_person` do.

    Of a layout that is all the data there is, no file of another bucket is opened. Raises ``Failure`` as `open_data`.
    """
    stores = Stores(access)
    layout = layout_of(root, stores, person_id)
    if layout is None or not _alone(root, layout, sources, access):
        bound, layout = open_data(root, bad_rows="keep", sources=sources, access=access)
        return of_one_person(bound, layout, person_id)
    refuse_other_mapping(layout, sources)
    laid = layout.laid_of(layout.buckets, bucket_of(person_id, layout.buckets), layout.files)
    files, rows_of = layout.files_of(laid)
    tables = bind_files(files, {}, rows_of)
    return _with_theirs(as_laid_out(BoundData(tables, (), {}, root=root), layout), person_id)


def _alone(root: Root, layout: Layout, sources: TableSources, access: Access) -> bool:
    """Return whether nothing but the layout says anything of the data."""
    if not isinstance(root, Path) or access.versions.tables or any(name not in layout.files for name in sources):
        return False
    there = {table_of(entry.name, folder=entry.is_dir) for entry in root.iterdir()}
    return there - {None} == set(layout.files)


def of_one_person(bound: BoundData, layout: Layout | None, person_id: str) -> BoundData:
    """Return the data for a question about one person: eligibility has no row but the usable ones of theirs.

    ``bound`` and ``layout`` as from `open_data` with all rows kept; of a layout only the files of the person's bucket
    stay. Nothing is read of other people's rows, so nothing is said of faults in them.
    """
    if layout is not None:
        bound = layout.narrowed(bound, layout.buckets, bucket_of(person_id, layout.buckets))
    return _with_theirs(bound, person_id)


def _with_theirs(bound: BoundData, person_id: str) -> BoundData:
    everybody = bound.tables["eligibility"]
    # Read once: which of the rows can be used is asked of them, and what they say.
    with guarded({"eligibility": everybody}):
        read = of_person(everybody, person_id).collect()
    theirs = replace(everybody, frame=read.lazy(), audit=None, footers_tell=False)
    return replace(bound, tables={**bound.tables, "eligibility": without_bad_rows(theirs, EVERY_FAULT)})


def inputs_behind(
    bound: BoundData, layout: Layout | None, seen: tuple[FileFingerprint | TableVersion, ...]
) -> tuple[FileFingerprint | TableVersion, ...]:
    """Return the fingerprints for a manifest: of a layout those of the files that it was made from."""
    if layout is None:
        return seen
    found = {name: [f for f in layout.inputs if f.table == name] for name in bound.tables if name in layout.files}
    others = {name: [f for f in seen if f.table == name] for name in bound.tables if name not in layout.files}
    return tuple(one for name in bound.tables for one in {**found, **others}[name])
