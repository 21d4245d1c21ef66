"""Codes of the 3xx family: conversion of other formats into contract tables."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

_COUNTED = "`conversion_report.json` in the output counts them and names the first files and lines."

FAMILY: dict[str, CodeInfo] = {
    "VBM360": CodeInfo(
        "Nothing to convert",
        "The source does not exist, may not be read, or is a folder without a file of the format.",
        "Name the file or folder that holds the export.",
    ),
    "VBM361": CodeInfo(
        "A file breaks off",
        "A file cannot be read to its end: a gzip stream is cut or damaged, a disk reports an error, or the right to "
        f"read is missing. What stood before that place is used. {_COUNTED}",
        "Fetch the file again from its source, compare sizes or checksums, and convert again.",
    ),
    "VBM362": CodeInfo(
        "A line is no complete JSON",
        f"Half a line, a NUL byte, or something else that no JSON parser takes. The other lines are used. {_COUNTED}",
        "Look at the line in the file; most often the export was stopped while it wrote.",
    ),
    "VBM363": CodeInfo(
        "A line is too long",
        "A line, or a whole JSON file, is longer than `--max-record-mb`. It is not read into memory, and left out. "
        f"{_COUNTED}",
        "Raise the limit when one resource really is that large; else the line breaks of the file are gone.",
    ),
    "VBM364": CodeInfo(
        "Text is not UTF-8",
        f"JSON is UTF-8 by its standard. A file in UTF-16, or a line with other bytes, is left out. {_COUNTED}",
        "Export as UTF-8, or convert the file with `iconv`.",
    ),
    "VBM365": CodeInfo(
        "A record lacks what a row needs",
        "A resource without its type, patient, id, birth date or start date can stand in no table, and nothing is "
        f"guessed in their place. {_COUNTED}",
        "Mend the export, or accept the loss when the count is small.",
    ),
    "VBM366": CodeInfo(
        "Two records with one id",
        "Type and id are those of an earlier resource. The same content is taken once. Another content is left out: "
        f"which of the two is right cannot be known, and the first in the order of the file names stands. {_COUNTED}",
        "Convert one export at a time; do not mix an old one and a new one in a folder.",
    ),
    "VBM367": CodeInfo(
        "Records of types that are not used",
        "A type that FHIR R4 does not have is worth a warning: the file may be of another version, or no FHIR at all. "
        f"Types that FHIR has and no contract table takes are counted as a note. {_COUNTED}",
        "Check whether the source is FHIR R4.",
    ),
    "VBM368": CodeInfo(
        "A coverage is no span",
        "It ends before it starts, or is cancelled and does not say when. Drafts, errors and self-pay are left out as "
        f"a note. {_COUNTED}",
        "Mend the dates at their source: children lose enrollment by it.",
    ),
    "VBM369": CodeInfo(
        "A record of an unknown patient",
        "The reference leads to a patient that the input does not hold. Records are written and count for nobody; "
        f"coverage is left out, because a span needs a birth date. {_COUNTED}",
        "Convert all files of an export together; check whether Patient was exported.",
    ),
    "VBM370": CodeInfo(
        "Patients without coverage",
        f"A patient without a usable Coverage is in no denominator. Without any span no measure has one. {_COUNTED}",
        "Export Coverage too, or bring an eligibility table from the enrollment system.",
    ),
    "VBM371": CodeInfo(
        "A crosswalk cannot be used",
        "`--crosswalk` takes the name of a shipped crosswalk or a YAML file. Its codes must look like codes of the "
        "systems that they are said to be of.",
        "See the page on conversion for the keys, and the shipped ones in `measures/crosswalks/source_codes`.",
    ),
    "VBM373": CodeInfo(
        "A date cannot be used",
        "A date is no calendar day, or only a year or a month; then the row has none, and a claim is left out. "
        f"{_COUNTED}",
        "Mend the dates at their source.",
    ),
    "VBM374": CodeInfo(
        "Claims that are left out on purpose",
        "Drafts, estimates and requests in advance ask for no money; a Claim that an ExplanationOfBenefit answers "
        f"would count its services twice. {_COUNTED}",
        "Nothing has to be done.",
    ),
    "VBM375": CodeInfo(
        "Codes that claims cannot carry",
        "A claim line is coded in a system other than CPT, HCPCS or CDT, a record has no code at all, or a claim has "
        f"more codes than there are columns. {_COUNTED}",
        "Name a crosswalk that translates the codes.",
    ),
}
