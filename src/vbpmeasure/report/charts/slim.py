"""Making a drawing small: what Vega writes for machines to edit becomes what a browser needs to show it.

Groups are dissolved into absolute places, neighbors of one style become one path, numbers get one decimal, and the
words come in. A chart of seven rows shrinks to a tenth. Colors are left as they stand in the templates: names of the
page's style sheet, so that one drawing serves light, dark and paper. A tall drawing can be cut into several, each with
the axis of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from xml.etree import ElementTree as ET  # the text comes from our own library call

_TRANSLATE = re.compile(r"translate\(\s*([-\d.eE]+)\s*[, ]\s*([-\d.eE]+)\s*\)")
_PATH_PART = re.compile(r"([MLHVAZhv])([^MLHVAZhv]*)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_STROKE = ("stroke", "stroke-width", "stroke-dasharray")
_LINE = 12.5
_BASELINE = 4.0
# Every drawing is as wide as a narrow phone, and stands beside others where there is room. The axis needs its line.
WIDTH = 370
AXIS = 22.0

Style = tuple[tuple[str, str], ...]
Command = tuple[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of words and where they stand in a drawing, in pixels; ``anchor`` says which end is there.

    A thin line leads to words that had to move away from what they name: from ``leader`` (x and y).
    """

    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str = "end"
    leader: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """How a chart of rows is laid out: where the first row begins, how high each is, how many there are."""

    top: float
    step: float
    rows: int

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.top + self.step * self.rows


@dataclass(frozen=True, slots=True)
class _Shape:
    """A path of absolute places, and how it is painted."""

    style: Style
    commands: tuple[Command, ...]

    def ends(self) -> tuple[float, float]:
        """Return the lowest and the highest y."""
        ys: list[float] = []
        for command, numbers in self.commands:
            if command in "MLA":
                ys.append(numbers[-1])
            elif command == "V":
                ys.append(numbers[0])
            elif command == "v":
                ys.append(ys[-1] + numbers[0])
        return min(ys), max(ys)

    def down(self, by: float) -> _Shape:
        """Return the shape moved down."""
        return _Shape(
            self.style, tuple((command, _moved(command, numbers, 0.0, by)) for command, numbers in self.commands)
        )

    def shorter(self, height: float, top: float) -> _Shape:
        """Return a vertical line as high as a part of the drawing."""
        return _Shape(self.style, (("M", (self.commands[0][1][0], top)), ("v", (height,))))


@dataclass(frozen=True, slots=True)
class _Words:
    """A piece of text and where it stands."""

    x: float
    y: float
    style: Style
    text: str


def slim(svg: str, label: str, names: Sequence[Place], height: float) -> str:
    """Return a drawing as a small ``<svg>`` element with ``label`` as its text alternative.

    ``names`` are set at their places.
    """
    return _written(height, _read(svg), label, (), names)


def cut(
    svg: str, labels: Sequence[str], words: Sequence[str], names: Sequence[Sequence[Place]], frame: Frame
) -> list[str]:
    """Return a chart of rows as several: one for each of ``names`` (its rows), below each other in the drawing.

    Lines over the whole height and what stands below the rows belong to every part.
    """
    found = _read(svg)
    parts, first = [], 0
    for label, own in zip(labels, names, strict=True):
        start, stop = frame.top + frame.step * first, frame.top + frame.step * (first + len(own))
        height = frame.top + (stop - start) + AXIS
        part = list(_part(found, start, stop, frame))
        parts.append(_written(height, part, label, words, own))
        first += len(own)
    return parts


def _part(found: Iterable[_Shape | _Words], start: float, stop: float, frame: Frame) -> Iterator[_Shape | _Words]:
    up = start - frame.top
    for one in found:
        if isinstance(one, _Words):
            if one.y > frame.bottom:
                yield replace(one, y=one.y - frame.bottom + frame.top + stop - start)
            elif start <= one.y < stop:
                yield replace(one, y=one.y - up)
            continue
        low, high = one.ends()
        # A tick fills its row; what is higher than that runs through all rows.
        if high - low > frame.step + 1 or (frame.rows == 1 and high - low > frame.step - 1 and len(one.commands) == 2):
            yield one.shorter(stop - start, frame.top)
        elif start <= (low + high) / 2 < stop:
            yield one.down(-up)


def _read(svg: str) -> list[_Shape | _Words]:
    return list(_flat(ET.fromstring(svg), 0.0, 0.0))  # noqa: S314


def _flat(node: ET.Element, x: float, y: float) -> Iterator[_Shape | _Words]:
    """Yield everything that is painted, in painting order, at its absolute place."""
    moved = _TRANSLATE.search(node.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    kind = node.tag.rpartition("}")[2]
    if kind == "line" and node.get("stroke"):
        dx, dy = float(node.get("x2", "0")), float(node.get("y2", "0"))
        end: Command = ("v", (dy,)) if dx == 0 else ("h", (dx,)) if dy == 0 else ("L", (x + dx, y + dy))
        yield _Shape(_style(node, _STROKE), (("M", (x, y)), end))
    elif kind == "path":
        fill, stroke = node.get("fill"), node.get("stroke")
        if node.get("d") and node.get("display") != "none" and (fill or stroke):
            style = _style(node, (*(("fill",) if fill else ()), *(_STROKE if stroke else ())))
            yield _Shape(style, _commands(node.get("d", ""), x, y))
    elif kind == "text":
        yield _Words(x, y, _style(node, ("text-anchor", "fill")), node.text or "")
    for child in node:
        yield from _flat(child, x, y)


def _style(node: ET.Element, names: tuple[str, ...]) -> Style:
    return tuple((name, value) for name in names if (value := node.get(name)) is not None)


def _commands(path: str, x: float, y: float) -> tuple[Command, ...]:
    """Return the parts of a path (M, L, H, V, A, Z, h, v) with its absolute places moved."""
    return tuple(
        (command, _moved(command, tuple(float(number) for number in _NUMBER.findall(tail)), x, y))
        for command, tail in _PATH_PART.findall(path)
    )


def _moved(command: str, numbers: tuple[float, ...], x: float, y: float) -> tuple[float, ...]:
    if command in "MLA":
        size = 7 if command == "A" else 2
        steps = {size - 2: x, size - 1: y}
        return tuple(number + steps.get(at % size, 0.0) for at, number in enumerate(numbers))
    return tuple(number + (x if command == "H" else y if command == "V" else 0.0) for number in numbers)


def _written(
    height: float, found: Sequence[_Shape | _Words], label: str, words: Sequence[str], names: Sequence[Place]
) -> str:
    parts = "".join([*_paths(found), *_texts(found, words), *_leaders(names), *_names(names)])
    size = f'viewBox="0 0 {WIDTH} {_short(height)}" width="{WIDTH}" height="{_short(height)}"'
    return f'<svg {size} fill="none" role="img" aria-label="{escape(label)}">{parts}</svg>'


def _paths(found: Sequence[_Shape | _Words]) -> Iterator[str]:
    """Yield one path element for each run of shapes of one style."""
    shapes = [one for one in found if isinstance(one, _Shape)]
    start = 0
    for at in range(1, len(shapes) + 1):
        if at == len(shapes) or shapes[at].style != shapes[start].style:
            style = "".join(f' {name}="{escape(value)}"' for name, value in shapes[start].style)
            yield f'<path{style} d="{"".join(_path(shape) for shape in shapes[start:at])}"/>'
            start = at


def _path(shape: _Shape) -> str:
    """Return the path in steps from place to place, which take fewer letters than places do."""
    text, x, y, last = "", 0.0, 0.0, ""
    for command, numbers in shape.commands:
        step, written = numbers, command
        if command in "LA":
            # Steps between rounded places, so that rounding does not add up.
            step = (*numbers[:-2], round(numbers[-2], 1) - round(x, 1), round(numbers[-1], 1) - round(y, 1))
            written = command.lower()
        elif command == "Z":
            written = "z"
        text += (" " if written == last and written != "z" else written) + " ".join(_short(n) for n in step)
        last = written
        if command in "MLA":
            x, y = numbers[-2:]
        elif command in "Hh":
            x = numbers[0] + (x if command == "h" else 0.0)
        elif command in "Vv":
            y = numbers[0] + (y if command == "v" else 0.0)
    return text.replace(" -", "-")


def _texts(found: Sequence[_Shape | _Words], words: Sequence[str]) -> Iterator[str]:
    """Yield the texts, those of one style in one group."""
    texts = [one for one in found if isinstance(one, _Words) and one.text]
    start = 0
    for at in range(1, len(texts) + 1):
        if at == len(texts) or texts[at].style != texts[start].style:
            style = "".join(f' {name}="{escape(value)}"' for name, value in texts[start].style)
            yield f"<g{style}>{''.join(_text(one, words) for one in texts[start:at])}</g>"
            start = at


def _text(one: _Words, words: Sequence[str]) -> str:
    text = words[int(one.text[1:])] if re.fullmatch(r"~\d+", one.text) else one.text
    return f'<text x="{_short(one.x)}" y="{_short(one.y)}">{escape(text, quote=False)}</text>'


def _leaders(names: Sequence[Place]) -> Iterator[str]:
    """Yield the lines that lead to names, as one path."""
    drawn = "".join(
        f"M{_short(one.leader[0])} {_short(one.leader[1])}L{_short(one.x - _BASELINE)} {_short(one.y)}"
        for one in names
        if one.leader is not None
    )
    if drawn:
        yield f'<path stroke="var(--interval)" stroke-width="0.75" d="{drawn}"/>'


def _names(names: Sequence[Place]) -> Iterator[str]:
    """Yield the names, in groups of one anchor."""
    for anchor in ("end", "start"):
        own = "".join(_name(one) for one in names if one.anchor == anchor)
        if own:
            yield f'<g class="names" text-anchor="{anchor}">{own}</g>'


def _name(one: Place) -> str:
    y = one.y + _BASELINE - (_LINE / 2) * (len(one.lines) - 1)
    return "".join(
        f'<text x="{_short(one.x)}" y="{_short(y + _LINE * number)}">{escape(line, quote=False)}</text>'
        for number, line in enumerate(one.lines)
    )


def _short(number: float) -> str:
    """Return a number with one decimal at most: a tenth of a pixel cannot be seen."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
