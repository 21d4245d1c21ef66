"""Many comparisons at once: Benjamini and Hochberg's adjustment over a declared family."""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float], size: int | None = None) -> list[float]:
    """Return the adjusted p-values in the order given.

    ``size`` is the size of the family when it is larger than what is given here (the others then count as if they had a
    p-value of 1). Raises `ValueError` when it is smaller. Source: Benjamini and Hochberg 1995; equity page B5.
    """
    m = len(p_values) if size is None else size
    if m < len(p_values):
        raise ValueError("a family is at least as large as the comparisons in it")
    adjusted = [1.0] * len(p_values)
    least = 1.0
    order = sorted(range(len(p_values)), key=lambda i: (p_values[i], i))
    for rank in range(len(order), 0, -1):
        i = order[rank - 1]
        least = min(least, p_values[i] * m / rank)
        adjusted[i] = least
    return adjusted
