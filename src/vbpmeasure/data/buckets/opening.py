"""Bind a data folder, whether `vbpmeasure bucket` laid it out or not."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from vbpmeasure.data.binding import BadRows, bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.layout import Layout, as_laid_out, layout_of, refuse_other_mapping
from vbpmeasure.data.fingerprint import FileFingerprint
from vbpmeasure.data.mapping import TableSources


def open_data(
    root: Path | None, *, tables: Collection[str] | None = None, bad_rows: BadRows = "refuse", sources: TableSources
) -> tuple[BoundData, Layout | None]:
    """Return the bound tables, and the layout when the folder is one: its tables are mapped already.

    Raises ``Failure`` as `bind` does, VBM346 for a layout that is not whole, VBM347 when it was mapped in another way.
    """
    layout = layout_of(root)
    if layout is None:
        return bind(root, tables=tables, bad_rows=bad_rows, sources=sources), None
    refuse_other_mapping(layout, sources)
    others = {name: found for name, found in sources.items() if name not in layout.files}
    bound = bind(root, tables=tables, bad_rows=bad_rows, sources=others)
    return as_laid_out(bound, layout), layout


def inputs_behind(
    bound: BoundData, layout: Layout | None, seen: tuple[FileFingerprint, ...]
) -> tuple[FileFingerprint, ...]:
    """Return the fingerprints for a manifest: of a layout those of the files that it was made from."""
    if layout is None:
        return seen
    found = {name: [f for f in layout.inputs if f.table == name] for name in bound.tables if name in layout.files}
    others = {name: [f for f in seen if f.table == name] for name in bound.tables if name not in layout.files}
    return tuple(one for name in bound.tables for one in {**found, **others}[name])
