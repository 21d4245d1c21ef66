"""Codes of the 2xx family that value-set files report (VBM280 to VBM288)."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM280": CodeInfo(
        "A value-set folder cannot be read",
        "Value sets are the `.yaml` files of a folder, and this folder does not exist or may not be opened.",
        "Check the path of the folder.",
    ),
    "VBM281": CodeInfo(
        "A value set lacks a needed key",
        "Every value set says its name, where its codes come from (`source`), under which terms (`licence`), how "
        "much it can be trusted (`confidence`), and its `codes`. A list without a source cannot be audited.",
        "Add the key. The README of the shipped value sets shows one in full.",
    ),
    "VBM282": CodeInfo(
        "A value set has an unknown key",
        "The keys are name, title, source, licence, confidence, used_by, notes and codes. A misspelled key would be "
        "lost in silence.",
        "Rename or remove the key.",
    ),
    "VBM283": CodeInfo(
        "A value set holds something of the wrong kind",
        "Confidence is high, medium or low; codes are a mapping from code system to codes; codes are a list, or text "
        "with blanks and line breaks between them.",
        "Write the value in the form that the message names.",
    ),
    "VBM284": CodeInfo(
        "A value set has no codes",
        "An empty set matches nothing, and a rate of zero that comes from a missing list looks like a real one.",
        "Fill the set from its source, or remove it and what uses it.",
    ),
    "VBM285": CodeInfo(
        "An unknown code system",
        "Codes mean something only within their code system, and this name is none of the systems that are known.",
        "Use one of the names that the message suggests.",
    ),
    "VBM286": CodeInfo(
        "A code does not fit its code system",
        "The text does not have the form of the system's codes, so it can never match: it stands under the wrong "
        "system, has lost a leading zero, or was changed by a spreadsheet.",
        "Copy the code again from its source, as text, and check the system above it.",
    ),
    "VBM287": CodeInfo(
        "A code is listed twice",
        "The same code stands twice in the set (ICD-10-CM with and without its dot is one code). It counts once "
        "either way, but the second may have been meant to be another.",
        "Remove one of the two.",
    ),
    "VBM288": CodeInfo(
        "A value set's name and file differ",
        "A value set is found by its file name, so `name` must be the same: lower case letters, digits and "
        "underscores.",
        "Rename the file or the set.",
    ),
}
