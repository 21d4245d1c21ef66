"""Codes of the 2xx family: files of benchmarks."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM246": CodeInfo(
        "A benchmark that cannot be",
        "A share lies between 0 and 100 per cent, and a rate per 1,000 member-months is not negative. A line drawn "
        "anywhere else would mislead.",
        "Write the figure as its source prints it; 51.81 per cent is `value: 51.81`. For rates per 1,000 member-months "
        "write `unit: per_1000_member_months`.",
    ),
    "VBM247": CodeInfo(
        "A benchmark given twice",
        "Two figures stand for the same rate, the same year and the same label, so that nobody could say which one a "
        "rate was held against.",
        "Keep one of them, or tell them apart by `label` or `year`.",
    ),
    "VBM248": CodeInfo(
        "A benchmark of an unknown rate",
        "The measure was run, but it has no rate of that name, so the figure is shown nowhere. A warning: the report "
        "is written without it. Benchmarks of measures that were not run are no mistake and are named in the notes.",
        "Correct the name; `vbpmeasure show MEASURE` lists the rates.",
    ),
    "VBM249": CodeInfo(
        "No such file of benchmarks",
        "`--benchmarks` names a file that is not there.",
        "Name a YAML file of benchmarks, or leave the option out for the figures that come with the program.",
    ),
}
