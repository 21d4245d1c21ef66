"""A command line that cannot be read, in words of our own: what is wrong where, and what would be right.

What stands on the line is not repeated, but for names of options and commands: a value may be the id of a person.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

import typer

from vbpmeasure.cli.screen.settings import SETTINGS, DiagnosticsFormat, LogFormat
from vbpmeasure.diagnostics.model import Diagnostic

Word = TypeVar("Word", bound=StrEnum)

_NO_COMMAND = re.compile(r"No such command (['\"])(.*?)\1\.")
_NUMBERS = {
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "float_parsing": "a number",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "a number of {:g} or more"),
    "less_than_equal": ("le", "a number of {:g} or less"),
}


def unreadable(error: typer.TyperException) -> Diagnostic:
    """Return what is wrong with the command line (VBM414), at the command that could not read it."""
    # The kinds of these errors are no part of what Typer promises, so what they carry tells them apart.
    found: Any = error
    command = found.ctx.command_path if getattr(found, "ctx", None) is not None else None
    what, hint = _what(found)
    if hint is None:
        hint = f"`{command} --help` lists all that it takes" if command else "`--help` lists the options of a command"
    return Diagnostic("VBM414", what, where=command, hint=hint)


def usage_line(error: typer.TyperException) -> str | None:
    """Return the usage of the command that could not read the line, None when the error does not know it."""
    found: Any = error
    return str(found.ctx.get_usage()) if getattr(found, "ctx", None) is not None else None


def asks_for_help(error: typer.TyperException) -> bool:
    """Return whether nothing is wrong but that nothing was asked for, which shows the help."""
    return type(error).__name__ == "NoArgsIsHelpError"


def take_screen_options(words: Sequence[str] | None = None) -> None:
    """Take ``--diagnostics`` and ``--log-format`` from a line that was given up before its options were read.

    ``words`` are those of the line (default: of this process).
    """
    line = sys.argv[1:] if words is None else words
    SETTINGS.diagnostics = SETTINGS.diagnostics or _said(line, "--diagnostics", DiagnosticsFormat)
    SETTINGS.log = SETTINGS.log or _said(line, "--log-format", LogFormat)


def _said(line: Sequence[str], option: str, words: type[Word]) -> Word | None:
    for word, following in pairwise((*line, "")):
        name, equals, value = word.partition("=")
        if name == option:
            with suppress(ValueError):
                return words(value if equals else following)
    return None


def _what(error: Any) -> tuple[str, str | None]:
    """Return what is wrong, and the hint when there is a better one than the help of the command."""
    if asks_for_help(error) or error.message == "Missing command.":
        return "a command is missing", None
    if hasattr(error, "possibilities"):
        near = next(iter(error.possibilities or ()), None)  # the nearest first
        return f"there is no option `{error.option_name}`", f"did you mean `{near}`?" if near else None
    if hasattr(error, "option_name"):
        return f"`{error.option_name}` {'needs a value' if 'requires' in error.message else 'takes no value'}", None
    if isinstance(error, typer.BadParameter) and error.param is not None:
        name = _name(error.param)
        return (f"{name} is missing", None) if hasattr(error, "param_type") else _value(error, name)
    if command := _NO_COMMAND.match(error.message):
        return _command(command[2], error.ctx)
    if error.message.startswith("Got unexpected extra argument"):
        return "there are more arguments than the command takes", None
    message = error.format_message().rstrip(".")
    return message[:1].lower() + message[1:], None


def _name(parameter: Any) -> str:
    """Return what users write for an option, and what the help calls an argument."""
    named = str(parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar or parameter.name)
    return f"`{named}`"


def _value(error: Any, name: str) -> tuple[str, str | None]:
    words = [one.value for one in error.param.shell_complete(error.ctx, "") if one.type == "plain"]
    found: dict[str, Any] = error.__cause__.errors()[0] if hasattr(error.__cause__, "errors") else {}
    if words:
        from vbpmeasure.spec.suggest import suggestion

        return f"{name} takes one of {', '.join(words)}", suggestion(str(found.get("input", "")), words) or None
    kind = found.get("type", "")
    if kind in _BOUNDS:
        key, text = _BOUNDS[kind]
        return f"{name} takes {text.format(found['ctx'][key])}", None
    return f"{name} takes {_NUMBERS.get(kind, 'a value of another form')}", None


def _command(word: str, context: Any) -> tuple[str, str | None]:
    from vbpmeasure.spec.suggest import suggestion

    return f"there is no command `{word}`", suggestion(word, context.command.commands) or None
