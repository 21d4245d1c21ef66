"""The text of a stratum of a crossing: its names joined by `` * ``, so that they can always be told apart again.

A name of the data may hold what stands between two (a practice `North * South`). It is then written in quotation
marks, as CSV does it: without them `A * B` of `C` and `A` of `B * C` would be published under one text, and whatever
looks rows up by their text would take one for the other.
"""

from __future__ import annotations

from collections.abc import Sequence

BETWEEN = " * "
_QUOTE = '"'


def text_of(names: Sequence[str]) -> str:
    """Return the text under which a stratum is published; ``names`` are those of its components, in their order."""
    return names[0] if len(names) == 1 else BETWEEN.join(_written(name) for name in names)


def names_of(text: str, components: int) -> tuple[str, ...]:
    """Return the names that a text was made of.

    Versions up to 0.7.3 wrote every name without quotation marks: of their texts there may be more or fewer names than
    ``components``, and then nobody knows which belong together.
    """
    if components == 1:
        return (text,)
    found, rest = [], text
    while True:
        name, more = _first(rest)
        found.append(name)
        if more is None:
            break
        rest = more
    plain = tuple(text.split(BETWEEN))
    return plain if len(found) != components else tuple(found)


def earlier_text_of(names: Sequence[str]) -> str:
    """Return the text under which versions up to 0.7.3 published a stratum; two strata could have the same."""
    return BETWEEN.join(names)


def _written(name: str) -> str:
    # A star at either end of a name stands between spaces once the name is joined to its neighbors.
    if BETWEEN in f" {name} " or name.startswith(_QUOTE):
        return _QUOTE + name.replace(_QUOTE, 2 * _QUOTE) + _QUOTE
    return name


def _first(text: str) -> tuple[str, str | None]:
    """Return the first name of a text, and what follows the separator after it (None: nothing)."""
    end = _closing(text)
    if end is not None:
        rest = text[end + 1 :]
        return text[1:end].replace(2 * _QUOTE, _QUOTE), rest[len(BETWEEN) :] if rest else None
    name, between, rest = text.partition(BETWEEN)
    return name, rest if between else None


def _closing(text: str) -> int | None:
    """Return the place of the mark that ends a quoted name at the start of the text; None where there is none."""
    if not text.startswith(_QUOTE):
        return None
    place = 1
    while (place := text.find(_QUOTE, place)) != -1:
        if text.startswith(2 * _QUOTE, place):
            place += 2
            continue
        ends = place + 1 == len(text) or text.startswith(BETWEEN, place + 1)
        return place if ends else None
    return None
