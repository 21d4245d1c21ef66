"""The catalog: finding, selecting, checking and building measures of several roots."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.definitions import HEAD, RATE
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.diagnostics.model import Failure, Severity
from vbpmeasure.plan.measures import calendar_year

PERIOD = calendar_year(2025)
VALUE_SET = """\
name: NAME
source: written for this test
licence: none
confidence: low
codes:
  CPT: ["99391"]
"""


def write_measure(root: Path, id: str, text: str = HEAD + RATE) -> Path:
    path = root / id / "measure.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("id: m\n", f"id: {id}\n", 1), encoding="utf-8")
    return path


def write_value_set(root: Path, name: str, text: str = VALUE_SET) -> None:
    (root / "value_sets").mkdir(parents=True, exist_ok=True)
    (root / "value_sets" / f"{name}.yaml").write_text(text.replace("NAME", name), encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_measure(tmp_path, "mine", (HEAD + RATE).replace("basis:", "tags: [own, visits]\nbasis:"))
    write_measure(tmp_path, "other", (HEAD + RATE).replace("basis:", "tags: [own]\nbasis:"))
    write_value_set(tmp_path, "visits")
    return tmp_path


def codes(failure: Failure) -> list[str]:
    return [diagnostic.code for diagnostic in failure.diagnostics]


def test_the_shipped_measures_are_there_and_sound() -> None:
    catalog = Catalog.open()
    assert {"cis", "dev", "ima", "lsc", "w30", "wcv"} <= set(catalog.ids())
    assert [d for d in catalog.check() if d.severity is Severity.ERROR] == []
    program = catalog.program(catalog.ids(), PERIOD)
    assert [m.id for m in program.measures] == list(catalog.ids())
    used = {name for m in program.measures for name in m.value_sets}
    assert set(program.value_sets) == used
    assert all(codeset.codes for codeset in program.value_sets.values())
    assert all(catalog.deck_path(id) is not None for id in catalog.ids())


@pytest.mark.parametrize("year", [2020, 2024, 2026])
def test_the_shipped_measures_run_in_other_years(year: int) -> None:
    catalog = Catalog.open()
    assert [d for d in catalog.check(catalog.ids(), year) if d.severity is Severity.ERROR] == []


def test_own_roots_come_after_the_shipped_one(root: Path) -> None:
    catalog = Catalog.open([root])
    assert catalog.ids()[-2:] == ("mine", "other")
    assert len(catalog.ids()) > 2
    assert Catalog.open([root], shipped=False).ids() == ("mine", "other")


def test_a_root_may_be_one_file_or_the_folder_of_one_measure(root: Path) -> None:
    for path in (root / "mine" / "measure.yaml", root / "mine"):
        catalog = Catalog.open([path], shipped=False)
        assert catalog.ids() == ("mine",)
        assert catalog.path("mine") == root / "mine" / "measure.yaml"


def test_a_root_inside_another_counts_once(root: Path) -> None:
    assert Catalog.open([root, root / "mine", root], shipped=False).ids() == ("mine", "other")
    assert Catalog.open([measures_root()]).ids() == Catalog.open().ids()


def test_selection_by_id_and_tag(root: Path) -> None:
    catalog = Catalog.open([root], shipped=False)
    assert catalog.select(["other", "mine", "other"]) == ("mine", "other")
    assert catalog.select(["tag:own"]) == ("mine", "other")
    assert catalog.select(["tag:visits", "mine"]) == ("mine",)
    assert catalog.select([]) == ()


def test_unknown_selectors_are_refused_together_with_suggestions(root: Path) -> None:
    with pytest.raises(Failure) as refused:
        Catalog.open([root], shipped=False).select(["mien", "tag:visit", "mine"])
    assert [(d.code, d.hint) for d in refused.value.diagnostics] == [
        ("VBM240", "did you mean `mine`?"),
        ("VBM241", "did you mean `visits`?"),
    ]
    assert refused.value.exit_code == 2


def test_a_measure_defined_twice_names_both_files(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    second = tmp_path_factory.mktemp("second")
    write_measure(second, "mine")
    catalog = Catalog.open([root, second], shipped=False)
    found = [d for d in catalog.check() if d.code == "VBM219"]
    assert len(found) == 1
    assert str(root / "mine" / "measure.yaml") in found[0].message
    assert found[0].where == str(second / "mine" / "measure.yaml")
    with pytest.raises(Failure) as refused:
        catalog.program(["mine"], PERIOD)
    assert "VBM219" in codes(refused.value)
    assert catalog.program(["other"], PERIOD).measures


def test_a_measure_stands_in_the_folder_of_its_name(root: Path) -> None:
    (root / "other").rename(root / "elsewhere")
    assert [d.code for d in Catalog.open([root], shipped=False).check()] == ["VBM243"]


@pytest.mark.parametrize("name", ["nowhere", "empty", "nowhere.yaml"])
def test_a_root_without_measures_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Failure) as refused:
        Catalog.open([tmp_path / name])
    assert codes(refused.value) == ["VBM242"]


def test_fragments_are_checked_even_when_nothing_uses_them(root: Path) -> None:
    (root / "shared").mkdir()
    (root / "shared" / "parts.yaml").write_text("id: part\ntitle: P\nreferences: [{title: Me}]\n", encoding="utf-8")
    (root / "shared" / "bad.yaml").write_text("id: bad\n", encoding="utf-8")
    found = Catalog.open([root], shipped=False).check()
    assert sorted(d.code for d in found) == ["VBM202", "VBM243"]
    write_measure(root, "mine", HEAD + "use: [parts]\n" + RATE)
    with pytest.raises(Failure) as refused:
        Catalog.open([root], shipped=False).program(["mine"], PERIOD)
    assert codes(refused.value) == ["VBM243"]


def test_a_root_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    for path in (tmp_path, Path("a\0b")):
        with pytest.raises(Failure) as refused:
            Catalog.open([path], shipped=False)
        assert codes(refused.value) == ["VBM242"]


def test_one_broken_measure_does_not_touch_the_others(root: Path) -> None:
    write_measure(root, "broken", "id: broken\n")
    catalog = Catalog.open([root], shipped=False)
    assert catalog.program(["mine"], PERIOD).measures
    with pytest.raises(Failure) as refused:
        catalog.program(["mine", "broken"], PERIOD)
    assert set(codes(refused.value)) == {"VBM202"}
    assert all(d.span is not None and d.source_line is not None for d in refused.value.diagnostics)
    with pytest.raises(Failure):
        catalog.info("broken")


def test_missing_value_sets_fragments_and_codes_stop_a_run(root: Path) -> None:
    write_measure(root, "a", (HEAD + RATE).replace("visits", "vists"))
    write_measure(root, "b", HEAD + "use: [sharde]\n" + RATE)
    write_measure(root, "c", (HEAD + RATE).replace("visits", "bad"))
    write_measure(root, "d", (HEAD + RATE).replace("code: visits", "diagnosis: visits"))
    write_measure(root, "e", (HEAD + RATE).replace("code: visits", "code: visits, place: visits, modifier: visits"))
    write_value_set(root, "bad", VALUE_SET.replace("99391", "9939"))
    catalog = Catalog.open([root], shipped=False)
    expected = {"a": {"VBM211"}, "b": {"VBM214"}, "c": {"VBM286"}, "d": {"VBM224"}, "e": {"VBM224"}}
    for id, wanted in expected.items():
        with pytest.raises(Failure) as refused:
            catalog.program([id], PERIOD)
        assert set(codes(refused.value)) == wanted, id
    assert {d.code for d in catalog.check()} == set().union(*expected.values())


def test_codes_of_another_system_in_a_fitting_set_are_a_warning(root: Path) -> None:
    write_value_set(root, "visits", VALUE_SET + "  POS: ['11']\n")
    found = Catalog.open([root], shipped=False).check()
    assert {(d.code, d.severity) for d in found} == {("VBM224", Severity.WARNING)}
    assert Catalog.open([root], shipped=False).program(["mine"], PERIOD).measures


def test_a_fragment_of_the_own_root_beats_one_of_another(root: Path) -> None:
    shared = root / "shared"
    shared.mkdir()
    (shared / "required_exclusions.yaml").write_text(
        "id: required_exclusions\ntitle: Mine\nreferences: [{title: Me}]\n"
        "exclusions: [{id: dead, when: {died: {during: period}}}]\n",
        encoding="utf-8",
    )
    write_measure(root, "uses", HEAD + "use: [required_exclusions]\nexclusions: [dead]\n" + RATE)
    catalog = Catalog.open([root])
    assert catalog.program(["uses", "w30"], PERIOD).measures
    borrowed = HEAD + "use: [required_exclusions]\nexclusions: [hospice]\n" + RATE
    (shared / "required_exclusions.yaml").unlink()
    write_measure(root, "uses", borrowed)
    assert Catalog.open([root]).program(["uses"], PERIOD).measures


def test_overrides_reach_their_measure(root: Path) -> None:
    text = HEAD + (
        "parameters: {n: {about: x, type: integer, values: [{from: 2020, value: 1, source: S}]}}\n"
        + RATE.replace("{count:", "{at_least: n, count:")
    )
    write_measure(root, "mine", text)
    catalog = Catalog.open([root], shipped=False)
    program = catalog.program(["mine"], PERIOD, {"mine": {"n": "3"}})
    assert program.measures[0].parameters == {"n": 3}
    for overrides, code in (
        ({"mine": {"n": "many"}}, "VBM231"),
        ({"mine": {"k": "3"}}, "VBM212"),
        ({"other": {"n": "3"}}, "VBM240"),
        ({"mine": {"n": "0"}}, "VBM232"),
    ):
        with pytest.raises(Failure) as refused:
            catalog.program(["mine"], PERIOD, overrides)
        assert codes(refused.value) == [code]


def test_info_tells_what_the_definition_says(root: Path) -> None:
    info = Catalog.open([root]).info("mine")
    assert (info.id, info.edition, info.status, info.tags) == ("mine", "2025", "active", ("own", "visits"))
    assert [rate.id for rate in info.rates] == ["r"]
    assert info.deck is None
    w30 = Catalog.open().info("w30")
    assert {"w30_6", "w30_2"} == {rate.id for rate in w30.rates}
    assert w30.deck is not None
    assert w30.references
    assert "telehealth_allowed" in w30.parameters


def test_one_measure_reads_only_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = Catalog.open()
    read: list[Path] = []
    from vbpmeasure.spec import tree

    real = Path.open
    monkeypatch.setattr(tree.Path, "open", lambda self, *a, **k: read.append(self) or real(self, *a, **k))
    program = catalog.program(["lsc"], PERIOD)
    names = {path.stem for path in read if path.parent.name == "value_sets"}
    assert names == set(program.value_sets)
    assert {path.parent.name for path in read if path.name == "measure.yaml"} == {"lsc"}
