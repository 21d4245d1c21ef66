"""Codes of the 4xx family: what is printed, compared and exported."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM494": CodeInfo(
        "The printed CSV does not have all rates",
        "CSV on stdout is one table, of rates that are a share of children or events. Events per 1,000 member-months, "
        "composites made from counts and indicators have other columns, and are not in it. A warning.",
        "Use `--format json`, or write a run folder: `amounts.csv` holds them, and `vbpmeasure export` puts all rates "
        "into one table.",
    ),
    "VBM495": CodeInfo(
        "A core set mapping that cannot be used",
        "The mapping from rates to core set labels has a key that is unknown or missing, or a value of another kind.",
        "Follow the message; `measures/exports/child_core_set.yaml` is an example, docs/exports.md tells what the keys "
        "mean.",
    ),
    "VBM496": CodeInfo(
        "Options of `export` that do not go together",
        "Reports on persons exist in FHIR alone and go to a folder; Parquet goes to a file; `--core-set` belongs to "
        "the core set.",
        "Follow the hint.",
    ),
    "VBM497": CodeInfo(
        "Two runs without a rate in common",
        "There is nothing to compare: no rate of the one run is in the other.",
        "Compare runs of the same measures.",
    ),
    "VBM498": CodeInfo(
        "Options of `compare` that do not go together",
        "Who moved is written to a folder, never to the screen.",
        "Follow the hint.",
    ),
    "VBM499": CodeInfo(
        "A rate changed by more than allowed",
        "`compare --fail-on-change POINTS` fails when a rate in total changes by more than so many percentage points, "
        "up or down (other rates: so much in their own unit), or when the old run shows it and the new one does not.",
        "Look at what is different between the runs; raise the number when the change is wanted.",
    ),
}
