"""Codes of the 5xx family: run folders that are read back; they are inputs, with the exit code of those."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM540": CodeInfo(
        "Not a finished run",
        "Commands that read a run folder need one that a run has finished: its last act is the empty file `_SUCCESS`. "
        "Without it, the numbers may be half of a result.",
        "Run `vbpmeasure run --out DIR` to its end, and name that folder.",
    ),
    "VBM541": CodeInfo(
        "Results of a newer version",
        "The folder was written by a later version of vbpmeasure, in a layout that this one does not know. Guessing at "
        "columns could show wrong numbers.",
        "Update vbpmeasure, or read the folder with the version that wrote it (its manifest names it).",
    ),
    "VBM542": CodeInfo(
        "A file of the run was changed",
        "The manifest lists the SHA-256 of every file of results. One is missing, or is not the file that the run "
        "wrote: what it says did not come from the definitions and data that the manifest names.",
        "Take the folder as it was written, from a copy if need be, or run it again.",
    ),
    "VBM543": CodeInfo(
        "Not a run folder",
        "The folder has no results, or no manifest, in the shape that `vbpmeasure run --out` writes. Folders of "
        "`convert` and `gaps` look alike, and hold something else.",
        "Name the folder of a run.",
    ),
}
