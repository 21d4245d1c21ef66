"""The audit: what is installed, what is known against it, and never good news where nothing was looked up."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.supply_chain import audit
from tools.supply_chain.advisories import AdvisoryError, known
from tools.supply_chain.environment import environment_problems
from tools.supply_chain.locked import DEVELOPMENT, RUNTIME, TOOLS, Locked, read_lock

HASH = ("0" * 64,)
PACKAGES = {"py-yaml": Locked("py-yaml", "5.3.1", HASH, here=True), "rich": Locked("rich", "15.0.0", HASH, here=True)}


def record(*events: dict[str, str], name: str = "Py_YAML", **more: Any) -> dict[str, Any]:
    about = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}
    return {"id": "TEST-1", "modified": "2026-11-20T10:00:00Z", "affected": [about], **more}


def file(tmp_path: Path, *records: dict[str, Any]) -> Path:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as folder:
        for number, one in enumerate(records):
            folder.writestr(f"{number}.json", json.dumps(one))
    return path


# 5.3.1 is installed.
@pytest.mark.parametrize(
    ("events", "affected"),
    [
        ([{"introduced": "0"}, {"fixed": "5.4"}], True),
        ([{"introduced": "0"}, {"fixed": "5.3.1"}], False),
        ([{"introduced": "5.3.1"}, {"fixed": "5.10"}], True),
        ([{"introduced": "5.3.2"}], False),
        ([{"introduced": "5.4"}], False),
        ([{"introduced": "0"}, {"last_affected": "5.3.1"}], True),
        ([{"introduced": "0"}, {"last_affected": "5.3"}], False),
        ([{"introduced": "0"}, {"fixed": "4.0"}, {"introduced": "5.0"}, {"fixed": "5.4"}], True),
        ([{"fixed": "4.0"}, {"introduced": "0"}], False),
        ([{"introduced": "0"}, {"fixed": "5.3"}, {"introduced": "5.3"}], True),
        ([{"introduced": "not a version"}], False),
    ],
)
def test_ranges_of_versions(events: list[dict[str, str]], affected: bool, tmp_path: Path) -> None:
    told = known(file(tmp_path, record(*events)), PACKAGES)
    assert told.advisories == 1
    assert [(a.package, a.id) for a in told.found] == ([("py-yaml", "TEST-1")] if affected else [])


def test_listed_versions_and_others_places(tmp_path: Path) -> None:
    listed = {"id": "TEST-2", "affected": [{"package": {"ecosystem": "PyPI", "name": "rich"}, "versions": ["15.0"]}]}
    git = record(name="rich")
    git["affected"][0]["ranges"] = [{"type": "GIT", "events": [{"introduced": "0"}]}]
    npm = record({"introduced": "0"}, name="rich")
    npm["affected"][0]["package"]["ecosystem"] = "npm"
    told = known(file(tmp_path, listed, git, npm, record({"introduced": "0"}, withdrawn="2026-01-01")), PACKAGES)
    assert (told.advisories, told.newest) == (2, "2026-11-20")
    assert [str(a) for a in told.found] == ["rich 15.0.0: TEST-2, no fixed version is known"]


def test_a_folder_and_a_single_file_are_read_as_well(tmp_path: Path) -> None:
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / "one.json").write_text(json.dumps(record({"introduced": "0"}, {"fixed": "5.4"})))
    for path in (tmp_path / "osv", tmp_path / "osv" / "one.json"):
        assert [str(a) for a in known(path, PACKAGES).found] == ["py-yaml 5.3.1: TEST-1, fixed in 5.4"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"PK\x03\x04 no zip"])
def test_a_file_of_something_else_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "what.json").write_bytes(content)
    with pytest.raises(AdvisoryError, match=r"what\.json"):
        known(tmp_path / "what.json", PACKAGES)
    with pytest.raises(AdvisoryError):
        known(tmp_path / "nothing", PACKAGES)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with one installed package of one file."""
    about = tmp_path / "site" / "rich-15.0.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: rich\nVersion: 15.0.0\n")
    (tmp_path / "site" / "rich.py").write_text("shine = 1\n")
    # printf 'shine = 1\n' | openssl dgst -sha256 -binary | basenc --base64url
    (about / "RECORD").write_text(
        "rich.py,sha256=ggZnszASiyebBoUfxITWAcZHAJVbqtLtUqE-woMR2sE,10\nrich-15.0.0.dist-info/RECORD,,\nrich.pyc,,\n"
    )
    return tmp_path / "site"


def test_an_environment_as_it_is_locked(site: Path) -> None:
    locked = {"rich": PACKAGES["rich"], "win": Locked("win", "1", HASH, here=False)}
    assert list(environment_problems(locked, site)) == []


def test_what_is_not_as_it_is_locked(site: Path) -> None:
    assert list(environment_problems({}, site)) == ["rich 15.0.0 is installed and not locked"]
    assert list(environment_problems({**PACKAGES, "rich": Locked("rich", "15.0.1", HASH, here=True)}, site)) == [
        "py-yaml 5.3.1 is locked, none is installed",
        "rich 15.0.1 is locked, 15.0.0 is installed",
    ]


@pytest.mark.parametrize("text", ["shine = 2\n", None])
def test_a_changed_file_of_a_package_is_seen(text: str | None, site: Path) -> None:
    file = site / "rich.py"
    file.write_text(text) if text else file.unlink()
    told = list(environment_problems({"rich": PACKAGES["rich"]}, site))
    assert told == ["rich: rich.py is not the file that was installed"]


# Answers as pip-audit does: a package that its service does not know is skipped, and the exit code is 0.
SERVICE = """
import json, sys
names = [line.split("==") for line in open(sys.argv[-1]).read().split()]
service = sys.argv[sys.argv.index("--vulnerability-service") + 1]
answer = ANSWER
if answer is None:
    sys.exit("no network")
print(json.dumps({"dependencies": [answer(name, version, service) for name, version in names]}))
"""
CLEAN = '{"name": name, "version": version, "vulns": []}'
SKIPPED = '{"name": name, "skip_reason": "not found"}'
BAD = '[{"id": "TEST-3", "fix_versions": ["99"]}] if name == "polars" else []'
HURT = CLEAN.replace("[]", BAD)


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (f"lambda name, version, service: {CLEAN}", 0, "each with version and hashes\n"),
        (f"lambda name, version, service: {HURT}", 1, "TEST-3, fixed in 99"),
        (f"lambda name, version, service: {SKIPPED}", 75, "no advisory source was reached"),
        ("None", 75, "no advisory source was reached"),
        (f"lambda name, version, service: {SKIPPED} if service == 'pypi' else {CLEAN}", 0, "hashes\n"),
        (
            f"lambda name, version, service: {SKIPPED} if name == 'polars' else {CLEAN}",
            75,
            "no advisory source knows polars:",
        ),
    ],
)
def test_the_audit_never_passes_in_silence(
    answer: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pip_audit.py").write_text(SERVICE.replace("ANSWER", answer))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["audit"])
    assert audit.main() == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (
            [record({"introduced": "0"}, name="nothing-of-ours")],
            0,
            "1 advisories about PyPI packages, the newest of 2026-11-20",
        ),
        ([record({"introduced": "0"}, name="Polars")], 1, "bad: polars"),
        ([], 75, "no advisory source was reached"),
    ],
)
def test_the_audit_with_a_file(
    told: list[dict[str, Any]],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["audit", "--advisories", str(file(tmp_path, *told))])
    assert audit.main() == code
    out = capsys.readouterr().out
    assert said in out
    assert f"{len({**read_lock(DEVELOPMENT), **read_lock(RUNTIME), **read_lock(TOOLS)})} packages locked" in out
