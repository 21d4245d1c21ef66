"""The commands that the documentation prints, with their output; and how to renew that output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from support.commands import environment

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANY = "..."
_EXITS = re.compile(r"\s+# exits (\d+)$")
_WIDTH = "100"


@dataclass
class Command:
    """One command of a page with what must come out; ``shown`` is the page's text of it, ``>`` lines included."""

    shown: str
    output: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """What bash runs."""
        return _EXITS.sub("", self.shown)

    @property
    def code(self) -> int:
        """The exit code that the page names, else 0."""
        named = _EXITS.search(self.shown)
        return int(named[1]) if named else 0

    @property
    def is_make(self) -> bool:
        """Whether it needs the checkout and its environment: such commands are not run by the tests."""
        return self.line.startswith("make ")


def in_block(body: str) -> list[Command]:
    """Return the commands of one console block."""
    found: list[Command] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif found and not found[-1].output and (line.startswith("> ") or line == ">"):
            found[-1].shown += "\n" + line[2:]
        elif found:
            found[-1].output.append(line)
        else:
            raise ValueError("output before the first command of a block")
    return found


def commands(page: Path) -> list[Command]:
    """Return all commands of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [command for language, body in FENCE.findall(text) if language == "console" for command in in_block(body)]


def run(command: Command, folder: Path) -> tuple[int, str]:
    """Run a command in a folder; return its exit code and stdout and stderr together, as a terminal shows them."""
    binaries = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", command.line],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment(
            {
                "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
                "COLUMNS": _WIDTH,
                "LC_ALL": "C.UTF-8",
            }
        ),
        timeout=300,
        check=False,
    )
    return done.returncode, "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


def renew(page: Path) -> None:
    """Write the output of today under every command of a page, but where the page leaves something out."""
    with tempfile.TemporaryDirectory() as folder:

        def block(match: re.Match[str]) -> str:
            language, body = match.groups()
            if language != "console":
                return match[0]
            lines: list[str] = []
            for command in in_block(body):
                output = command.output
                if not command.is_make:
                    _, now = run(command, Path(folder))
                    output = _elided(output, now.splitlines())
                lines += [*f"$ {command.shown}".replace("\n", "\n> ").splitlines(), *output]
            return "```console\n" + "\n".join(line.rstrip() for line in lines) + "\n```"

        text = page.read_text(encoding="utf-8")
        page.write_text(FENCE.sub(block, text), encoding="utf-8")


def _elided(page: list[str], now: list[str]) -> list[str]:
    """Return today's output as the page shows it: whole, its beginning, its end, or (``...`` inside) as it stood."""
    marks = [i for i, line in enumerate(page) if line.strip() == ANY]
    if not marks:
        return now
    if marks == [0]:
        return [ANY, *now[-(len(page) - 1) :]]
    if marks == [len(page) - 1]:
        return [*now[: len(page) - 1], ANY]
    return page


if __name__ == "__main__":
    for each in PAGES:
        renew(each)
