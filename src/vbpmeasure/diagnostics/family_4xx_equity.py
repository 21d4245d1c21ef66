"""Codes of the 4xx family: `vbpmeasure equity`."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM478": CodeInfo(
        "Strata of a crossing whose names are not known",
        "Versions up to 0.7.3 joined the names of a crossing by ` * ` whatever they held: of `North * South * White` "
        "nobody knows whether the practice is `North` or `North * South`. Such a crossing is compared group by group; "
        "standardized rates and scores, which need the names one by one, are left out. A warning.",
        "Make the run again: names that hold ` * ` then stand in quotation marks.",
    ),
    "VBM480": CodeInfo(
        "A named reference group is not shown",
        "The group that others should be compared with is hidden by the suppression policy, or has no rate, in some of "
        "the measures. Another group is never taken in its place in silence, so nothing is compared there. A warning.",
        "Name a larger group, or leave the choice to a rule: `best`, `largest` or `overall`.",
    ),
    "VBM481": CodeInfo(
        "No such dimension or group in the run",
        "`equity` looks at the strata that the run folder has. A dimension or a reference group was named that is not "
        "among them.",
        "Take the suggestion, or run the measures with that dimension under `--by`.",
    ),
    "VBM482": CodeInfo(
        "Nothing that `equity` can compare, or an option it does not know",
        "The run has no strata of people (race, ethnicity, language ...), or an option has a value of another kind.",
        "Run with `--by race,ethnicity,language --out DIR`; follow the hint.",
    ),
    "VBM483": CodeInfo(
        "Two runs that are compared with care",
        "Definitions, suppression or the order of the periods differ between the run and the earlier one. A gap may "
        "have changed for that reason alone. A warning.",
        "Run both years with the same definitions, or read the changes with that in mind.",
    ),
    "VBM484": CodeInfo(
        "A benchmark without a measure",
        "A benchmark names a measure or rate that the run does not have. It is not used. A warning.",
        "Name measures as `vbpmeasure list` does, rates as `measure.rate`.",
    ),
}
