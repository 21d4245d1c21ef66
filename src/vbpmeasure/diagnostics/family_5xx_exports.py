"""Codes of the 5xx family: what is made from run folders."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM550": CodeInfo(
        "The run has no person-level rows",
        "Reports on persons, and who moved between two runs, are made from the rows that a run writes with "
        "`--person-level`. The run folder is an input that lacks them, with the exit code of those.",
        "Run it again with `--person-level`.",
    ),
    "VBM552": CodeInfo(
        "The core set mapping is for another year",
        "Measures, rates and labels of the core set change from year to year. A warning: the labels of the mapping are "
        "used as they are.",
        "Give the mapping of the right year with `--core-set`.",
    ),
    "VBM553": CodeInfo(
        "The core set mapping names rates that are not there",
        "A measure was run, and does not have a rate that the mapping names. The row says so. A warning.",
        "Mend the id in the mapping, or the definition.",
    ),
    "VBM554": CodeInfo(
        "An output inside a run folder",
        "A run replaces its folder as a whole, and refuses when it holds files that no run wrote. An export in there "
        "would block the next run.",
        "Name a place beside the run folder.",
    ),
    "VBM555": CodeInfo(
        "There is a folder where the file should be",
        "The output is one file, and its place is taken by a folder.",
        "Name a file.",
    ),
    "VBM556": CodeInfo(
        "The run shows small cells",
        "The run was made without suppression, and whatever is made from it shows counts from 1 to 10 too. Its files "
        "are for their owner alone and say so. A warning.",
        "For publication, run again without `--no-suppression`.",
    ),
    "VBM557": CodeInfo(
        "One run hides what the other shows",
        "Both runs are of one period, over the same children. A cell that one of them hides and the other shows is "
        "hidden in the comparison; whoever has both folders sees it, or nearly. A warning.",
        "Publish one of the runs only.",
    ),
    "VBM558": CodeInfo(
        "The runs stand in the wrong order",
        "The first run is of the later period, so what reads as a rise is a fall in time. A warning.",
        "Name the earlier run first.",
    ),
    "VBM559": CodeInfo(
        "Measures of different editions are compared",
        "A measure was run in two editions. What its definition says may have changed, and with it the rate: nobody "
        "can tell that part of the change from the part of the children. A warning.",
        "Run the old year again with the new edition where that makes sense, or say so beside the numbers.",
    ),
}
