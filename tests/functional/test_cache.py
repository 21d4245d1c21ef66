"""Counts that are kept: carried over when nothing changed, counted anew when anything did."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from support.commands import Cli, DataFolder, bytes_below
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.data.buckets import writing
from vbpmeasure.runs import measuring, pipeline
from vbpmeasure.runs.cache import canonical, keys
from vbpmeasure.runs.cache.store import CountCache
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection
from vbpmeasure.runs.steps import counting, preparing
from vbpmeasure.terminology.user_sets import UserSets

TWO = ("lsc", "wcv")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return a list that gets the measures of each bucket that is really judged."""
    seen: list[list[str]] = []
    real = counting.measure_bucket

    def measured(work, bound, *more):  # type: ignore[no-untyped-def]
        seen.append([one.id for one in work.program.measures if not one.support])
        return real(work, bound, *more)

    monkeypatch.setattr(counting, "measure_bucket", measured)
    return seen


def asked(data: Path, tmp_path: Path, select: tuple[str, ...] = TWO, **more: object) -> RunRequest:
    selection = more.pop("selection", Selection(select=select))
    settings = {"by": ("race", "payer"), "out": tmp_path / "run", "cache": tmp_path / "cache", "year": 2025, **more}
    return RunRequest(data=data, selection=selection, **settings)  # type: ignore[arg-type]


def carried_over(outcome: pipeline.RunOutcome) -> list[str]:
    return [remark for remark in outcome.remarks if remark.startswith("cache:")]


def test_a_second_run_carries_everything_over_with_the_same_bytes(data, tmp_path, counted):
    composite = ("kr_composite", "amb", "fum")
    first = asked(data, tmp_path, composite)
    pipeline.run(first)
    whole = bytes_below(tmp_path / "run")
    counted.clear()
    assert carried_over(pipeline.run(first)) == ["cache: carried over from an earlier run: amb, fum, kr_composite"]
    assert counted == []
    again = bytes_below(tmp_path / "run")
    manifest = json.loads(again.pop("manifest.json"))
    assert sorted(manifest.pop("carried_over")) == sorted(composite)
    assert manifest == json.loads(whole.pop("manifest.json"))
    assert again == whole


def test_the_screen_names_what_was_carried_over_unless_it_is_to_be_quiet(
    cli: Cli, small_data: DataFolder, tmp_path: Path
) -> None:
    run = ["run", "wcv", "--data", small_data.path, "--year", "2025", "--cache", "--cache-dir", tmp_path / "cache"]
    line = "cache: carried over from an earlier run: wcv"
    assert [line in cli(*run, *more).stderr.splitlines() for more in ([], [], ["--quiet"])] == [False, True, False]


def test_measures_that_are_new_are_counted_beside_those_carried_over(data, tmp_path, counted):
    # A composite borrows rates of other measures; one of the lenders is known, the other measures are not.
    assert carried_over(pipeline.run(asked(data, tmp_path, ("cis", "amb")))) == []
    counted.clear()
    every = ("amb", "cis", "kr_composite", "wcv")
    said = carried_over(pipeline.run(asked(data, tmp_path, every)))
    assert said == ["cache: carried over from an earlier run: amb, cis"]
    assert [sorted(found) for found in counted] == [["kr_composite", "wcv"]]
    joined = bytes_below(tmp_path / "run")
    manifest = json.loads(joined.pop("manifest.json"))
    assert manifest.pop("carried_over") == ["amb", "cis"]
    pipeline.run(asked(data, tmp_path, every, cache=None))
    fresh = bytes_below(tmp_path / "run")
    assert manifest == json.loads(fresh.pop("manifest.json"))
    assert joined == fresh


def test_a_changed_title_is_carried_over_and_a_changed_rule_is_not(data, tmp_path, counted):
    mine = tmp_path / "measures"
    text = (measures_root() / "lsc" / "measure.yaml").read_text(encoding="utf-8")
    (mine / "mine").mkdir(parents=True)
    place = mine / "mine" / "measure.yaml"

    def judged(definition: str) -> bool:
        place.write_text(definition, encoding="utf-8")
        counted.clear()
        pipeline.run(asked(data, tmp_path, selection=Selection(select=("mine",), roots=(mine,))))
        return bool(counted)

    text = text.replace("id: lsc\n", "id: mine\n", 1)
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    assert judged(text)
    assert not judged(text.replace(title, "title: Another name", 1))
    assert "Another name" in (tmp_path / "run" / "results.json").read_text(encoding="utf-8")
    assert "on: birthday 2, gaps: 1" in text
    assert judged(text.replace("on: birthday 2, gaps: 1", "on: birthday 2, gaps: 2"))


@pytest.mark.parametrize(
    "change",
    [
        "touched",
        "content",
        "year",
        "by",
        "bad-rows",
        "enrollment-key",
        "value-set",
        "parameter",
        "program",
        "crosswalk",
    ],
)
def test_anything_that_decides_a_count_is_in_the_key(change, source, data, tmp_path, counted, monkeypatch):
    first = asked(data, tmp_path, ("wcv",))
    pipeline.run(first)
    counted.clear()
    more: dict[str, object] = {}
    if change == "touched":
        os.utime(data / "medical_claim.parquet", ns=(1, 1))
    elif change == "content":
        # One row fewer, written into the same file, with the time of before.
        place = data / "eligibility.parquet"
        stamp = place.stat()
        with place.open("r+b") as file:
            file.truncate(0)
            pl.read_parquet(source / "eligibility.parquet")[:-1].write_parquet(file)
        os.utime(place, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    elif change == "year":
        more = {"year": 2024}
    elif change == "by":
        more = {"by": ("race",)}
    elif change == "enrollment-key":
        more = {"enrollment_key": ()}
    elif change == "bad-rows":
        with monkeypatch.context() as patch:
            patch.setattr(keys, "digest_of", _with_bad_rows(canonical.digest_of))
            pipeline.run(first)
    elif change == "value-set":
        folder = tmp_path / "sets"
        folder.mkdir()
        shipped = measures_root() / "value_sets"
        for file in shipped.glob("well_care*"):
            text = file.read_text(encoding="utf-8")
            (folder / file.name).write_text(text.replace("99381", "99999"), encoding="utf-8")
        assert any("99999" in file.read_text(encoding="utf-8") for file in folder.iterdir())
        more = {"selection": Selection(select=("wcv",), value_sets=UserSets((folder,), {}))}
    elif change == "parameter":
        more = {"selection": Selection(select=("wcv",), overrides={"wcv": {"telehealth_allowed": "yes"}})}
    elif change == "program":
        monkeypatch.setattr(keys, "program_digest", lambda: "another version")
    elif change == "crosswalk":
        real = preparing.load_category_systems

        def systems(*places):  # type: ignore[no-untyped-def]
            found = real(*places)
            race = found["race"]
            codes = {code: target for code, target in race.codes.items() if code != "2106-3"}
            return {**found, "race": type(race)(**{**_fields(race), "codes": codes})}

        monkeypatch.setattr(preparing, "load_category_systems", systems)
    if change != "bad-rows":
        pipeline.run(asked(data, tmp_path, ("wcv",), **more))
    assert counted == [["wcv"]]


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


def _with_bad_rows(real):  # type: ignore[no-untyped-def]
    """Say that some rows were left out, as the key of a run that drops bad rows does."""

    def digest(value, leave_out=frozenset()):  # type: ignore[no-untyped-def]
        if isinstance(value, list) and {} in value:
            value = [{"spans_without_start": 3} if one == {} else one for one in value]
        return real(value, leave_out)

    return digest


def test_the_cache_is_for_its_owner_alone_and_counts_hold_no_person(data, tmp_path, counted):
    os.umask(0)
    try:
        pipeline.run(asked(data, tmp_path))
        # Rows of persons are asked for: nothing is carried over, and none of them are kept.
        pipeline.run(asked(data, tmp_path, person_level=True))
    finally:
        os.umask(0o022)
    assert len(counted) == 2
    folder = tmp_path / "cache"
    assert folder.stat().st_mode & 0o777 == 0o700
    files = list(folder.glob("*.counts"))
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert len(files) == 2
    for file in files:
        content = file.read_bytes()
        assert b"person_id" not in content
        assert b"S0000" not in content


def test_damaged_counts_are_counted_anew(data, tmp_path, counted):
    pipeline.run(asked(data, tmp_path))
    one, two = sorted((tmp_path / "cache").glob("*.counts"))
    content = bytearray(one.read_bytes())
    content[-300] ^= 1
    one.write_bytes(bytes(content))
    two.write_bytes(two.read_bytes()[:100])
    counted.clear()
    pipeline.run(asked(data, tmp_path))
    assert [sorted(found) for found in counted] == [sorted(TWO)]


def test_a_measure_that_failed_is_not_kept_and_the_others_are(data, tmp_path, counted, monkeypatch):
    whole = measuring.evaluate

    def broken(program, *more, **named):  # type: ignore[no-untyped-def]
        if any(one.id == "wcv" for one in program.measures):
            raise ZeroDivisionError
        return whole(program, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(measuring, "evaluate", broken)
        pipeline.run(asked(data, tmp_path, (*TWO, "dev")))
    assert CountCache(tmp_path / "cache").kept().files == 2
    counted.clear()
    pipeline.run(asked(data, tmp_path, (*TWO, "dev")))
    assert counted == [["wcv"]]
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert {one["status"] for one in manifest["measures"]} == {"written"}
    assert sorted(manifest["carried_over"]) == ["dev", "lsc"]
    # Of two that are new one fails: the other is put beside what is known. Then only that one is new: alone it would
    # end the run, so all are counted once more.
    counted.clear()
    with monkeypatch.context() as patch:
        patch.setattr(measuring, "evaluate", broken)
        os.utime(data / "medical_claim.parquet", ns=(1, 1))
        pipeline.run(asked(data, tmp_path, ("dev",)))
        for judged in ([["dev"], ["lsc", "wcv"]], [["wcv"], ["dev", "lsc", "wcv"]]):
            pipeline.run(asked(data, tmp_path, (*TWO, "dev")))
            assert [sorted(found) for found in counted] == judged
            counted.clear()
            manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
            status = {one["id"]: one["status"] for one in manifest["measures"]}
            assert status == {"dev": "written", "lsc": "written", "wcv": "failed"}
            assert set(pl.read_parquet(tmp_path / "run" / "results.parquet")["measure"]) == {"dev", "lsc"}


def test_counts_of_changing_inputs_are_not_kept(data, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "refuse_change", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(asked(data, tmp_path))
    assert CountCache(tmp_path / "cache").kept().files == 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_cache_is_shown_and_cleared_and_nothing_else_is_touched(cli, tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    writing.put(folder / f"{'0' * 64}.counts", b"12345")
    shown = cli("cache", "show", "--cache-dir", folder)
    assert "counts of measures: 1, 5 bytes\nsets of rows of persons: 0, 0 bytes" in shown.stdout
    assert cli("cache", "clear", "--cache-dir", folder).code == 0
    assert [file.name for file in folder.iterdir()] == ["notes.txt"]
