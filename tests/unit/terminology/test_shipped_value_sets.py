"""The shipped value sets: sound, sourced, used, and honest about who uses them."""

from pathlib import Path

import pytest

from vbpmeasure.spec.tree import ListNode, MapNode, read_yaml
from vbpmeasure.terminology.systems import SYSTEMS
from vbpmeasure.terminology.value_sets import load_value_sets

MEASURES = Path(__file__).parents[3] / "measures"
LIBRARY = load_value_sets([MEASURES / "value_sets"])
DEFINITIONS = [*sorted(MEASURES.glob("*/measure.yaml")), *sorted((MEASURES / "shared").glob("*.yaml"))]

# What the licence of a set must name, for each code system with terms of its own.
OWNERS = {
    "CPT": "American Medical Association",
    "CDT": "American Dental Association",
    "CDT_PREFIX": "American Dental Association",
    "SNOMEDCT": "SNOMED International",
    "LOINC": "Regenstrief",
    "UBREV": "American Hospital Association",
    "UBDISP": "American Hospital Association",
    "NUCC": "NUCC",
}


def texts(node):
    """Yield every text of a definition that can be the name of a value set."""
    if isinstance(node, MapNode):
        for entry in node.entries:
            if entry.key.text not in {"notes", "title", "about", "source"}:
                yield from texts(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from texts(item)
    else:
        yield node.text


def users():
    found = {}
    for path in DEFINITIONS:
        root = read_yaml(path)
        for text in texts(root):
            found.setdefault(text, set()).add(root.get("id").text)
    return found


USERS = users()


def test_there_are_value_sets():
    assert len(LIBRARY.names()) > 40


def test_no_findings():
    assert LIBRARY.diagnostics == ()


@pytest.mark.parametrize("name", LIBRARY.names())
def test_a_shipped_set_is_used_by_whom_it_says(name):
    assert set(LIBRARY.get(name).used_by) == USERS.get(name, set()) != set()


@pytest.mark.parametrize("name", LIBRARY.names())
def test_the_licence_names_the_owner_of_every_system(name):
    value_set = LIBRARY.get(name)
    assert value_set.title
    for system in value_set.codes:
        assert OWNERS.get(system, "") in value_set.licence, system


def test_codes_come_without_descriptors():
    # A descriptor would need blanks; only drug names may have them.
    codes = [
        c for name in LIBRARY.names() for s, cs in LIBRARY.get(name).codes.items() for c in cs if s != "INGREDIENT"
    ]
    assert len(codes) > 2000
    assert [c for c in codes if " " in c] == []


def test_well_known_codes_are_where_they_belong():
    def codes(name, system):
        return LIBRARY.get(name).codes[system]

    assert codes("lead_test", "CPT") == ("83655",)
    assert codes("laboratory_pos", "POS") == ("81",)
    assert codes("deceased_discharge_disposition", "UBDISP") == ("20", "40", "41", "42")
    assert codes("dev_screen", "CPT") == ("96110",)
    assert {"99381", "99391", "99392", "99395"} <= set(codes("well_care_visit", "CPT"))
    assert {"Z00121", "Z00129"} <= set(codes("well_care_dx", "ICD10CM"))
    assert {"20", "106", "107", "110", "120"} <= set(codes("imm_dtap", "CVX"))
    assert codes("imm_hepb_newborn", "ICD10PCS") == ("3E0234Z",)


def test_the_readme_names_every_system_with_an_owner():
    readme = (MEASURES / "value_sets" / "README.md").read_text()
    shipped = {system for name in LIBRARY.names() for system in LIBRARY.get(name).codes}
    assert shipped <= set(SYSTEMS)
    for system in shipped:
        assert OWNERS.get(system, "").replace("NUCC", "National Uniform Claim Committee") in readme
