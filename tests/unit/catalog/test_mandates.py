"""Mandates: what is shipped, and what is refused."""

from pathlib import Path

import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.mandates import load_mandates, mandate_called
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.commands.mandating import with_mandate
from vbpmeasure.config.load import Config
from vbpmeasure.config.settings import resolve
from vbpmeasure.diagnostics import Failure

GOOD = """
id: ours
title: Our state
program: State
year: 2025
read_in: "2025"
by: [race, language]
confidence: L
measures:
  - {id: wcv, confidence: H}
  - {id: xyz, confidence: L}
references:
  - {title: A letter, tag: X1, confidence: L}
"""


@pytest.fixture(scope="module")
def shipped():
    return load_mandates([measures_root()])


def test_what_is_shipped(shipped):
    assert set(shipped) == {*(f"hedis_my{y}" for y in range(2022, 2027)), "child_core_set_2025", "child_core_set_2026"}
    ids = Catalog.open(()).ids()
    here = {name: set(file.split(ids)[0]) for name, file in shipped.items()}
    # Equity page B1: WCV among the first five; IMA, W30 and FUA a year later; CIS, FUH and FUM from 2024 on.
    assert here["hedis_my2022"] == {"wcv"}
    assert here["hedis_my2023"] == {"wcv", "ima", "w30", "fua"}
    for year in (2024, 2025, 2026):
        assert here[f"hedis_my{year}"] == {"wcv", "ima", "w30", "fua", "cis", "fuh", "fum"}
    assert here["child_core_set_2025"] == {"w30", "wcv", "oev", "fuh"}
    # Fact sheet 2.3.
    core = {one.id for one in shipped["child_core_set_2026"].mandate.measures}
    assert core == {"aab", "add", "amr", "fua", "fuh", "lsc", "oev", "ppc2", "w30", "wcv"}


def test_every_fact_has_a_confidence(shipped):
    assert {file.mandate.confidence for file in shipped.values()} == {"H", "M"}
    assert [file.mandate.measured for name, file in shipped.items() if name.startswith("hedis")] == [22, 22, 22, 13, 5]


def test_one_of_ones_own(tmp_path):
    (tmp_path / "mandates").mkdir()
    (tmp_path / "mandates" / "ours.yaml").write_text(GOOD)
    found = mandate_called("ours", load_mandates([measures_root(), tmp_path]))
    assert found.split(["wcv", "w30"]) == (("wcv",), ("xyz",))


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (GOOD.replace("year: 2025", "year: soon"), "year"),
        (GOOD.replace("by: [race, language]", "by: []"), "by"),
        (GOOD.replace("confidence: L\nmeasures", "confidence: sure\nmeasures"), "confidence"),
        (GOOD.replace("program", "programme"), "programme"),
        ("- x", "the file"),
    ],
)
def test_a_broken_mandate_is_refused(tmp_path, wrong, place):
    (tmp_path / "mandates").mkdir()
    (tmp_path / "mandates" / "x.yaml").write_text(wrong)
    with pytest.raises(Failure) as caught:
        load_mandates([tmp_path])
    (problem,) = caught.value.diagnostics
    assert problem.code == "VBM276"
    assert place in problem.message


def settings(**flags):
    return with_mandate(resolve(Config(), flags))


def test_a_mandate_stands_for_what_nobody_said():
    found, mandated = settings(mandate="hedis_my2023")
    assert found.names("measures") == ("wcv", "ima", "w30", "fua")
    assert found.names("by") == ("race", "ethnicity")
    assert (found.year, found.text("race_standard")) == (2023, "omb1997")
    assert mandated is not None
    assert mandated.missing == ("amr", "iet")
    assert mandated.changed == ()
    assert [d.code for d in mandated.findings()] == ["VBM473"]


def test_a_flag_wins_over_the_mandate_and_is_told():
    found, mandated = settings(mandate="hedis_my2023", year=2024, by=("race",), race_standard="spd15")
    assert (found.year, found.names("by"), found.text("race_standard")) == (2024, ("race",), "spd15")
    assert mandated is not None
    assert mandated.changed == ("by", "year", "race_standard")
    assert [d.code for d in mandated.findings()] == ["VBM473", "VBM474"]
    assert mandated.record()["differs_in"] == ["by", "year", "race_standard"]


def test_a_mandate_by_flag_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("VBPMEASURE_BY", "sex")
    found, _ = settings(mandate="hedis_my2023")
    assert found.names("by") == ("race", "ethnicity")
    monkeypatch.setenv("VBPMEASURE_MANDATE", "hedis_my2023")
    found, mandated = settings()
    assert found.names("by") == ("sex",)
    assert mandated is not None
    assert mandated.changed == ("by",)


def test_without_a_mandate_nothing_changes():
    found, mandated = settings(by=("sex",))
    assert found.names("by") == ("sex",)
    assert mandated is None


def test_an_unknown_mandate():
    with pytest.raises(Failure) as caught:
        settings(mandate="hedis_my2032")
    assert caught.value.diagnostics[0].code == "VBM472"
    assert "did you mean" in (caught.value.diagnostics[0].hint or "")
    assert Path(measures_root() / "mandates").is_dir()
