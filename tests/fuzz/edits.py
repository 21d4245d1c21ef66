"""Changes of a file that keep most of it: as plain numbers, so that both drivers can draw them and hypothesis shrink.

Bytes drawn at random are refused at the first door. A seed with a few hostile changes comes further.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml

from fuzz.sections import joined, split

MOST_BYTES = 200_000

# Each was somebody's bug: numbers that do not fit, texts that are no text, dates that are none, syntax of the formats.
HOSTILE: tuple[bytes, ...] = (
    b"",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xff",
    b"\xed\xa0\x80",
    rb"\ud800",
    rb"\u0000",
    "\u2028".encode(),
    "\u202e".encode(),
    "\x85".encode(),
    b"\x0b",
    b"\x0c",
    b"\x1c",
    "²".encode(),
    "٣".encode(),
    "ß".encode(),
    "\U0001f9d2".encode(),
    b"\r",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"\t",
    b"'",
    b'"',
    b'"""',
    b"`",
    b"\\",
    b"|",
    b">",
    b"%",
    b"#",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b";",
    b":",
    b"- ",
    b"? ",
    b"---\n",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!python/object/apply:os.system [x]",
    b"!!binary ",
    b"null",
    b"true",
    b"~",
    b"NaN",
    b"-Infinity",
    b"inf",
    b"nan",
    b"1e999",
    b"-1",
    b"-0.0",
    b"0",
    b"1e-400",
    b"0x10",
    b"1_000",
    b"9" * 25,
    b"9" * 5000,
    b"1" + b"0" * 400,
    b"0." + b"1" * 2000,
    b"18446744073709551616",
    b"2147483648",
    b"0000-00-00",
    b"0001-01-01",
    b"9999-12-31",
    b"10000-01-01",
    b"2025-02-29",
    b"2024-02-29",
    b"1582-10-10",
    b"2025-01-01T25:61:61+99:99",
    b"2025-13",
    b"2025",
    b"0000",
    b"-2025-01-01",
    b"2025-01-01T00:00:00.0000000000000000001-14:00",
    b"..",
    b"../../../etc/passwd",
    b"/etc/passwd",
    b".",
    b"a/b",
    b"x" * 300,
    b"x" * 150_000,
    b"((" * 500,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"=1+1",
    b"$(x)",
    b"{{x}}",
    b"s3://x/y",
    b"env:HOME",
)

# What stands in the place of a value in a tree.
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    10**25,
    10**400,
    0.5,
    -1.5,
    1e308,
    float("inf"),
    float("nan"),
    "",
    " ",
    "\0",
    "\ud800",
    "²",
    "٣",
    "\u2028",
    "\u202e",
    "x" * 10_000,
    "9" * 5000,
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "2025-02-29",
    "2025",
    "../../etc/passwd",
    "a\nb",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"": None},
    {"a": {}},
    [0] * 1000,
)

Change = Callable[[bytes, int, int, Sequence[bytes], Sequence[bytes]], bytes]
Edit = tuple[int, int, int]  # which change, and two numbers that say where and what

_TOKEN = re.compile(rb"[A-Za-z0-9_.:+/-]+|\"[^\"\n]*\"")


def edited(content: bytes, edits: Sequence[Edit], kind: str, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return the content after the edits, one after the other."""
    every = (*HOSTILE, *words)
    for which, a, b in edits:
        files = split(content)
        if files[0][0] and which % 8:  # one file of several; now and then the whole
            at = a % len(files)
            name, part = files[at]
            new = _changes(name.rpartition(".")[2])[which % 18](part, a // len(files), b, seeds, every)
            content = joined(dict([*files[:at], (name, new), *files[at + 1 :]]))
        else:
            content = _changes(kind)[which % 18](content, a, b, seeds, every)
        content = content[:MOST_BYTES]
    return content


def _changes(kind: str) -> tuple[Change, ...]:
    return (*_BYTES, *((_TREES[kind],) * 4 if kind in _TREES else (_token, _line, _insert, _flip)))


def _insert(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = a % (len(content) + 1)
    return content[:at] + words[b % len(words)] + content[at:]


def _delete(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = a % (len(content) + 1)
    return content[:at] + content[at + 1 + b % 40 :]


def _cut(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    return content[: a % (len(content) + 1)]


def _flip(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    if not content:
        return content
    at = a % len(content)
    return content[:at] + bytes([b % 256]) + content[at + 1 :]


def _token(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Put a hostile word, or another word of the file, in the place of one."""
    found = list(_TOKEN.finditer(content))
    if not found:
        return content
    one = found[a % len(found)]
    choice = b % (2 * len(words))
    new = words[choice] if choice < len(words) else found[b % len(found)].group()
    quoted = one.group().startswith(b'"') and b % 3
    return content[: one.start()] + (b'"' + new.strip(b'"') + b'"' if quoted else new) + content[one.end() :]


def _line(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Remove a line, write it again somewhere else, or often."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at, to = a % len(lines), b % len(lines)
    match b % 4:
        case 0:
            lines.pop(at)
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines[at], lines[to] = lines[to], lines[at]
        case _:
            lines[at] *= min(3000, MOST_BYTES // max(1, len(lines[at])))
    return b"".join(lines)


def _splice(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Go on with another seed from some line on."""
    mine, other = content.splitlines(keepends=True), seeds[b % len(seeds)].splitlines(keepends=True)
    return b"".join(mine[: a % (len(mine) + 1)] + other[(b // 7) % (len(other) + 1) :])


def _repeat(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = a % (len(content) + 1)
    piece = content[at : at + 1 + b % 12]
    return content[:at] + piece * (b % 4000) + content[at:]


def _encode(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    match a % 5:
        case 0:
            return content.decode("utf-8", "replace").encode("utf-16")
        case 1:
            return content.replace(b"\n", b"\r\n")
        case 2:
            return content.replace(b"\n", b"\r")
        case 3:
            return b"\xef\xbb\xbf" + content
        case _:
            packed = gzip.compress(content, 1, mtime=0)
            return packed if b % 2 else packed[: b % len(packed)]


_BYTES: tuple[Change, ...] = (
    _insert,
    _insert,
    _delete,
    _cut,
    _flip,
    _token,
    _token,
    _token,
    _token,
    _line,
    _line,
    _splice,
    _repeat,
    _encode,
)


# --- trees -------------------------------------------------------------------------------------------------------


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a tree as the collection around it and the key or position in it."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            yield one, key
            waiting.append(one[key])


def _change(tree: Any, a: int, b: int) -> Any:
    root = [tree]
    places = list(_places(root))
    around, key = places[a % len(places)]
    other, other_key = places[b % len(places)]
    match b % 8:
        case 0 | 1 | 2:
            around[key] = VALUES[(b // 8) % len(VALUES)]
        case 3:
            around[key] = json.loads(json.dumps(other[other_key]))
        case 4 if around is not root:
            del around[key]
        case 5:
            for _ in range((2, 40, 1100, 3000)[(b // 8) % 4]):
                around[key] = [around[key]] if b % 3 else {"contains": [around[key]]}
        case 6 if isinstance(around, dict):
            around[("", "id", "x", "²", "a.b", "<<", "\0")[(b // 8) % 7]] = around[key]
        case _ if isinstance(around, list) and around is not root:
            around.extend([around[key]] * ((b // 8) % 300))
    return root[0]


def _json_tree(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Change the tree of one line that is JSON, or of the whole."""
    lines = content.split(b"\n")
    whole = len(lines) == 1 or not lines[0].rstrip().endswith(b"}")
    at = 0 if whole else a % len(lines)
    try:
        tree = json.loads(content if whole else lines[at])
        new = json.dumps(_change(tree, a // 3, b), ensure_ascii=bool(b % 2)).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError, IndexError):
        return _token(content, a, b, seeds, words)
    if whole:
        return new
    lines[at] = new
    return b"\n".join(lines)


def _yaml_tree(content: bytes, a: int, b: int, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Change the tree of a YAML file and write it as flow style, which is faster and as good."""
    if len(content) > 30_000:
        return _token(content, a, b, seeds, words)
    try:
        tree = yaml.load(content, Loader=yaml.CBaseLoader)  # safe: texts, lists and mappings alone
        new = json.dumps(_change(tree, a, b), ensure_ascii=bool(b % 2)).encode("utf-8", "surrogatepass")
    except (yaml.YAMLError, ValueError, RecursionError, IndexError, TypeError):
        return _token(content, a, b, seeds, words)
    return new


_TREES: dict[str, Change] = {"json": _json_tree, "ndjson": _json_tree, "yaml": _yaml_tree}
