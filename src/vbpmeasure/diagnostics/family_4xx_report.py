"""Codes of the 4xx family: `vbpmeasure report`."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM485": CodeInfo(
        "A library of the report is missing",
        "The report draws its charts with vl-convert and sets its pages with Jinja2. They are large, and nothing else "
        "needs them, so they come as an extra.",
        "Install them with `pip install 'vbpmeasure[report]'`.",
    ),
    "VBM486": CodeInfo(
        "A previous run that is not earlier",
        "The runs named with `--previous` are years before the run that is reported, each year once. With any other "
        "order the lines over the years and the changes of gaps would mean nothing.",
        "Name runs of earlier measurement years.",
    ),
    "VBM487": CodeInfo(
        "A report without rates",
        "The run folder is whole, but it has no rates: every measure of the run failed. A warning: the page is written "
        "and says so.",
        "Look at what the run said about its measures, and run it again.",
    ),
}
