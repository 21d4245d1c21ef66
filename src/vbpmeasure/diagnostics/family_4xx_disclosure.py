"""Codes of the 4xx family: options of the disclosure control."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM475": CodeInfo(
        "A number that no suppression policy can have",
        "Counts of 1 to 10 are never published (CMS cell size policy), so the smallest cell is 11 or more; an entity "
        "may see its own rows from 1 on. No number may exceed 1,000.",
        "Give a number in the range that the message names.",
    ),
    "VBM476": CodeInfo(
        "Options of the disclosure control that do not go together",
        "The profile `entity` is for one provider, practice or organization and must be told which; the others are "
        "for everybody. The profile `internal` hides nothing, so it has no smallest cell.",
        "Follow the hint.",
    ),
    "VBM477": CodeInfo(
        "No such entity among the strata",
        "`--profile entity` shows the rows of one provider, practice or organization. None of the strata asked for "
        "has one of that name.",
        "Add `--by provider` (or practice, or organization), and write the entity as the rates by that stratum name "
        "it. The names are not repeated here, because messages end up in logs.",
    ),
}
