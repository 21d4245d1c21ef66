"""Flag before environment before file before default; and who said it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.config.load import Config, read_config
from vbpmeasure.config.settings import Origin, resolve
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.results.categories import CROSSWALKS, STANDARDS, TABULATIONS
from vbpmeasure.results.categories.crosswalks import load_category_systems

TEXT = """\
[run]
data = "data"
year = 2024
measures = "w30, wcv"
measure_folders = ["mine"]
person_level = true
as_of = 2025-02-01

[run.params.w30]
telehealth_allowed = false
most = 3

[tables.eligibility]
path = "elig"
columns = { person_id = "ID" }
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("sub/vbpmeasure.toml").write_text(TEXT, encoding="utf-8")
    return read_config(Path("sub/vbpmeasure.toml"))


def test_each_layer_wins_over_the_next(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    found = resolve(config, {})
    assert found.found["year"].origin is Origin.FILE
    assert found.found["year"].place == "sub/vbpmeasure.toml:3"
    assert found.year == 2024
    assert found.found["bad_rows"].origin is Origin.DEFAULT
    monkeypatch.setenv("VBPMEASURE_YEAR", "2025")
    found = resolve(config, {})
    assert (found.year, found.found["year"].origin) == (2025, Origin.ENVIRONMENT)
    assert found.found["year"].place == "VBPMEASURE_YEAR"
    found = resolve(config, {"year": 2026})
    assert (found.year, found.found["year"].origin, found.found["year"].place) == (2026, Origin.FLAG, "--year")


def test_messages_name_who_said_it(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(config, {}).origin("year") == "sub/vbpmeasure.toml:3 (year)"
    assert resolve(config, {}).origin("fail_under") == "--fail-under", "what would say it"
    monkeypatch.setenv("VBPMEASURE_YEAR", "2025")
    assert resolve(config, {}).origin("year") == "VBPMEASURE_YEAR"
    assert resolve(config, {"year": 2026}).origin("year") == "--year"


def test_paths_of_the_file_start_at_its_folder(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    found = resolve(config, {})
    assert found.text("data") == "sub/data"
    assert found.roots == (Path("sub/mine"),)
    monkeypatch.setenv("VBPMEASURE_DATA", "here")
    assert resolve(config, {}).text("data") == "here"


def test_lists_dates_and_parameters(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBPMEASURE_PARAMS", "wcv.gap_unit=month, w30.most=4")
    found = resolve(config, {}, ("w30.telehealth_allowed=yes", "nonsense"))
    assert found.names("measures") == ("w30", "wcv")
    assert found.text("as_of") == "2025-02-01"
    assert found.truth("person_level")
    assert found.asked_params == ("w30.telehealth_allowed=yes", "nonsense")
    assert set(found.standing_params) == {"w30.most=4", "wcv.gap_unit=month"}


def test_a_data_folder_that_is_named_replaces_the_places_but_not_the_mapping(config: Config) -> None:
    (placed,) = resolve(config, {}).tables["eligibility"]
    assert placed.path == "sub/elig"
    (moved,) = resolve(config, {"data": "other"}).tables["eligibility"]
    assert moved.path is None
    assert moved.mapping.columns == {"person_id": "ID"}
    assert resolve(config, {"data": "sample"}).tables == {}, "the shipped sample is in the contract's shape"


@pytest.mark.parametrize("text", ["0", "-1", "4097", "some", "1.5"])
def test_buckets_of_the_environment_are_judged(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("VBPMEASURE_BUCKETS", text)
    with pytest.raises(Failure, match=r"VBM130: .* a number from 1 to 4,096, or `auto`, is needed"):
        resolve(Config(), {})


@pytest.mark.parametrize("text", ["1", "4096", "auto", "Auto"])
def test_buckets_of_the_environment(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("VBPMEASURE_BUCKETS", text)
    assert resolve(Config(), {}).text("buckets") == text


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("EXECUTOR", "sprak", "one of local, spark, ray, dask is needed"),
        ("AS_OF", "30.6.2025", "a date is needed, YYYY-MM-DD"),
        ("RACE_STANDARD", "omb2024", "one of omb1997, spd15 is needed"),
        ("TABULATION", "alone", "one of combined_multiracial, most_frequent_combinations, alone_or_in_combination is"),
    ],
)
def test_words_of_the_environment_that_no_run_takes(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, told: str
) -> None:
    monkeypatch.setenv(f"VBPMEASURE_{variable}", text)
    with pytest.raises(Failure, match=f"VBM130: .*VBPMEASURE_{variable} cannot be used: {told}"):
        resolve(Config(), {})


STANDARD = '[run]\nmeasure_folders = "mine"\ntabulation = "alone"\nrace_standard = "omb2024"\n'


def test_words_of_category_systems_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "vbpmeasure.toml").write_text(STANDARD, encoding="utf-8")
    read = read_config(tmp_path / "vbpmeasure.toml")
    # What a flag says instead does not make the file right.
    for flags in ({}, {"race_standard": "spd15", "tabulation": "combined_multiracial"}):
        with pytest.raises(Failure) as caught:
            resolve(read, flags)
        assert [(d.code, d.message, d.span and d.span.line) for d in caught.value.diagnostics] == [
            (
                "VBM122",
                "`tabulation` takes `combined_multiracial`, `most_frequent_combinations` or `alone_or_in_combination`",
                3,
            ),
            ("VBM122", "`race_standard` takes `omb1997` or `spd15`", 4),
        ]
        assert caught.value.diagnostics[1].source_line == 'race_standard = "omb2024"'


def test_words_of_category_systems_of_the_users_own_are_left_to_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vbpmeasure.toml").write_text(STANDARD, encoding="utf-8")
    (tmp_path / "mine" / "crosswalks").mkdir(parents=True)
    found = resolve(read_config(tmp_path / "vbpmeasure.toml"), {})
    assert (found.text("race_standard"), found.text("tabulation")) == ("omb2024", "alone")
    monkeypatch.setenv("VBPMEASURE_RACE_STANDARD", "omb2030")
    assert resolve(read_config(tmp_path / "vbpmeasure.toml"), {}).text("race_standard") == "omb2030"


def test_the_words_are_those_of_the_shipped_category_systems() -> None:
    systems = load_category_systems([measures_root() / CROSSWALKS]).values()
    assert {system.standard for system in systems} - {None} == set(STANDARDS)
    assert {name for system in systems for name in system.tabulations} == set(TABULATIONS)


def test_variables_that_cannot_be_used_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBPMEASURE_YEAR", "soon")
    monkeypatch.setenv("VBPMEASURE_BAD_ROWS", "guess")
    monkeypatch.setenv("VBPMEASURE_PERSON_LEVEL", "perhaps")
    with pytest.raises(Failure) as caught:
        resolve(Config(), {})
    assert [(d.code, d.where) for d in caught.value.diagnostics] == [
        ("VBM130", "VBPMEASURE_YEAR"),
        ("VBM130", "VBPMEASURE_BAD_ROWS"),
        ("VBM130", "VBPMEASURE_PERSON_LEVEL"),
    ]
    assert caught.value.exit_code == 2


def test_a_year_is_needed() -> None:
    with pytest.raises(Failure) as caught:
        resolve(Config(), {}).needed_year()
    assert [d.code for d in caught.value.diagnostics] == ["VBM139"]
