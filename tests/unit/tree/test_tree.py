"""The spanned YAML tree: everything is text with a place, and whatever is dangerous or ambiguous is refused."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vbpmeasure.diagnostics import Failure, Span
from vbpmeasure.spec import tree
from vbpmeasure.spec.tree import ListNode, MapNode, TextNode, attach_source_lines, parse_yaml, read_yaml

SHIPPED = sorted((Path(__file__).parents[3] / "measures").rglob("*.yaml"))


def refused(text):
    with pytest.raises(Failure) as caught:
        parse_yaml(text, "f.yaml")
    return caught.value.diagnostics


def codes(text):
    return [d.code for d in refused(text)]


def test_every_scalar_is_text():
    plain = parse_yaml("a: 08\nb: no\nc: 250.00\nd: 12:30:45\ne: ~\nf: null\ng:\nh: ''\ni: 1_000\n", "f").to_plain()
    assert plain == {
        "a": "08",
        "b": "no",
        "c": "250.00",
        "d": "12:30:45",
        "e": "~",
        "f": "null",
        "g": "",
        "h": "",
        "i": "1_000",
    }


def test_spans_count_from_one_and_end_exclusively():
    root = parse_yaml("a: 1\nlist:\n  - x\n  - {k: value}\n\nlast: z\n", "f.yaml")
    assert isinstance(root, MapNode)
    assert root.get("a").span == Span("f.yaml", 1, 4, 1, 5)
    entry = root.entry("list")
    assert entry.key.span == Span("f.yaml", 2, 1, 2, 5)
    assert isinstance(entry.value, ListNode)
    # A block list ends with its last item, not at the next token on line 6.
    assert entry.value.span == Span("f.yaml", 3, 3, 4, 15)
    assert entry.value.items[1].get("k").span == Span("f.yaml", 4, 9, 4, 14)
    assert root.get("nothing") is None
    assert root.keys() == ("a", "list", "last")


def test_an_empty_value_has_a_place():
    root = parse_yaml("key:\n", "f")
    assert root.get("key") == TextNode("", Span("f", 1, 5, 1, 5))


def test_unicode_columns_count_characters():
    assert parse_yaml("größe: é x\n", "f").get("größe").span == Span("f", 1, 8, 1, 11)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: \x00\n", "VBM104", 1, 4),
        ("a: 1\n\tb: 2\n", "VBM105", 2, 1),
        ("a: 1\tx\n", "VBM105", 1, 5),
        ("a: [1, 2\n", "VBM107", 2, 1),
        ("a: b: c\n", "VBM107", 1, 5),
        ("a: @x\n", "VBM107", 1, 4),
        ("a: 1\n---\nb: 2\n", "VBM108", 2, 1),
        ("a: &x 1\n", "VBM109", 1, 4),
        ("a: {b: &x [1]}\n", "VBM109", 1, 8),
        ("a: !!python/object/apply:os.system [ls]\n", "VBM110", 1, 4),
        ("a: !!str 1\n", "VBM110", 1, 4),
        ("a: !mine 1\n", "VBM110", 1, 4),
        ("a: {<<: {b: 1}}\n", "VBM111", 1, 5),
        ("a: 1\nb: 2\na: 3\n", "VBM112", 3, 1),
        ("a: {x: 1, x: 1}\n", "VBM112", 1, 11),
        ("? [a, b]\n: 1\n", "VBM113", 1, 3),
        ("{a: 1, {b: c}: 2}\n", "VBM113", 1, 8),
        ("'': 1\n", "VBM113", 1, 1),
    ],
)
def test_refused_at_its_place(text, code, line, column):
    (found,) = refused(text)
    assert (found.code, found.span.line, found.span.column) == (code, line, column)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "--- ''\n"])
def test_empty(text):
    assert codes(text) == ["VBM106"]


def test_all_findings_come_at_once_in_the_order_of_the_file():
    text = "a: &x 1\nb: !!int 2\nb: 3\nc: *x\n<<: {}\n"
    assert codes(text) == ["VBM109", "VBM110", "VBM112", "VBM109", "VBM111"]


def test_findings_carry_their_source_line():
    (found,) = refused("a: 1\nb: {c: 1, c: 2}  # twice\n")
    assert found.source_line == "b: {c: 1, c: 2}  # twice"


def test_findings_of_one_kind_are_limited():
    assert len(refused("".join(f"k{i}: &a{i} 1\n" for i in range(1000)))) == 20
    assert len(refused("\tx\n" * 1000)) == 20


@pytest.mark.parametrize(("opening", "code"), [("[", "VBM114"), ("{a: ", "VBM114"), ("- ", "VBM114"), ("? ", "VBM113")])
def test_3000_levels_do_not_exhaust_the_stack(opening, code):
    assert set(codes(opening * 3000)) == {code}


def test_depth_limit_is_exact():
    assert parse_yaml("[" * 32 + "]" * 32, "f").to_plain()
    assert codes("[" * 33 + "]" * 33) == ["VBM114"]


def test_node_limit_is_exact():
    # One list and its items.
    assert len(parse_yaml("[" + ",".join("x" * 49_999) + "]", "f").items) == 49_999
    assert codes("[" + ",".join("x" * 50_000) + "]") == ["VBM115"]


def test_size_limit_is_exact_and_in_bytes(tmp_path):
    file = tmp_path / "big.yaml"
    file.write_bytes(b"a: " + b"x" * (tree.MAX_BYTES - 3))
    assert len(read_yaml(file).get("a").text) == tree.MAX_BYTES - 3
    file.write_bytes(b"a: " + b"x" * (tree.MAX_BYTES - 2))
    with pytest.raises(Failure) as caught:
        read_yaml(file)
    assert [d.code for d in caught.value.diagnostics] == ["VBM103"]
    assert codes("é" * (tree.MAX_BYTES // 2 + 1)) == ["VBM103"]


def test_alias_bomb_is_refused_before_it_expands():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert set(codes(bomb)) == {"VBM109"}


def test_not_utf8_names_the_place(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: caf\u00e9\n".encode("latin-1"))
    with pytest.raises(Failure) as caught:
        read_yaml(file)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line, found.span.column) == ("VBM102", 2, 7)


def test_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_yaml(file).to_plain() == {"a": "1", "b": "2"}


@pytest.mark.parametrize("kind", ["missing", "folder", "file in a file", "NUL"])
def test_unreadable(tmp_path, kind):
    (tmp_path / "file").write_text("a: 1")
    path = {
        "missing": tmp_path / "no.yaml",
        "folder": tmp_path,
        "file in a file": tmp_path / "file" / "x.yaml",
        "NUL": tmp_path / "a\0b",
    }[kind]
    with pytest.raises(Failure) as caught:
        read_yaml(path)
    (found,) = caught.value.diagnostics
    assert found.code == "VBM101"
    assert found.where == str(path)


def test_unreadable_without_permission(tmp_path, monkeypatch):
    # The tests may run as root, to whom every file is readable.
    def denied(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "a.yaml"
    file.write_text("a: 1")
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(Failure, match="VBM101: cannot read the file: permission denied"):
        read_yaml(file)


def test_source_lines_are_attached_from_texts_or_files(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("one: 1\ntwo: 2\n")
    node = read_yaml(file).get("two")
    from vbpmeasure.diagnostics import Diagnostic

    finding = Diagnostic("VBM200", "x", span=node.span)
    elsewhere = Diagnostic("VBM200", "x", span=Span("not/there", 1, 1, 1, 1))
    assert [d.source_line for d in attach_source_lines([finding, elsewhere])] == ["two: 2", None]
    assert attach_source_lines([finding], {str(file): "\nanother text"})[0].source_line == "another text"
    past_the_end = Diagnostic("VBM200", "x", span=Span(str(file), 99, 1, 99, 1))
    assert attach_source_lines([past_the_end])[0].source_line is None


def both_parsers(text, monkeypatch):
    results = []
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        monkeypatch.setattr(tree, "_LOADER", loader)
        results.append(parse_yaml(text, "f"))
    return results


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML without its C parser")
@pytest.mark.parametrize("path", SHIPPED[::4], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_python_parser_gives_the_same_tree(path, monkeypatch):
    python, c = both_parsers(path.read_text(), monkeypatch)
    assert python == c


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML without its C parser")
def test_the_python_parser_refuses_the_same(monkeypatch):
    for text in ("[" * 3000, "a: &x 1\nb: *x\na: !!int 1\n", "a: 1\n--- \nb", "- " * 3000):
        found = []
        for loader in (yaml.SafeLoader, yaml.CSafeLoader):
            monkeypatch.setattr(tree, "_LOADER", loader)
            found.append(codes(text))
        assert found[0] == found[1]


PIECES = st.sampled_from(
    [
        *"abc01 \n\t:-?[]{},&*!|>'\"%@#~<",
        ": ",
        "\n  ",
        "- ",
        "<<: ",
        "!!python/object:x ",
        "---\n",
        "é",
        "\x07",
        "\u2028",
        "\ud800",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_gives_a_tree_or_coded_findings(text):
    found = ()
    try:
        parse_yaml(text, "f.yaml").to_plain()
    except Failure as failure:
        found = failure.diagnostics
    assert all(d.code.startswith("VBM1") and d.message for d in found)
