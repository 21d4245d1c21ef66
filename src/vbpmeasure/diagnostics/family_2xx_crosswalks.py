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
    "VBM275": CodeInfo(
        "A table of languages cannot be used",
        "`--languages` names a CSV with the columns `code` and `category`. A row of it has a language in a spelling "
        "that nothing knows, or no category.",
        "Write languages as ISO 639 codes or English names; measures/crosswalks/language_codes.csv lists them.",
    ),
    "VBM276": CodeInfo(
        "A mandate cannot be used",
        "A file of measures/mandates (or of a folder `mandates` beside your measures) lacks something that a mandate "
        "needs, or has a key that nothing knows.",
        "Compare it with the shipped ones; the message names the places.",
    ),
}
