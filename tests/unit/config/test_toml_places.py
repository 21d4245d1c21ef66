"""Every key and value of a TOML text is found where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vbpmeasure.config.toml_places import KeyPath, nearest, places
from vbpmeasure.diagnostics.model import Span

TEXT = """\
# a comment with [brackets] = "and more"
top = 1
[run]
data = "in # no comment"   # a comment
"quoted.key" = 'it'
by = [
  "race", # one
  "sex",
]
[tables.medical_claim]
columns = { claim_id = "CLM", person_id = {a = 1} }
values.gender."F" = "female"
[[tables.medical_claim.sources]]
path = "a"
[[tables.medical_claim.sources]]
path = '''b
c'''
[tables.medical_claim.sources.dates]
paid_date = "%Y"
"""


def at(line: int, column: int, end: int) -> Span:
    return Span("x.toml", line, column, line, end)


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), at(2, 1, 4), at(2, 7, 8)),
        (("run",), at(3, 2, 5), at(3, 2, 5)),
        (("run", "data"), at(4, 1, 5), at(4, 8, 25)),
        (("run", "quoted.key"), at(5, 1, 13), at(5, 16, 20)),
        (("run", "by", 1), at(8, 3, 8), at(8, 3, 8)),
        (("tables",), at(10, 2, 8), at(10, 2, 8)),
        (("tables", "medical_claim", "columns", "claim_id"), at(11, 13, 21), at(11, 24, 29)),
        (("tables", "medical_claim", "columns", "person_id", "a"), at(11, 44, 45), at(11, 48, 49)),
        (("tables", "medical_claim", "values", "gender", "F"), at(12, 15, 18), at(12, 21, 29)),
        (("tables", "medical_claim", "sources", 0, "path"), at(14, 1, 5), at(14, 8, 11)),
        (("tables", "medical_claim", "sources", 1, "path"), at(16, 1, 5), Span("x.toml", 16, 8, 17, 5)),
        (("tables", "medical_claim", "sources", 1, "dates", "paid_date"), at(19, 1, 10), at(19, 13, 17)),
    ],
)
def test_the_place_of_a_key_and_its_value(path: KeyPath, key: Span, value: Span) -> None:
    found = places(TEXT, "x.toml")[path]
    assert found.key == key
    assert found.value == value


def test_windows_line_ends_and_an_empty_file() -> None:
    found = places('[run]\r\nyear = 2025\r\ndata = "x"\r\n', "x.toml")
    assert found["run", "data"].value == at(3, 8, 11)
    assert found["run", "year"].value == at(2, 8, 12)
    assert places("", "x.toml") == {}
    assert places("# only words", "x.toml") == {}


def test_what_has_no_place_has_that_of_the_table_around_it() -> None:
    found = places(TEXT, "x.toml")
    place = nearest(found, ("run", "year"))
    assert place is not None
    assert place.key == at(3, 2, 5)
    assert nearest(found, ("validate", "x")) is None


def paths_of(value: Any, here: KeyPath = ()) -> Iterator[KeyPath]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*here, key)
        yield from paths_of(one, (*here, key))


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6)
VALUES = st.recursive(
    st.one_of(
        st.integers(-5, 5).map(str),
        st.sampled_from(["true", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "1.5e3", "inf", "0x1F"]),
        WORDS.map(lambda t: '"' + t.replace("\\", "\\\\").replace('"', '\\"') + '"'),
        WORDS.map(lambda t: '"""\n' + t.replace("\\", "\\\\").replace('"', '\\"') + '"""'),
        WORDS.map(lambda t: "'" + t.replace("'", "") + "'"),
        st.sampled_from(["''''quoted' '''", '"""a""b"""', "'''\n#['''"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[ " + ",\n # x\n".join(items) + " ]"),
        st.lists(inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"k{i} = {item}" for i, item in enumerate(items)) + "}"
        ),
    ),
    max_leaves=6,
)
HEADERS = st.sampled_from(["[a]", "[a.b]", "[[c]]", "[c.d]", '["e f"]', "[[c.x]]", "[ g . 'h' ]", ""])


@given(st.lists(st.tuples(HEADERS, st.lists(VALUES, max_size=3)), max_size=6))
def test_every_path_that_the_standard_library_reads_has_a_place(parts: list[tuple[str, list[str]]]) -> None:
    lines = []
    for header, values in parts:
        lines.append(header)
        lines += [f"v{i} = {value}  # = [" for i, value in enumerate(values)]
    text = "\n".join(lines)
    try:
        values_read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = places(text, "x.toml")
    assert set(found) == set(paths_of(values_read))
