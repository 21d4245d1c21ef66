"""Labels that differ in a few words, told as one: what the steps of a total ask whose rates ask different things."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

# Between two numbers: `3 to 11` is no place to break.
_BETWEEN = ("to", "through")


def either(labels: Sequence[str]) -> str:
    """Return labels (one or more, all different) as one, what they begin and end with said once.

    `Age 3 to 11 on the day` and `Age 12 to 17 on the day` are `Age 3 to 11 or 12 to 17 on the day`.
    """
    words = [label.split(" ") for label in labels]
    shortest = min(map(len, words))
    first = _alike(words)[:shortest]
    last = _alike([each[::-1] for each in words])[: shortest - len(first)]
    while first and _is_of_a_number(first[-1]):
        first = first[:-1]
    while last and _is_of_a_number(last[-1]):
        last = last[:-1]
    middles = [" ".join(each[len(first) : len(each) - len(last)]) for each in words]
    if not all(middles):
        return _or(labels)
    return " ".join([*first, _or(middles), *reversed(last)])


def _alike(words: Sequence[Sequence[str]]) -> list[str]:
    """Return the words with which all begin."""
    return [each[0] for each in takewhile(lambda each: len(set(each)) == 1, zip(*words, strict=False))]


def _is_of_a_number(word: str) -> bool:
    return word in _BETWEEN or any(sign.isdigit() for sign in word)


def _or(parts: Sequence[str]) -> str:
    *before, last = parts
    return f"{', '.join(before)} or {last}" if before else last
