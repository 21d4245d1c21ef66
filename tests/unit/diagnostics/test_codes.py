"""The registry: every code that the sources name is explained, and no code is given twice."""

import re
from pathlib import Path

import pytest

from vbpmeasure.diagnostics.codes import CODES, CodeInfo, merge_families

SOURCES = Path(__file__).parents[3] / "src" / "vbpmeasure"
INFO = CodeInfo("title", "explanation", "mend")


def test_families_are_merged_in_order():
    merged = merge_families({"family_3xx": {"VBM301": INFO}, "family_1xx": {"VBM102": INFO, "VBM101": INFO}})
    assert list(merged) == ["VBM101", "VBM102", "VBM301"]


@pytest.mark.parametrize(
    ("families", "message"),
    [
        ({"family_1xx": {"VBM101": INFO}, "family_1xx_more": {"VBM101": INFO}}, "given twice"),
        ({"family_1xx": {"VBM201": INFO}}, "stands in family_1xx"),
        ({"family_1xx": {"VBM1": INFO}}, "malformed"),
        ({"family_1xx": {"ABC101": INFO}}, "malformed"),
        ({"family_1xx": {"VBM1x1": INFO}}, "malformed"),
    ],
)
def test_impossible_registries_are_refused(families, message):
    with pytest.raises(ValueError, match=message):
        merge_families(families)


def test_every_code_that_the_sources_name_is_registered():
    named = {code for path in SOURCES.rglob("*.py") for code in re.findall(r'"(VBM[0-9]{3})"', path.read_text())}
    assert len(named) > 50
    assert named - set(CODES) - {"VBM000"} == set()


def test_no_family_repeats_a_key():
    # A repeated key of a dict literal is lost without a sound.
    for path in (SOURCES / "diagnostics").glob("family_*.py"):
        keys = re.findall(r'^    "(VBM[0-9]{3})":', path.read_text(), flags=re.MULTILINE)
        assert len(keys) == len(set(keys)), path.name


@pytest.mark.parametrize("code", sorted(CODES))
def test_pages_are_filled(code):
    info = CODES[code]
    for text in (info.title, info.explanation, info.mend):
        assert text.strip() == text
        assert text
    assert not info.title.endswith(".")
    assert info.explanation.rstrip(")").endswith(".")
    assert info.mend.rstrip(")").endswith(".")
