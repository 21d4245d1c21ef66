"""Small value sets of different systems, and the texts that rows carry: members, other spellings, near misses."""

from vbpmeasure.plan.measures import CodeSet


def _set(name, **systems):
    return CodeSet(name, {system: frozenset(text.split()) for system, text in systems.items()})


VALUE_SETS = {
    code_set.name: code_set
    for code_set in (
        _set("visit", CPT="99391 99392", HCPCS="G0438", CDT_PREFIX="D1"),
        _set("dental", CDT="D0120 D1206", CDT_PREFIX="D2"),
        _set("well_dx", ICD10CM="Z00121 Z00129"),
        _set("sick_dx", ICD10CM="J4520 B20", SNOMEDCT="195967001"),
        _set("shot", CVX="08 10", CPT="90707"),
        _set("lab_test", LOINC="10912-2", CPT="83655"),
        _set("delivery", ICD10PCS="10E0XZZ", CPT="59400"),
        _set("emergency", UBREV="0450 0459", UBTOB_PREFIX="013", CPT="99281"),
        _set("left_dead", UBDISP="20", SNOMEDCT="419099009"),
        _set("wide", ICD10CM="Z00121", CVX="08", SNOMEDCT="195967001", NDC="00071015523", CPT="99391"),
        _set("drug", NDC="00071015523 00071015524"),
        _set("office", POS="11"),
        _set("lab_place", POS="81 02"),
        _set("telehealth", MODIFIER="95 GT"),
        _set("pcp", NUCC="208000000X 207Q00000X"),
        _set("obgyn", NUCC="207V00000X"),
    )
}

# The common ones stand several times, so that counts are often met.
RARE_SETS = ("dental", "lab_test", "delivery", "emergency", "left_dead", "drug")
EVENT_SETS = ("visit", "visit", "well_dx", "shot", "wide", "wide", "sick_dx", *RARE_SETS)
DIAGNOSIS_SETS = ("well_dx", "sick_dx", "wide")
PLACES = ("office", "lab_place")
MODIFIERS = ("telehealth",)
PROVIDERS = ("pcp", "obgyn")

# What rows carry. The last ones of each list match nothing.
PROCEDURES = (
    "99391",
    "99392",
    "G0438",
    "D1206",
    "D0120",
    "D2140",
    "90707",
    "83655",
    "59400",
    "99281",
    "99213",
    "9939",
    "D",
)
DIAGNOSES = (
    "Z00121",
    "Z00.121",
    "Z00129",
    "Z00.129",
    "J45.20",
    "J4520",
    "B20",
    "Z0012",
    "B20.1",
    "z00121",
    "20",
    "195967001",
)
INPATIENT = ("10E0XZZ", "10E0XZZ", "0TY00Z0", "99391", "59400")
REVENUE = ("0450", "450", "0459", "0100", "4500")
BILLS = ("0131", "131", "0137", "0111", "013")
DISPOSITIONS = ("20", "01", "1")
PLACE_CODES = ("11", "81", "02", "12", "2")
MODIFIER_CODES = ("95", "GT", "25", "gt")
TAXONOMIES = ("208000000X", "207Q00000X", "207V00000X", "122300000X")
NPIS = ("1000000001", "1000000002", "1000000003", "1000000004")
CLAIM_STATUSES = ("paid", "PAID", "pending", "denied", "Denied", "reversed", "Reversed", "finalized", "", "void")
RECORD_STATUSES = (
    "completed",
    "final",
    "entered-in-error",
    "Not-Done",
    "not-done",
    "cancelled",
    "in-error",
    "Revoked",
    "denied",
    "active",
    "Active",
    "finished",
    "unknown",
    "",
)
# What filters ask for, in lower case; the last one no row has.
ASKED_STATUSES = ("completed", "final", "active", "finished", "unknown", "denied", "on-hold")
ENCOUNTER_CLASSES = ("AMB", "amb", "EMER", "VR", "")
ASKED_CLASSES = ("amb", "emer", "imp")
ENCOUNTER_TYPES = ("office visit", "Office Visit", "telehealth", "")
ASKED_TYPES = ("office visit", "telehealth")
RECORD_TYPES = (
    "cvx",
    "CPT",
    "hcpcs",
    "cdt",
    "icd-10-cm",
    "snomed-ct",
    "SNOMED",
    "loinc",
    "http://loinc.org",
    "ndc",
    "house list",
    "",
)
RECORD_CODES = (
    "08", "10", "90707", "8", "10912-2", "83655", "Z00.121", "Z00121", "J4520", "195967001", "419099009", "99391",
    "00071015523", "D1206", "D2140", "10E0XZZ",
)  # fmt: skip

# Results of tests and scales: numbers in many spellings, and texts that are none. The last bounds lie between.
RESULTS = (
    "10",
    " 10 ",
    "+10",
    "-3",
    "0",
    "5",
    "5.0",
    "9.99",
    "20",
    "10 mg",
    "<5",
    "1e3",
    "",
    " ",
    "Positive",
    "B20",
    "J45.20",
)
BOUNDS = (5.0, 10.0, 9.995)
ASKED_TEXTS = ("positive", "10", "b20")
UNITS = ("mg/dL", "MG/DL ", "", "score")
ASKED_UNITS = ("mg/dl", "score")
TEETH = ("3", "03", " 3", "14", "0", "", "19")
ASKED_TEETH = ("3", "14")
SUPPLIES = (30.0, 30.0, 90.0, 1.0, 0.0, -5.0, 29.5, 0.5)
SEXES = ("F", "M", "female", " Male ", "f", "unknown", "")

INDICATORS = ("ready", "score")
ENTITIES = ("person", "person", "plan")
ENTITY_IDS = ("x", "y", "10")
AMOUNTS = ((1, 1), (0, 1), (3, 4), (2, 2), (1, 0), (1, -2), (-1, 2), (5, 4), (None, 3), (2, None), (0.5, 1), (1, 1.5))
VALUES = (0.0, 1.0, 0.9, -1.0, 2.0)
SOURCES = ("school", "state", "")
