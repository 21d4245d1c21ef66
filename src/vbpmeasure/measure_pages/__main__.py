"""Write the pages of the shipped measures into a folder: `python -m vbpmeasure.measure_pages docs/measures`."""

from __future__ import annotations

import sys
from pathlib import Path

from vbpmeasure.measure_pages.write import write_pages

if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
