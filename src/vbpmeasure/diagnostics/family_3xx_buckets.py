"""Codes of the 3xx family: inputs that change, and data laid out in buckets."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM345": CodeInfo(
        "An input file changed during the run",
        "Size, time of change and footer of every input file are noted before anything is read and compared at the "
        "end. One of them differs, so some of what was counted may come from the old file and some from the new one. "
        "Nothing was written; results that stood in the output folder are as they were.",
        "Run again when the extract is complete. An extract that is written beside its place and then renamed never "
        "changes under a reader.",
    ),
    "VBM346": CodeInfo(
        "A bucket layout is not whole",
        "The folder says that `vbpmeasure bucket` wrote it, and its files are not the ones that it lists: one is "
        "missing, was replaced, or the list cannot be read. A person's rows could then be in two places, or in none.",
        "Lay the data out again with `vbpmeasure bucket`, into another folder or over this one.",
    ),
    "VBM347": CodeInfo(
        "The configuration maps tables in another way than the layout",
        "`vbpmeasure bucket` writes tables of the data contract: names, types and values are mapped once, when the "
        "data is laid out. The configuration of this run maps them differently, so its results would not be those "
        "that the configuration describes.",
        "Lay the data out again with this configuration, or run with the one that the layout was made with.",
    ),
}
