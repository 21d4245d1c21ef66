"""Codes of the 4xx family: options of `vbpmeasure gaps`."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM450": CodeInfo(
        "No such format or gap status",
        "`gaps --format` takes csv, parquet, json and html, `--status` takes open, closed, excluded and "
        "not_eligible, each separated by commas.",
        "Follow the hint.",
    ),
    "VBM451": CodeInfo(
        "This cannot be written to stdout",
        "`--out -` writes the rows of children to stdout, in one format of text: csv or json.",
        "Name one of them with `--format`, or give a folder.",
    ),
    "VBM452": CodeInfo(
        "No gaps to list",
        "None of the selected measures has a rate with gaps. Totals, composites, rates per 1,000 and indicators have "
        "none of their own.",
        "Select the measures whose rates they are made from.",
    ),
}
