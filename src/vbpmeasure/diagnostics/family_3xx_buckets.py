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
}
