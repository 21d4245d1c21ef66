"""Which set a definition gets: folders, versions, and the mapping that puts one set in another's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbpmeasure.commands.importing import ImportRequest, import_value_sets
from vbpmeasure.terminology.value_sets import ValueSetLibrary, load_value_sets

SHIPPED = """\
name: imm_dtap
source: a public list
licence: none
confidence: medium
codes: {CVX: [20, 106, 107]}
"""
HEADER = "name,oid,version,code,system\n"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    shipped, mine = tmp_path / "shipped", tmp_path / "mine"
    shipped.mkdir()
    mine.mkdir()
    (shipped / "imm_dtap.yaml").write_text(SHIPPED)
    return shipped, mine


def store(folder: Path, rows: str) -> None:
    source = folder.parent / "source.csv"
    source.write_text(HEADER + rows)
    import_value_sets(ImportRequest((source,), folder))


def library(folders: tuple[Path, Path], mapping: str | None = None) -> ValueSetLibrary:
    if mapping is not None:
        (folders[1] / "mapping.yaml").write_text(mapping)
    return load_value_sets(folders)


def test_a_set_of_the_same_name_wins_by_folder(folders: tuple[Path, Path]) -> None:
    store(folders[1], "imm_dtap,,2025,20,CVX\n")
    found = library(folders).get("imm_dtap")
    assert found is not None
    assert (found.codes, found.version, found.taken_from) == ({"CVX": ("20",)}, "2025", "")


def test_the_latest_version_is_taken_unless_another_is_pinned(folders: tuple[Path, Path]) -> None:
    store(folders[1], "DTaP,1.2.3.4,v9,20,CVX\n")
    store(folders[1], "DTaP,1.2.3.4,v10,106,CVX\n")
    for mapping, version in (
        ("imm_dtap: dtap\n", "v10"),
        ("imm_dtap: dtap@v9\n", "v9"),
        ("imm_dtap: 1.2.3.4\n", "v10"),
    ):
        found = library(folders, mapping).get("imm_dtap")
        assert found is not None
        assert (found.name, found.version, found.taken_from) == ("imm_dtap", version, f"dtap@{version}")


@pytest.mark.parametrize(
    "target", ["[DTaP Shot, dtap_procedure]", "[dtap_shot@1, dtap_procedure@1.csv]", "[1.2.3.4, 1.2.3.5]"]
)
def test_several_sets_stand_in_together(folders: tuple[Path, Path], target: str) -> None:
    store(folders[1], "DTaP Shot,1.2.3.4,1,20,CVX\n")
    store(folders[1], "DTaP Procedure,1.2.3.5,1,90700,CPT\n")
    found = library(folders, f"imm_dtap: {target}\n").get("imm_dtap")
    assert found is not None
    assert found.codes == {"CPT": ("90700",), "CVX": ("20",)}
    assert found.taken_from == "dtap_shot@1 + dtap_procedure@1"
    assert (found.oid, found.version, found.confidence) == ("1.2.3.4 + 1.2.3.5", "1", "high")


def test_a_set_can_be_the_shipped_one_and_more(folders: tuple[Path, Path]) -> None:
    store(folders[1], "extra,,,120,CVX\n")
    found = library(folders, "imm_dtap: [imm_dtap, extra]\n").get("imm_dtap")
    assert found is not None
    assert found.codes == {"CVX": ("106", "107", "120", "20")}
    assert found.confidence == "medium"  # the lower of the two


def test_a_plain_mapping_wins_over_the_file(folders: tuple[Path, Path]) -> None:
    store(folders[1], "one,,,20,CVX\n")
    store(folders[1], "two,,,106,CVX\n")
    (folders[1] / "mapping.yaml").write_text("imm_dtap: one\n")
    found = load_value_sets(folders, {"imm_dtap": "two"}).get("imm_dtap")
    assert found is not None
    assert found.codes == {"CVX": ("106",)}


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ("- imm_dtap\n", "VBM262"),
        ("imm_dtap: {a: b}\n", "VBM262"),
        ("imm_dtap:\n", "VBM262"),
        ("imm_dtap: []\n", "VBM262"),
        ("imm_dtpa: imm_dtap\n", "VBM263"),
        ("imm_dtap: nothing\n", "VBM264"),
        ("imm_dtap: nothing.csv\n", "VBM264"),
        ("imm_dtap: imm_dtap@2025\n", "VBM264"),
        ("imm_dtap: Twins\n", "VBM264"),
        ("imm_dtap: a\nimm_dtap: b\n", "VBM112"),
    ],
)
def test_a_mapping_that_would_have_no_effect_is_an_error(folders: tuple[Path, Path], mapping: str, code: str) -> None:
    (folders[1] / "a.yaml").write_text(SHIPPED.replace("imm_dtap", "a\ntitle: Twins"))
    (folders[1] / "b.yaml").write_text(SHIPPED.replace("imm_dtap", "b\ntitle: Twins"))
    found = library(folders, mapping).folder_diagnostics
    assert [d.code for d in found][:1] == [code]
    assert found[0].span is not None
    assert found[0].span.path.endswith("mapping.yaml")


def test_an_empty_mapping_is_none(folders: tuple[Path, Path]) -> None:
    found = library(folders, "# nothing yet\n")
    assert found.diagnostics == ()
    assert found.replacement("imm_dtap") is None


def test_a_damaged_set_is_an_error_of_whoever_uses_it(folders: tuple[Path, Path]) -> None:
    store(folders[1], "mine,,,20,CVX\n")
    path = folders[1] / "mine.csv"
    path.write_text(path.read_text().replace(",20,", ",106,"))
    found = library(folders, "imm_dtap: mine\n")
    assert found.get("imm_dtap") is None
    assert [d.code for d in found.diagnostics_of(["imm_dtap"])] == ["VBM260"]
