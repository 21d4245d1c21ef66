"""The same bytes whoever judges the buckets, also when a worker is killed; and failures of workers as our own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from tests.executors import stand_ins

from vbpmeasure.commands.bucketing import BucketRequest, bucket
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.executors.local import Local
from vbpmeasure.executors.model import Executor, Task
from vbpmeasure.plan.supplemental import Supplemental
from vbpmeasure.results.disclosure.profiles import Disclosure
from vbpmeasure.runs import pipeline
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import Selection
from vbpmeasure.runs.spread import driver, worker
from vbpmeasure.runs.steps import counting

# Index events with amounts, a composite, indicators, persons and their evidence; nothing hidden.
ASKED: dict[str, Any] = {
    "selection": Selection(select=("amb", "kr_social_emotional", "wcv")),
    "by": ("race", "provider*sex"),
    "person_level": True,
    "supplemental": "both",
    "sources_left_out": Supplemental(tables=("observation", "lab_result", "condition")),
    "disclosure": Disclosure("internal"),
}

WCV = Selection(select=("wcv",))


@pytest.fixture(scope="session")
def layout(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("layout") / "laid"
    bucket(BucketRequest(data, out, 4))
    return out


@pytest.fixture(scope="session")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return every file of the run of one process in one pass."""
    out = tmp_path_factory.mktemp("whole") / "run"
    pipeline.run(RunRequest(data=data, year=2025, out=out, **ASKED))
    found = contents(out)
    assert {"manifest.json", "results.unsuppressed.csv", "person_level/person_level.parquet"} < set(found)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


class Kept:
    """An executor that is started already, and goes on after the run."""

    def __init__(self, engine: Executor) -> None:
        self.engine = engine
        self.parcels = 0

    def map(self, task: Task, parcels: Sequence[bytes]) -> Iterator[bytes]:
        self.parcels = len(parcels)
        return self.engine.map(task, parcels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@pytest.fixture
def by_engine(engine: Executor, monkeypatch: pytest.MonkeyPatch) -> Kept:
    kept = Kept(engine)
    monkeypatch.setattr(counting, "executor", lambda name, master: kept)
    return kept


@pytest.mark.parametrize(("laid", "buckets"), [(True, 4), (True, 3), (False, 2)])
def test_every_file_is_that_of_one_process(
    by_engine: Kept, data: Path, layout: Path, whole: dict[str, bytes], tmp_path: Path, laid: bool, buckets: int
) -> None:
    place = layout if laid else data
    pipeline.run(RunRequest(data=place, year=2025, out=tmp_path / "run", buckets=buckets, executor="spark", **ASKED))
    assert by_engine.parcels == buckets
    assert contents(tmp_path / "run") == whole


def test_a_killed_worker_changes_nothing(
    by_engine: Kept,
    layout: Path,
    whole: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workers_environment: Path,
) -> None:
    if isinstance(by_engine.engine, Local):
        pytest.skip("the worker is this process")
    workers_environment.unlink(missing_ok=True)
    monkeypatch.setattr(worker, "ENTRY", stand_ins.KILLED_ONCE)
    pipeline.run(RunRequest(data=layout, year=2025, out=tmp_path / "run", buckets=4, executor="spark", **ASKED))
    assert workers_environment.read_text(encoding="ascii").isdecimal(), "no worker was killed"
    assert contents(tmp_path / "run") == whole


def test_what_stops_one_process_stops_workers_with_the_same_words(
    by_engine: Kept, data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = Path(shutil.copytree(data, tmp_path / "data"))
    claims = mine / "medical_claim.parquet"
    content = bytearray(claims.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)  # the footer stays as it was
    claims.write_bytes(content)
    asked = RunRequest(data=mine, year=2025, buckets=2, selection=WCV)
    with pytest.raises(Failure) as alone:
        pipeline.run(asked)
    with pytest.raises(Failure) as caught:
        pipeline.run(replace(asked, executor="spark"))
    assert [d.code for d in caught.value.diagnostics] == ["VBM318"]
    assert caught.value.diagnostics == alone.value.diagnostics
    assert caught.value.exit_code == 3
    assert capfd.readouterr() == ("", "")


def test_workers_with_other_files_are_refused(
    by_engine: Kept, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver saw other files than those that stand there when workers come: the counts are of no data at all."""
    mine = Path(shutil.copytree(data, tmp_path / "data"))
    real = driver.sealed

    def sealed(job: object) -> bytes:
        claims = mine / "medical_claim.parquet"
        claims.write_bytes((mine / "eligibility.parquet").read_bytes())
        return real(job)

    monkeypatch.setattr(driver, "sealed", sealed)
    with pytest.raises(Failure) as caught:
        pipeline.run(
            RunRequest(data=mine, year=2025, buckets=2, executor="spark", selection=Selection(select=("wcv",)))
        )
    assert [d.code for d in caught.value.diagnostics] == ["VBM348"]
    assert caught.value.exit_code == 3


def test_workers_of_another_version_are_refused(by_engine: Kept, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = driver.sealed
    monkeypatch.setattr(driver, "sealed", lambda job: b"0.0.1" + real(job)[5:])
    with pytest.raises(Failure) as caught:
        pipeline.run(
            RunRequest(data=data, year=2025, buckets=2, executor="spark", selection=Selection(select=("wcv",)))
        )
    assert [d.code for d in caught.value.diagnostics] == ["VBM467"]


def test_workers_without_the_program_are_told(engine: Executor) -> None:
    with pytest.raises(Failure) as caught:
        list(engine.map(Task("vbpmeasure_of_another_name.worker:judge", b""), [b"", b""]))
    assert [d.code for d in caught.value.diagnostics] == ["VBM464"]


def test_an_engine_that_gives_up_says_so_without_its_own_words(
    engine: Executor, capfd: pytest.CaptureFixture[str]
) -> None:
    if isinstance(engine, Local):
        pytest.skip("the worker is this process")
    with pytest.raises(Failure) as caught:
        list(engine.map(Task(stand_ins.FAILS, b""), [b"one"]))
    assert [d.code for d in caught.value.diagnostics] == ["VBM465"]
    told = json.dumps([str(d) for d in caught.value.diagnostics])
    assert "Traceback" not in told
    assert ".py" not in told
    assert capfd.readouterr() == ("", "")


def test_replies_come_in_the_order_of_parcels_and_whole(engine: Executor) -> None:
    """Replies are longer than one message of Spark Connect's pieces, and of different lengths."""
    parcels = [bytes([65 + n]) * (9_000_000 if n == 2 else 10) for n in range(5)]
    assert list(engine.map(Task(stand_ins.RETURNS, b"-"), parcels)) == [b"-" + one for one in parcels]
