"""Codes of the 4xx family: race standards, tabulations and mandates as they are asked for."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM470": CodeInfo(
        "A race standard is not known",
        "`--race-standard` (or `race_standard` under [run]) names a standard that no category system is of.",
        "Use `omb1997` or `spd15`, or the `standard` of a category system of your own.",
    ),
    "VBM471": CodeInfo(
        "A tabulation does not go with the race standard",
        "A tabulation says how people with several answers are shown. The standard that was chosen has no tabulation "
        "of that name; the categories of 1997 have none at all.",
        "Choose `--race-standard spd15`, and one of its tabulations; the page on strata explains them.",
    ),
    "VBM472": CodeInfo(
        "A mandate is not known",
        "`--mandate` names a preset that is neither shipped nor in a folder `mandates` beside your measures.",
        "`vbpmeasure list --mandates` names them.",
    ),
    "VBM473": CodeInfo(
        "Measures of a mandate are not in the catalog",
        "The program wants measures stratified for which there is no definition here. The others are run.",
        "Nothing, unless you have a definition of your own: give its folder with `--measures`.",
    ),
    "VBM474": CodeInfo(
        "A run differs from its mandate",
        "A flag (or a setting at the same place as the mandate) says something else than the mandate does: other "
        "measures, strata, another year or race standard. The manifest says so too.",
        "Leave these settings out to follow the mandate.",
    ),
}
