"""Sharing what repeats: names of rows, grids and axes that stand in many charts are kept once."""

from __future__ import annotations

import re
from collections import Counter

# What charts have in common: a group of texts, or a path of the grid.
_PART = re.compile(
    r'<g class="names"[^>]*>.*?</g>|'
    r'<g text-anchor="[a-z]+" fill="var\(--soft\)">.*?</g>|'
    r'<path stroke="var\(--grid\)"[^>]*/>'
)
# How a path is painted, in the order in which `charts.slim` writes it.
_PAINT = re.compile(
    r"(?<=<path) ((?:fill|stroke)=\"[^\"]*\"(?: (?:stroke|stroke-width|stroke-dasharray)=\"[^\"]*\")*)(?= d=)"
)
_SHORTEST = 60
_CLOSING = "<!--shared-->"
_STYLES = "/*styles of charts*/"


def shared(page: str) -> str:
    """Return the page with repeated parts of charts kept once, and the paint of paths as classes of its style sheet.

    The page has a place for each: the comment ``<!--shared-->`` and, in its style, ``/*styles of charts*/``.
    """
    counted = Counter(_PART.findall(page))
    kept = [part for part, times in counted.items() if times > 1 and len(part) > _SHORTEST]
    numbers = {part: f"k{number}" for number, part in enumerate(kept)}
    page = _PART.sub(lambda found: f'<use href="#{numbers[found[0]]}"/>' if found[0] in numbers else found[0], page)
    parts = "".join(f'<g id="{number}">{part}</g>' for part, number in numbers.items())
    page = page.replace(_CLOSING, f'<svg class="kept" aria-hidden="true"><defs>{parts}</defs></svg>' if parts else "")
    paints = {paint: f"z{number}" for number, paint in enumerate(dict.fromkeys(_PAINT.findall(page)))}
    page = _PAINT.sub(lambda found: f' class="{paints[found[1]]}"', page)
    rules = "".join(f".{name}{{{_rule(paint)}}}" for paint, name in paints.items())
    return page.replace(_STYLES, rules, 1)


def _rule(paint: str) -> str:
    return ";".join(f"{name}:{value}" for name, value in re.findall(r'([a-z-]+)="([^"]*)"', paint))
