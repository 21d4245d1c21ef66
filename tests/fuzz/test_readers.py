"""Whatever bytes a reader gets: a result, or a failure with a known code that quotes no data; and nothing is left."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.contract import hold
from fuzz.edits import Edit, edited
from fuzz.targets import targets

PROFILE = settings.get_profile("readers-long" if "VBPMEASURE_FUZZ_EXAMPLES" in os.environ else "readers")

_NUMBERS = st.integers(0, 2**30)
EDITS: st.SearchStrategy[list[Edit]] = st.lists(st.tuples(_NUMBERS, _NUMBERS, _NUMBERS), min_size=1, max_size=5)


@pytest.mark.parametrize("name", targets())
def test_good_files_are_read(name: str) -> None:
    target = targets()[name]
    assert [hold(target, seed) for seed in target.seeds] == ["read"] * len(target.seeds)


@pytest.mark.parametrize("name", targets())
def test_changed_files_are_read_or_refused(name: str) -> None:
    target = targets()[name]

    @settings(PROFILE)
    @given(st.integers(0, len(target.seeds) - 1), EDITS)
    def changed(seed: int, edits: list[Edit]) -> None:
        hold(target, edited(target.seeds[seed], edits, target.kind, target.seeds, target.words))

    changed()


@pytest.mark.parametrize("name", targets())
def test_any_bytes_are_read_or_refused(name: str) -> None:
    target = targets()[name]

    @settings(PROFILE, max_examples=max(2, PROFILE.max_examples // 10))
    @given(st.binary(max_size=400))
    def anything(content: bytes) -> None:
        hold(target, content)

    anything()
