"""What the fuzzers begin with: small good files of every kind; those about people say `CANARY` in every free text."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from fuzz.contract import CANARY
from fuzz.sections import joined
from support import fhir, synthea
from support.fhir import CPT, CVX, ICD, LOINC, NPI, NUCC, RXNORM, SNOMED, US_CORE, concept, event, ref

MEASURES = Path(__file__).parents[2] / "measures"

MEASURE = """\
id: fz
title: Fuzzed measure
edition: "2025"
status: active
basis: inspired-by
steward: nobody
established: false
claims: direct
tags: [pediatric]
notes: >
  Words.
references: [{title: "Public page", tag: TIPS, confidence: H}]
parameters:
  least: {type: integer, values: [{value: 2, from: 2025, source: TIPS}], minimum: 1, about: "Visits", unverified: true}
use: [required_exclusions]
define:
  visit: {event: {code: well_care_visit}}
  seen: {count: visit, during: period, at_least: least}
  before: {count: visit, from: period start - 1 year, to: period start}
  covered: {enrolled: {from: period start, to: period end, on: period end, gaps: 1, gap_days: 45}}
exclusions: [hospice, deceased]
rates:
  - id: fz_1
    title: Seen
    population:
      - {step: Age, when: {age: {from: 3, to: 11, on: period end}}}
      - {step: Enrolled, when: {all: [covered, {not: {any: [before]}}]}}
    numerator: seen
  - id: fz_2
    title: Seen
    population: [{step: Age, when: {age: {from: 12, to: 17, on: period end}}}]
    numerator: seen
  - {id: fz_all, title: All, total_of: [fz_1, fz_2]}
"""


def shipped(*names: str) -> tuple[bytes, ...]:
    """Return files of the measures."""
    return tuple((MEASURES / name).read_bytes() for name in names)


def measures() -> tuple[bytes, ...]:
    """Return definitions, small ones and one of each kind of rate, all with one id."""
    found = [MEASURE.encode()]
    for name in ("lsc", "wcv", "amb", "kr_dental", "cocm", "chl", "fum", "social_needs"):
        text = (MEASURES / name / "measure.yaml").read_text(encoding="utf-8")
        found.append(text.replace(f"\nid: {name}\n", "\nid: fz\n", 1).encode())
    return tuple(found)


def fragments() -> tuple[bytes, ...]:
    """Return the shared fragments."""
    return tuple(path.read_bytes() for path in sorted((MEASURES / "shared").glob("*.yaml")))


def plain() -> tuple[bytes, ...]:
    """Return YAML of two shapes."""
    return (VALUE_SET.encode(), *shipped("dev/measure.yaml"))


def decks() -> tuple[bytes, ...]:
    """Return test decks, one that says everything among them."""
    return (DECK.encode(), *shipped("social_needs/cases.yaml"))


def crosswalks() -> tuple[bytes, ...]:
    """Return crosswalks of source codes."""
    return (SOURCE_CODES.encode(), *shipped("crosswalks/source_codes/synthea.yaml"))


DECK = """\
measure: fz
year: 2025
about: words
cases:
  - name: one
    about: words
    parameters: {months: "12"}
    enrollment_key: [payer]
    born: 2020-02-29
    died: 2025-12-30
    sex: female
    enrolled: [2025-01-01 .. 2025-12-31]
    events:
      - {on: 2025-03-01, table: encounter, cpt: 99392}
      - {on: 2025-03-01, code: 99392, place: "11"}
      - {on: 2025-03-02, table: immunization, cvx: "03"}
      - {on: 2025-03-02, loinc: 8302-2, result: "109.5", unit: cm}
    expect: {fz_1: met, fz_all: {result: not_eligible, step: 1}}
  - name: two
    people:
      - {born: 2025-01-01, expect: {fz_1: open}}
    indicators:
      - {indicator: x, entity: plan, id: a, period_end: 2025-06-30, value: 72.5, source: form}
      - {indicator: x, entity: plan, id: b, period_end: 2025-06-30, numerator: 1, denominator: 2}
    lines:
      fz_1: [{id: a, numerator: 3, denominator: 4, source: form}]
"""

VALUE_SET = """\
name: my_set
title: My set
source: somebody
licence: none
confidence: high
used_by: [fz]
notes: words
codes:
  CPT: [99391, "99392"]
  ICD10CM: Z00.129 Z00121
  CVX: |
    03
    20
"""
STORED = (
    "name,title,oid,version,system,code,source,source_sha256,licence,confidence,digest\n"
    "other_set,Other,1.2.3.4,2025,CPT,99393,x.csv,00,none,high,00\n"
)
MAPPING = "my_set: [other_set, other_set@2025]\nother_set: my_set.yaml\n"

RACE = """\
id: race_fz
dimension: race
standard: omb1997
title: Race
column: race
source_column: race_source
categories: [White, Asian, Two or More, Other, Asked, Unknown]
declined: Asked
unknown: Unknown
when_several: combine
several: Two or More
other: Other
other_policy: ignore
tabulations: [combined_multiracial, alone_or_in_combination, most_frequent_combinations]
unspecified: Other
most_frequent: 3
frequent_at_least: 5
codes: [codes.csv]
languages: languages.csv
also: ages.yaml
"""
RACE_CODES = "system,code,category,ethnicity\nCDCREC,2106-3,White,\nCDCREC,2028..2034,Asian,\nISO639,en,White,\n"
LANGUAGES = b"code,category\nen,English\nspanish,Spanish\nfra,Other\n"
AGES = 'id: ages\ndimension: age_band\ntitle: Ages\nbands: ["<1", "1-2", "3", "4+"]\n'

MANDATE = shipped("mandates/" + min(p.name for p in (MEASURES / "mandates").glob("*.yaml")))

SOURCE_CODES = """\
id: fz
title: Crosswalk
source: words
confidence: medium
notes: words
codes:
  - id: well_child
    tables: [medical_claim, encounter]
    from: {SNOMEDCT: [162673000, 410620009]}
    to: [{system: CPT, code: 99391, to_age: 0}, {system: CPT, code: 99392, from_age: 1, to_age: 200}]
    diagnosis: [{system: ICD10CM, code: Z00129, to_age: 17}]
places: {AMB: 11, EMER: 23}
specialties: {pediatrics: 208000000X}
coverage_without_payer: none
"""

TOML = """\
[run]
data = "extract"
year = 2025
measures = ["wcv", "tag:pediatric"]
exclude = "dev"
by = "race,sex*age_band"
out = "results"
format = "table"
measure_folders = ["measures"]
value_set_folders = ["value_sets"]
enrollment_key = ["payer", "product_line"]
bad_rows = "refuse"
person_level = false
supplemental = "with"
buckets = 16
cache = true
cache_dir = "cache"
race_standard = "omb1997"
as_of = 2025-12-31
fail_under = { wcv = 40.5 }
fail_on_drift = 5
[run.params.w30]
telehealth_allowed = true
minimum = 3
[tables.eligibility]
path = "extract/elig_*.parquet"
columns = { person_id = "MBR_ID", "birth_date" = 'DOB' }
constants = { payer = "medicaid", enrollment_start_date = 2025-01-01 }
dates = { birth_date = "%Y%m%d" }
unmapped = "error"
[tables.eligibility.values.gender]
F = "female"
"M\\u00e9" = "male"
[[tables.medical_claim.sources]]
path = "extract/claims_2024"
label = "old"
unmapped = { claim_type = "keep" }
values.claim_type = { I = "institutional" }
[[tables.medical_claim.sources]]
path = "lake/claims"
format = "delta"
label = \"\"\"new\"\"\"
[validate]
fail_on = "fail"
sample_rows = 20
[validate.checks.VBC103]
warn = 0.01
fail = "off"
columns."eligibility.race" = { warn = 0.5 }
[supplemental]
tables = ["immunization"]
data_sources = ["registry"]
[completeness]
direct = 0.8
fields.race = { direct = 0.5, unknown = 0.2 }
[value_sets]
imm_dtap = ["DTaP Immunization", "x.csv"]
imm_mmr = "mmr@2025"
[equity]
reference = "best"
named = { race = "White" }
alpha = 0.05
benchmarks = { wcv = 51.8, "w30.w30_6" = 60 }
[equity.composites]
weights = [1, 2.5, 3]
reference.wcv = { mean = 50, sd = 10 }
"""

PERSON = {"reference": f"Patient/{CANARY}1"}
RATIO = {"numerator": {"value": 1}, "denominator": {"value": 128}}
CDCREC = "urn:oid:2.16.840.1.113883.6.238"
QUANTITY = {"value": 109.5, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"}


def _resources() -> list[dict[str, Any]]:
    who = {"subject": PERSON, "patient": PERSON}
    vital = {"category": [concept(("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs"))]}
    patient = fhir.patient(
        f"{CANARY}1",
        name=[{"family": CANARY, "given": [CANARY]}],
        deceasedDateTime="2025-05-05T10:00:00Z",
        address=[{"state": "MA", "postalCode": "02115", "line": [CANARY], "period": {"start": "2020-01-01"}}],
        communication=[{"preferred": True, "language": concept(("urn:ietf:bcp:47", "en"))}],
        extension=[
            {
                "url": f"{US_CORE}us-core-race",
                "extension": [
                    {"url": "ombCategory", "valueCoding": {"system": CDCREC, "code": "2106-3"}},
                    {"url": "text", "valueString": CANARY},
                ],
            }
        ],
    )  # fmt: skip
    eob = event(
        "ExplanationOfBenefit", f"{CANARY}x", status="active", use="claim", outcome="complete", created="2024-04-01",
        claim=ref(f"Claim/{CANARY}k"), provider=ref("Organization/s1"), insurer={"display": CANARY},
        type=concept(("http://terminology.hl7.org/CodeSystem/claim-type", "professional")),
        billablePeriod={"start": "2024-03-01", "end": "2024-03-02"},
        careTeam=[{"sequence": 2, "role": concept(("", "rendering")), "provider": ref("PractitionerRole/r1")}],
        diagnosis=[{"sequence": 1, "diagnosisCodeableConcept": concept((ICD, "Z00.129"))}],
        procedure=[{"sequence": 1, "procedureCodeableConcept": concept((CPT, "99393")), "date": "2024-03-01"}],
        supportingInfo=[{"category": concept(("", "typeofbill")), "code": concept(("", "0131"))}],
        item=[
            {
                "sequence": 7, "careTeamSequence": [2], "servicedDate": "2024-03-02",
                "productOrService": concept((CPT, "99393")), "modifier": [concept(("", "25"))],
                "quantity": {"value": 1}, "encounter": [ref("Encounter/e1")],
                "adjudication": [{"category": concept(("", "benefit")), "amount": {"value": 87.5}}],
            }
        ],
        patient=PERSON,
    )  # fmt: skip
    return [
        patient,
        fhir.coverage(f"{CANARY}c", beneficiary=PERSON, subscriberId=CANARY),
        {"resourceType": "Practitioner", "id": "d1", "identifier": [{"system": NPI, "value": "1234567893"}]},
        {
            "resourceType": "PractitionerRole", "id": "r1", "practitioner": ref("Practitioner/d1"),
            "specialty": [concept((NUCC, "208000000X"))],
        },
        {"resourceType": "Organization", "id": "s1", "name": CANARY},
        {"resourceType": "Medication", "id": "m1", "code": concept((RXNORM, "308182"))},
        event("Encounter", "e1", status="finished", **who, type=[concept((SNOMED, "410620009"))],
              **{"class": {"code": "AMB"}}, period={"start": "2025-03-20T09:30:00Z", "end": "2025-03-20"}),
        event("Immunization", "i1", status="completed", **who, vaccineCode=concept((CVX, "03")),
              occurrenceDateTime="2025-03-20"),
        event("Condition", "k1", **who, clinicalStatus=concept(("", "active")), code=concept((SNOMED, "65363002")),
              onsetDateTime="2025-03-20", encounter=ref("Encounter/e1")),
        event("Procedure", "p1", status="completed", **who, code=concept((CPT, "96110")),
              performedPeriod={"start": "2025-03-20", "end": "2025-03-21"}),
        event("Observation", "o1", status="final", **who, **vital, code=concept((LOINC, "8302-2")),
              valueQuantity=QUANTITY, effectiveDateTime="2025-03-20T09:30:00+05:30"),
        event("Observation", "o2", status="final", **who, **vital, code=concept((LOINC, "85354-9")),
              effectivePeriod={"start": "2025-03-20"},
              component=[{"code": concept((LOINC, "8480-6")), "valueQuantity": {**QUANTITY, "comparator": "<"}},
                         {"code": concept((LOINC, "8462-4")), "valueRatio": RATIO}]),
        event("Observation", "o3", status="final", **who, code=concept((LOINC, "73831-0")), valueString=CANARY,
              effectiveDateTime="2025-03-20"),
        event("MedicationRequest", "r1", status="active", **who, medicationReference=ref("Medication/m1"),
              authoredOn="2025-03-20",
              dispenseRequest={"quantity": QUANTITY, "expectedSupplyDuration": {"value": 2, "code": "wk"}}),
        event("MedicationDispense", "r2", status="completed", **who, medicationReference=ref("#m"),
              contained=[{"resourceType": "Medication", "id": "m", "code": concept((RXNORM, "308182"))}],
              whenHandedOver="2025-03-20", daysSupply={"value": 10, "unit": "days"}),
        event("ServiceRequest", "s1", status="active", **who, code=concept((CPT, "83655")), authoredOn="2025-03-20"),
        {**eob, "resourceType": "Claim", "id": f"{CANARY}k"},
        eob,
    ]  # fmt: skip


RESOURCES = _resources()
NDJSON = "".join(json.dumps(one) + "\n" for one in RESOURCES).encode()
BUNDLE = json.dumps(
    {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"fullUrl": f"urn:uuid:{i}", "resource": one} for i, one in enumerate(RESOURCES)],
    },
    indent=1,
).encode()
FHIR = (
    NDJSON,
    "".join(json.dumps(one) + "\n" for one in (RESOURCES[0], RESOURCES[1], *RESOURCES[6:12])).encode(),
    "".join(json.dumps(one) + "\n" for one in (RESOURCES[0], RESOURCES[1], *RESOURCES[-2:])).encode(),
)


def synthea_export(generation: int) -> bytes:
    """Return an export of the simulator; names and ids of people say `CANARY`."""
    files = {
        "patients.csv": synthea.PATIENTS.replace("Secret", CANARY),
        "payers.csv": synthea.PAYERS,
        "payer_transitions.csv": synthea.TRANSITIONS[generation],
        "providers.csv": synthea.PROVIDERS,
        "organizations.csv": synthea.ORGANIZATIONS,
        "encounters.csv": synthea.ENCOUNTERS,
        "procedures.csv": synthea.PROCEDURES[generation],
        "conditions.csv": synthea.CONDITIONS[generation],
        "immunizations.csv": synthea.IMMUNIZATIONS,
        "observations.csv": synthea.OBSERVATIONS[generation],
        "medications.csv": synthea.MEDICATIONS,
    }
    if generation > 1:
        files |= {"claims.csv": synthea.CLAIMS, "claims_transactions.csv": synthea.TRANSACTIONS}
    for person in (synthea.ANA, synthea.BEN, synthea.CLEO, synthea.DAN):
        files = {name: text.replace(person, f"{person}-{CANARY}") for name, text in files.items()}
    return joined(files)


CODE_LISTS = (
    b"Value Set Name,OID,Code System,Code,Version\nMy set,1.2.3.4.5,CPT,99391,2025\n"
    b"My set,1.2.3.4.5,ICD10CM,Z00.129,2025\n",
    b'name;system;code\n"A; b";SNOMED CT;410620009\n"A; b";CVX;03\n',
    b"name\tsystem\tcode\nA\tNDC\t00006473300\nB\tUBREV\t0510\n",
    b"code|system\n99391|CPT\n83655|http://www.ama-assn.org/go/cpt\n",
)
EXPANSION = {
    "resourceType": "ValueSet",
    "id": "1.2.3.4.5",
    "title": "My set",
    "version": "2025",
    "identifier": [{"value": "urn:oid:1.2.3.4.5"}],
    "expansion": {
        "total": 3,
        "contains": [
            {"system": CPT, "code": "99391", "display": "words"},
            {"abstract": True, "contains": [{"system": CVX, "code": "03"}]},
        ],
    },
}
COMPOSE = {
    "resourceType": "ValueSet",
    "name": "Other set",
    "url": "http://x/ValueSet/2.16.840.1.113883.3.464",
    "compose": {
        "include": [{"system": ICD, "concept": [{"code": "Z00.129"}, {"code": "Z00.121"}]}],
        "exclude": [{"system": ICD, "concept": [{"code": "Z00.121"}]}],
    },
}
BOTH = {"resourceType": "Bundle", "entry": [{"resource": EXPANSION}, {"resource": COMPOSE}]}
VALUE_SETS_JSON = tuple(json.dumps(one).encode() for one in (EXPANSION, COMPOSE, BOTH))


def workbook() -> bytes:
    """Return a small workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Value Sets to Codes"
    for row in (("Value Set Name", "Value Set OID", "Code System", "Code"), ("My set", "1.2.3.4.5", "CPT", 99391)):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


SHEET_PARTS = {
    "[Content_Types].xml": """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/sharedStrings.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
</Types>
""",
    "_rels/.rels": """\
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="xl/workbook.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>
""",
    "xl/workbook.xml": """\
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<workbookPr date1904="0"/><sheets><sheet name="Value Sets to Codes" sheetId="1" r:id="rId1"/></sheets>
</workbook>
""",
    "xl/_rels/workbook.xml.rels": """\
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="worksheets/sheet1.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>
<Relationship Id="rId2" Target="styles.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/>
<Relationship Id="rId3" Target="sharedStrings.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>
</Relationships>
""",
    "xl/styles.xml": """\
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<numFmts count="2"><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="yyyy\\-mm"/></numFmts>
<fonts count="1"><font><sz val="11"/></font></fonts><fills count="1"><fill><patternFill/></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>
</styleSheet>
""",
    "xl/sharedStrings.xml": """\
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="8" uniqueCount="8">
<si><t>Value Set Name</t></si><si><t>Value Set OID</t></si><si><t>Code System</t></si><si><t>Code</t></si>
<si><t xml:space="preserve"> My set</t></si>
<si><r><rPr><b/></rPr><t>1.2.3</t></r><r><t>.4.5</t></r></si><si><t>CPT</t></si>
</sst>
""",
    "xl/worksheets/sheet1.xml": """\
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:D4"/><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>
<c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>
<row r="2"><c r="A2" t="s"><v>4</v></c><c r="B2" t="s"><v>5</v></c>
<c r="C2" t="s"><v>6</v></c><c r="D2" s="1"><v>99391</v></c></row>
<row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3" t="s"><v>5</v></c>
<c r="C3" t="s"><v>6</v></c><c r="D3" t="str"><f>1+1</f><v>99392</v></c></row>
<row r="4"><c r="A4" t="s"><v>4</v></c><c r="B4" t="s"><v>5</v></c>
<c r="C4" t="s"><v>6</v></c>
<c r="D4" t="inlineStr"><is><t>99393</t></is></c></row>
</sheetData></worksheet>
""",
}


def packed(parts: dict[str, bytes]) -> bytes:
    """Return a workbook as spreadsheets write it, by hand: texts are shared, and formats say how numbers look.

    ``parts`` are told by the last part of their name. One that is none of a workbook is left out.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in SHEET_PARTS.items():
            book.writestr(name, parts.get(name.rpartition("/")[2], text.encode()))
    return content.getvalue()
