"""Why the FHIR adapter leaves something out or doubts it. The code pages are in `diagnostics.family_3xx_conversion`."""

from __future__ import annotations

from vbpmeasure.adapters.report import Reason, Weight

BROKEN_FILE = Reason(
    "broken_file",
    "VBM361",
    "files cannot be read to their end; what stands behind the place named is missing",
    hint="write the file again from its source, then convert again",
)
NOT_UTF8 = Reason(
    "not_utf8",
    "VBM364",
    "files or lines are not UTF-8, as JSON must be: left out",
    hint="export as UTF-8, or convert the file with `iconv -f UTF-16 -t UTF-8`",
)
NOT_JSON = Reason("not_json", "VBM362", "lines or files are no complete JSON: left out")
TOO_LONG = Reason(
    "too_long",
    "VBM363",
    "lines or files are longer than the limit: left out",
    hint="raise `--max-record-mb` if they are meant to be that long",
)
NO_RESOURCE = Reason("no_resource", "VBM365", "entries are no FHIR resource (no `resourceType`): left out")
NO_SUBJECT = Reason("no_subject", "VBM365", "resources name no patient: left out")
NO_ID = Reason("no_id", "VBM365", "resources have no id, and need one: left out")
NO_BIRTH_DATE = Reason(
    "no_birth_date", "VBM365", "patients have no whole birth date, so their coverage cannot be used: left out"
)
NO_START = Reason("no_start", "VBM365", "coverages have no start date: left out")
UNKNOWN_PATIENT = Reason(
    "unknown_patient",
    "VBM369",
    "resources are about patients that are not in the input; they are written, and count for nobody",
    Weight.DOUBT,
)
UNKNOWN_BENEFICIARY = Reason("unknown_beneficiary", "VBM369", "coverages are of patients not in the input: left out")
SAME_ID = Reason(
    "same_id", "VBM366", "resources have the id of an earlier one and say something else: the first one stands"
)
REPEATED = Reason("repeated", "VBM366", "resources repeat an earlier one word for word: taken once", Weight.NOTE)
UNKNOWN_TYPES = Reason("unknown_types", "VBM367", "resources are of no type that FHIR R4 has: left out")
UNUSED_TYPES = Reason("unused_types", "VBM367", "resources of types that no table takes", Weight.NOTE)
ENDS_BEFORE_START = Reason("ends_before_start", "VBM368", "coverages end before they start: left out")
CANCELLED_OPEN = Reason("cancelled_open", "VBM368", "coverages are cancelled and have no end date: left out")
VOID_COVERAGE = Reason("void_coverage", "VBM368", "coverages in draft or entered in error", Weight.NOTE)
SELF_PAY = Reason("self_pay", "VBM368", "coverages without an insurer (self-pay)", Weight.NOTE)
NO_COVERAGE = Reason("no_coverage", "VBM370", "patients have no usable coverage: in no denominator", Weight.NOTE)
NO_SPANS = Reason(
    "no_spans",
    "VBM370",
    "conversion without a single coverage span: no measure has a denominator",
    Weight.DOUBT,
    hint="a run needs Patient and Coverage resources; were they exported?",
)
BAD_DATE = Reason("bad_date", "VBM373", "dates are no whole calendar day: the row has none", Weight.DOUBT)
NO_DATE = Reason("no_date", "VBM373", "claims have no date: left out")
UNDATED = Reason("undated", "VBM373", "records have no date, and are no evidence", Weight.NOTE)
DEATH_WITHOUT_DATE = Reason(
    "death_without_date", "VBM373", "patients have died on a day that is not told: they count as alive", Weight.DOUBT
)
NOT_A_CLAIM = Reason("not_a_claim", "VBM374", "claims in draft, estimates and requests in advance", Weight.NOTE)
REVERSED_FILL = Reason("reversed_fill", "VBM374", "pharmacy claims that were reversed: no fill", Weight.NOTE)
ANSWERED = Reason("answered", "VBM374", "claims that an ExplanationOfBenefit answers: that one is used", Weight.NOTE)
FOREIGN_CODE = Reason(
    "foreign_code", "VBM375", "claim lines have codes of no system that claims carry, and no crosswalk", Weight.NOTE
)
TOO_MANY_CODES = Reason("too_many_codes", "VBM375", "claims have more codes than there are columns", Weight.DOUBT)
NO_CODE = Reason("no_code", "VBM375", "records have no code, only words or nothing", Weight.NOTE)
