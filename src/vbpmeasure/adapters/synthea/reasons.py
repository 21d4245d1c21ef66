"""Why the Synthea adapter leaves something out or doubts it. The code pages are in `diagnostics.family_3xx_synthea`."""

from __future__ import annotations

from vbpmeasure.adapters.report import Reason, Weight

# --- files and lines ---
UTF16 = Reason(
    "utf16",
    "VBM381",
    "files are UTF-16 and were read as such; the simulator writes UTF-8",
    Weight.DOUBT,
    hint="a program between the simulator and here has written them anew: check that codes kept their zeros",
)
NOT_UTF8 = Reason("not_utf8", "VBM381", "lines are not UTF-8: left out")
BROKEN_FILE = Reason("broken_file", "VBM382", "files cannot be read to their end: what follows the place is missing")
OPEN_QUOTE = Reason("open_quote", "VBM383", "lines have a quote that is not closed: left out")
WRONG_CELLS = Reason("wrong_cells", "VBM383", "lines have more or fewer cells than the header: left out")
NUL = Reason("nul", "VBM384", "lines hold a NUL byte: left out")
TOO_LONG = Reason("too_long", "VBM385", "lines are longer than 1 MB: left out")
NO_COLUMN = Reason("no_column", "VBM386", "files lack a column that is needed: left out whole")
DOUBLE_COLUMN = Reason("double_column", "VBM386", "files have a column twice: left out whole")
NO_HEADER = Reason("no_header", "VBM387", "files are empty, without even a header", Weight.DOUBT)
NO_ROWS = Reason("no_rows", "VBM387", "files have a header and no rows", Weight.DOUBT)
MISSING_FILE = Reason("missing_file", "VBM391", "files of the export are not there", Weight.NOTE)
UNUSED_FILE = Reason("unused_file", "VBM391", "files that no table takes", Weight.NOTE)

# --- rows ---
SAME_ID = Reason("same_id", "VBM388", "rows have the id of an earlier one and say something else: the first one stands")
REPEATED = Reason("repeated", "VBM388", "rows repeat an earlier one word for word: taken once", Weight.NOTE)
EMPTY_CELL = Reason("empty_cell", "VBM389", "rows lack an id or a patient: left out")
NO_BIRTH_DATE = Reason("no_birth_date", "VBM389", "patients have no birth date that can be read: left out")
ENDS_BEFORE_START = Reason("ends_before_start", "VBM390", "coverage ends before it starts: left out")
NO_START = Reason("no_start", "VBM390", "coverage without a start that can be read: left out")
NO_END = Reason("no_end", "VBM390", "coverage without an end that can be read: left out")
BAD_DATE = Reason("bad_date", "VBM392", "dates cannot be read: the row has none", Weight.DOUBT)
NO_DATE = Reason("no_date", "VBM392", "claims have no date that can be read: left out")
UNKNOWN_PATIENT = Reason(
    "unknown_patient",
    "VBM393",
    "rows are about patients that are not in the input; they are written, and count for nobody",
    Weight.DOUBT,
)
UNKNOWN_COVERED = Reason("unknown_covered", "VBM393", "coverage of patients that are not in the input: left out")
UNKNOWN_PAYER = Reason(
    "unknown_payer",
    "VBM394",
    "coverage by payers that payers.csv does not name: kept under the payer's id",
    Weight.DOUBT,
)
NO_INSURANCE = Reason("no_insurance", "VBM394", "spells without insurance are no coverage", Weight.NOTE)
CLIPPED = Reason("clipped", "VBM394", "spells by years begin on the day of birth, not before it", Weight.NOTE)
NO_COVERAGE = Reason("no_coverage", "VBM395", "patients have no usable coverage: in no denominator", Weight.NOTE)
NO_SPANS = Reason(
    "no_spans",
    "VBM395",
    "conversion without a single coverage span: no measure has a denominator",
    Weight.DOUBT,
    hint="a run needs patients.csv and payer_transitions.csv: were they exported?",
)
UNKNOWN_CLAIM = Reason("unknown_claim", "VBM396", "charges belong to no claim of claims.csv: left out")
NO_LINES = Reason("no_lines", "VBM396", "claims without a charge: written as one line without a code", Weight.NOTE)
FROM_ENCOUNTERS = Reason(
    "from_encounters", "VBM396", "claims made from encounters and procedures, for want of claims.csv", Weight.NOTE
)
FOREIGN_CODE = Reason(
    "foreign_code",
    "VBM397",
    "claim lines have a code that no claim column carries (vaccines, drugs): the line has none",
    Weight.NOTE,
)
LOST_ZERO = Reason("lost_zero", "VBM397", "vaccine codes had lost their leading zero, which was put back", Weight.DOUBT)
NO_CODE = Reason("no_code", "VBM397", "records have no code", Weight.NOTE)
