"""A dotted key has a hundred parts at the most; dots in strings and in comments are as many as they like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vbpmeasure.config.document import read_toml
from vbpmeasure.config.toml_keys import has_long_key
from vbpmeasure.diagnostics.model import Failure

SENTENCES = "A b. " * 300
DOTS = "a." * 300 + "a"


def key(parts: int, *, dot: str = ".", last: str = "a") -> str:
    return dot.join([*["a"] * (parts - 1), last])


def read(folder: Path, text: str) -> Any:
    path = folder / "vbpmeasure.toml"
    path.write_text(text, encoding="utf-8")
    return read_toml(path).values


# Each takes a key of some parts; the value at the end of it is 1.
KEYS = {
    "before an equals sign": "{} = 1",
    "at the end of a file": "x = 2\n\n  {}=1",
    "behind a value": 'x = "a.b" # c\n{} = 1',
    "behind a string over lines": 'x = """\n"a" \\""" b"""\n{} = 1',
    "behind quotes at the end of a literal": "x = '''a'''''\n{} = 1",
    "behind a string that ends in a backslash": "x = 'c:\\'\n{} = 1",
    "behind an escaped backslash": 'x = "c:\\\\"\n{} = 1',
    "behind an escaped quote": 'x = "a\\" # b"\n{} = 1',
    "behind an empty string": "x = \"\"\ny = ''\nz = [\"\", '']\n{} = 1",
    "behind a comment with a quote": '# don\'t """\n{} = 1',
    "behind a hash in a string": 'x = "#"\n{} = 1',
}
WAYS = {
    "bare": {},
    "with blanks around the dots": {"dot": " \t. "},
    "with a quoted part": {"last": '"b"'},
    "with dots in a quoted part": {"last": '"b.c.d"'},
    "with quotes, blanks and dots in a literal part": {"last": "'\". #'"},
    "with escapes in a quoted part": {"last": '"\\"\\u002e.\\\\"'},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", KEYS)
def test_a_key_of_a_hundred_parts_is_read_and_no_longer_one(tmp_path: Path, where: str, way: str) -> None:
    at_most, too_long = (KEYS[where].format(key(parts, **WAYS[way])) for parts in (100, 101))
    found = read(tmp_path, at_most)
    for _ in range(99):
        found = found["a"]
    assert list(found.values()) == [1]
    with pytest.raises(Failure, match="nested too deep") as caught:
        read(tmp_path, too_long)
    assert [d.code for d in caught.value.diagnostics] == ["VBM120"]


@pytest.mark.parametrize(
    "text",
    [
        "[{}]",
        "[ {} ]",
        "[[{}]]",
        "x = {{ {} = 1 }}",
        "x = {{b = 'c.d', {} = 1}}",
        "x = [ {{{} = 1}},\n # e\n {{ f = 2 }} ]",
        "[a]\nx = {{ y = {{ {} = 1 }} }}",
    ],
)
def test_headers_and_inline_tables_too(tmp_path: Path, text: str) -> None:
    read(tmp_path, text.format(key(100)))
    with pytest.raises(Failure, match="nested too deep"):
        read(tmp_path, text.format(key(101)))


@pytest.mark.parametrize(
    "text",
    [
        f'x = "{SENTENCES}"',
        f"x = '{SENTENCES}'",
        f'x = "{DOTS}"',
        f"x = '{DOTS}'",
        f'x = """{DOTS}"""',
        f"x = '''{DOTS}'''",
        f'x = """\n[{DOTS}]\n{DOTS} = 1\n"{DOTS}" \\"""{DOTS}\n\\\\"""',
        f"x = '''\n[[{DOTS}]]\n{{{DOTS} = 1}} '' \\{DOTS}\n'''''",
        f'x = "\\"{DOTS} = {{[\\\\"',
        f"x = ['{DOTS}', \"{DOTS}\", '''{DOTS}''']",
        f'"{DOTS}" = 1',
        f"['{DOTS}']\ny = {{ \"{DOTS}\" = 1 }}",
        f"# {DOTS} = 1\nx = 1",
        f"x = 1 # {DOTS}",
        f"x = [ # '{DOTS}\n 1.5, # {DOTS}\n]",
        "x = [" + "1.5, " * 200 + "]",
        "a.b = 1\n" + "\n".join(f"a.c{n} = 1" for n in range(200)),
    ],
)
def test_dots_of_no_key_are_read(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text)


def test_what_is_read_is_the_text_itself(tmp_path: Path) -> None:
    found = read(tmp_path, f'[run]\nby = "{SENTENCES}"\nat = """\n{DOTS} = 1"""')
    assert found == {"run": {"by": SENTENCES, "at": f"{DOTS} = 1"}}


def test_a_key_that_nothing_follows_is_refused_as_well(tmp_path: Path) -> None:
    # The library reads the whole key before it misses the rest.
    with pytest.raises(Failure, match="nested too deep"):
        read(tmp_path, key(101))
    with pytest.raises(Failure, match="no valid TOML"):
        read(tmp_path, key(100))


@pytest.mark.parametrize(
    "text",
    ['\\"""\n' * 200_000, '\\"' * 500_000, '"' * 999_999, "a" * 1_000_000, "a " * 500_000, (key(100) + "\n") * 5000],
    ids=["multi-line strings", "strings", "quotes", "one word", "words", "keys"],
)
def test_no_text_is_looked_at_again_and_again(text: str) -> None:
    # A look at the rest of the text from each of its places would take hours, not a second.
    assert not has_long_key(text)
