"""What Typer prints by itself, help and completion, ends like our results where stdout does not take it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from vbpmeasure.cli.screen import streams
from vbpmeasure.diagnostics.model import EXIT_OK


def ending_like_results(body: Callable[[], object]) -> object:
    """Return what ``body`` does: a call of Typer. A reader that has gone while Typer printed is no error.

    Raises ``Failure`` VBM506 or VBM507 where stdout cannot be written otherwise, as `streams.out` does.
    """
    try:
        return body()
    except OSError as error:
        _told(error)
    except SystemExit as left:
        # Typer ends with 1, and no word, for a reader that has gone: that of its help, and that of any pipe of ours.
        if not isinstance(left.__context__, BrokenPipeError):
            raise
        _told(left.__context__)
    return EXIT_OK


def _told(error: OSError) -> None:
    """Give stdout up when it was Typer who wrote, and raise what any other part of the program has met."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    if not str(frame.f_globals.get("__name__", "")).startswith("typer."):
        raise error
    streams.give_up(sys.stdout, error)
