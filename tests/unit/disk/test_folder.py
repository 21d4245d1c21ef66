"""The run folder: whole or not at all."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.disk import folder as folder_module
from vbpmeasure.disk.folder import MANIFEST, SUCCESS, RunFolder, manifest_bytes


def write(target, text=b"1", *, private=None, warn=None):
    with RunFolder(target, warn) as folder:
        folder.add("results.csv", text)
        if private is not None:
            folder.add("person_level/person_level.parquet", private, private=True)
        folder.commit({"tool": "vbpmeasure"})


def refused(target):
    with pytest.raises(Failure) as caught, RunFolder(target):
        pass
    assert caught.value.exit_code == 5
    return caught.value.diagnostics[0].code


def beside(target):
    return sorted(p.name for p in target.parent.iterdir())


@pytest.fixture
def out(tmp_path):
    (tmp_path / "place").mkdir()
    return tmp_path / "place" / "out"


def test_a_run(out):
    write(out, b"1", private=b"secret")
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()) == [
        "_SUCCESS",
        "manifest.json",
        "person_level/person_level.parquet",
        "results.csv",
    ]
    assert json.loads((out / MANIFEST).read_text())["files"] == ["person_level/person_level.parquet", "results.csv"]
    assert beside(out) == ["out"]
    assert stat.S_IMODE((out / "person_level").stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "person_level/person_level.parquet").stat().st_mode) == 0o600


def test_parents_are_made(tmp_path):
    write(tmp_path / "a" / "b" / "out")
    assert (tmp_path / "a" / "b" / "out" / SUCCESS).exists()


def test_a_run_replaces_the_one_before_as_a_whole(out):
    write(out, b"1", private=b"secret")
    write(out, b"2")
    assert (out / "results.csv").read_bytes() == b"2"
    assert not (out / "person_level").exists()
    assert beside(out) == ["out"]


def test_an_empty_folder_may_be_used(out):
    out.mkdir()
    write(out)
    assert (out / SUCCESS).exists()


def test_success_is_written_last(out, monkeypatch):
    order = []
    real = folder_module.write_durably
    monkeypatch.setattr(
        folder_module, "write_durably", lambda path, *rest: (order.append(path.name), real(path, *rest))
    )
    write(out)
    assert order == ["results.csv", MANIFEST, SUCCESS]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_what_is_broken_off_leaves_the_old_results(out, error):
    write(out, b"1")

    def broken_off():
        with RunFolder(out) as folder:
            folder.add("results.csv", b"2")
            raise error

    with pytest.raises(error):
        broken_off()
    assert (out / "results.csv").read_bytes() == b"1"
    assert beside(out) == ["out"]


def test_without_a_commit_nothing_appears(out):
    with RunFolder(out) as folder:
        folder.add("results.csv", b"1")
        assert not out.exists()
    assert beside(out) == []


def test_a_foreign_folder_is_refused(out):
    out.mkdir()
    (out / "thesis.docx").write_text("years of work")
    assert refused(out) == "VBM503"
    assert (out / "thesis.docx").read_text() == "years of work"
    assert beside(out) == ["out"]


def test_a_foreign_file_inside_a_run_is_refused(out):
    write(out)
    (out / "notes.txt").write_text("mine")
    assert refused(out) == "VBM503"
    assert (out / "notes.txt").exists()
    assert (out / "results.csv").exists()


@pytest.mark.parametrize(
    "manifest", ["{}", "[]", "not json", '{"tool": "dbt", "files": ["a"]}', '{"tool": "vbpmeasure"}']
)
def test_a_manifest_that_is_not_ours_does_not_count(out, manifest):
    out.mkdir()
    (out / MANIFEST).write_text(manifest)
    assert refused(out) == "VBM503"


def test_a_file_in_its_place(out):
    out.write_text("a file")
    assert refused(out) == "VBM505"
    assert out.read_text() == "a file"


def test_a_symbolic_link_in_its_place(out, tmp_path):
    (tmp_path / "real").mkdir()
    out.symlink_to(tmp_path / "real")
    assert refused(out) == "VBM504"
    out.unlink()
    out.symlink_to(tmp_path / "nowhere")
    assert refused(out) == "VBM504"


def test_a_link_inside_the_folder_is_foreign(out, tmp_path):
    out.mkdir()
    (out / "results.csv").symlink_to(tmp_path)
    assert refused(out) == "VBM503"


def test_a_parent_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file" / "out") == "VBM507"


def test_the_root(monkeypatch):
    from pathlib import Path

    assert refused(Path("/")) == "VBM503"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "VBM506"),
        (errno.EDQUOT, "VBM506"),
        (errno.EACCES, "VBM502"),
        (errno.EROFS, "VBM502"),
        (errno.EIO, "VBM507"),
    ],
)
@pytest.mark.parametrize("place", ["write", "fsync", "exchange", "rename"])
def test_errors_of_the_disk(out, monkeypatch, number, code, place):
    write(out, b"1")
    failing = OSError(number, os.strerror(number))

    def fail(*_):
        raise failing

    def second_run():
        with RunFolder(out) as folder:
            if place == "write":
                monkeypatch.setattr(folder_module, "write_durably", fail)
            elif place == "fsync":
                monkeypatch.setattr(os, "fsync", fail)
            elif place == "exchange":
                monkeypatch.setattr(folder_module, "exchange", fail)
            else:
                monkeypatch.setattr(folder_module, "exchange", cannot)
                monkeypatch.setattr(type(out), "rename", fail)
            folder.add("results.csv", b"2")
            folder.commit({"tool": "vbpmeasure"})

    with pytest.raises(Failure) as caught:
        second_run()
    monkeypatch.undo()
    assert caught.value.diagnostics[0].code == code
    assert caught.value.exit_code == 5
    assert (out / "results.csv").read_bytes() == b"1"
    assert beside(out) == ["out"]


def test_a_place_that_may_not_be_written(out, monkeypatch):
    real = os.open

    def refuse(path, *rest, **more):
        if str(path).endswith(".lock"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    assert refused(out) == "VBM502"


def cannot(*_):
    """A file system that cannot exchange two names."""
    return False


@pytest.mark.parametrize("way", ["exchange", "two renames"])
def test_the_second_run_replaces_the_first(out, monkeypatch, way):
    write(out, b"1")
    if way == "two renames":
        monkeypatch.setattr(folder_module, "exchange", cannot)
    write(out, b"2", private=b"secret")
    assert (out / "results.csv").read_bytes() == b"2"
    assert beside(out) == ["out"]


def test_there_is_no_moment_without_results(out, monkeypatch):
    """Whatever the swap does to the file system: at every step the place holds a whole set."""
    write(out, b"1")
    seen = []

    def look(function):
        def looking(*arguments, **named):
            done = function(*arguments, **named)
            seen.append(((out / SUCCESS).is_file(), (out / "results.csv").read_bytes()))
            return done

        return looking

    for name in ("write_durably", "sync_folder", "exchange", "_discard"):
        monkeypatch.setattr(folder_module, name, look(getattr(folder_module, name)))
    write(out, b"2")
    assert {whole for whole, _ in seen} == {True}
    assert [text for _, text in seen] == sorted(text for _, text in seen)
    assert {text for _, text in seen} == {b"1", b"2"}


@pytest.mark.skipif(not hasattr(os, "umask"), reason="no umask here")
def test_folders_above_are_for_their_owner_to_write(tmp_path):
    before = os.umask(0)
    try:
        write(tmp_path / "a" / "b" / "out", private=b"secret")
    finally:
        os.umask(before)
    modes = {p.relative_to(tmp_path).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in [*tmp_path.rglob("*")]}
    assert modes == {
        "a": 0o755,
        "a/b": 0o755,
        "a/b/out": 0o755,
        "a/b/out/_SUCCESS": 0o644,
        "a/b/out/manifest.json": 0o644,
        "a/b/out/person_level": 0o700,
        "a/b/out/person_level/person_level.parquet": 0o600,
        "a/b/out/results.csv": 0o644,
    }


def test_a_failed_swap_puts_the_old_results_back(out, monkeypatch):
    monkeypatch.setattr(folder_module, "exchange", cannot)
    write(out, b"1")
    real = type(out).rename
    calls = []

    def rename(self, target):
        calls.append(self.name)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(type(out), "rename", rename)
    with pytest.raises(Failure):
        write(out, b"2")
    assert calls == ["out", ".out.new", ".out.old"]
    assert (out / "results.csv").read_bytes() == b"1"
    assert beside(out) == ["out"]


def test_file_names_stay_inside(out):
    for name in ("../x", "/etc/x", "a/b/c", ""):
        with RunFolder(out) as folder, pytest.raises(ValueError, match="inside"):
            folder.add(name, b"")


# What a killed run leaves


def crashed(out, *, new=None, old=None, now=None, success=True):
    for path, text in ((out.with_name(".out.new"), new), (out.with_name(".out.old"), old), (out, now)):
        if text is not None:
            path.mkdir()
            (path / "results.csv").write_bytes(text)
            (path / MANIFEST).write_bytes(manifest_bytes({"tool": "vbpmeasure", "files": ["results.csv"]}))
            if success or path != out.with_name(".out.new"):
                (path / SUCCESS).write_bytes(b"")


@pytest.mark.parametrize(
    ("left", "whole"),
    [
        ({"new": b"2", "now": b"1"}, b"1"),  # died before the swap
        ({"new": b"2", "now": b"1", "success": False}, b"1"),
        ({"new": b"2", "old": b"1"}, b"2"),  # died in the middle of the swap: the new set is whole
        ({"new": b"2", "old": b"1", "success": False}, b"1"),
        ({"old": b"1"}, b"1"),
        ({"old": b"1", "now": b"2"}, b"2"),  # died before it removed the old set
    ],
)
def test_leftovers_are_put_in_order(out, left, whole):
    crashed(out, **left)
    warnings = []
    with RunFolder(out, warnings.append):
        assert (out / "results.csv").read_bytes() == whole
    assert beside(out) == ["out"]
    assert [w.code for w in warnings] == ([] if "now" in left else ["VBM511"])


def test_what_a_failure_left_of_a_resumable_folder_is_there_for_the_next(out):
    def interrupted():
        with RunFolder(out, resumable=True) as folder:
            folder.add("a", b"1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert beside(out) == [".out.new"]
    with RunFolder(out, resumable=True) as folder:
        assert (folder.unfinished / "a").read_bytes() == b"1"
        folder.keep("a")
        folder.commit({"tool": "vbpmeasure"})
    assert (out / "a").read_bytes() == b"1"
    assert beside(out) == ["out"]


def test_a_run_killed_at_any_moment_leaves_one_whole_set(out):
    """Kill -9 at many moments of a run that replaces results over and over."""
    program = textwrap.dedent(
        f"""
        import itertools, os
        os.fsync = lambda fd: None
        from pathlib import Path
        from vbpmeasure.disk.folder import RunFolder
        for number in itertools.count():
            with RunFolder(Path({str(out)!r})) as folder:
                for name in "abc":
                    folder.add(name, str(number).encode())
                folder.commit({{"tool": "vbpmeasure"}})
            if number == 0:
                print("ready", flush=True)
        """
    )
    for delay in (0.001, 0.003, 0.0061, 0.0087):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        sets = [p for p in out.parent.iterdir() if p.is_dir() and (p / SUCCESS).exists()]
        assert sets
        assert all(len({(p / name).read_bytes() for name in "abc"}) == 1 for p in sets)
        with RunFolder(out):
            assert len({(out / name).read_bytes() for name in "abc"}) == 1
        assert beside(out) == ["out"]


def test_a_disk_that_is_really_full(out):
    """A limit on the size of files stands in for a full disk: the system refuses the write in the same way."""
    program = textwrap.dedent(
        f"""
        import resource, signal, sys
        from pathlib import Path
        from vbpmeasure.diagnostics import Failure
        from vbpmeasure.disk.folder import RunFolder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            with RunFolder(Path({str(out)!r})) as folder:
                folder.add("results.csv", b"x" * 100_000)
        except Failure as failure:
            print(failure.diagnostics[0].code, failure.exit_code)
        """
    )
    write(out, b"1")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "VBM506 5\n"
    assert (out / "results.csv").read_bytes() == b"1"
    assert beside(out) == ["out"]
