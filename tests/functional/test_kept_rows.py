"""Rows that are kept: another year and other rules read them, and never anything that is not of this very input."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from support.commands import bytes_below
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.data.mapping import SourceMapping, TableSource
from vbpmeasure.engines.polars.kept_rows.keeper import KeptTables
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.runs import pipeline
from vbpmeasure.runs.cache import entries, keys, rows
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection
from vbpmeasure.runs.steps import counting
from vbpmeasure.terminology.user_sets import UserSets

# Claims with marks and providers, stays, index events, supplies, readings, spans with flags, teeth, screens.
MANY = ("add", "cis", "fuh", "kr_dental", "lsc", "symptom_improvement", "w30")
BOTH = ["events", "spans"]


class Told:
    """What runs did with kept rows: kinds that were found, kinds that were written, and warnings about either."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.kept: list[str] = []
        self.warned: list[str] = []


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    seen = Told()
    find, keep = rows.RowKeeper.find, rows.RowKeeper.keep

    def finding(self, kind, part, serves):  # type: ignore[no-untyped-def]
        found = find(self, kind, part, serves)
        seen.found += [kind] if found is not None and kind not in seen.found else []
        return found

    def keeping(self, kind, *more):  # type: ignore[no-untyped-def]
        seen.kept.append(kind)
        return keep(self, kind, *more)

    monkeypatch.setattr(rows.RowKeeper, "find", finding)
    monkeypatch.setattr(rows.RowKeeper, "keep", keeping)
    return seen


Run = Callable[..., dict[str, bytes]]


@pytest.fixture
def run(data: Path, tmp_path: Path, told: Told) -> Run:
    """Return a run of the pipeline that gives the bytes of its files; counts of earlier runs are not carried over."""

    def once(*select: str, cached: bool = True, **more: object) -> dict[str, bytes]:
        cache = tmp_path / "cache"
        for file in cache.glob("*.counts"):
            file.unlink()
        told.found, told.kept = [], []
        settings = {"selection": Selection(select=select or ("lsc", "wcv")), "by": ("race",), "year": 2025, **more}
        out = tmp_path / "run"
        asked = RunRequest(data=data, out=out, cache=cache if cached else None, **settings)  # type: ignore[arg-type]
        outcome = pipeline.run(asked)
        told.warned = [one.code for one in outcome.findings if one.code in ("VBM514", "VBM515")]
        return bytes_below(out)

    return once


def sets(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("rows-*"))


def kind_of(entry: Path) -> str:
    return entry.name.split("-")[-2]


def test_another_year_reads_what_was_kept_with_the_same_bytes(run, told):
    by = ("race", "ethnicity", "language")
    run(*MANY, by=by)
    assert (sorted(told.kept), told.warned) == (BOTH, [])
    again = run(*MANY, by=by, year=2024)
    assert (sorted(told.found), told.kept, told.warned) == (BOTH, [], [])
    assert again == run(*MANY, by=by, year=2024, cached=False)
    # Fewer measures and dimensions ask for fewer texts and columns; they are all there.
    fewer = run("fuh", "cis", by=("race",), year=2024)
    assert (sorted(told.found), told.kept, told.warned) == (BOTH, [], [])
    assert fewer == run("fuh", "cis", by=("race",), year=2024, cached=False)


@pytest.mark.skipif("VBPMEASURE_EVERY_MEASURE" not in os.environ, reason="takes minutes: VBPMEASURE_EVERY_MEASURE=1")
@pytest.mark.parametrize("year", [2024, 2025])
def test_every_shipped_measure_reads_what_was_kept(run, told, year):
    every = {"selection": Selection(), "by": ("race", "ethnicity", "language")}
    run(year=2025, **every)
    again = run(year=year, **every)
    assert (sorted(told.found), told.kept, told.warned) == (BOTH, [], [])
    assert again == run(year=year, cached=False, **every)


@pytest.mark.parametrize(
    "more",
    [
        {"person_level": True},
        {"buckets": 2},
        {"supplemental": "both", "sources_left_out": Supplemental(("immunization",), ("registry",))},
        {"supplemental": "without", "sources_left_out": Supplemental((), ("claims",))},
    ],
    ids=["person-level", "buckets", "both", "without"],
)
def test_every_kind_of_run_has_the_same_bytes(more, run, told):
    plain = run("cis", "wcv", cached=False, **more)
    assert run("cis", "wcv", **more) == plain
    assert set(told.kept) == set(BOTH)
    assert run("cis", "wcv", **more) == plain
    assert (sorted(told.found), told.kept, told.warned) == (BOTH, [], [])


@pytest.mark.parametrize(("kept", "wanted", "judged"), [(2, 1, 2), (2, 2, 2), (2, 4, 4), (None, 1, 1)])
def test_memory_decides_how_many_buckets_unless_more_are_kept(kept, wanted, judged, run, told, monkeypatch, tmp_path):
    if kept is not None:
        run("lsc", buckets=kept)
    monkeypatch.setattr(counting, "buckets_for", lambda *_: wanted)
    run("lsc", buckets=None)
    assert (told.kept == []) == (kept == judged)
    assert {one.name.split("-of-")[1].split("-")[0] for one in sets(tmp_path)} == {str(judged)}


def test_other_rules_over_the_same_codes_read_what_was_kept(run, told, tmp_path):
    mine = tmp_path / "measures"
    text = (measures_root() / "lsc" / "measure.yaml").read_text(encoding="utf-8").replace("id: lsc\n", "id: mine\n", 1)
    (mine / "mine").mkdir(parents=True)
    place = mine / "mine" / "measure.yaml"
    own = {"selection": Selection(select=("mine",), roots=(mine,))}
    place.write_text(text, encoding="utf-8")
    first = run(**own)
    assert "birthday 2" in text
    place.write_text(text.replace("birthday 2", "birthday 3"), encoding="utf-8")
    changed = run(**own)
    assert (sorted(told.found), told.kept) == (BOTH, [])
    assert changed == run(**own, cached=False)
    assert changed["results.csv"] != first["results.csv"]


@pytest.mark.parametrize(("code", "another", "anew"), [("99381", "99999", ["events"]), ("99381", "99382", [])])
def test_a_code_more_is_looked_for_in_the_input_and_a_code_fewer_is_not(code, another, anew, run, told, tmp_path):
    run("wcv")
    folder = tmp_path / "sets"
    folder.mkdir()
    for file in (measures_root() / "value_sets").glob("well_care*"):
        lines = [line.replace(code, another) for line in file.read_text(encoding="utf-8").splitlines()]
        (folder / file.name).write_text("\n".join(dict.fromkeys(lines)) + "\n", encoding="utf-8")
    own = {"selection": Selection(select=("wcv",), value_sets=UserSets((folder,), {}))}
    changed = run(**own)
    assert (told.kept, told.warned) == (anew, [])
    assert changed == run(**own, cached=False)


@pytest.mark.parametrize("change", ["touched", "content", "file", "mapping", "bad-rows", "program", "stratum"])
def test_whatever_changes_is_read_anew(change, source, data, run, told, monkeypatch):
    run("lsc")
    more: dict[str, object] = {}
    place = data / "medical_claim.parquet"
    if change == "touched":
        os.utime(place, ns=(1, 1))
    elif change == "content":
        # One row fewer, written into the same file, with the time of before.
        stamp = place.stat()
        with place.open("r+b") as file:
            file.truncate(0)
            pl.read_parquet(source / "medical_claim.parquet")[:-1].write_parquet(file)
        os.utime(place, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    elif change == "file":
        pl.read_parquet(place).write_parquet(data / "new.parquet")
        (data / "new.parquet").replace(place)
    elif change == "mapping":
        swapped = SourceMapping(columns={"hcpcs_code": "revenue_center_code"})
        more = {"tables": {"medical_claim": (TableSource(mapping=swapped),)}}
    elif change == "bad-rows":
        eligibility = pl.read_parquet(data / "eligibility.parquet")
        start = pl.when(pl.int_range(pl.len()) != 0).then("enrollment_start_date").alias("enrollment_start_date")
        eligibility.with_columns(start).write_parquet(data / "eligibility.parquet")
        more = {"drop_bad_rows": True}
    elif change == "program":
        monkeypatch.setattr(keys, "program_digest", lambda: "another version")
    else:
        more = {"by": ("ethnicity",)}
    changed = run("lsc", **more)
    # Strata need other columns of enrollment; the events are what they were.
    assert sorted(told.kept) == (["spans"] if change == "stratum" else BOTH)
    assert changed == run("lsc", cached=False, **more)


def test_rows_of_an_older_input_are_removed_and_others_stay(data, tmp_path, run):
    run("lsc")
    before = sets(tmp_path)
    other = tmp_path / "cache" / before[0].name.replace(before[0].name[5:21], "0" * 16)
    other.mkdir(mode=0o700)
    os.utime(data / "medical_claim.parquet", ns=(1, 1))
    run("lsc")
    after = sets(tmp_path)
    assert other in after
    assert len(after) == 3
    assert not set(before) & set(after)
    # There are at most three sets of each kind: those of the last selections.
    for one in ("wcv", "cis", "dev", "kr_dental"):
        run(one)
    assert sorted(map(kind_of, sets(tmp_path))).count("events") == 3 + (kind_of(other) == "events")
    assert other.is_dir()


@pytest.mark.parametrize("damage", ["cut", "flipped", "record", "facts", "missing", "no-record"])
def test_damaged_rows_are_not_used(damage, tmp_path, run, told):
    plain = run("lsc")
    for one in sets(tmp_path):
        file, record = max(one.glob("*.arrow"), key=lambda path: path.stat().st_size), one / "record.json"
        content = bytearray(file.read_bytes())
        if damage == "cut":
            file.write_bytes(content[:-10])
        elif damage == "flipped":
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
        elif damage == "record":
            record.write_bytes(record.read_bytes()[:-5])
        elif damage == "facts":
            said = json.loads(record.read_bytes())
            record.write_text(json.dumps({**said, "body": said["body"].replace("columns", "Columns")}))
        elif damage == "missing":
            file.unlink()
        else:
            record.unlink()
    assert run("lsc") == plain
    assert (sorted(told.kept), told.warned) == (BOTH, [])
    assert run("lsc") == plain
    assert (sorted(told.found), told.kept) == (BOTH, [])


def test_rows_are_for_their_owner_alone(tmp_path, run, told):
    os.umask(0)
    try:
        run("lsc")
    finally:
        os.umask(0o022)
    assert {one.stat().st_mode & 0o777 for one in sets(tmp_path)} == {0o700}
    files = [file for one in sets(tmp_path) for file in one.iterdir()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    # Others could have written into a folder that is open: nothing of it is believed.
    (tmp_path / "cache").chmod(0o770)
    run("lsc")
    assert sorted(told.kept) == BOTH


def test_rows_of_changing_inputs_are_not_kept(tmp_path, run, monkeypatch):
    def interrupted(*_: object) -> None:
        assert list((tmp_path / "cache").glob(".rows-*"))
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "refuse_change", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("lsc")
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_a_killed_run_left_goes_away_and_what_is_being_written_stays(tmp_path):
    dead, alive = (tmp_path / f".rows-{c * 16}.new" for c in "de")
    for one in (dead, alive):
        one.mkdir()
        (one / "lock").touch()
        (one / "medical_claim.arrow").write_bytes(b"half")
    with (alive / "lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        entries.sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [alive]
    entries.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), pl.exceptions.ComputeError("disk"), PermissionError()]
)
def test_a_run_goes_on_where_nothing_can_be_kept(error, tmp_path, run, told, monkeypatch):
    plain = run("lsc", cached=False)

    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(entries, "write_durably", full)
    assert run("lsc") == plain
    assert told.warned == ["VBM514"]
    assert not list((tmp_path / "cache").glob(".rows-*"))
    assert sets(tmp_path) == []


def test_a_cache_that_cannot_be_made_is_told_of_once(tmp_path, run, told):
    (tmp_path / "cache").write_text("a file")
    assert run("lsc") == run("lsc", cached=False)
    run("lsc")
    assert told.warned == ["VBM514"]


def test_rows_that_vanish_while_they_are_read_are_done_without(tmp_path, run, told, monkeypatch):
    plain = run("lsc")
    real = rows.opened

    def vanishing(folder, serves):  # type: ignore[no-untyped-def]
        found = real(folder, serves)
        if found is None:
            return None
        nowhere = {name: pl.scan_ipc(tmp_path / "nowhere.arrow") for name in found.tables}
        return KeptTables(nowhere, found.facts)

    monkeypatch.setattr(rows, "opened", vanishing)
    assert run("lsc") == plain
    assert told.warned == ["VBM515"]


def test_two_runs_that_keep_the_same_leave_it_once(tmp_path, run, told):
    run("lsc")
    first = sets(tmp_path)
    aside = tmp_path / "aside"
    shutil.copytree(tmp_path / "cache", aside)
    for one in first:
        shutil.rmtree(one)
    real = entries.Draft.publish

    def second(draft, *of):  # type: ignore[no-untyped-def]
        # The other run is faster by a moment.
        for one in aside.glob("rows-*"):
            if not (tmp_path / "cache" / one.name).exists():
                shutil.copytree(one, tmp_path / "cache" / one.name)
        real(draft, *of)

    entries.Draft.publish = second  # type: ignore[method-assign]
    try:
        run("lsc")
    finally:
        entries.Draft.publish = real  # type: ignore[method-assign]
    assert sorted(told.kept) == BOTH
    assert sets(tmp_path) == first
    assert not list((tmp_path / "cache").glob(".rows-*"))


def test_kept_rows_are_shown_and_cleared(tmp_path, run, cli):
    run("lsc")
    size = sum(file.stat().st_size for one in sets(tmp_path) for file in one.iterdir())
    shown = cli("cache", "show", "--cache-dir", tmp_path / "cache")
    assert f"sets of rows of persons: 2, {size:,} bytes" in shown.stdout
    assert cli("cache", "clear", "--cache-dir", tmp_path / "cache").code == 0
    assert list((tmp_path / "cache").iterdir()) == []
