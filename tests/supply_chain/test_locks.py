"""The locks pin every package with its hashes, and what they pin is what the project asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.supply_chain.audit import lock_problems
from tools.supply_chain.locked import DEVELOPMENT, ROOT, RUNTIME, TOOLS, Locked, LockError, read_lock

ONE, TWO = "1" * 64, "2" * 64
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lock(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some.lock"
    path.write_text(text)
    return path


def test_a_lock_is_read(tmp_path: Path) -> None:
    text = f"Some.Thing==1.2 \\\n    --hash=sha256:{TWO} \\\n    --hash=sha256:{ONE}\n"
    text += f"# a remark\n\nother==3 ; sys_platform == 'win32' \\\n    --hash=sha256:{ONE}\n"
    assert read_lock(lock(tmp_path, text)) == {
        "some-thing": Locked("some-thing", "1.2", (ONE, TWO), here=True),
        "other": Locked("other", "3", (ONE,), here=False),
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("thing==1.2", "no SHA-256"),
        (f"thing==1.2 --hash=md5:{ONE[:32]}", "no SHA-256"),
        (f"thing==1.2 --hash=sha256:{ONE} --hash=sha256:{ONE[:63]}", "no SHA-256"),
        (f"thing==1.2 --hash=sha256:{ONE} --no-binary=thing", "something else"),
        (f"thing>=1.2 --hash=sha256:{ONE}", "not pinned"),
        (f"thing==1.* --hash=sha256:{ONE}", "not pinned"),
        (f"thing==1.2,!=1.3 --hash=sha256:{ONE}", "not pinned"),
        (f"thing --hash=sha256:{ONE}", "not pinned"),
        (f"thing @ https://example.org/thing.whl --hash=sha256:{ONE}", "not pinned"),
        ("--index-url https://example.org/simple", "no package"),
        ("-e .", "no package"),
        (f"thing==1.2 --hash=sha256:{ONE}\nThing==1.3 --hash=sha256:{ONE}", "named twice"),
    ],
)
def test_anything_else_is_refused(line: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(LockError, match=problem):
        read_lock(lock(tmp_path, line + "\n"))


@pytest.mark.parametrize("path", [RUNTIME, DEVELOPMENT, TOOLS], ids=lambda path: path.name)
def test_our_locks_pin_everything(path: Path) -> None:
    assert len(read_lock(path)) > 15


def test_tests_run_with_what_users_get() -> None:
    assert lock_problems(read_lock(RUNTIME), read_lock(DEVELOPMENT)) == []


def test_a_difference_between_the_locks_is_told() -> None:
    mine = {"a": Locked("a", "1", (ONE,), here=True), "b": Locked("b", "1", (ONE,), here=True)}
    theirs = {"a": Locked("a", "1", (ONE, TWO), here=True), "b": mine["b"]}
    assert lock_problems(mine, theirs) == ["a is not the same in requirements.lock and requirements-dev.lock"]
    assert len(lock_problems(mine, {})) == 2


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (RUNTIME, PROJECT["project"]["dependencies"]),
        (DEVELOPMENT, PROJECT["project"]["optional-dependencies"]["dev"]),
        (TOOLS, PROJECT["dependency-groups"]["tools"]),
    ],
    ids=["runtime", "dev", "tools"],
)
def test_the_locks_keep_what_the_project_asks_for(path: Path, asked: list[str]) -> None:
    locked = read_lock(path)
    for one in map(Requirement, asked):
        assert one.specifier.contains(locked[canonicalize_name(one.name)].version), one
