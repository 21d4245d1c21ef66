"""The import rules of the design (section 2): who may know of Polars, of the terminal, of the engines."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vbpmeasure

ROOT = Path(vbpmeasure.__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT.parent)}
MODULES = sorted(path for path in ROOT.rglob("*.py") if "_shipped" not in path.parts)

# Where a library may be imported; a trailing `.py` names one file.
ALLOWED = {
    "polars": (
        "commands",
        "comparison",
        "data",
        "engines",
        "equity/analysis",
        "exports",
        "outputs",
        "report",
        "results",
        "runs",
        "sample",
        "testing",
        "validation",
    ),
    "rich": ("cli", "comparison/screen", "outputs", "diagnostics/render"),
    "typer": ("cli",),
}
BELOW = {
    # Neither definitions nor plans may know who reads them.
    "spec": ("cli", "data", "engines", "outputs", "results", "runs", "sample", "testing"),
    "plan": ("cli", "data", "engines", "outputs", "results", "runs", "sample", "testing"),
    "terminology": ("cli", "catalog", "engines", "outputs", "results", "runs", "sample", "testing"),
    "engines/polars": ("cli", "catalog", "runs", "outputs", "engines/reference"),
    "engines/reference": ("cli", "catalog", "runs", "outputs", "engines/polars"),
    "results": ("cli", "runs"),
    "equity": ("cli", "data", "engines", "outputs", "runs", "sample", "testing", "validation"),
    # Formulas on counts: no tables, no files.
    "equity/statistics": ("cli", "data", "engines", "equity/analysis", "outputs", "results", "runs", "spec"),
    "validation": ("cli", "engines", "outputs", "runs", "sample", "testing"),
    # What makes files whole knows neither what is in them nor who writes them.
    "disk": (
        *("adapters", "catalog", "cli", "commands", "comparison", "config", "data", "engines", "equity", "executors"),
        *("exports", "monitoring", "outputs", "plan", "report", "results", "runs", "sample", "terminology", "testing"),
        "validation",
    ),
    # A run tells them of itself: they do not ask.
    "monitoring": ("cli", "comparison", "data", "engines", "exports", "outputs", "report", "results", "runs"),
    # Whatever is done with runs, a run knows nothing of it, nor where its settings stood.
    "runs": ("adapters", "cli", "commands", "comparison", "config", "exports", "report", "sample"),
    # The command line asks commands; nothing else does.
    "commands": ("cli",),
    "sample": ("cli", "engines", "outputs", "results", "runs", "testing", "validation"),
}
# The contract is a table of names without Polars: everybody may read it.
CONTRACT = "vbpmeasure.data.contract"


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports_of(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_scan_sees_the_package() -> None:
    assert len(MODULES) > 20
    assert "polars" in {name for path in MODULES for name in imports_of(path)}


@pytest.mark.parametrize("library", sorted(ALLOWED))
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    outside = [
        place(path)
        for path in MODULES
        if any(name == library or name.startswith(f"{library}.") for name in imports_of(path))
        and not place(path).startswith(ALLOWED[library])
    ]
    assert outside == []


@pytest.mark.parametrize("layer", sorted(BELOW))
def test_a_layer_does_not_look_up(layer: str) -> None:
    forbidden = tuple(f"vbpmeasure.{other.replace('/', '.')}" for other in BELOW[layer])
    looking_up = [
        f"{place(path)} imports {name}"
        for path in MODULES
        if place(path).startswith(f"{layer}/")
        for name in imports_of(path)
        if name != CONTRACT and any(name == other or name.startswith(f"{other}.") for other in forbidden)
    ]
    assert looking_up == []


def test_definitions_are_read_without_polars_or_a_terminal_library() -> None:
    code = (
        "import sys, vbpmeasure.catalog.catalog, vbpmeasure.spec.json_schema, vbpmeasure.plan.words;"
        "print(sorted({'polars', 'rich', 'typer', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert done.stdout.strip() == "[]"


def test_only_the_command_line_exits() -> None:
    outside = [
        place(path)
        for path in MODULES
        if not place(path).startswith(("cli/", "__main__.py"))
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sys.exit", "exit", "quit", "os._exit")
    ]
    assert outside == []


def test_definitions_are_never_executed_or_unpickled() -> None:
    found = [
        f"{place(path)}: {ast.unparse(node.func)}"
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) in ("eval", "exec", "compile", "yaml.load", "yaml.unsafe_load")
            or ast.unparse(node.func).startswith(("pickle.", "marshal."))
        )
    ]
    assert found == []
