"""Code systems: forms, spellings, families, and the names that data gives them."""

import pytest

from vbpmeasure.terminology.systems import (
    SYSTEMS,
    TYPE_SPELLINGS,
    canonical,
    family_of,
    fits,
    normal_type,
    spellings,
    system_of_type,
)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("cvx", "CVX"),
        ("CVX", "CVX"),
        ("http://hl7.org/fhir/sid/cvx", "CVX"),
        ("urn:oid:2.16.840.1.113883.12.292", "CVX"),
        ("snomed-ct", "SNOMEDCT"),
        ("SNOMED", "SNOMEDCT"),
        ("SNOMED CT", "SNOMEDCT"),
        ("http://snomed.info/sct", "SNOMEDCT"),
        ("2.16.840.1.113883.6.96", "SNOMEDCT"),
        ("loinc", "LOINC"),
        ("http://loinc.org", "LOINC"),
        ("https://loinc.org/", "LOINC"),
        ("2.16.840.1.113883.6.1", "LOINC"),
        ("icd-10-cm", "ICD10CM"),
        ("ICD10CM", "ICD10CM"),
        ("icd_10_cm", "ICD10CM"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM"),
        ("icd-10-pcs", "ICD10PCS"),
        ("http://www.cms.gov/Medicare/Coding/ICD10", "ICD10PCS"),
        ("hcpcs", "HCPCS"),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "HCPCS"),
        ("cpt", "CPT"),
        ("CPT-4", "CPT"),
        ("http://www.ama-assn.org/go/cpt", "CPT"),
        ("2.16.840.1.113883.6.12", "CPT"),
        ("cdt", "CDT"),
        ("http://www.ada.org/cdt", "CDT"),
        ("rxnorm", "RXNORM"),
        ("ndc", "NDC"),
        (" cvx ", "CVX"),
    ],
)
def test_names_that_data_uses(text, system):
    assert system_of_type(text) == system


@pytest.mark.parametrize(
    "text", ["", " ", "icd-9-cm", "icd9", "local", "unknown", "cvx2", "CDT_PREFIX", "UBTOB_PREFIX"]
)
def test_other_names_mean_no_system(text):
    assert system_of_type(text) is None


def test_the_spelling_table_is_what_system_of_type_reads():
    # The Polars engine looks types up in this table; both must be the same reading.
    assert all(normal_type(text) == text for text in TYPE_SPELLINGS)
    assert all(system_of_type(text) == system for text, system in TYPE_SPELLINGS.items())
    assert set(TYPE_SPELLINGS.values()) == {name for name, system in SYSTEMS.items() if not system.is_prefix}


@pytest.mark.parametrize(
    ("system", "good", "bad"),
    [
        ("CPT", ["99391", "0001A", "3008F", "0241U"], ["9939", "993911", "D0120", "99391 ", "99391-25"]),
        ("HCPCS", ["G0438", "S0302", "T1015"], ["0438G", "g0438", "G438", "99391"]),
        ("CDT", ["D0120"], ["D120", "00120", "D01"]),
        ("CDT_PREFIX", ["D1", "D12"], ["1", "D0120", "D"]),
        (
            "ICD10CM",
            ["Z00.129", "Z00129", "B20", "C4A.0", "O9A.111", "T80.52XA", "M1A.0110"],
            ["Z00.", "Z0", "100.1", "z00.129", "Z00.12345", "A01.1E+10"],
        ),
        ("ICD10PCS", ["3E0234Z"], ["3E0234", "3E0234O", "3E0234I", "3e0234z"]),
        ("CVX", ["08", "119", "20"], ["8", "1190", "A8"]),
        ("SNOMEDCT", ["183919006", "127787002"], ["08391900", "12345", "1.8E+08"]),
        ("LOINC", ["10368-9", "5671-3"], ["103689", "LP1234-5", "10368-"]),
        ("NDC", ["00591279901"], ["0591279901", "00591-2799-01"]),
        ("UBREV", ["0450", "0022"], ["450", "04500"]),
        ("UBTOB_PREFIX", ["018", "01", "0181"], ["18", "111", "018x"]),
        ("UBDISP", ["20", "01"], ["1", "201"]),
        ("POS", ["02", "81"], ["2", "810"]),
        ("MODIFIER", ["95", "GT", "U6"], ["9", "gt", "GTX"]),
        ("NUCC", ["208000000X", "2080P0006X"], ["208000000", "208000000x"]),
        ("CDCREC", ["2106-3"], ["2106", "21063"]),
        ("BCP47", ["en", "zh-Hant"], ["English", "EN"]),
        ("HL7NULL", ["UNK", "ASKU"], ["unk", "?"]),
        ("RXNORM", ["308056"], ["0308056", "x"]),
        ("INGREDIENT", ["albuterol", "budesonide-albuterol", "mixed salts"], ["Albuterol", "a,b", ""]),
    ],
)
def test_forms(system, good, bad):
    assert [code for code in good if not fits(system, code)] == []
    assert [code for code in ["", *bad, *(f"{c}\n" for c in good)] if fits(system, code)] == []


def test_every_system_has_a_form_test():
    tested = {mark.args[1][i][0] for mark in test_forms.pytestmark for i in range(len(mark.args[1]))}
    assert tested == set(SYSTEMS)


def test_families():
    assert {family_of(s) for s in ("CPT", "HCPCS", "CDT", "CDT_PREFIX")} == {"HCPCS"}
    alone = [name for name in SYSTEMS if name not in {"CPT", "HCPCS", "CDT", "CDT_PREFIX"}]
    assert [family_of(name) for name in alone] == alone
    assert [name for name in SYSTEMS if SYSTEMS[name].is_prefix] == ["CDT_PREFIX", "UBTOB_PREFIX"]


@pytest.mark.parametrize(
    ("system", "code", "texts"),
    [
        ("ICD10CM", "Z00.129", ("Z00129", "Z00.129")),
        ("ICD10CM", "Z00129", ("Z00129", "Z00.129")),
        ("ICD10CM", "B20", ("B20",)),
        ("ICD10PCS", "3E0234Z", ("3E0234Z",)),
        ("UBREV", "0450", ("0450", "450")),
        ("UBREV", "0022", ("0022", "022", "22")),
        ("UBREV", "1000", ("1000",)),
        ("UBREV", "0000", ("0000", "000", "00", "0")),
        ("UBTOB_PREFIX", "018", ("018", "18")),
        ("CVX", "08", ("08",)),
        ("UBDISP", "01", ("01",)),
        ("POS", "02", ("02",)),
        ("LOINC", "10368-9", ("10368-9",)),
        ("NDC", "00591279901", ("00591279901",)),
        ("CPT", "0001A", ("0001A",)),
    ],
)
def test_spellings(system, code, texts):
    assert spellings(system, code) == texts


def test_canonical_strips_the_dot_of_diagnoses_only():
    assert canonical("ICD10CM", "Z00.129") == "Z00129"
    assert canonical("UBREV", "0450") == "0450"


def test_an_unknown_system_is_a_bug_of_the_caller():
    for call in (lambda: fits("X", "1"), lambda: family_of("X")):
        with pytest.raises(KeyError):
            call()
