"""The way in: nothing is imported before the guard stands, so that Ctrl-C during the first imports is quiet too."""

import sys

INTERRUPTED = 130  # `diagnostics.model.EXIT_INTERRUPTED`, without importing it


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    try:
        from vbpmeasure.cli import app, guard, supervised

        supervised.allowed = True
        code = guard.guarded(app.run)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
