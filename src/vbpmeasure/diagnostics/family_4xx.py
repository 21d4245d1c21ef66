"""Codes of the 4xx family: the command line."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM401": CodeInfo(
        "No data was named",
        "The command needs input tables and got no `--data`. Nothing is guessed: a run on the wrong folder is"
        " worse than none.",
        "Give `--data DIR`, the folder with eligibility and medical_claim. `--data sample` means the small "
        "synthetic sample.",
    ),
    "VBM403": CodeInfo(
        "Nothing is selected",
        "After `--select` and `--exclude` no measure is left, and an empty result would look like a good one.",
        "Widen the selection; `vbpmeasure list` shows the measures and their tags.",
    ),
    "VBM404": CodeInfo(
        "A parameter override cannot be used",
        "`--param` takes `MEASURE.NAME=VALUE`, for a measure of the run and one of the parameters that its "
        "definition declares.",
        "`vbpmeasure show MEASURE` lists the parameters of a measure with their values by year.",
    ),
    "VBM405": CodeInfo(
        "A stratum cannot be used",
        "`--by` takes strata by name, separated by commas; `*` crosses them. A name must be a known stratum "
        "or a column of eligibility, must not be a crossing of more than three, and must not stand twice.",
        "Mend the name, or leave the stratum out.",
    ),
    "VBM406": CodeInfo(
        "An enrollment key cannot be used",
        "`--enrollment-key` names columns of eligibility, separated by commas; a change in one of them breaks"
        " continuous enrollment. `none` counts any coverage.",
        "Name text columns of the eligibility contract such as payer and product_line, or `none`.",
    ),
    "VBM407": CodeInfo(
        "Options that do not go together",
        "One of the options given needs another one that is missing, or contradicts it.",
        "Add or drop the option that the message names; `--help` on the command lists them all.",
    ),
    "VBM408": CodeInfo(
        "No such diagnostic code",
        "`vbpmeasure rule` explains the codes that this version can report, `VBM` and three digits.",
        "Copy the code from the message; `vbpmeasure rule` without a code lists all of them.",
    ),
    "VBM409": CodeInfo(
        "A measurement year out of range",
        "A measurement year is a calendar year between 1900 and 2200.",
        "Give the year with four digits: `--year 2025`.",
    ),
    "VBM410": CodeInfo(
        "A value that cannot be read",
        "An option got a value of the wrong form, such as a date that is not YYYY-MM-DD.",
        "Write it in the form that the message names.",
    ),
    "VBM412": CodeInfo(
        "This format needs a folder",
        "Parquet is binary and does not belong on a terminal or in a pipe of text.",
        "Add `--out DIR`, or choose table, csv or json.",
    ),
    "VBM491": CodeInfo(
        "Too many different values to stratify by",
        "An attribute of people is carried through a run as a small number per value. A column with over a million "
        "different values is an identifier, not a stratum.",
        "Stratify by a column with fewer values.",
    ),
    "VBM492": CodeInfo(
        "Too many conditions on claim lines",
        "Each distinct condition on a claim line (a set of places, of modifiers, of provider taxonomies ...) takes one "
        "of 63 bits of a run.",
        "Run the measures in two runs.",
    ),
    "VBM493": CodeInfo(
        "No eligibility table",
        "Without enrollment spans there is nobody to judge.",
        "Add `eligibility` to the data folder.",
    ),
    "VBM413": CodeInfo(
        "No path",
        "A path of the command line, or of the configuration, cannot be that of any file: one of its names is longer "
        "than file systems take (255 bytes, most often), or links lead round in a circle.",
        "Look at the path: often a list of names, or a text, stands where one name belongs.",
    ),
    "VBM414": CodeInfo(
        "A command line that cannot be read",
        "There is no such command or option, a value has not the form that its option takes, or something is missing "
        "or too much. Nothing was begun. Values are not repeated in the message: one may be the id of a person.",
        "Look at the usage line below the message; `--help` after the command lists all that it takes.",
    ),
}
