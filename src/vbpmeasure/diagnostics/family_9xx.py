"""Codes of the 9xx family: bugs of vbpmeasure itself."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM901": CodeInfo(
        "A bug of vbpmeasure",
        "Something happened that no rule foresees. The message says only what kind of error it was, because "
        "its text could quote the data.",
        "Report it with the command and the version. `VBPMEASURE_TRACEBACK=1` prints the traceback: read it "
        "before you share it, it can hold values of the data.",
    ),
    "VBM902": CodeInfo(
        "The two engines disagree",
        "The reference engine and the Polars engine gave different verdicts for the same person and the same "
        "rows. One of them misreads the semantics, so neither is shown as the answer.",
        "Report it with the measure and the version; do not use the rate until it is understood.",
    ),
    "VBM903": CodeInfo(
        "A measure failed in the engine",
        "The measure's definition is sound and the data passed its checks, yet the engine stopped on this "
        "measure. The other measures of the run are not affected; the manifest names the ones that failed.",
        "Run the measure alone to see whether it fails again, and report it.",
    ),
}
