"""A value made beside other work is the same, wherever it was made, and what it raises is raised where it is asked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.commands import environment
from vbpmeasure.cli.process.beside import begun

ELSEWHERE = sys.platform.startswith("linux") and (os.cpu_count() or 1) > 1

BEGIN = """
import os, signal
from vbpmeasure.cli.process.beside import begun
here = os.getpid()
def process(): return os.getpid()
"""


def said(code: str) -> list[str]:
    """Return what a process says that has loaded nothing but this."""
    ran = subprocess.run(
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=True, env=environment()
    )
    assert ran.stderr == ""
    return ran.stdout.split("\n")[:-1]


@pytest.mark.skipif(not ELSEWHERE, reason="no second process here")
def test_the_value_comes_from_another_process() -> None:
    assert said("print('before'); print(begun(process)() == here)") == ["before", "False"]


def test_a_process_with_threads_makes_it_itself() -> None:
    assert said("import polars; print(begun(process)() == here)") == ["True"]


def test_plain_values_come_as_they_are() -> None:
    code = """
from vbpmeasure.plan.measures import calendar_year
value = {"a": (calendar_year(2024), None, frozenset({2, 1}))}
print(begun(lambda: value)() == value)
"""
    assert said(code) == ["True"]


def test_what_it_raises_is_raised_here() -> None:
    code = """
def refuse(): raise ValueError(os.getpid() == here)
asked = begun(refuse)
try: asked()
except ValueError as error: print(error)
"""
    assert said(code) == ["True"]


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(3)", "print(1 / 0)"])
def test_a_process_that_ends_without_a_value_is_not_missed(end: str) -> None:
    code = f"""
def frail():
    if os.getpid() != here: {end}
    return "made"
print(begun(frail)())
"""
    assert said(code) == ["made"]


def test_half_of_a_value_is_none() -> None:
    code = """
from vbpmeasure.runs.spread import codec
whole = codec.to_bytes
codec.to_bytes = lambda value: whole(value)[:-3]
print(begun(process)() == here)
"""
    assert said(code) == ["True"]


def test_a_value_that_nobody_asks_for_keeps_nobody() -> None:
    assert said("begun(process); print('left')") == ["left"]


def test_here_it_is_made_when_it_is_asked_for() -> None:
    """The process of the tests has loaded Polars."""
    made: list[int] = []
    asked = begun(lambda: made.append(1) or "value")
    assert not made
    assert asked() == "value"
    assert made == [1]
