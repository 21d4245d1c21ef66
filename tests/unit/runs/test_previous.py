"""What an earlier run has told: every row of the very same numbers, under its name here, and nothing of any other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support import run_folders
from support.run_folders import Stated, published, write_stated_run
from support.tables import amounts, rate_table
from unit.results.test_amounts import frame
from vbpmeasure.diagnostics import Failure
from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.plan.measures import MeasurePlan, Program, calendar_year
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.dimensions import Dimension
from vbpmeasure.results.categories.strata import Strata, StrataSet
from vbpmeasure.results.categories.stratum_text import earlier_text_of, text_of
from vbpmeasure.results.disclosure.earlier import Told
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.reported import reported, shares
from vbpmeasure.runs.manifest import build_manifest
from vbpmeasure.runs.previous import Now, Previous, previous
from vbpmeasure.runs.writer import write_run

# NHPI has 4 of 40 and is hidden. Two+ has too few children for a rate, and none who are met: beside it the 4 would be
# known. So Asian goes, the next in size.
RACES = {"White": (612, 900), "Asian": (118, 160), "NHPI": (4, 40), "Two+": (0, 25)}
WHOLE, NO_RATE = Told(True, True, True), Told(False, True, True)
PRIMARY, SECOND = Told(least=1), Told(least=11)


def said(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def written(folder: Path, by: Mapping[str, Any], measures: tuple[str, ...] = ("wcv",), **more: Any) -> dict[str, Any]:
    """Write a run, say more in its manifest, and return that."""
    write_stated_run(folder, [Stated(name, by) for name in measures])
    systems = {name: {"id": name, "sha256": f"{name}-1"} for name in {c for names in by for c in names.split("*")}}
    manifest = {
        **said(folder),
        "inputs": [{"table": "eligibility", "name": "eligibility.parquet", "rows": 1125, "footer_sha256": "e1"}],
        "category_systems": systems,
        **more,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return manifest


def system(name: str, digest: str = "", tabulation: str | None = None) -> CategorySystem:
    return CategorySystem(name, name, name, name, (), "Unknown", digest=digest or f"{name}-1", tabulation=tabulation)


def linked(
    manifest: Mapping[str, Any], *folders: Path, by: tuple[str, ...] = ("race",), systems: Any = None
) -> Previous:
    every = {name: system(name) for name in ("race", "sex")}
    return previous(folders, Now(manifest, by, {**every, **(systems or {})}))


def rows_of(found: Previous, measure: str = "wcv") -> dict[tuple[str, str], Told]:
    return {place[2:]: told for place, told in found.earlier.rows.items() if place[0] == measure}


def test_every_row_of_the_same_numbers_is_known(tmp_path: Path) -> None:
    manifest = written(tmp_path / "first", {"race": RACES})
    found = linked(manifest, tmp_path / "first")
    assert rows_of(found) == {
        ("total", "total"): WHOLE,
        ("race", "White"): WHOLE,
        ("race", "Asian"): SECOND,
        ("race", "NHPI"): PRIMARY,
        ("race", "Two+"): NO_RATE,
    }
    assert (found.by, found.findings, found.earlier.dimensions) == ((), (), frozenset())
    assert found.record == (manifest["outputs"]["results.csv"],)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"period": {"start": "2024-01-01", "end": "2024-12-31"}}, "another measurement period"),
        ({"inputs": [{"table": "eligibility", "footer_sha256": "e2"}]}, "other input files"),
        ({"inputs": [{"table": "medical_claim", "footer_sha256": "e1"}]}, "other input files"),
        ({"inputs": [{"table": "eligibility", "footer_sha256": "e1"}] * 2}, "other input files"),
        ({"enrollment_key": ["payer"]}, "another enrollment key"),
        ({"bad_rows": {"spans_without_start": 3}}, "other rows left out"),
        ({"supplemental": "without"}, "other evidence"),
        ({"attribution": {"rule": "another"}}, "another attribution"),
    ],
)
def test_nothing_of_other_numbers_is_known(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    rule = {"attribution": {"rule": "visits"}}
    manifest = written(tmp_path / "first", {"race": RACES}, **rule)
    found = linked({**manifest, **more}, tmp_path / "first")
    assert found.earlier.rows == {}
    assert found.record == ()
    (told,) = found.findings
    assert told.code == "VBM631"
    assert told.message.endswith(words)


def test_nothing_is_known_of_files_of_which_only_the_name_is(tmp_path: Path) -> None:
    unread = {"inputs": [{"table": "eligibility", "name": "eligibility.parquet", "footer_sha256": None}]}
    manifest = written(tmp_path / "first", {"race": RACES}, **unread)
    found = linked(manifest, tmp_path / "first")
    assert found.earlier.rows == {}
    (told,) = found.findings
    assert told.message.endswith("other input files")


def test_tables_that_only_one_of_both_opened_and_a_missing_attribution_change_no_number(tmp_path: Path) -> None:
    manifest = written(tmp_path / "first", {"race": RACES}, attribution={"rule": "visits"})
    claims = {"table": "medical_claim", "footer_sha256": "c1"}
    now = {**manifest, "inputs": [*manifest["inputs"], claims], "attribution": None}
    assert len(linked(now, tmp_path / "first").earlier.rows) == 5


@pytest.mark.parametrize("change", ["digest", "edition", "parameters", "value_sets", "codes", "gone"])
def test_measures_that_are_defined_otherwise_are_left_out_and_the_others_known(tmp_path: Path, change: str) -> None:
    sets = [{"name": "visits", "digest": "v1"}, {"name": "shots", "digest": "s1"}]
    manifest = written(tmp_path / "first", {"race": RACES}, ("wcv", "cis"), value_sets=sets)
    one, other = (
        {**entry, "digest": "d", "parameters": {"age": 3}, "value_sets": [name]}
        for entry, name in zip(manifest["measures"], ("visits", "shots"), strict=True)
    )
    (tmp_path / "first" / "manifest.json").write_text(json.dumps({**manifest, "measures": [one, other]}))
    now = {**manifest, "measures": [one, other]}
    if change == "codes":
        now["value_sets"] = [{"name": "visits", "digest": "v2"}, sets[1]]
    elif change == "gone":
        now["measures"] = [other]
    else:
        another: Any = {"parameters": {"age": 4}, "value_sets": ["visits", "shots"]}.get(change, "another")
        now["measures"] = [{**one, change: another}, other]
    found = linked(now, tmp_path / "first")
    assert rows_of(found) == {}
    assert len(rows_of(found, "cis")) == 5
    (told,) = found.findings
    assert told.message.endswith("wcv: not run here, or by another definition")


def test_a_crossing_is_known_under_the_name_that_it_has_here(tmp_path: Path) -> None:
    crossed = {"White * Female": (300, 450), "White * Male": (312, 450)}
    manifest = written(tmp_path / "first", {"race*sex": crossed})
    found = linked(manifest, tmp_path / "first", by=("sex*race",))
    key = Stated("wcv", {}).key
    for sex in ("Female", "Male"):
        assert found.earlier.told(key, "sex*race", f"{sex} * White", (sex, "White")) == WHOLE
    assert found.earlier.told(key, "sex*race", "Female * Asian", ("Female", "Asian")) == Told()
    assert found.earlier.told(key, "total", "total") == WHOLE
    assert found.by == ()


@pytest.mark.parametrize("written_by", [text_of, earlier_text_of])
@pytest.mark.parametrize("north", ["North", "North * South", "*"])
def test_a_crossing_in_another_order_gives_nothing_away_whatever_its_strata_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, north: str, written_by: Callable[[tuple[str, ...]], str]
) -> None:
    """8 of the 248 are hidden. Who knows the 40 from before learns the 8 where 200 and 248 are both shown."""
    monkeypatch.setattr(run_folders, "text_of", written_by)
    first = {(north, "Female"): (20, 40), ("East", "Male"): (104, 208)}
    manifest = written(tmp_path / "first", {"race*sex": first})
    now = {("Female", north): (20, 40), ("Male", north): (100, 200), ("Male", "West"): (4, 8)}
    found = linked(manifest, tmp_path / "first", by=("sex*race",))
    assert found.findings == ()
    monkeypatch.undo()
    results = published([Stated("wcv", {"sex*race": now})], earlier=found.earlier).results
    shown = dict(results.select("stratum", "denominator").iter_rows())
    assert shown["Male * West"] is None
    assert None in (shown[text_of(("Male", north))], shown["total"])


def test_rows_that_an_earlier_version_gave_one_text_are_not_linked_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = {"race": RACES, "race*sex": {("A * B", "C"): (367, 500), ("A", "B * C"): (367, 625)}}
    apart = linked(written(tmp_path / "apart", by), tmp_path / "apart", by=tuple(by))
    assert {dimension for dimension, _ in rows_of(apart)} == {"total", "race", "race*sex"}
    monkeypatch.setattr(run_folders, "text_of", earlier_text_of)
    found = linked(written(tmp_path / "first", by), tmp_path / "first", by=tuple(by))
    assert {dimension for dimension, _ in rows_of(found)} == {"total", "race"}
    (told,) = found.findings
    assert told.message.endswith("race*sex: two of its strata have one text")


def test_a_dimension_that_only_the_earlier_run_had_is_counted_for_it(tmp_path: Path) -> None:
    manifest = written(tmp_path / "first", {"race": RACES, "sex": {"Female": (380, 600), "Male": (354, 525)}})
    found = linked(manifest, tmp_path / "first", by=("sex",))
    assert found.by == ("race",)
    assert found.earlier.dimensions == {"race"}
    assert len(rows_of(found)) == 7


@pytest.mark.parametrize("race", [system("race", digest="race-2"), system("race", tabulation="alone_or")])
def test_other_categories_are_other_rows(tmp_path: Path, race: CategorySystem) -> None:
    manifest = written(tmp_path / "first", {"race": RACES, "sex": {"Female": (380, 600), "Male": (354, 525)}})
    found = linked(manifest, tmp_path / "first", by=("race", "sex"), systems={"race": race})
    assert {dimension for dimension, _ in rows_of(found)} == {"total", "sex"}
    (told,) = found.findings
    assert told.message.endswith("race: other categories than here")


def test_what_any_of_two_earlier_runs_told_is_known(tmp_path: Path) -> None:
    # The second run put everybody else under NHPI: it shows both rows.
    manifest = written(tmp_path / "first", {"race": RACES})
    written(tmp_path / "second", {"race": {"Asian": (118, 160), "NHPI": (616, 965)}})
    for order in (("first", "second"), ("second", "first")):
        found = rows_of(linked(manifest, *(tmp_path / name for name in order)))
        assert found["race", "Asian"] == Told(True, True, True, 11)
        assert found["race", "NHPI"] == Told(True, True, True, 1)
        assert found["race", "Two+"] == NO_RATE


def test_a_run_that_hides_nothing_is_refused(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "open", [Stated("wcv", {"race": RACES})], INTERNAL)
    with pytest.raises(Failure) as failure:
        linked(said(tmp_path / "open"), tmp_path / "open")
    assert [d.code for d in failure.value.diagnostics] == ["VBM632"]


@pytest.mark.parametrize(
    ("children", "told"),
    [
        (60, WHOLE),  # 60 of 120 chances
        (25, NO_RATE),  # too few children for a rate: all 50 chances are shown, and not that 25 were taken
        (3, PRIMARY),
    ],
)
def test_rates_that_are_no_share_tell_what_they_show(tmp_path: Path, children: int, told: Told) -> None:
    counted = frame([("chance", i, False, 1, 2) for i in range(children)], children)
    table = PublishedTable(rate_table(shares(counted)), PUBLIC, others=(reported(counted), amounts(counted)))
    program = Program((MeasurePlan("m", "M", "2025", "active", (), {}, ()),), calendar_year(2025), {})
    inputs = [{"table": "eligibility", "footer_sha256": "e1"}]
    with RunFolder(tmp_path / "first") as folder:
        write_run(folder, table, build_manifest(program, table, inputs=inputs))
    found = linked(said(tmp_path / "first"), tmp_path / "first")
    assert found.earlier.rows["m", "chance", "total", "total"] == told


def test_a_run_of_nothing_but_rates_that_are_no_share_tells_of_its_strata_too(tmp_path: Path) -> None:
    lines = [("North", 30, 40, None, "state"), ("South", 30, 60, None, "state")]  # of entities, and nobody's strata
    counted = frame([("chance", i, False, 1, 2) for i in range(120)], 120, lines)
    ids = pl.Series([i % 2 for i in range(120)], dtype=pl.UInt32)
    strata = StrataSet((Strata(Dimension(("race",)), (("A",), ("B",)), ids, is_open=True),))
    table = PublishedTable(rate_table(shares(counted)), PUBLIC, others=(reported(counted), amounts(counted, strata)))
    program = Program((MeasurePlan("m", "M", "2025", "active", (), {}, ()),), calendar_year(2025), {})
    inputs = [{"table": "eligibility", "footer_sha256": "e1"}]
    with RunFolder(tmp_path / "first") as folder:
        write_run(folder, table, build_manifest(program, table, inputs=inputs))
    systems = {"race": {"id": "race", "sha256": "race-1"}}
    manifest = {**said(tmp_path / "first"), "category_systems": systems}
    (tmp_path / "first" / "manifest.json").write_text(json.dumps(manifest))
    found = linked(manifest, tmp_path / "first", by=("sex",))
    # 60 children in each, with 60 of 120 chances.
    assert {place[2:]: told for place, told in found.earlier.rows.items() if place[1] == "chance"} == {
        ("total", "total"): WHOLE,
        ("race", "A"): WHOLE,
        ("race", "B"): WHOLE,
    }
    # It is counted here, too: what a total says now may be subtracted from them.
    assert (found.by, found.earlier.dimensions) == (("race",), {"race"})
