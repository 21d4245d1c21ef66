"""The folder of a comparison: CSV, JSON, text, and who moved when that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vbpmeasure import __version__
from vbpmeasure.comparison.compare import Comparison
from vbpmeasure.comparison.files import comparison_csv, comparison_json, steps_csv
from vbpmeasure.comparison.persons import moved_persons
from vbpmeasure.comparison.screen import comparison_text
from vbpmeasure.diagnostics import Diagnostic
from vbpmeasure.disk.folder import TOOL, RunFolder
from vbpmeasure.disk.place import check_place
from vbpmeasure.runs.manifest import digest

MANIFEST = "compare_manifest.json"
MOVED = "person_level/moved.csv"


def write_comparison(
    found: Comparison, out: Path, warn: Callable[[Diagnostic], None], *, person_level: bool = False
) -> None:
    """Write a comparison into a folder.

    Who moved goes to a folder inside that only its owner may enter; everything is private when one of the runs shows
    small cells. Raises ``Failure`` as `RunFolder` and `moved_persons` do, and VBM554 inside a run folder.
    """
    check_place(out, (found.old.folder, found.new.folder))
    internal = not found.is_public
    mark = ".unsuppressed" if internal else ""
    moved = moved_persons(found.old, found.new) if person_level else None
    contents = {
        f"compare{mark}.csv": comparison_csv(found),
        f"compare_steps{mark}.csv": steps_csv(found),
        f"compare{mark}.json": comparison_json(found),
        f"compare{mark}.txt": comparison_text(found, strata=True).encode(),
    }
    digests = {name: digest(content) for name, content in contents.items()}
    with RunFolder(out, warn, manifest=MANIFEST, private=internal) as folder:
        for name, content in contents.items():
            folder.add(name, content, private=internal)
        if moved is not None:
            rows = moved.write_csv(line_terminator="\n").encode()
            folder.add(MOVED, rows, private=True)
            digests[MOVED] = digest(rows)
        folder.commit(
            {
                "schema_version": "1",
                "tool": TOOL,
                "version": __version__,
                "notice": found.notice,
                "same_period": found.same_period,
                "outputs": digests,
            }
        )
