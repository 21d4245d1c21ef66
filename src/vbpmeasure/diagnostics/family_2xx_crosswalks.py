"""Codes of the 2xx family: category systems and their code tables (measures/crosswalks)."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM270": CodeInfo(
        "A category system cannot be used",
        "A file of measures/crosswalks (or of your own folder in its place) is not what the roll-up of strata "
        "needs: a key "
        "is missing, a category is named that the system does not list, or the code table is not well-formed.",
        "Compare it with the shipped files of the same name; the message says what is wrong.",
    ),
}
