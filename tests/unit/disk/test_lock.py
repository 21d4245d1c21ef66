"""The lock beside a run folder."""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
import textwrap

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.disk import lock as lock_module
from vbpmeasure.disk.lock import RunLock

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
        from vbpmeasure.disk.lock import RunLock
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


@pytest.mark.parametrize(
    "content",
    [
        holder(pid=1),
        holder(pid=99, host="elsewhere"),
        holder(host="elsewhere", pid=0),
        holder(host="elsewhere", pid=2**31 - 1),
    ],
)
def test_a_live_or_unknowable_holder_is_respected(tmp_path, content):
    (tmp_path / ".out.lock").write_text(content)
    with pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert caught.value.diagnostics[0].code == "VBM501"
    assert (tmp_path / ".out.lock").read_text() == content


BOOT, _ = lock_module._boot()


@pytest.mark.skipif(BOOT is None, reason="the system does not say which boot this is")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        # Another container on this kernel: its host name and process ids mean nothing here, the kernel's lock does.
        (holder(pid=1, host="container", boot=BOOT), "no longer runs"),
        (holder(pid=1, boot=BOOT), "no longer runs"),
        # Process 1 runs, and it is not the one of the boot before.
        (holder(pid=1, boot="another boot"), "started again"),
    ],
)
def test_the_boot_tells_a_stale_lock(tmp_path, content, why):
    (tmp_path / ".out.lock").write_text(content)
    warnings = []
    with RunLock(tmp_path / "out", warnings.append):
        pass
    assert [w.code for w in warnings] == ["VBM510"]
    assert why in warnings[0].message


@pytest.mark.skipif(BOOT is None, reason="the system does not say which boot this is")
@pytest.mark.parametrize(
    "changes",
    [
        {"host": "container"},  # its process had our number, as the first of most containers has
        {"process_start": "0"},  # an earlier process of this host had it
    ],
)
def test_our_own_number_is_not_us(tmp_path, changes):
    mine = {"pid": os.getpid(), "process_start": lock_module._process_start(os.getpid()), "boot": BOOT}
    (tmp_path / ".out.lock").write_text(holder(**{**mine, **changes}))
    warnings = []
    with RunLock(tmp_path / "out", warnings.append):
        pass
    assert [w.code for w in warnings] == ["VBM510"]


@pytest.mark.skipif(BOOT is None, reason="the system does not say which boot this is")
def test_what_this_process_holds_is_held_even_where_the_kernel_lets_it_in_again(tmp_path):
    mine = holder(pid=os.getpid(), process_start=lock_module._process_start(os.getpid()), boot=BOOT)
    (tmp_path / ".out.lock").write_text(mine)
    with pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert caught.value.diagnostics[0].code == "VBM501"


@pytest.mark.skipif(BOOT is None, reason="the system does not say which boot this is")
def test_without_locks_of_the_kernel_the_process_has_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(lock_module, "fcntl", None)
    (tmp_path / ".out.lock").write_text(holder(pid=1, boot=BOOT))
    with pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert caught.value.diagnostics[0].code == "VBM501"
    (tmp_path / ".out.lock").write_text(holder(pid=dead_pid(), boot=BOOT))
    warnings = []
    with RunLock(tmp_path / "out", warnings.append):
        pass
    assert [w.code for w in warnings] == ["VBM510"]


def test_another_boot_elsewhere_may_be_another_machine(tmp_path):
    (tmp_path / ".out.lock").write_text(holder(host="elsewhere", boot="another boot"))
    with pytest.raises(Failure) as caught:
        RunLock(tmp_path / "out").acquire()
    assert "elsewhere" in caught.value.diagnostics[0].message
    assert "on that host" in caught.value.diagnostics[0].hint


@pytest.mark.skipif(BOOT is None, reason="the system does not say which boot this is")
def test_says_for_how_long_it_is_held_by_the_seconds_since_the_boot_whatever_the_clock_says():
    boot, uptime = lock_module._boot()
    found = lock_module.Holder(
        **json.loads(holder(host="elsewhere", boot=boot, uptime=uptime - 7500, started="2999-01-01T00:00:00+00:00"))
    )
    assert "2 h 5 min" in lock_module._since(found)


def test_says_for_how_long_it_is_held_by_the_clock_where_the_boot_is_another():
    found = lock_module.Holder(**json.loads(holder(host="elsewhere", started="2025-01-01T00:00:00+00:00")))
    assert " d " in lock_module._since(found)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (119, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (86399, "23 h 59 min"),
        (86400, "1 d 0 h"),
        (90000, "1 d 1 h"),
    ],
)
@pytest.mark.parametrize("by", ["boot", "clock"])
def test_durations(monkeypatch, by, seconds, words):
    began = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    monkeypatch.setattr(lock_module, "_boot", lambda: ("this boot", 500.0 + seconds))
    monkeypatch.setattr(lock_module, "_now", lambda: began + dt.timedelta(seconds=seconds))
    of_boot = {"boot": "this boot", "uptime": 500.0} if by == "boot" else {"boot": "another boot", "uptime": 7.0}
    found = lock_module.Holder(**json.loads(holder(**of_boot)))
    assert lock_module._since(found) == f"since 2025-01-01T00:00:00+00:00, {words}"


def test_a_clock_that_was_set_back_gives_no_age():
    found = lock_module.Holder(pid=1, host="elsewhere", started="2999-01-01T00:00:00+00:00")
    assert lock_module._since(found) == "since 2999-01-01T00:00:00+00:00"


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


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\x00\xff", holder(host="elsewhere", pid=2**31)])
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
