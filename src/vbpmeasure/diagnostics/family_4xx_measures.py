"""Codes 460 to 469: supplemental evidence, and lists of measures."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM460": CodeInfo(
        "Supplemental data sources cannot be told apart",
        "`[supplemental]` of the configuration names values of `data_source`, and no table of events of this run has "
        "that column. So only whole tables were left out, and rates without supplemental evidence may hold some.",
        "Map a column to `data_source` (or set a constant for a source) under `[tables]`, or name whole tables.",
    ),
    "VBM461": CodeInfo(
        "No measure is of this family",
        "The family of a measure is its first tag that does not say whom it is about (`pediatric`, `adolescent`).",
        "`vbpmeasure list` shows the measures by family; `--tag` finds any tag.",
    ),
}
