"""Counts that may be written down: none from 1 to 10, and none from which such a one follows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from vbpmeasure.validation.judge import SMALL

Key = TypeVar("Key", bound=Hashable)


def shown(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Return the counts with every one from 1 to 10 as None, in the same order.

    The reader knows the total, so that a hidden sum from 1 to 10 would follow from it: then the next smallest count
    is hidden as well. Zeros are not hidden.
    """
    hidden = {key for key, n in counts.items() if 0 < n < SMALL}
    while hidden and (sum(counts[k] for k in hidden) < SMALL or len(hidden) == 1):
        left = [key for key, n in counts.items() if n and key not in hidden]
        if not left:
            break
        hidden.add(min(left, key=lambda key: (counts[key], str(key))))
    return {key: None if key in hidden else n for key, n in counts.items()}
