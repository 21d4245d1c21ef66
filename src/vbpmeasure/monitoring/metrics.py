"""A run as Prometheus metrics: the text file that node_exporter's textfile collector reads.

Rates are those of the whole population as the results show them; one that is hidden has no sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vbpmeasure import __version__
from vbpmeasure.diagnostics.model import EXIT_OK, Diagnostic, Failure, Severity
from vbpmeasure.monitoring.facts import RunFacts
from vbpmeasure.monitoring.limits import Outcome, Verdict

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

# What the counts of a run are of, by their names in the log.
_OF = {
    "files": "input files",
    "rows": "rows of input",
    "people": "people",
    "measures": "measures",
    "failed": "failed measures",
    "rates": "rates",
    "cells": "cells",
    "hidden": "hidden cells",
}
ENDING = ".prom"
_SUCCESS = "vbpmeasure_last_success_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: when (seconds since 1970), with which exit code, how long its stages took."""

    at: float
    exit_code: int
    seconds: float
    stages: Mapping[str, float] = field(default_factory=dict)


def check_library(origin: str) -> None:
    """Refuse metrics without the library (:class:`Failure`, VBM564); ``origin`` is who asked for them."""
    if find_spec("prometheus_client") is None:
        raise Failure(
            Diagnostic(
                "VBM564",
                "the library that writes metrics is missing",
                where=origin,
                hint="pip install 'vbpmeasure[metrics]'",
            )
        )


def name_warnings(path: Path) -> list[Diagnostic]:
    """Return a warning (VBM566) when the textfile collector of node_exporter would pass the file by."""
    if path.name.endswith(ENDING):
        return []
    return [
        Diagnostic(
            "VBM566",
            f"node_exporter does not read this file: its textfile collector takes names that end in `{ENDING}`",
            Severity.WARNING,
            where=str(path),
            hint=f"let the name be `{path.stem}{ENDING}`, unless something else reads it",
        )
    ]


def metrics(
    run: str, ended: Ended, facts: RunFacts | None, verdicts: Sequence[Verdict] = (), before: bytes | None = None
) -> bytes:
    """Return the metrics of one run as text; ``run`` names it in a label, so that several jobs share a machine.

    A run without results (``facts`` None) has its end and timings only. ``before`` is the file of the last run: the
    time of the last success comes from it when this run is none.
    """
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415  an extra

    registry = CollectorRegistry()
    success = ended.at if ended.exit_code == EXIT_OK else _last_success(before)
    _put(registry, "vbpmeasure_info", "The version that ran.", [((("version", __version__),), 1)], run)
    for name, words, value in (
        ("vbpmeasure_run_timestamp_seconds", "When the last run ended.", ended.at),
        ("vbpmeasure_run_exit_code", "With what it left; docs/cli.md has the codes.", ended.exit_code),
        ("vbpmeasure_run_seconds", "How long it took.", ended.seconds),
        (_SUCCESS, "When the last run ended that left with 0.", success),
    ):
        _put(registry, name, words, [] if value is None else [((), value)], run)
    stages = [((("stage", stage),), seconds) for stage, seconds in ended.stages.items()]
    _put(registry, "vbpmeasure_stage_seconds", "How long a stage took.", stages, run)
    if facts is not None:
        _results(registry, run, facts)
    kept = [((("rate", v.rate), ("limit", v.limit.text)), int(v.outcome is Outcome.MET)) for v in verdicts]
    _put(registry, "vbpmeasure_limit_met", "1 when the limit is met; 0 when it is not, or nobody can tell.", kept, run)
    return generate_latest(registry)


Samples = Sequence[tuple[tuple[tuple[str, str], ...], float]]


def _results(registry: CollectorRegistry, run: str, facts: RunFacts) -> None:
    rows = [((("table", one.table),), one.rows) for one in facts.inputs if one.rows is not None]
    _put(registry, "vbpmeasure_input_rows", "Rows of an input table.", rows, run)
    for name, number in facts.counts.items():
        _put(registry, f"vbpmeasure_{name}", f"How many {_OF[name]} the run has.", [((), number)], run)
    labels = {one: (("measure", one.name[0]), ("rate", one.name[1]), ("unit", one.unit)) for one in facts.rates}
    shown = [(labels[one], one.value) for one in facts.rates if one.value is not None]
    _put(registry, "vbpmeasure_rate", "A rate of all, as the results show it.", shown, run)
    sizes = [(labels[one], one.denominator) for one in facts.rates if one.denominator is not None]
    _put(registry, "vbpmeasure_rate_denominator", "Its denominator, as the results show it.", sizes, run)
    seen = [(labels[one], int(one.value is not None)) for one in facts.rates]
    _put(registry, "vbpmeasure_rate_shown", "1 when the results show the rate.", seen, run)


def _put(registry: CollectorRegistry, name: str, words: str, samples: Samples, run: str) -> None:
    """Add a gauge with its samples; one without any is left out."""
    from prometheus_client import Gauge  # noqa: PLC0415

    if not samples:
        return
    names = [label for label, _ in samples[0][0]]
    gauge = Gauge(name, words, ["run", *names], registry=registry)
    for labels, value in samples:
        gauge.labels(run, *(text for _, text in labels)).set(value)


def _last_success(before: bytes | None) -> float | None:
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    if before is None:
        return None
    try:
        for family in text_string_to_metric_families(before.decode()):
            if family.name == _SUCCESS:
                return float(family.samples[0].value)
    except (ValueError, IndexError, KeyError):
        pass  # not a file of ours any more: as if there had been none
    return None
