"""Codes of the 5xx family: where a report is written."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM545": CodeInfo(
        "A report is a file",
        "`--out` of `vbpmeasure report` names a folder. The report is one file.",
        "Name the file, such as `--out report.html`.",
    ),
    "VBM546": CodeInfo(
        "A report ends in .html",
        "Browsers know a page by its name. Another ending is more likely that of a file that should not be replaced.",
        "Let the name end in `.html`.",
    ),
    "VBM547": CodeInfo(
        "A report inside a run folder",
        "A run owns its folder and replaces it as a whole; it refuses to when it holds files that no run wrote.",
        "Write the report beside the folder.",
    ),
}
