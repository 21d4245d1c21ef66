"""One run from the request to the results: definitions, data, engine, rates, suppression, outputs.

Everything that can be refused is refused before the engine starts, and the run folder is locked before that, so that
hours of work are never lost to a mistake that could have been seen at once.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from vbpmeasure.data.steady import look, refuse_change
from vbpmeasure.diagnostics.model import EXIT_OK, EXIT_PARTIAL, Diagnostic
from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.monitoring.facts import RunFacts
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.plan.measures import Program
from vbpmeasure.results.completeness.remarks import completeness_remarks
from vbpmeasure.results.remarks import strata_remarks, withheld_remarks
from vbpmeasure.runs.reading import RunResults
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.shown import run_facts, shown_run
from vbpmeasure.runs.steps.counting import count_people, keep_counts, keeper_of
from vbpmeasure.runs.steps.preparing import prepare
from vbpmeasure.runs.steps.publishing import completeness_of, persons_of, publish, sourceless
from vbpmeasure.runs.steps.recording import manifest_of
from vbpmeasure.runs.steps.telling import details, not_printed, printed, remarks
from vbpmeasure.runs.supplementing import source_remarks
from vbpmeasure.runs.writer import write_run

_DEFAULT_WIDTH = 100


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run leaves for the command line to show.

    ``printed`` is the result in the format asked for (empty for Parquet); ``findings`` are diagnostics that stopped
    nothing; ``remarks`` are one line each, ``details`` too, of less weight. ``shown`` are the results as they are
    published, ``facts`` what machines are told of them.
    """

    printed: str
    findings: tuple[Diagnostic, ...]
    remarks: tuple[str, ...]
    details: tuple[str, ...]
    exit_code: int
    program: Program
    shown: RunResults
    facts: RunFacts


def run(asked: RunRequest, width: int | None = None, journal: Journal | None = None) -> RunOutcome:
    """Do one run; ``width`` is the terminal's, for the table format; ``journal`` hears of stages and counts.

    Raises :class:`Failure` for anything that stops it; then no result is printed, and a run folder that stood there
    before is as it was. When some measures fail in the engine the others are written, and the exit code says so.
    """
    journal = journal or Journal()
    prepared = prepare(asked, journal)
    findings = list(prepared.warnings)
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(asked.out, findings.append)) if asked.out is not None else None
        before = look(prepared.bound)
        journal.stage("engine")
        keeper = keeper_of(asked, prepared, before)
        if keeper is not None:
            stack.enter_context(keeper)
        carried, settled = count_people(asked, prepared, before, keeper)
        counted = carried.counts
        refuse_change(prepared.bound, before)
        findings.extend(keep_counts(asked, prepared, carried, keeper))
        if counted.attribution is not None:
            findings.extend(counted.attribution.findings(asked.policy))
        journal.stage("results")
        tables = publish(asked, prepared, counted, settled)
        told = completeness_of(asked, prepared, counted, tables.table)
        if folder is not None:
            journal.stage("write")
            persons, about_persons = persons_of(asked, prepared, counted)
            manifest = manifest_of(asked, prepared, counted, tables.table, before)
            # Said only when it is so: a run that carries nothing over has the same bytes with and without a cache.
            manifest |= {"carried_over": list(carried.measures)} if carried.measures else {}
            if told is not None:
                manifest["completeness"] = told.record(asked.completeness)
            missing = told.table if told is not None else None
            write_run(folder, tables.table, manifest, persons, tables.comparison, missing, about_persons)
    journal.end()
    table = tables.table
    shown = shown_run(table, asked.out)
    facts = run_facts(prepared.bound, shown, table.people, len(counted.failed), asked.out)
    journal.count(**facts.counts)
    findings.extend(source_remarks(prepared.bound, asked.sources_left_out) if asked.supplemental != "with" else ())
    findings.extend(strata_remarks(table, prepared.absent(counted)))
    findings.extend(withheld_remarks(table))
    if told is not None:
        findings.extend(completeness_remarks(told, asked.completeness, sourceless(prepared)))
    findings.extend(not_printed(asked, tables))
    findings.extend(d for reasons in counted.failed.values() for d in reasons)
    return RunOutcome(
        printed=printed(asked, tables, width or _DEFAULT_WIDTH),
        findings=tuple(findings),
        remarks=tuple(remarks(asked, prepared, carried, table)),
        details=tuple(details(counted, table)),
        exit_code=EXIT_PARTIAL if counted.failed else EXIT_OK,
        program=prepared.program,
        shown=shown,
        facts=facts,
    )
