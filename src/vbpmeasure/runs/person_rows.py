"""The person-level rows of a run folder, for those who may see them: read apart from what the run published."""

from __future__ import annotations

import io

import polars as pl

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.runs.manifest import digest
from vbpmeasure.runs.pseudonyms import KEY_CHECK
from vbpmeasure.runs.reading import RunResults
from vbpmeasure.runs.writer import PERSON_LEVEL

_NEEDED = {"measure", "rate", "person_id", "unit_id", "index_date", "population", "exclusion", "numerator"}


def pseudonym_key(run: RunResults) -> str | None:
    """Return the check of the key under which the persons of a run have pseudonyms, None when they have their ids.

    Raises ``Failure`` as `person_rows` does.
    """
    words = pl.read_parquet_metadata(io.BytesIO(_content(run)))
    return words.get(KEY_CHECK)


def person_rows(run: RunResults) -> pl.DataFrame:
    """Return the person-level table of a run (`results.person_level`): one row per rate and unit.

    Raises ``Failure``: VBM550 the run wrote none, VBM542 it is missing now or was changed, VBM543 it has another shape.
    """
    where = run.folder / PERSON_LEVEL
    content = _content(run)
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError):
        # The texts of these errors quote what they could not read.
        frame = pl.DataFrame()
    if not set(frame.columns) >= _NEEDED:
        raise Failure(Diagnostic("VBM543", "the person-level rows have another shape", where=str(where)))
    return frame


def _content(run: RunResults) -> bytes:
    outputs = run.manifest.get("outputs")
    wanted = outputs.get(PERSON_LEVEL) if isinstance(outputs, dict) else None
    where = run.folder / PERSON_LEVEL
    if not isinstance(wanted, str):
        hint = "run it again with `--person-level`"
        raise Failure(Diagnostic("VBM550", "the run has no person-level rows", where=str(run.folder), hint=hint))
    try:
        content = where.read_bytes()
    except OSError:
        hint = "only the owner of the run may read its person-level rows"
        raise Failure(
            Diagnostic("VBM542", "the person-level rows cannot be read", where=str(where), hint=hint)
        ) from None
    if digest(content) != wanted:
        hint = "take the folder as the run wrote it, or run it again"
        raise Failure(Diagnostic("VBM542", "a file of the run was changed after the run", where=str(where), hint=hint))
    return content
