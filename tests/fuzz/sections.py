"""Several files as one: each begins behind a line `%% NAME`. That is how a folder is one input."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

_HEAD = re.compile(rb"^%% ([A-Za-z0-9_.@-]+)\n", re.MULTILINE)


def joined(files: Mapping[str, bytes | str]) -> bytes:
    """Return the files as one."""
    parts = ((name, text.encode() if isinstance(text, str) else text) for name, text in files.items())
    return b"".join(b"%% " + name.encode() + b"\n" + content for name, content in parts)


def split(content: bytes) -> list[tuple[str, bytes]]:
    """Return the files, in order; one without a name when nothing says where a file begins."""
    heads = list(_HEAD.finditer(content))
    if not heads or heads[0].start():
        return [("", content)]
    ends = [*(head.start() for head in heads[1:]), len(content)]
    return [(head[1].decode(), content[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def write(content: bytes, folder: Path, names: Collection[str], other: str) -> None:
    """Write the files whose names are known below a folder; what has no known name goes to the file ``other``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in split(content):
        (folder / (name if name in names else other)).write_bytes(part)
