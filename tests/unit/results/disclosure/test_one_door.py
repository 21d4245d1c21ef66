"""There is one door: only the gate makes published tables, and whoever writes or prints takes nothing else."""

import ast
from pathlib import Path

import pytest

import vbpmeasure

ROOT = Path(vbpmeasure.__file__).parent
MODULES = {p.relative_to(ROOT).as_posix(): ast.parse(p.read_text()) for p in ROOT.rglob("*.py")}
TRUE_COUNTS = {"RateTable", "ResultFrame", "Amount", "Waterfall", "Partial", "Counts"}


def calls(tree: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name for n in ast.walk(tree))


def imported(tree: ast.AST) -> set[str]:
    return {alias.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for alias in n.names}


def test_the_scan_sees_the_gate() -> None:
    assert calls(MODULES["runs/steps/publishing.py"], "PublishedTable")
    assert "RateTable" in imported(MODULES["results/disclosure/published.py"])


def test_only_the_step_of_that_name_and_completeness_publish() -> None:
    makers = {name for name, tree in MODULES.items() if calls(tree, "PublishedTable")}
    assert makers == {"runs/steps/publishing.py", "results/completeness/table.py"}


def test_only_the_gate_makes_what_may_be_shown() -> None:
    makers = {name for name, tree in MODULES.items() if calls(tree, "ShownAmount")}
    assert makers == {"results/shown_amounts.py"}
    users = {name for name, tree in MODULES.items() if "shown_amounts" in imported(tree)}
    assert users == {"results/disclosure/published.py"}


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("outputs/") or n == "runs/writer.py"])
def test_no_writer_knows_of_true_counts(name: str) -> None:
    assert not imported(MODULES[name]) & TRUE_COUNTS
