"""The lock beside a run folder."""

import json
import os
import socket
import subprocess
import sys
import textwrap

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.runs.lock import RunLock

HOST = socket.gethostname()


def holder(**changes):
    return json.dumps(
        {"pid": 1, "host": HOST, "started": "2025-01-01T00:00:00+00:00", "process_start": None, **changes}
    )


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_names_its_holder_and_goes_away(tmp_path):
    with RunLock(tmp_path / "out") as lock:
        content = json.loads(lock.path.read_text())
        assert lock.path == tmp_path / ".out.lock"
        assert (content["pid"], content["host"]) == (os.getpid(), HOST)
    assert not lock.path.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_second_lock_in_the_same_process_is_refused(tmp_path):
    with RunLock(tmp_path / "out"), pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert caught.value.diagnostics[0].code == "VBM501"
    assert caught.value.exit_code == 5


def test_another_process_is_refused(tmp_path):
    program = textwrap.dedent(
        f"""
        from pathlib import Path
        from vbpmeasure.runs.lock import RunLock
        lock = RunLock(Path({str(tmp_path)!r}) / "out")
        lock.acquire()
        print("held", flush=True)
        input()
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Failure) as caught:
            RunLock(tmp_path / "out").acquire()
        assert caught.value.diagnostics[0].code == "VBM501"
        assert str(process.pid) in caught.value.diagnostics[0].message
        assert (tmp_path / ".out.lock").exists()
    finally:
        process.kill()
        process.wait()
    warnings = []
    with RunLock(tmp_path / "out", warnings.append):
        pass
    assert [w.code for w in warnings] == ["VBM510"]


@pytest.mark.parametrize("content", [holder(pid=1), holder(pid=99, host="elsewhere"), holder(host="elsewhere", pid=0)])
def test_a_live_or_unknowable_holder_is_respected(tmp_path, content):
    (tmp_path / ".out.lock").write_text(content)
    with pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert caught.value.diagnostics[0].code == "VBM501"
    assert (tmp_path / ".out.lock").read_text() == content


def test_a_dead_holder_is_replaced_with_a_warning(tmp_path):
    (tmp_path / ".out.lock").write_text(holder(pid=dead_pid()))
    warnings = []
    with RunLock(tmp_path / "out", warnings.append) as lock:
        assert json.loads(lock.path.read_text())["pid"] == os.getpid()
    assert [(w.code, w.severity) for w in warnings] == [("VBM510", "warning")]


@pytest.mark.parametrize("pid", [1, os.getpid()], ids=["init", "own"])
def test_a_later_process_with_the_same_id_is_not_the_holder(tmp_path, pid):
    (tmp_path / ".out.lock").write_text(holder(pid=pid, process_start="0"))
    warnings = []
    with RunLock(tmp_path / "out", warnings.append):
        pass
    assert len(warnings) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\x00\xff"])
def test_an_unreadable_lock_is_a_run_that_died_while_writing_it(tmp_path, content):
    (tmp_path / ".out.lock").write_text(content)
    with RunLock(tmp_path / "out") as lock:
        assert json.loads(lock.path.read_text())["pid"] == os.getpid()


def test_a_symbolic_link_in_its_place_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("keep")
    (tmp_path / ".out.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert caught.value.exit_code == 5
    assert (tmp_path / "precious").read_text() == "keep"


def test_an_error_inside_still_frees_the_lock(tmp_path):
    with pytest.raises(KeyboardInterrupt), RunLock(tmp_path / "out"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
