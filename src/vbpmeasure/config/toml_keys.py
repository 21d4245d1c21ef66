"""How TOML writes keys and strings, and whether a key has so many parts that reading it takes too long."""

from __future__ import annotations

import re

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# Multi-line basic and literal, then basic and literal. What is never closed goes on to the end of the text or of the
# line: the look at hostile text stays linear, and valid text has none of it.
STRINGS = (
    re.compile(r'"""(?s:[^\\]|\\.)*?(?:"{3,5}|\\?\Z)'),
    re.compile(r"'''(?s:.)*?(?:'{3,5}|\Z)"),
    re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"?'),
    re.compile(r"'[^'\n]*'?"),
)

# `tomllib` needs time with the square of the parts; no table of a configuration is near so deep.
MOST_PARTS = 100
_PART = re.compile("|".join(pattern.pattern for pattern in (BARE_KEY, *STRINGS[2:])))
# Comments and multi-line strings come first, for three quotes are no empty key.
_KEY = re.compile(
    rf"#.*|{STRINGS[0].pattern}|{STRINGS[1].pattern}"
    rf"|((?:{_PART.pattern})(?:[ \t]*\.[ \t]*(?:{_PART.pattern})){{0,{MOST_PARTS}}})"
)


def has_long_key(text: str) -> bool:
    """Tell whether a dotted key has more than `MOST_PARTS` parts; dots in strings and in comments are no part of one.

    Takes any text, valid or not, in time with its length. Of text that is not valid it sees every key that `tomllib`
    comes to read before it stops, and maybe later ones.
    """
    return any(len(_PART.findall(key[1] or "")) > MOST_PARTS for key in _KEY.finditer(text))
