"""Codes of the 6xx family: strata and what the suppression policy says about them."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM610": CodeInfo(
        "Some codes are in no crosswalk",
        "People have a value of race, ethnicity, language or sex that the code tables do not know, or that two "
        "code systems read "
        "differently (ethnicity `2`: not Hispanic in New York, Puerto Rican in T-MSIS). They count as unknown. "
        "The values are not "
        "repeated here because messages end up in logs.",
        "Look at the distinct values of that column, and give them a row in the code table of measures/crosswalks.",
    ),
    "VBM611": CodeInfo(
        "A stratum has no column",
        "The eligibility table lacks a column that a stratum reads, so everyone is in its unknown stratum.",
        "Add the column to the extract, map it, or leave the stratum out.",
    ),
    "VBM612": CodeInfo(
        "The results cannot be published safely",
        "Whatever else is hidden, even with totals alone, some count of 1 to 10 would follow from the numbers that "
        "are shown, or have too "
        "short an interval. That happens when its reader knows numbers that cannot be hidden: those of the entity "
        "that the output is for.",
        "Ask for fewer strata, or leave the entity's rows out.",
    ),
    "VBM630": CodeInfo(
        "A stratum is not published",
        "Small counts would follow from what is shown, and hiding single rows did not help: there are too many "
        "strata for so few people. So the dimension that had the fewest rates left to show has no rows at all, and "
        "with it the crossings that it is part of; then the next one, until the rest is safe. suppression_audit.json "
        "names them under `withheld_dimensions`.",
        "Ask for fewer strata at a time, or for larger groups (practice in place of provider). All strata of one "
        "year belong into one run: two runs can be subtracted.",
    ),
    "VBM631": CodeInfo(
        "An earlier run is not taken into account",
        "`--previous` protects against readers who subtract this run from one that was published before. That is exact "
        "only where both count the same: one measurement period, the same input files, definitions, parameters, value "
        "sets, evidence and categories. What differs is named. Over changed data the numbers are only nearly the same, "
        "and no audit can say what a reader makes of that: few children may stand between the two. Versions up to "
        "0.7.3 could publish two strata of a crossing under one text, where their names held ` * `; which row is "
        "whose is not known then.",
        "Publish one run with all strata over one state of the data. When a corrected run must replace a published "
        "one, withdraw that.",
    ),
    "VBM632": CodeInfo(
        "An earlier run that hides nothing",
        "`--previous` named a run of the profile `internal`. It shows small counts, so there is nothing left to "
        "protect from its readers.",
        "Name the runs that were published.",
    ),
}
