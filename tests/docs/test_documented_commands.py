"""Every command that the documentation prints runs, and prints what the page says.

In a ``console`` block a line that starts with ``$ `` is a command (``> `` continues it); the lines below it are its
output (stdout and stderr together), where a line ``...`` stands for any lines. ``# exits N`` after a command names an
exit code other than 0. Blocks of a page run in order in one empty folder, so that a tutorial can build on itself.
`make docs` renews the output.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.pages import ANY, PAGES, ROOT, commands, run

WITH_COMMANDS = [page for page in PAGES if any(not command.is_make for command in commands(page))]


def as_pattern(lines: list[str]) -> re.Pattern[str]:
    parts = [r"(?:.*\n)*?" if line.strip() == ANY else re.escape(line.rstrip()) + r"\n" for line in lines]
    return re.compile("".join(parts))


def test_the_documentation_has_commands() -> None:
    assert ROOT / "README.md" in WITH_COMMANDS
    assert sum(len(commands(page)) for page in PAGES) >= 15


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.stem)
def test_commands_print_what_the_page_says(page: Path, tmp_path: Path) -> None:
    for command in commands(page):
        if command.is_make:
            continue
        code, now = run(command, tmp_path)
        assert code == command.code, f"$ {command.line}\n{now}"
        wanted = "\n".join(command.output)
        assert as_pattern(command.output).fullmatch(now + "\n" if now else ""), (
            f"$ {command.line}\n--- page\n{wanted}\n--- now\n{now}"
        )


def test_make_targets_of_the_documentation_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
        for target in re.findall(r"(?:^|[`$] ?)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert named <= targets, named - targets


def test_the_demo_is_the_command_that_the_readme_shows() -> None:
    recipe = re.search(r"^demo:.*\n\t\$\(BIN\)/(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    assert recipe[1] in [command.line for command in commands(ROOT / "README.md")]
