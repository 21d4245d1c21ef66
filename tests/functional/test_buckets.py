"""Data in buckets: the same bytes however people are divided, and a layout that no accident breaks."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest
from tests.support.commands import command, environment

from vbpmeasure.commands import explaining
from vbpmeasure.commands.bucketing import BucketRequest, bucket
from vbpmeasure.commands.explaining import Question
from vbpmeasure.data.buckets import writing
from vbpmeasure.data.buckets.hashing import bucket_of
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.results.disclosure.profiles import Disclosure
from vbpmeasure.runs import pipeline
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection
from vbpmeasure.runs.steps import counting
from vbpmeasure.sample import write_sample

CELLS = 60_000  # so few that tables have several chunks, and buckets several parts


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("buckets") / "data"
    write_sample(folder, people=400, seed=5, year=2025)
    return folder


@pytest.fixture(scope="module")
def layout(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("layout") / "laid"
    bucket(BucketRequest(data, out, 4, cells=CELLS))
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


# Index events with amounts, a composite, an indicator of persons and lines of practices: nothing hidden.
SHOWN: dict[str, object] = {
    "selection": Selection(select=("amb", "kr_social_emotional")),
    "by": ("race", "zip_code", "provider*sex"),
    "person_level": True,
    "supplemental": "both",
    "sources_left_out": Supplemental(tables=("observation", "lab_result", "condition")),
    "disclosure": Disclosure("internal"),
}
# What is told of completeness, and what the audit says of hidden counts; strata that are chosen after the sum.
PUBLISHED: dict[str, object] = {
    "selection": Selection(select=("lsc", "amb")),
    "by": ("race", "sex"),
    "race_standard": "spd15",
    "tabulation": "most_frequent_combinations",
}


def places(data: Path, layout: Path, *few: tuple[Path, int]) -> tuple[tuple[Path, int], ...]:
    """Return where to run in how many buckets: a few, or with ``VBPMEASURE_BUCKETS=all`` every kind there is."""
    every = ((data, 7), (data, 16), (layout, 1), (layout, 4), (layout, 3), (layout, 16))
    return every if os.environ.get("VBPMEASURE_BUCKETS") == "all" else few


def outputs(data: Path, buckets: int, out: Path, asked: dict[str, object]) -> dict[str, bytes]:
    pipeline.run(RunRequest(data=data, year=2025, out=out, buckets=buckets, **asked))  # type: ignore[arg-type]
    return contents(out)


def test_every_file_is_the_same_in_any_number_of_buckets_on_any_layout(
    data: Path, layout: Path, tmp_path: Path
) -> None:
    whole = outputs(data, 1, tmp_path / "whole", SHOWN)
    shown = {"results", "amounts", "waterfall", "supplemental"}
    assert {f"{name}.unsuppressed.csv" for name in shown} | {"manifest.json"} < set(whole)
    assert "person_level/person_level.parquet" in whole
    for place, buckets in places(data, layout, (data, 7), (layout, 3)):
        assert outputs(place, buckets, tmp_path / f"{place.name}{buckets}", SHOWN) == whole, (place.name, buckets)


def test_what_is_hidden_is_the_same_in_any_number_of_buckets(data: Path, layout: Path, tmp_path: Path) -> None:
    whole = outputs(data, 1, tmp_path / "whole", PUBLISHED)
    assert {"completeness.csv", "suppression_audit.json", "amounts.csv"} < set(whole)
    for place, buckets in places(data, layout, (data, 16), (layout, 4)):
        assert outputs(place, buckets, tmp_path / f"{place.name}{buckets}", PUBLISHED) == whole, (place.name, buckets)


def test_a_pair_and_what_an_earlier_run_told_are_the_same_in_any_number_of_buckets(
    data: Path, layout: Path, tmp_path: Path
) -> None:
    asked = {
        "selection": Selection(select=("wcv", "lsc")),
        "supplemental": "both",
        "sources_left_out": Supplemental(tables=("observation", "lab_result", "condition")),
    }
    earlier = tmp_path / "earlier"
    outputs(data, 1, earlier, {**asked, "by": ("sex",)})
    asked |= {"by": ("race",), "disclosure": Disclosure(previous=(earlier,))}
    whole = outputs(data, 1, tmp_path / "whole", asked)
    assert json.loads(whole["manifest.json"])["previous"], "the earlier run is not taken into account"
    assert b",race," in whole["results.csv"]
    assert b",sex," not in whole["results.csv"], "a dimension of the earlier run alone is shown"
    for place, buckets in places(data, layout, (layout, 4)):
        assert outputs(place, buckets, tmp_path / f"{place.name}{buckets}", asked) == whole, (place.name, buckets)


def test_a_layout_has_every_row_once_in_the_bucket_of_its_person(data: Path, layout: Path) -> None:
    record = json.loads((layout / "bucket_layout.json").read_bytes())
    assert record["buckets"] == 4
    claims = record["tables"]["medical_claim"]
    assert len({file["bucket"] for file in claims}) == 4
    assert len(claims) > 4, "buckets of several parts are what this test is about"
    last: dict[int, str] = {}
    for file in claims:
        ids = pl.read_parquet(layout / file["name"])["person_id"]
        assert ids.is_sorted()
        assert {bucket_of(one, 4) for one in ids.unique()} == {file["bucket"]}
        assert last.get(file["bucket"], "") < ids[0], "a person is in two parts"
        last[file["bucket"]] = ids[-1]
    source = pl.read_parquet(data / "medical_claim.parquet")
    laid = pl.concat([pl.read_parquet(layout / file["name"]) for file in claims], how="vertical_relaxed")
    columns = sorted(laid.columns)
    assert laid.select(columns).sort(columns).equals(source.select(columns).sort(columns))
    assert all((layout / name).stat().st_mode & 0o077 == 0 for name in record["files"])
    assert layout.stat().st_mode & 0o777 == 0o700


def test_a_killed_layout_goes_on_where_it_was(data: Path, layout: Path, tmp_path: Path) -> None:
    out = tmp_path / "laid"
    code = (
        "import sys; from pathlib import Path; from vbpmeasure.commands.bucketing import BucketRequest, bucket;"
        f"bucket(BucketRequest(Path(sys.argv[1]), Path(sys.argv[2]), 4, cells={CELLS}))"
    )
    python = command()[0]
    unfinished = tmp_path / ".laid.new"
    for wanted in (3, 12, 25):
        process = subprocess.Popen([python, "-c", code, data, out], env=environment(None))
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            # Folders come and go while they are walked through.
            if sum(name.endswith(".parquet") for *_, names in os.walk(unfinished) for name in names) >= wanted:
                break
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not out.exists(), "an unfinished layout has no name that a run could read"
    before = {path: path.stat().st_mtime_ns for path in unfinished.glob("*/bucket-*.parquet")}
    outcome = bucket(BucketRequest(data, out, 4, cells=CELLS))
    assert outcome.resumed
    assert before
    for path, stamp in before.items():
        assert (out / path.relative_to(unfinished)).stat().st_mtime_ns == stamp, "finished work was done again"
    assert contents(out) == contents(layout)
    assert not unfinished.exists()


def test_a_full_disk_leaves_what_is_finished_and_the_next_run_needs_no_more(
    data: Path, layout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    real = writing.put

    def put(path: Path, content: bytes | memoryview) -> None:
        nonlocal written
        written += 1
        if written > 20:
            raise OSError(errno.ENOSPC, "no space left")
        real(path, content)

    monkeypatch.setattr(writing, "put", put)
    with pytest.raises(Failure) as caught:
        bucket(BucketRequest(data, tmp_path / "laid", 4, cells=CELLS))
    assert [d.code for d in caught.value.diagnostics] == ["VBM506"]
    assert not (tmp_path / "laid").exists()
    monkeypatch.undo()
    assert bucket(BucketRequest(data, tmp_path / "laid", 4, cells=CELLS)).resumed
    assert contents(tmp_path / "laid") == contents(layout)


def test_what_a_failure_leaves_is_told(data: Path, tmp_path: Path) -> None:
    """It holds rows of persons, its name begins with a dot, and nothing but the same command removes it."""
    broken = tmp_path / "data"
    shutil.copytree(data, broken)
    claims = broken / "medical_claim.parquet"
    body = bytearray(claims.read_bytes())
    body[4:4000] = bytes(3996)
    claims.write_bytes(body)
    line = command("bucket", broken, tmp_path / "laid")
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60, env=environment())
    assert (done.returncode, "error[VBM318]" in done.stderr) == (3, True)
    assert f"{tmp_path / '.laid.new'} holds what is laid out so far, rows of persons" in done.stderr
    assert (tmp_path / ".laid.new").is_dir()


def test_other_buckets_or_other_data_start_anew(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing.TableLayout, "lay_out", _stop)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            bucket(BucketRequest(data, tmp_path / "laid", 4))
    monkeypatch.undo()
    assert not bucket(BucketRequest(data, tmp_path / "laid", 2)).resumed


def _stop(_: object) -> None:
    raise KeyboardInterrupt


def test_an_input_that_changes_during_a_run_is_refused_and_the_results_stay(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for file in data.glob("*.parquet"):
        (mine / file.name).write_bytes(file.read_bytes())
    asked = RunRequest(data=mine, year=2025, selection=Selection(select=("wcv",)), out=tmp_path / "run", buckets=2)
    pipeline.run(asked)
    before = contents(tmp_path / "run")
    real = counting.measure_bucket

    def measured(work, bound, *more):  # type: ignore[no-untyped-def]
        found = real(work, bound, *more)
        claims = mine / "medical_claim.parquet"
        claims.with_suffix(".new").write_bytes(claims.read_bytes())
        claims.with_suffix(".new").replace(claims)  # the same content: still another file than the one that was open
        return found

    monkeypatch.setattr(counting, "measure_bucket", measured)
    with pytest.raises(Failure) as caught:
        pipeline.run(asked)
    assert [d.code for d in caught.value.diagnostics] == ["VBM345"]
    assert contents(tmp_path / "run") == before


def test_a_layout_with_another_file_is_refused(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "laid"
    bucket(BucketRequest(data, out, 2))
    one, two = sorted((out / "eligibility").iterdir())
    one.write_bytes(two.read_bytes())
    with pytest.raises(Failure) as caught:
        pipeline.run(RunRequest(data=out, year=2025))
    assert [d.code for d in caught.value.diagnostics] == ["VBM346"]
    assert caught.value.exit_code == 3


def test_a_layout_in_its_own_input_and_odd_numbers_are_refused(data: Path) -> None:
    for out, buckets, code in ((data / "laid", 4, "VBM454"), (data.parent / "x", 0, "VBM453")):
        with pytest.raises(Failure) as caught:
            BucketRequest(data, out, buckets)
        assert [d.code for d in caught.value.diagnostics] == [code]


def test_a_person_is_explained_when_files_of_other_people_are_damaged_and_refused_when_theirs_are(
    data: Path, layout: Path, tmp_path: Path
) -> None:
    person_id = pl.read_parquet(data / "eligibility.parquet")["person_id"][0]
    asked = Question("wcv", year=2025)
    whole = explaining.person(asked, explaining.Inputs(data, {}), person_id)
    damaged = tmp_path / "laid"
    shutil.copytree(layout, damaged)
    own = bucket_of(person_id, 4)
    for file in sorted((damaged / "medical_claim").glob("*.parquet")):
        if not file.name.startswith(f"bucket-{own:04d}-"):
            file.write_bytes(b"PAR1")
    assert explaining.person(asked, explaining.Inputs(damaged, {}), person_id) == whole
    next((damaged / "medical_claim").glob(f"bucket-{own:04d}-*")).write_bytes(b"PAR1")
    with pytest.raises(Failure, match="VBM346"):
        explaining.person(asked, explaining.Inputs(damaged, {}), person_id)


def test_a_person_is_explained_from_the_files_of_their_bucket(data: Path, layout: Path, tmp_path: Path) -> None:
    person_id = pl.read_parquet(data / "eligibility.parquet")["person_id"].sort()[0]
    asked = Question("wcv", 2025)
    whole = explaining.person(asked, explaining.Inputs(data, {}), person_id)
    mine = Path(shutil.copytree(layout, tmp_path / "laid"))
    for claims in mine.glob("medical_claim/*.parquet"):
        if f"bucket-{bucket_of(person_id, 4):04}" not in claims.name:
            content = bytearray(claims.read_bytes())
            content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)  # the footer stays as it was
            claims.write_bytes(content)
    assert explaining.person(asked, explaining.Inputs(mine, {}), person_id) == whole
