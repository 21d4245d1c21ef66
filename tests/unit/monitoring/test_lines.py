"""Log lines have keys of a closed list, which the documentation names, and one line each."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import vbpmeasure
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.monitoring.lines import KEYS, json_line, text_line

ROOT = Path(__file__).resolve().parents[3]
HEAD = {"time": "2026-01-31T02:00:00.000Z", "level": "info", "run": "7f2d6f3e-2b1c", "event": "remark"}


@pytest.mark.parametrize("line", [json_line, text_line])
def test_other_keys_are_refused(line) -> None:
    with pytest.raises(ValueError, match="person_id"):
        line({**HEAD, "person_id": "1"})


def test_a_text_can_not_make_a_second_line() -> None:
    record = {**HEAD, "message": 'two\nlines "quoted" \u2028 \x1b[31m'}
    assert len(json_line(record).splitlines()) == 1
    assert json.loads(json_line(record)) == record
    assert text_line(record).isprintable()
    assert text_line({**HEAD, "seconds": 0.5}) == "2026-01-31T02:00:00.000Z INFO    7f2d6f3e remark seconds=0.5"


def test_the_documentation_names_every_key() -> None:
    page = (ROOT / "docs" / "nightly.md").read_text(encoding="utf-8")
    assert [line for key, words in KEYS.items() if (line := f"| `{key}` | {words} |") not in page] == []


def test_stages_are_timed_by_the_clock_that_is_given() -> None:
    now = iter([0.0, 1.0, 3.5, 3.5, 4.0, 9.0])
    told = []
    journal = Journal(lambda event, facts: told.append((event, dict(facts))), lambda: next(now))
    journal.stage("inputs")
    journal.stage("engine")
    journal.end()
    journal.end()
    assert told == [
        ("stage", {"stage": "inputs", "seconds": 2.5}),
        ("stage", {"stage": "engine", "seconds": 0.5}),
    ]
    assert journal.seconds == 9.0
    journal.count(people=None, rows=3)
    assert told[-1] == ("counts", {"rows": 3})


def test_a_stage_that_comes_again_adds_up_and_counts_stay() -> None:
    now = iter([0.0, 1.0, 2.0, 4.5, 4.5, 5.0, 7.0])
    journal = Journal(clock=lambda: next(now), began=-3.0)
    assert journal.seconds == 3.0
    for name in ("inputs", "engine", "inputs"):
        journal.stage(name)
    journal.end()
    assert journal.stages == {"inputs": 3.0, "engine": 0.0}
    journal.count(rows=3)
    journal.count(people=5, rows=None)
    assert journal.counts == {"rows": 3, "people": 5}


@pytest.mark.parametrize(
    ("value", "word"),
    [(">= 40", '">= 40"'), ("a=b", '"a=b"'), ('a"b', '"a\\"b"'), ("a b", '"a b"'), ("", '""'), ("a-b", "a-b")],
)
def test_a_value_that_could_be_read_as_two_is_quoted(value: str, word: str) -> None:
    assert text_line({**HEAD, "value": value}).endswith(f" remark value={word}")


def test_only_words_depend_on_the_clock() -> None:
    """Nobody else asks what time it is: the lock says since when, and machines are told when."""
    root = Path(vbpmeasure.__file__).parent
    asking = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node)
        in {"dt.datetime.now", "dt.date.today", "dt.datetime.today", "dt.datetime.utcnow", "time.time", "time.time_ns"}
    }
    assert asking == {"cli/screen/log.py", "disk/lock.py", "commands/watching.py"}
