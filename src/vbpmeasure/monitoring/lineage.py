"""A run as OpenLineage events: START when it begins, COMPLETE or FAIL when it ends, one JSON object a line.

The events are written by hand: the client of OpenLineage brings two HTTP libraries, and this program has no use for a
network. Tests build the same events with the client and compare.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from vbpmeasure import __version__
from vbpmeasure.monitoring.facts import InputTable, RunFacts

PRODUCER = f"https://pypi.org/project/vbpmeasure/{__version__}"
_SPEC = "https://openlineage.io/spec"


@dataclass(frozen=True, slots=True)
class Job:
    """The job that runs every night: its name, and the id of this one run of it."""

    name: str
    run_id: str
    namespace: str = "vbpmeasure"


def event(
    job: Job,
    kind: str,
    at: str,
    facts: RunFacts | None = None,
    engine: str | None = None,
    failed: str | None = None,
    written: tuple[int, int] | None = None,
) -> dict[str, object]:
    """Return one event. ``kind`` is START, COMPLETE or FAIL, ``at`` an ISO moment with its zone.

    ``engine`` is the version of Polars, ``failed`` the codes of what stopped the run (never its words: they belong into
    the log), ``written`` the files of the output folder and their bytes.
    """
    run: dict[str, object] = {}
    if engine is not None:
        run["processing_engine"] = _facet(
            "1-1-1/ProcessingEngineRunFacet", version=engine, name="Polars", openlineageAdapterVersion=__version__
        )
    if failed is not None:
        run["errorMessage"] = _facet("1-0-1/ErrorMessageRunFacet", message=failed, programmingLanguage="Python")
    job_type = _facet("2-0-4/JobTypeJobFacet", processingType="BATCH", integration="VBPMEASURE", jobType="RUN")
    return {
        "eventType": kind,
        "eventTime": at,
        "run": {"runId": job.run_id, "facets": run},
        "job": {"namespace": job.namespace, "name": job.name, "facets": {"jobType": job_type}},
        "inputs": [] if facts is None else [_input(one) for one in facts.inputs],
        "outputs": [] if facts is None or facts.out is None else [_output(facts.out, written)],
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def lines(*events: Mapping[str, object]) -> bytes:
    """Return events as the file transport of OpenLineage writes them: one a line."""
    return "".join(json.dumps(one, ensure_ascii=True, sort_keys=True) + "\n" for one in events).encode()


def _facet(schema: str, /, **facts: object) -> dict[str, object]:
    kind = schema.partition("/")[2]
    return {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/facets/{schema}.json#/$defs/{kind}", **facts}


def _input(one: InputTable) -> dict[str, object]:
    rows = {} if one.rows is None else {"rowCount": one.rows}
    statistics = _facet("1-0-0/InputStatisticsInputDatasetFacet", **rows, size=one.bytes, fileCount=one.files)
    return {**_dataset(one.place), "facets": {}, "inputFacets": {"inputStatistics": statistics}}


def _output(folder: Path, written: tuple[int, int] | None) -> dict[str, object]:
    found = {**_dataset(folder), "facets": {}}
    if written is None:
        return {**found, "outputFacets": {}}
    files, size = written
    statistics = _facet("1-0-2/OutputStatisticsOutputDatasetFacet", size=size, fileCount=files)
    return {**found, "outputFacets": {"outputStatistics": statistics}}


def _dataset(place: PurePath) -> dict[str, str]:
    """Name a place by the naming rules of OpenLineage: ``file`` and the absolute path, or the bucket and the key."""
    if isinstance(place, Path):
        # One place has one name, however it was written; links stay, whose names are those that people know.
        whole = place.resolve() if ".." in place.parts else place.absolute()
        return {"namespace": "file", "name": whole.as_posix()}
    scheme, _, rest = str(place).partition("://")
    bucket, _, key = rest.partition("/")
    return {"namespace": f"{scheme}://{bucket}", "name": key or "/"}
