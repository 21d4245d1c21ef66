"""Codes of the 7xx family: test decks."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM701": CodeInfo(
        "Something of the wrong kind in a deck",
        "A place of the deck holds text where a mapping or a list is needed, or the other way round, or an empty "
        "value.",
        "Write it in the form that the message names; docs/decks.md shows a deck with everything in it.",
    ),
    "VBM702": CodeInfo(
        "An unknown key in a deck",
        "A misspelled key would be lost in silence, and the case would test something else than it says.",
        "Use one of the keys that the message suggests.",
    ),
    "VBM703": CodeInfo(
        "A deck lacks a needed key",
        "A deck names its measure, its year and its cases; a case its name; a person a birth date and what is "
        "expected; an event its dates.",
        "Add the key.",
    ),
    "VBM704": CodeInfo(
        "A date in a deck cannot be read",
        "Dates are written YYYY-MM-DD and must exist in the calendar.",
        "Mend the date.",
    ),
    "VBM705": CodeInfo(
        "A value in a deck cannot be read",
        "A year, number, flag or contract column has a value of the wrong form.",
        "Write the value in the form that the message names.",
    ),
    "VBM706": CodeInfo(
        "A case name that cannot be used",
        "Case names are `[a-z][a-z0-9_]*` and unique in a deck: reports name a case by it.",
        "Rename the case.",
    ),
    "VBM707": CodeInfo(
        "A deck without cases",
        "A deck that tests nothing, or a measure with no `cases.yaml` beside its definition, would pass for ever. Both "
        "fail the test.",
        "Write at least one case with its expected result; docs/decks.md shows how.",
    ),
    "VBM708": CodeInfo(
        "An enrollment span that cannot be",
        "A span is written `START .. END` or `START ..`, or as a mapping with `from`, and its end is not before its "
        "start.",
        "Mend the span.",
    ),
    "VBM709": CodeInfo(
        "An event that belongs to no table",
        "An event is a claim line (code, diagnosis, procedure, revenue ...) or one record (cvx, cpt, loinc, snomed "
        "or icd10), never both, and a record stands in a table that can hold its code system.",
        "Split the event in two, or name a table that fits.",
    ),
    "VBM710": CodeInfo(
        "An expectation about a rate that does not exist",
        "The measure has no rate of this id, so the expectation could never be looked at.",
        "Use one of the measure's rates; `vbpmeasure show MEASURE` lists them.",
    ),
    "VBM711": CodeInfo(
        "An expectation that makes no sense",
        "The result is met, open, excluded, not_eligible or no_event; `on` and `from` go with met, `reason` with "
        "excluded, `step` with not_eligible, `index` with each of them, `part` and `whole` with met and open.",
        "Drop the key that does not go with the result, or mend the result.",
    ),
    "VBM712": CodeInfo(
        "An expectation that the measure cannot give",
        "The reason is none of the rate's exclusions, or the step is past its last population step.",
        "Use an exclusion or a step of the rate; `vbpmeasure show MEASURE` lists them.",
    ),
    "VBM713": CodeInfo(
        "A code that does not look like one",
        "The code does not have the form of the code system that its key stands for. A deck may try odd spellings on "
        "purpose, so this is a warning.",
        "Check the code for a typing mistake.",
    ),
    "VBM714": CodeInfo(
        "A deck for another measure",
        "The deck stands beside a definition with another id.",
        "Mend `measure` or move the deck.",
    ),
    "VBM720": CodeInfo(
        "A case failed",
        "The engines agree with each other, and not with what the case expects.",
        "Decide by the measure's sources which is right: the definition or the expectation. Never copy the result of "
        "a run into the deck.",
    ),
    "VBM721": CodeInfo(
        "The engines disagree on a case",
        "The reference engine and the Polars engine gave different results for the same rows. One of them misreads the "
        "semantics.",
        "Report it with the case.",
    ),
}
