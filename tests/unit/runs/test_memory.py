"""What is left in control groups: of the process, of those above it, with the pages of files counted as free."""

from __future__ import annotations

from pathlib import Path

from vbpmeasure.runs.memory import of_control_groups

MIB = 1 << 20


def group(folder: Path, most: str, used: int, file_pages: int = 0, *, version: int = 2) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    limit, usage = (
        ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    )
    (folder / limit).write_text(f"{most}\n")
    (folder / usage).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {file_pages}\nactive_file 0\n")


def left(root: Path, membership: str) -> list[int]:
    own = root / "of_this_process"
    own.write_text(membership)
    return list(of_control_groups(root, own))


def test_a_service_has_its_own_limit_and_those_of_the_slices_above(tmp_path: Path) -> None:
    group(tmp_path / "system.slice" / "nightly.service", str(500 * MIB), 120 * MIB)
    group(tmp_path / "system.slice", str(400 * MIB), 150 * MIB)
    group(tmp_path, "max", 900 * MIB)
    assert left(tmp_path, "0::/system.slice/nightly.service\n") == [380 * MIB, 250 * MIB]


def test_pages_of_files_are_given_back_when_memory_is_wanted(tmp_path: Path) -> None:
    group(tmp_path, str(500 * MIB), 490 * MIB, file_pages=300 * MIB)
    assert left(tmp_path, "0::/\n") == [310 * MIB]


def test_the_first_version_of_groups_is_read_too(tmp_path: Path) -> None:
    group(tmp_path / "memory" / "night", str(300 * MIB), 100 * MIB, version=1)
    group(tmp_path / "memory", str(1 << 62), 100 * MIB, version=1)
    assert left(tmp_path, "7:cpu:/other\n4:memory:/night\n")[0] == 200 * MIB


def test_a_group_that_holds_more_than_it_may_has_nothing_left(tmp_path: Path) -> None:
    group(tmp_path, str(100 * MIB), 130 * MIB)
    assert left(tmp_path, "") == [0]


def test_a_system_without_groups_tells_nothing(tmp_path: Path) -> None:
    assert left(tmp_path, "0::/\n") == []
