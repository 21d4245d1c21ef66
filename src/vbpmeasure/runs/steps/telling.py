"""What a run tells the person who started it: printed results, warnings, remarks and details."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from vbpmeasure.diagnostics.model import Diagnostic, Severity
from vbpmeasure.outputs.amounts_text import amounts_text
from vbpmeasure.outputs.delimited import results_csv
from vbpmeasure.outputs.jsons import results_json
from vbpmeasure.outputs.supplemental_text import supplemental_csv, supplemental_text
from vbpmeasure.outputs.table import results_text
from vbpmeasure.outputs.waterfall_text import waterfall_text
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import unknown_provider_counter
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.cache.carrying import Carried
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.steps.preparing import Prepared
from vbpmeasure.runs.steps.publishing import Tables, sourceless

_RENDERERS: Mapping[str, Callable[[PublishedTable], bytes]] = {"csv": results_csv, "json": results_json}


def printed(asked: RunRequest, tables: Tables, width: int) -> str:
    """Return what goes to standard output in the format asked for; empty for Parquet."""
    table, beside = tables.table, tables.comparison
    if asked.format != "table":
        if asked.format == "csv" and beside is not None:
            return supplemental_csv(beside).decode()
        return _RENDERERS[asked.format](table).decode() if asked.format in _RENDERERS else ""
    parts = [results_text(table, width), amounts_text(table.amounts, width)]
    if beside is not None:
        parts.append(supplemental_text(beside, width))
    if asked.waterfall:
        parts.append(waterfall_text(table, width))
    return "\n".join(part for part in parts if part)


def not_printed(asked: RunRequest, tables: Tables) -> Iterator[Diagnostic]:
    """Warn of rates that the printed CSV has no columns for, when no run folder holds them either."""
    if asked.format != "csv" or asked.out is not None or tables.comparison is not None or not tables.table.amounts:
        return
    names = dict.fromkeys(f"{cell.key.measure}.{cell.key.rate}" for cell in tables.table.amounts)
    yield Diagnostic(
        "VBM494",
        f"the CSV lacks {len(names)} {_plural(len(names), 'rate')} that {'is' if len(names) == 1 else 'are'} no share "
        f"of children or events: {', '.join(names)}",
        severity=Severity.WARNING,
        hint="`--format json` has all rates; with `--out` they are in amounts.csv",
    )


def remarks(asked: RunRequest, prepared: Prepared, carried: Carried, table: PublishedTable) -> Iterator[str]:
    """Yield one line for each thing that an analyst should know of these results."""
    if carried.measures:
        yield f"cache: carried over from an earlier run: {', '.join(carried.measures)}"
    for fault, rows in prepared.bound.bad_rows.items():
        yield f"left out {rows:,} eligibility {_plural(rows, 'row')}: {fault}"
    for note in prepared.lost:
        yield f"evidence: {note.text}"
    counters = carried.counts.every_counter
    for name, column in sourceless(prepared).items():
        yield f"completeness: {name}: no column {column} in eligibility: nobody knows which answers are direct"
    for one in prepared.program.measures:
        days = counters.get(unknown_provider_counter(one.id), 0)
        if days:
            yield (
                f"providers: {one.id}: {table.policy.shown(days)} person-days lack only a known provider taxonomy to "
                "count; parameter `unknown_provider` decides"
            )
    if asked.out is not None:
        yield f"wrote {asked.out}"


def details(counted: Partial, table: PublishedTable) -> Iterator[str]:
    """Yield the counters of the run, small ones as they are published."""
    for name, count in counted.every_counter.items():
        shown = table.people if name == "people" else table.policy.shown(count)
        yield f"{name}: {'*' if shown is None else shown}"


def _plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"
