"""``python -m vbpmeasure`` is the same as the ``vbpmeasure`` command."""

from __future__ import annotations

from vbpmeasure.cli.app import main

if __name__ == "__main__":
    main()
