"""Conditions that triggers put on rows: one bit each, as many as a whole number of 64 bits has beside its sign."""

from __future__ import annotations

import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.engines.polars.sheet import Attributes


def test_each_condition_has_a_bit_of_its_own_up_to_63() -> None:
    bits = Attributes()
    assert [bits.bit("place", n) for n in range(63)] == [2**n for n in range(63)]
    assert bits.bit("place", 5) == 32
    assert dict(bits.of("place"))[62] == 2**62
    with pytest.raises(Failure) as caught:
        bits.bit("modifier", 1)
    assert [d.code for d in caught.value.diagnostics] == ["VBM492"]
