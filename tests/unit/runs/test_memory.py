"""What is left in control groups, with the pages of files counted as free, and the buckets that then fit."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.data.bound import BoundData, BoundTable
from vbpmeasure.data.buckets import MOST
from vbpmeasure.runs import memory
from vbpmeasure.runs.memory import buckets_for, of_control_groups

MIB = 1 << 20


def group(folder: Path, most: str, used: int, file_pages: int = 0, *, version: int = 2) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    limit, usage = (
        ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    )
    (folder / limit).write_text(f"{most}\n")
    (folder / usage).write_text(f"{used}\n")
    active = file_pages // 3
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {file_pages - active}\nactive_file {active}\n")


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


def of_rows(*rows: int) -> BoundData:
    tables = [BoundTable(f"t{n}", pl.LazyFrame(), frozenset(), (), each, 0) for n, each in enumerate(rows)]
    return BoundData({one.name: one for one in tables})


@pytest.mark.parametrize(
    ("rows", "there", "buckets"),
    [
        # Of 850 MiB three fifths are taken, 510; the process needs 350 of them. The 160 that are left hold 2 ** 20 rows
        # of 160 bytes.
        ((1_048_000,), None, 1),
        ((1_049_000,), None, 2),
        ((600_000, 449_000), None, 2),
        ((2_098_000,), None, 4),
        ((2_098_000,), 4, 4),
        ((2_098_000,), 2, 2),
        ((2_098_000,), 3, 3),  # never more than the layout has
        ((1_049_000,), 1, 1),
        ((10**12,), None, MOST),
        ((0,), None, 1),
    ],
)
def test_buckets_of_which_each_fits(
    monkeypatch: pytest.MonkeyPatch, rows: tuple[int, ...], there: int | None, buckets: int
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 850 * MIB)
    assert buckets_for(of_rows(*rows), there) == buckets


def test_a_machine_that_says_nothing_takes_everybody_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    assert buckets_for(of_rows(10**9), 64) == 1


def test_where_nothing_is_left_buckets_are_still_no_smaller_than_sixty_four_mebibytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 0)
    assert [buckets_for(of_rows(rows)) for rows in (419_430, 419_431, 838_860, 838_861)] == [1, 2, 2, 4]
