"""The disk is full at each single step of a run folder, of its lock and of single files: nothing is half written."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.disk import durable, folder
from vbpmeasure.disk.folder import RunFolder

STEPS = [(os, "open"), (os, "fsync"), (os, "mkdir"), (os, "ftruncate"), (os, "pwrite"), (os, "rename"), (os, "replace")]


class FullDisk:
    """Counts the steps that need room on the disk, and fails the one with a number."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.fail_at: int | None = None
        self.steps: list[str] = []
        for module, name in [*STEPS, (folder, "exchange")]:
            patch.setattr(module, name, self.counted(name, getattr(module, name)))
        patch.setattr(durable.os, "fdopen", self.writing(os.fdopen))

    def counted(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **named: Any) -> Any:
            reading = name == "open" and not arguments[1] & os.O_CREAT
            if not reading:
                self.count(name)
            return step(*arguments, **named)

        return counting

    def writing(self, fdopen: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*arguments: Any) -> Any:
            file = fdopen(*arguments)
            disk = self

            class Half:
                """A file of which the first half gets onto the disk."""

                def __enter__(self) -> Half:
                    return self

                def __exit__(self, *_: object) -> None:
                    file.close()

                def write(self, content: bytes) -> None:
                    file.write(content[: len(content) // 2])
                    disk.count("write")
                    file.write(content[len(content) // 2 :])

                def flush(self) -> None:
                    file.flush()

                def fileno(self) -> int:
                    return int(file.fileno())

            return Half()

        return opened

    def count(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) - 1 == self.fail_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[FullDisk]:
    full = FullDisk(monkeypatch)
    yield full
    full.fail_at = None


def night(out: Path, text: bytes) -> None:
    with RunFolder(out) as run:
        run.add("results.csv", text)
        run.add("person_level/person_level.parquet", text, private=True)
        run.commit({"tool": "vbpmeasure"})


def attempt(step: Callable[[], None]) -> Failure | OSError | None:
    try:
        step()
    except (Failure, OSError) as error:
        return error
    return None


@pytest.mark.parametrize("previous", [True, False], ids=["over results", "first night"])
def test_at_every_step_of_a_run_folder(tmp_path: Path, disk: FullDisk, previous: bool) -> None:
    night(tmp_path / "counted" / "out", b"counted")
    if previous:
        night(tmp_path / "counted" / "out", b"counted again")
        steps = len(disk.steps) // 2
    else:
        steps = len(disk.steps)
    assert steps > 15
    assert set(disk.steps) >= {"open", "write", "fsync", "mkdir", "pwrite"}
    failed = set()
    for number in range(steps + 2):
        place = tmp_path / str(number)
        place.mkdir()
        if previous:
            night(place / "out", b"old")
        disk.steps, disk.fail_at = [], number
        found = attempt(lambda place=place: night(place / "out", b"new"))
        ended = found is None
        if isinstance(found, Failure):
            assert [d.code for d in found.diagnostics] == ["VBM506"]
            assert found.exit_code == 5
            failed.add(disk.steps[number])
        disk.fail_at = None
        # What fails after the swap leaves the new results, durable or not; what fails before it the old ones.
        there = (place / "out" / "results.csv").read_bytes() if (place / "out").exists() else None
        assert there in ({b"new"} if ended else {b"old" if previous else None, b"new"})
        if there is not None:
            assert (place / "out" / "_SUCCESS").is_file()
            assert (place / "out" / "person_level" / "person_level.parquet").read_bytes() == there
        assert [p.name for p in place.iterdir()] == (["out"] if there is not None else [])
        night(place / "out", b"next")
        assert [p.name for p in place.iterdir()] == ["out"]
    assert failed >= {"open", "write", "fsync", "mkdir", "pwrite", "exchange" if previous else "rename"}


def test_at_every_step_of_single_files(tmp_path: Path, disk: FullDisk) -> None:
    files = {"night.prom": b"new one", "night.ndjson": b"new other"}
    for number in range(20):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "night.prom").write_bytes(b"old")
        disk.steps, disk.fail_at = [], number
        found = attempt(lambda place=place: durable.put_files(place, files, 0o644))
        if found is None:
            assert number >= len(disk.steps)
            break
        assert isinstance(found, OSError)
        disk.fail_at = None
        assert (place / "night.prom").read_bytes() in (b"old", b"new one")
        assert {p.name for p in place.iterdir()} <= set(files)
    assert number > 5


def test_what_a_dead_process_left_beside_a_file_goes(tmp_path: Path) -> None:
    host = socket.gethostname()
    (tmp_path / f".night.prom.{host}.4194304.new").write_bytes(b"half")  # one more than the largest process id
    (tmp_path / f".night.prom.{host}.1.new").write_bytes(b"of a process that runs")
    (tmp_path / ".night.prom.elsewhere.4194304.new").write_bytes(b"of another host")
    durable.put_files(tmp_path, {"night.prom": b"whole"}, 0o644)
    left = sorted(p.name for p in tmp_path.iterdir())
    assert left == sorted([".night.prom.elsewhere.4194304.new", f".night.prom.{host}.1.new", "night.prom"])


def test_what_a_process_with_our_number_left_is_in_nobodys_way(tmp_path: Path) -> None:
    left = tmp_path / f".night.prom.{socket.gethostname()}.{os.getpid()}.new"
    left.write_bytes(b"half")
    durable.put_files(tmp_path, {"night.prom": b"whole"}, 0o644)
    assert [p.name for p in tmp_path.iterdir()] == ["night.prom"]
    assert (tmp_path / "night.prom").read_bytes() == b"whole"


def test_the_file_of_a_process_that_we_may_not_ask_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, number: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "kill", forbidden)
    name = f".night.prom.{socket.gethostname()}.4194303.new"
    (tmp_path / name).write_bytes(b"of another user")
    durable.put_files(tmp_path, {"night.prom": b"whole"}, 0o644)
    assert sorted(p.name for p in tmp_path.iterdir()) == [name, "night.prom"]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Return a list that gets each change of names and each wait for the disk, in order, by names below the folder."""
    told: list[str] = []

    def below(path: str | Path) -> str:
        return Path(path).relative_to(tmp_path).as_posix()

    def telling(word: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def tell(one: str | Path, other: str | Path) -> Any:
            told.append(f"{word} {below(other)}")
            return step(one, other)

        return tell

    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (told.append(below(Path(f"/proc/self/fd/{fd}").readlink())), real(fd)))
    monkeypatch.setattr(os, "replace", telling("put", os.replace))
    monkeypatch.setattr(os, "rename", telling("put", os.rename))
    monkeypatch.setattr(folder, "exchange", telling("put", folder.exchange))
    return told


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not say which file is open")
def test_single_files_are_on_the_disk_before_they_have_their_names(tmp_path: Path, synced: list[str]) -> None:
    durable.put_files(tmp_path, {"night.prom": b"1", "night.ndjson": b"2"}, 0o644)
    end = f"{socket.gethostname()}.{os.getpid()}.new"
    assert synced == [
        f".night.prom.{end}",
        f".night.ndjson.{end}",
        "put night.prom",
        "put night.ndjson",
        ".",
    ]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not say which file is open")
@pytest.mark.parametrize("previous", [True, False], ids=["over results", "first night"])
def test_a_run_folder_is_on_the_disk_before_it_has_its_name(tmp_path: Path, synced: list[str], previous: bool) -> None:
    if previous:
        night(tmp_path / "out", b"old")
    synced.clear()
    night(tmp_path / "out", b"new")
    assert synced == [
        ".out.lock",
        ".out.new/results.csv",
        ".out.new/person_level/person_level.parquet",
        ".out.new/manifest.json",
        ".out.new/_SUCCESS",
        ".out.new/person_level",
        ".out.new",
        "put out",
        ".",
    ]
