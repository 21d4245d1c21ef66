"""The events are those that OpenLineage's own client would write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openlineage.client import event_v2, facet_v2, set_producer
from openlineage.client.serde import Serde

from vbpmeasure.data.remote.store import RemotePath
from vbpmeasure.monitoring.facts import InputTable, RunFacts
from vbpmeasure.monitoring.lineage import PRODUCER, Job, event, lines

set_producer(PRODUCER)  # facets take it when they are made

JOB = Job("run.results", "7f2d6f3e-2b1c-4c59-8f0a-0d8f6b9a1c11")
AT = "2026-01-31T02:00:00.000Z"
FACTS = RunFacts(
    inputs=(
        InputTable("eligibility", Path("/data/eligibility.parquet"), 1, 900, None),
        InputTable("medical_claim", Path("/data/medical_claim"), 3, 5000, 70),
    ),
    out=Path("/srv/results"),
)


def theirs(state: event_v2.RunState, run: dict[str, Any], inputs: list[Any], outputs: list[Any]) -> Any:
    job_type = facet_v2.job_type_job.JobTypeJobFacet(processingType="BATCH", integration="VBPMEASURE", jobType="RUN")
    return json.loads(
        Serde.to_json(
            event_v2.RunEvent(
                eventType=state,
                eventTime=AT,
                run=event_v2.Run(runId=JOB.run_id, facets=run),
                job=event_v2.Job("vbpmeasure", "run.results", facets={"jobType": job_type}),
                producer=PRODUCER,
                inputs=inputs,
                outputs=outputs,
            )
        )
    )


def plain(found: Any) -> Any:
    """Return an event without the versions of schemas, which move with the client's, and without empty facets."""
    if isinstance(found, dict):
        kept = {k: plain(v) for k, v in found.items() if k not in ("schemaURL", "_schemaURL")}
        return {k: v for k, v in kept.items() if not (k in ("facets", "inputFacets", "outputFacets") and not v)}
    return [plain(one) for one in found] if isinstance(found, list) else found


def schemas(found: Any) -> set[str]:
    if isinstance(found, dict):
        own = {v.rsplit("/", 1)[1] for k, v in found.items() if k in ("schemaURL", "_schemaURL")}
        return own.union(*(schemas(v) for v in found.values()))
    return set().union(*(schemas(one) for one in found)) if isinstance(found, list) else set()


def test_a_whole_run() -> None:
    ours = event(JOB, "COMPLETE", AT, FACTS, "2.1.0", None, (9, 12345))
    engine = facet_v2.processing_engine_run.ProcessingEngineRunFacet(
        version="2.1.0", name="Polars", openlineageAdapterVersion=PRODUCER.rsplit("/", 1)[1]
    )

    def read(name: str, files: int, size: int, rows: int | None) -> event_v2.InputDataset:
        facet = facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
            rowCount=rows, size=size, fileCount=files
        )
        return event_v2.InputDataset("file", name, inputFacets={"inputStatistics": facet})

    written = facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(size=12345, fileCount=9)
    said = theirs(
        event_v2.RunState.COMPLETE,
        {"processing_engine": engine},
        [read("/data/eligibility.parquet", 1, 900, None), read("/data/medical_claim", 3, 5000, 70)],
        [event_v2.OutputDataset("file", "/srv/results", outputFacets={"outputStatistics": written})],
    )
    assert plain(ours) == plain(said)
    assert schemas(ours) == schemas(said)


def test_a_start_and_a_failure() -> None:
    start, end = event(JOB, "START", AT), event(JOB, "FAIL", AT, failed="VBM303")
    failed = facet_v2.error_message_run.ErrorMessageRunFacet(message="VBM303", programmingLanguage="Python")
    assert plain(start) == plain(theirs(event_v2.RunState.START, {}, [], []))
    assert plain(end) == plain(theirs(event_v2.RunState.FAIL, {"errorMessage": failed}, [], []))
    assert [json.loads(line) for line in lines(start, end).decode().splitlines()] == [start, end]


def test_one_place_has_one_name_and_links_keep_theirs(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    (tmp_path / "extract-7").mkdir()
    (tmp_path / "extract").symlink_to("extract-7")

    def name(place: Path) -> object:
        found = event(JOB, "COMPLETE", AT, RunFacts(inputs=(InputTable("eligibility", place, 1, 1, 1),)))
        return found["inputs"][0]["name"]  # type: ignore[index]

    assert name(tmp_path / "extract") == f"{tmp_path}/extract"
    assert name(tmp_path / "night" / ".." / "extract-7") == f"{tmp_path.resolve()}/extract-7"


def test_an_empty_table_has_rows_to_tell_and_a_run_without_a_folder_no_output() -> None:
    claims = InputTable("medical_claim", RemotePath("s3://bucket/claims/2025"), 1, 400, 0)
    found = event(JOB, "COMPLETE", AT, RunFacts(inputs=(claims,)))
    assert found["outputs"] == []
    (told,) = found["inputs"]  # type: ignore[misc]
    assert (told["namespace"], told["name"]) == ("s3://bucket", "claims/2025")
    assert told["inputFacets"]["inputStatistics"]["rowCount"] == 0
