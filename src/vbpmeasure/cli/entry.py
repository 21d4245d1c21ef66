"""The way in: nothing is imported before the guard stands, so that Ctrl-C during the first imports is quiet too."""

import os
import sys

INTERRUPTED = 130  # `diagnostics.model.EXIT_INTERRUPTED`, without importing it


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    try:
        # Nobody's plugin has a say in how definitions are read; looking for one costs a tenth of a short command.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        from vbpmeasure.cli import app, guard, supervised

        supervised.allowed = True
        code = guard.guarded(app.run)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
