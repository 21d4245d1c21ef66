"""Direct standardization: the rate a group would have with everybody's ages."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from vbpmeasure.equity.statistics.estimate import Z95, Count, Estimate, undefined


def direct(bands: Mapping[str, Count | None], weights: Mapping[str, int], z: float = Z95) -> Estimate:
    """Return the sum of W p over the bands, W being each band's part of the standard, with a normal interval.

    ``weights`` are the members of the standard by band; a band without members there does not count. ``bands`` are the
    group's counts, None where they may not be shown. A band that counts and of which the group has no one, or nothing
    that may be shown, leaves the rate undefined. The variance is the sum of W² p (1 - p) / n (equity page B9).
    """
    total = sum(weights.values())
    if total == 0:
        return undefined("the standard has no members", "direct")
    value = variance = 0.0
    hidden, empty = [], []
    for band, members in weights.items():
        if members == 0:
            continue
        count = bands.get(band)
        if count is None:
            hidden.append(band)
        elif count.denominator == 0:
            empty.append(band)
        else:
            share = members / total
            value += share * count.rate
            variance += share * share * count.rate * (1 - count.rate) / count.denominator
    if hidden:
        return undefined(f"not shown: {', '.join(hidden)}", "direct")
    if empty:
        return undefined(f"no one of the group: {', '.join(empty)}", "direct")
    error = sqrt(variance)
    return Estimate(value, max(value - z * error, 0.0), min(value + z * error, 1.0), method="direct", error=error)
