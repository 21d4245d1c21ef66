"""Codes of the 3xx family that converting Synthea CSV reports (VBM380 to VBM397)."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM380": CodeInfo(
        "No Synthea CSV to convert",
        "The source is a folder with patients.csv, payer_transitions.csv and the others, in any letter case. It is "
        "missing, cannot be read, holds none of them, or holds one twice.",
        "Name the folder that the simulator wrote, usually output/csv.",
    ),
    "VBM381": CodeInfo(
        "A CSV file is not UTF-8",
        "The simulator writes UTF-8. UTF-16 with its mark is read all the same, with a warning, because the "
        "program that "
        "made it so may have changed more. A line that is neither is left out and counted.",
        "Use the file as the simulator wrote it.",
    ),
    "VBM382": CodeInfo(
        "A CSV file cannot be read to its end",
        "The file may not be opened, or the disk failed. Rows before the place are converted, the others are missing.",
        "Check rights and disk, and copy the file again.",
    ),
    "VBM383": CodeInfo(
        "A CSV line is broken",
        "A quote is not closed, or the line has another number of cells than the header. The line is left "
        "out and counted; "
        "the lines after it are read.",
        "Write the file again from its source; the message names file and line.",
    ),
    "VBM384": CodeInfo(
        "A CSV line holds a NUL byte",
        "Text has none: the file was damaged, or is UTF-16 without its mark. The line is left out and counted.",
        "Copy the file again; convert UTF-16 to UTF-8.",
    ),
    "VBM385": CodeInfo(
        "A CSV line is too long",
        "Lines of the simulator are far below 1 MB. A longer one is left out and counted, so that memory "
        "stays bounded.",
        "Look for lost line breaks in the file.",
    ),
    "VBM386": CodeInfo(
        "A CSV file lacks a column",
        "A column is missing without which the file is of no use, or one is there twice. The file is left out whole.",
        "Add the column; names are those of the simulator, in any letter case.",
    ),
    "VBM387": CodeInfo(
        "A CSV file is empty",
        "There is no row, or not even a header. Its table has no rows, and no measure finds evidence in it.",
        "Check that the export was not cut short.",
    ),
    "VBM388": CodeInfo(
        "Two rows have one id",
        "A patient, encounter, provider, payer or claim is there twice. Word for word it is taken once; when the two "
        "say different things the first one stands.",
        "Export again; when exports were joined, check that they do not overlap.",
    ),
    "VBM389": CodeInfo(
        "A cell that is needed is empty",
        "A row has no id or names no patient, or a patient has no birth date. It cannot be used.",
        "Complete the row in the source.",
    ),
    "VBM390": CodeInfo(
        "A payer transition is no span",
        "Coverage ends before it starts, or lacks a start or an end. It is left out and counted, and the "
        "person is not enrolled then.",
        "Correct the row in payer_transitions.csv.",
    ),
    "VBM391": CodeInfo(
        "Files of the export that are missing or not used",
        "Every file is optional, and what is not there gives no evidence. Other files of the export "
        "(allergies, devices) "
        "fit no table.",
        "Nothing, when that is as it should be.",
    ),
    "VBM392": CodeInfo(
        "A date cannot be read",
        "Dates are YYYY-MM-DD, alone or with a time; years have four digits. Other text is no date: a record "
        "without one "
        "is no evidence, a claim without one is left out.",
        "Export dates in ISO form. Spreadsheets like to change them.",
    ),
    "VBM393": CodeInfo(
        "Rows about unknown patients",
        "The patient of a row is not in patients.csv. Records and claims are written, and count for nobody.",
        "Check that patients.csv is whole.",
    ),
    "VBM394": CodeInfo(
        "Payers and spells without insurance",
        "The simulator writes spells of NO_INSURANCE for the uninsured; they are no coverage. A payer that "
        "payers.csv does "
        "not name is kept under its id.",
        "Add payers.csv when it is missing.",
    ),
    "VBM395": CodeInfo(
        "Patients without coverage",
        "A patient without a span is in no denominator; without any span there is nobody to measure.",
        "Check payer_transitions.csv.",
    ),
    "VBM396": CodeInfo(
        "Claims and charges that do not fit together",
        "A charge names a claim that is not there and is left out, or a claim has no charge and becomes one line. The "
        "oldest exports have no claims; they are made from encounters and procedures then.",
        "Check that claims.csv and claims_transactions.csv come from one export.",
    ),
    "VBM397": CodeInfo(
        "Codes that need a remark",
        "Charges for vaccines and drugs have codes that claims do not carry; the vaccines and drugs are in tables of "
        "their own. A vaccine code of one digit has lost a zero, which is put back.",
        "Use files that no spreadsheet has saved.",
    ),
}
