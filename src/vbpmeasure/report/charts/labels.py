"""Names that fit their place in a drawing, and still tell rows apart: a long one is cut where it says least.

Widths are estimated by letter, as a wide font of the system sets it, and not measured: the same names give the same
lines on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

# Names are set in 12 pixels (`.names` of report.css).
_SIZE = 12.0
_EMS = {
    **dict.fromkeys("ijlI'|,.:;!", 0.31),
    **dict.fromkeys("ftr()[]-/ ", 0.38),
    **dict.fromkeys("ABCDGHKNOQRSTUVXZ_&+", 0.7),
    **dict.fromkeys("mMwW@%…—", 0.92),
}
_ELSE = 0.61
_MORE = "…"
# The part of the room that the last clause may take: all of a line of its own, or the end of the only one.
_TAILS = {1: 0.4, 2: 1.0}


def width(text: str) -> float:
    """Return about how many pixels a name takes in the drawing; most fonts need less."""
    return _SIZE * sum(_EMS.get(letter, _ELSE) for letter in text)


def labels(names: Sequence[str], room: float, lines: int = 2) -> list[tuple[str, ...]]:
    """Return each name on at most ``lines`` (1 or 2) lines of ``room`` pixels.

    Names that would be cut to the same words keep what differs: their last clause, and their beginning from the last
    word that all of them have in common. The table of a chart has every name whole.
    """
    fitted = [_fitted(name, room, lines) for name in names]
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, fit in dict(zip(names, fitted, strict=True)).items():
        alike.setdefault(fit, []).append(name)
    skipped = max(_shared_words([name for own in alike.values() if len(own) > 1 for name in own]) - 1, 0)
    found = []
    for name, fit in zip(names, fitted, strict=True):
        tail = _tail(name, alike[fit], room * _TAILS[lines]) if len(alike[fit]) > 1 else ""
        # A name that others merely go on from has no end of its own.
        found.append(_both_ends(name, skipped, tail, room, lines) if tail else fit)
    return found


def _fitted(name: str, room: float, lines: int) -> tuple[str, ...]:
    if width(name) <= room:
        return (name,)
    if lines == 1 or " " not in name:
        return (_cut(name, room),)
    gaps = [at for at, letter in enumerate(name) if letter == " "]
    middle = min(gaps, key=lambda at: (max(width(name[:at]), width(name[at + 1 :])), at))
    halves = (name[:middle], name[middle + 1 :])
    if all(width(half) <= room for half in halves):
        return halves
    # Two lines do not hold it: the first takes all it can, so that little is lost of the second.
    first = max((at for at in gaps if width(name[:at]) <= room), default=gaps[0])
    return (_cut(name[:first], room), _cut(name[first + 1 :], room))


def _cut(text: str, room: float) -> str:
    """Return a text that fits, with an ellipsis where it goes on."""
    if width(text) <= room:
        return text
    end = len(text)
    while end > 1 and width(text[:end].rstrip(" ,") + _MORE) > room:
        end -= 1
    return text[:end].rstrip(" ,") + _MORE


def _shared_words(names: Sequence[str]) -> int:
    """Return how many words all names begin with."""
    split = [name.split(" ") for name in names]
    shared = 0
    for words in zip(*split, strict=False):
        if len(set(words)) > 1:
            break
        shared += 1
    return shared if len(split) > 1 else 0


def _tail(name: str, alike: Sequence[str], room: float) -> str:
    """Return the end of a name from the clause in which it differs from others, or from the word if that is long."""
    words = name.split(" ")
    first = _shared_words(alike)
    clause = max((at for at in range(1, first + 1) if words[at - 1][-1:] in (",", ":")), default=first)
    whole = " ".join(words[clause:])
    return whole if width(whole) <= room else " ".join(words[first:])


def _both_ends(name: str, skipped: int, tail: str, room: float, lines: int) -> tuple[str, ...]:
    head = name.removesuffix(tail).rstrip(" ,")
    words = head.split(" ")
    head = _MORE + " ".join(words[skipped:]) if 0 < skipped < len(words) else head
    if lines == 2:
        return (_cut(head, room), _cut(tail, room))
    end = _cut(tail, room * 0.7)
    return (f"{_cut(head, room - width(end + ' '))} {end}",)
