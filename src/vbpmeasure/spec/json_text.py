"""JSON that anybody may have written, read as strictly as it is defined.

The standard library reads more than JSON has (NaN, halves of characters, numbers of any length) and nests as deep as
the stack allows: such values come in quietly, and break whatever writes them out again.
"""

from __future__ import annotations

from typing import Any

import orjson

# A manifest of ours has five levels; a list of codes in groups of groups has some more.
MOST_LEVELS = 100


def read_json(content: bytes) -> Any:
    """Return the value that some bytes are, as plain dicts, lists, texts and numbers.

    Raises `ValueError` for everything that is no JSON in UTF-8 (with a mark or without), and for nesting deeper than
    100 levels.
    """
    found = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    level, levels = [found], 0
    while level:
        levels += 1
        if levels > MOST_LEVELS:
            raise ValueError("nested too deep")
        level = [inside for one in level for inside in _inside(one)]
    return found


def _inside(value: Any) -> list[Any]:
    """Return the collections in a collection."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, (dict, list))]
