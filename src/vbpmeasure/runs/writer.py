"""Everything a run writes: results in three formats, waterfall, person-level table when asked for, manifest."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.outputs.delimited import amounts_csv, frame_csv, results_csv, waterfall_csv
from vbpmeasure.outputs.jsons import audit_json, results_json
from vbpmeasure.outputs.parquet import frame_parquet, results_parquet
from vbpmeasure.outputs.supplemental_text import supplemental_csv
from vbpmeasure.outputs.words import metadata
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.runs.manifest import digest

PERSON_LEVEL = "person_level/person_level.parquet"


def write_run(
    folder: RunFolder,
    table: PublishedTable,
    manifest: Mapping[str, object],
    persons: pl.DataFrame | None = None,
    beside: pl.DataFrame | None = None,
    completeness: pl.DataFrame | None = None,
    about_persons: dict[str, str] | None = None,
) -> tuple[str, ...]:
    """Write a run into its (entered) folder and commit it; return the names of the files.

    Without suppression the file names say so and only their owner may read them. ``persons`` (of `person_level`) goes
    to a folder of its own that only its owner may enter, with the words ``about_persons``; ``beside`` (of
    `supplemental.comparison`) and ``completeness`` become files.
    Raises `Failure` as `RunFolder.commit` does.
    """
    internal = not table.policy.is_public
    mark = ".unsuppressed" if internal else ""
    contents: dict[str, tuple[bytes, bool]] = {
        f"results{mark}.csv": (results_csv(table), internal),
        f"results{mark}.json": (results_json(table), internal),
        f"results{mark}.parquet": (results_parquet(table), internal),
        f"waterfall{mark}.csv": (waterfall_csv(table), internal),
    }
    if table.policy.is_public:
        contents["suppression_audit.json"] = (audit_json(table), False)
    if table.amounts:
        contents[f"amounts{mark}.csv"] = (amounts_csv(table), internal)
    if beside is not None:
        contents[f"supplemental{mark}.csv"] = (supplemental_csv(beside), internal)
    if completeness is not None:
        contents[f"completeness{mark}.csv"] = (frame_csv(completeness), internal)
        contents[f"completeness{mark}.parquet"] = (frame_parquet(completeness, metadata(table)), internal)
    if persons is not None:
        contents[PERSON_LEVEL] = (frame_parquet(persons, about_persons), True)
    digests = {}
    for name, (content, private) in contents.items():
        folder.add(name, content, private=private)
        digests[name] = digest(content)
    folder.commit({**manifest, "outputs": digests})
    return tuple(contents)
