"""The way in: nothing is imported before the guard stands, so that Ctrl-C during the first imports is quiet too."""

import gc
import os
import sys

INTERRUPTED = 130  # `diagnostics.model.EXIT_INTERRUPTED`, without importing it


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    try:
        # The objects that imports make stay: looking through them again and again is a tenth of a short command.
        gc.set_threshold(50_000, 20, 100)
        # Nobody's plugin has a say in how definitions are read; and looking for one takes time.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        from vbpmeasure.cli import app
        from vbpmeasure.cli.process import guard, supervised

        supervised.allowed = True
        code = guard.guarded(app.run)
    except KeyboardInterrupt:
        code = INTERRUPTED
    # What is alive goes with the process: looking through all of it for cycles first takes as long as importing Polars.
    gc.freeze()
    sys.exit(code)
