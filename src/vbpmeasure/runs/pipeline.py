"""One run from the request to the results: definitions, data, engine, rates, suppression, outputs.

Everything that can be refused is refused before the engine starts, and the run folder is locked before that, so that
hours of work are never lost to a mistake that could have been seen at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import reduce
from operator import add
from pathlib import Path

import polars as pl

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import BadRows
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.dividing import divided
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.buckets.opening import inputs_behind, open_data
from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.evidence import EvidenceNote, evidence_notes
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.steady import Seen, look, refuse_change
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import EXIT_OK, EXIT_PARTIAL, Diagnostic, Severity
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.monitoring.facts import RunFacts
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.outputs.amounts_text import amounts_text
from vbpmeasure.outputs.delimited import results_csv
from vbpmeasure.outputs.jsons import results_json
from vbpmeasure.outputs.supplemental_text import supplemental_csv, supplemental_text
from vbpmeasure.outputs.table import results_text
from vbpmeasure.outputs.waterfall_text import waterfall_text
from vbpmeasure.plan.measures import Program, calendar_year
from vbpmeasure.results.attribution.attribute import TABLE as ATTRIBUTION_TABLE
from vbpmeasure.results.categories.crosswalks import CategorySystem, load_category_systems
from vbpmeasure.results.categories.dimensions import Dimension, attributed_names, parse_by
from vbpmeasure.results.categories.standards import LANGUAGE_TABLE_FOLDER, Choice, choose
from vbpmeasure.results.categories.strata import assign_strata
from vbpmeasure.results.completeness.answers import fields
from vbpmeasure.results.completeness.remarks import completeness_remarks
from vbpmeasure.results.completeness.table import Completeness, completeness
from vbpmeasure.results.disclosure.earlier import Earlier
from vbpmeasure.results.disclosure.published import AlsoHidden, PublishedTable
from vbpmeasure.results.frame import unknown_provider_counter
from vbpmeasure.results.partial.counts import Counts
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.partial.settled import Settled
from vbpmeasure.results.person_level import person_level
from vbpmeasure.results.remarks import strata_remarks, withheld_remarks
from vbpmeasure.results.supplemental import comparison, paired
from vbpmeasure.runs.attributing import Attributor, attributor
from vbpmeasure.runs.cache.carrying import Carried, count_what_is_new, keep_new
from vbpmeasure.runs.cache.store import CountCache
from vbpmeasure.runs.conversion import conversion_of
from vbpmeasure.runs.definitions import selected
from vbpmeasure.runs.folder import RunFolder
from vbpmeasure.runs.limits import named
from vbpmeasure.runs.manifest import build_manifest, measure_entry
from vbpmeasure.runs.memory import buckets_for
from vbpmeasure.runs.previous import Now, Previous, previous
from vbpmeasure.runs.pseudonyms import METHOD as PSEUDONYMS
from vbpmeasure.runs.reading import RunResults
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.shown import run_facts, shown_run
from vbpmeasure.runs.supplementing import source_remarks
from vbpmeasure.runs.work import Work, measure_bucket
from vbpmeasure.runs.writer import write_run

_DEFAULT_WIDTH = 100
_CROSSWALKS = "crosswalks"


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


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Everything that is known before the engine starts."""

    program: Program
    bound: BoundData
    systems: Mapping[str, CategorySystem]
    dimensions: tuple[Dimension, ...]
    lost: tuple[EvidenceNote, ...]
    warnings: tuple[Diagnostic, ...]
    catalog: Catalog
    attributor: Attributor | None = None
    layout: Layout | None = None
    previous: Previous = field(default_factory=Previous)
    also: tuple[Dimension, ...] = ()  # of earlier runs alone: counted, and not shown

    @property
    def counted(self) -> tuple[Dimension, ...]:
        """All dimensions that people are sorted by."""
        return (*self.dimensions, *self.also)

    @property
    def read(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of eligibility behind each component of the dimensions that are shown."""
        names = dict.fromkeys(name for dimension in self.dimensions for name in dimension.components)
        return {name: self.systems[name].columns if name in self.systems else (name,) for name in names}

    def unmapped(self, counted: Partial) -> dict[str, int]:
        """Return how many people have a value that no table knows, by component that is shown."""
        return {name: people for name, people in counted.unmapped.items() if name in self.read}

    def absent(self, counted: Partial) -> tuple[str, ...]:
        """Return the columns that are not there, of those behind what is shown."""
        asked = {column for columns in self.read.values() for column in columns}
        return tuple(column for column in counted.absent if column in asked)


def run(asked: RunRequest, width: int | None = None, journal: Journal | None = None) -> RunOutcome:
    """Do one run; ``width`` is the terminal's, for the table format; ``journal`` hears of stages and counts.

    Raises :class:`Failure` for anything that stops it; then no result is printed, and a run folder that stood there
    before is as it was. When some measures fail in the engine the others are written, and the exit code says so.
    """
    journal = journal or Journal()
    prepared = _prepare(asked, journal)
    findings = list(prepared.warnings)
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(asked.out, findings.append)) if asked.out is not None else None
        before = look(prepared.bound)
        journal.stage("engine")
        carried, settled = _counted(asked, prepared, before)
        counted = carried.counts
        refuse_change(prepared.bound, before)
        if asked.cache is not None:
            keep_new(_work(asked, prepared), prepared.bound, before, CountCache(asked.cache), carried)
        if counted.attribution is not None:
            findings.extend(counted.attribution.findings(asked.policy))
        journal.stage("results")
        tables = _published(asked, prepared, counted, settled)
        told = _completeness(asked, prepared, counted, tables.table)
        if folder is not None:
            journal.stage("write")
            persons = _persons(prepared, counted)
            about_persons: dict[str, str] = {}
            if persons is not None and asked.pseudonyms is not None:
                persons, about_persons = asked.pseudonyms.of_rows(persons), asked.pseudonyms.words
            manifest = _manifest(asked, prepared, counted, tables.table, before)
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
        findings.extend(completeness_remarks(told, asked.completeness, _sourceless(prepared)))
    findings.extend(_not_printed(asked, tables))
    findings.extend(d for reasons in counted.failed.values() for d in reasons)
    return RunOutcome(
        printed=_printed(asked, tables, width or _DEFAULT_WIDTH),
        findings=tuple(findings),
        remarks=tuple(_remarks(asked, prepared, counted, table)),
        details=tuple(_details(counted, table)),
        exit_code=EXIT_PARTIAL if counted.failed else EXIT_OK,
        program=prepared.program,
        shown=shown,
        facts=facts,
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    """What may be shown: the rates, and both kinds of numerators side by side when asked."""

    table: PublishedTable
    comparison: pl.DataFrame | None = None


def _counted(asked: RunRequest, prepared: _Prepared, before: Seen) -> tuple[Carried, Settled]:
    """Count everybody, one bucket of people after the other; counts are added, strata and rates come after the sum."""
    bound, layout = prepared.bound, prepared.layout
    buckets = asked.buckets or buckets_for(bound, None if layout is None else layout.buckets)
    plans = Plans()

    def count(work: Work) -> Partial:
        return reduce(add, (measure_bucket(work, part, plans) for part in divided(bound, buckets, layout)))

    work = _work(asked, prepared)
    if asked.cache is None or asked.person_level:  # no rows of persons are kept
        carried = Carried(count(work), ())
    else:
        carried = count_what_is_new(work, bound, before, CountCache(asked.cache), count)
    return carried, carried.counts.settle(prepared.systems)


def _work(asked: RunRequest, prepared: _Prepared) -> Work:
    return Work(
        prepared.program,
        prepared.counted,
        prepared.systems,
        prepared.attributor,
        asked.supplemental,
        asked.sources_left_out,
        asked.person_level,
    )


def _persons(prepared: _Prepared, counted: Partial) -> pl.DataFrame | None:
    if counted.frame is None:
        return None
    return person_level(counted.frame, assign_strata(counted.frame, prepared.dimensions, prepared.systems))


def _sourceless(prepared: _Prepared) -> dict[str, str]:
    """Return the fields of completeness without a source column in the input: field to column."""
    names = {name: prepared.systems[name].source_column for name in fields(prepared.dimensions, prepared.systems)}
    return {n: column for n, column in names.items() if column and not prepared.bound.has("eligibility", column)}


def _completeness(
    asked: RunRequest, prepared: _Prepared, counted: Partial, table: PublishedTable
) -> Completeness | None:
    """Publish what people told, where strata with a source are asked for."""
    names = fields(prepared.dimensions, prepared.systems)
    return completeness(counted.told(names), table, prepared.systems, asked.completeness) if names else None


def _published(asked: RunRequest, prepared: _Prepared, counted: Partial, settled: Settled) -> _Tables:
    policy = asked.policy

    earlier = prepared.previous.earlier

    def publish(counts: Counts, also_hidden: AlsoHidden) -> PublishedTable:
        return PublishedTable(
            counts.table(counted.period, counted.people, settled, counted.links),
            policy,
            counts.waterfalls(counted.people),
            prepared.unmapped(counted),
            (counts.keys_only(counted.period), counts.amounts(settled)),
            also_hidden,
            full_audit=asked.disclosure.full_audit,
            earlier=earlier if counts is not counted.beside else Earlier(dimensions=earlier.dimensions),
        )

    if counted.beside is None or counted.as_one is None:
        return _Tables(publish(counted.shown, AlsoHidden()))
    texts = [(one.name, one.texts) for one in settled.strata]
    both = (counted.shown, counted.beside)
    changes = settled.moved("changes", counted.changes)
    table, without = paired(publish, policy, both, counted.as_one, counted.shown.rates, texts, changes)
    return _Tables(table, comparison(table, without))


def _prepare(asked: RunRequest, journal: Journal) -> _Prepared:
    journal.stage("definitions")
    catalog = Catalog.open(asked.selection.roots, value_sets=asked.selection.value_sets)
    ids = selected(catalog, asked.selection)
    chosen = choose(load_category_systems(_crosswalks(catalog), asked.code_systems), _choice(asked, catalog))
    systems = chosen.by_dimension
    dimensions = parse_by(asked.by, systems, aliases=chosen.aliases, elsewhere=chosen.elsewhere)
    period = calendar_year(asked.year)
    overrides = asked.selection.overrides_for(ids, catalog.ids())
    program = catalog.program(ids, period, overrides, asked.enrollment_key)
    named(asked.limits, program)
    journal.stage("inputs")
    needs_attribution = bool(attributed_names(dimensions))
    # A table that nothing asks for is not opened.
    wanted = needs_attribution or bool(asked.disclosure.previous)
    tables = [name for name in TABLES if wanted or name != ATTRIBUTION_TABLE]
    bad_rows: BadRows = "drop" if asked.drop_bad_rows else "refuse"
    bound, layout = open_data(asked.data, tables=tables, bad_rows=bad_rows, sources=asked.tables, access=asked.access)
    earlier = _previous(asked, program, bound, layout, systems, dimensions)
    also = parse_by(earlier.by, systems, aliases=chosen.aliases, elsewhere=chosen.elsewhere) if earlier.by else ()
    found = attributor(catalog) if attributed_names((*dimensions, *also)) else None
    mandated = asked.mandate.findings() if asked.mandate is not None else ()
    warnings = (*mandated, *bound.warnings, *check_period(bound, period), *earlier.findings)
    lost = tuple(evidence_notes(program, bound))
    return _Prepared(program, bound, systems, dimensions, lost, warnings, catalog, found, layout, earlier, also)


def _previous(
    asked: RunRequest,
    program: Program,
    bound: BoundData,
    layout: Layout | None,
    systems: Mapping[str, CategorySystem],
    dimensions: tuple[Dimension, ...],
) -> Previous:
    """Read the earlier runs that were named, and what they told of the numbers of this one."""
    if not asked.disclosure.previous:
        return Previous()
    same = {
        "period": {"start": program.period.start.isoformat(), "end": program.period.end.isoformat()},
        "enrollment_key": list(program.enrollment_key),
        "measures": [measure_entry(m.id, program, {}) for m in program.measures],
        "value_sets": [{"name": name, "digest": codes.digest} for name, codes in program.value_sets.items()],
        "inputs": [asdict(f) for f in inputs_behind(bound, layout, fingerprints(bound))],
        "bad_rows": dict(bound.bad_rows),
        "supplemental": _evidence(asked),
    }
    return previous(asked.disclosure.previous, Now(same, tuple(d.name for d in dimensions), systems))


def _evidence(asked: RunRequest) -> dict[str, object]:
    left_out = {} if asked.supplemental == "with" else asdict(asked.sources_left_out)
    # Lists, as in the manifest of an earlier run that this is compared with.
    return {"shown": asked.supplemental, **{name: list(values) for name, values in left_out.items()}}


def _choice(asked: RunRequest, catalog: Catalog) -> Choice:
    """Return the choice among category systems; a shipped table of languages is found by its name."""
    table = None
    if asked.languages is not None:
        named = [folder / LANGUAGE_TABLE_FOLDER / f"{asked.languages}.csv" for folder in _crosswalks(catalog)]
        table = next((path for path in reversed(named) if path.is_file()), Path(asked.languages))
    return Choice(asked.race_standard, asked.tabulation, table)


def _crosswalks(catalog: Catalog) -> list[Path]:
    folders = (root.folder / _CROSSWALKS for root in catalog.roots)
    return [folder for folder in folders if folder.is_dir()]


def _manifest(
    asked: RunRequest, prepared: _Prepared, counted: Partial, table: PublishedTable, before: Seen
) -> dict[str, object]:
    manifest = build_manifest(
        prepared.program,
        table,
        inputs=[asdict(f) for f in inputs_behind(prepared.bound, prepared.layout, before.files)],
        counters=counted.every_counter,
        status=dict.fromkeys(counted.failed, "failed"),
        by=[d.name for d in prepared.dimensions],
        value_sets=list(_value_sets(prepared)),
        as_of=asked.as_of,
    )
    return {
        **manifest,
        "bad_rows": dict(prepared.bound.bad_rows),
        "evidence_lost": [note.text for note in prepared.lost],
        **({"attribution": dict(counted.attribution.record)} if counted.attribution is not None else {}),
        **({"mandate": asked.mandate.record()} if asked.mandate is not None else {}),
        **_categories(prepared),
        "supplemental": _evidence(asked),
        **({"previous": list(prepared.previous.record)} if asked.disclosure.previous else {}),
        **({"pseudonymized": PSEUDONYMS} if asked.person_level and asked.pseudonyms is not None else {}),
        **_configuration(asked, prepared),
        **({"conversion": made} if (made := conversion_of(asked.data, asked.access)) else {}),
    }


def _categories(prepared: _Prepared) -> dict[str, object]:
    """Return by what the people were sorted: the category system behind every stratum that was asked for."""
    names = dict.fromkeys(name for dimension in prepared.dimensions for name in dimension.components)
    used = {name: prepared.systems[name] for name in names if name in prepared.systems}
    return {
        "category_systems": {
            name: {
                "id": system.id,
                "sha256": system.digest,
                **({"standard": system.standard} if system.standard is not None else {}),
                **({"tabulation": system.tabulation} if system.tabulation is not None else {}),
            }
            for name, system in used.items()
        }
    }


def _configuration(asked: RunRequest, prepared: _Prepared) -> dict[str, object]:
    """Return what the configuration decided: the file, and how each of the tables it speaks of was read."""
    if asked.config is None:
        return {}
    mapped = {name: list(table.sources) for name, table in prepared.bound.tables.items() if table.sources}
    return {"configuration": {"file": asked.config.name, "sha256": asked.config.sha256}, "sources": mapped}


def _value_sets(prepared: _Prepared) -> Iterator[dict[str, object]]:
    for name, codes in prepared.program.value_sets.items():
        known = prepared.catalog.value_sets.get(name)
        yield {
            "name": name,
            "digest": codes.digest,
            "source": known.source if known else "",
            "confidence": known.confidence if known else "",
            "oid": known.oid if known else "",
            "version": known.version if known else "",
            "taken_from": known.taken_from if known else "",
        }


_RENDERERS: Mapping[str, Callable[[PublishedTable], bytes]] = {"csv": results_csv, "json": results_json}


def _printed(asked: RunRequest, tables: _Tables, width: int) -> str:
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


def _not_printed(asked: RunRequest, tables: _Tables) -> Iterator[Diagnostic]:
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


def _remarks(asked: RunRequest, prepared: _Prepared, counted: Partial, table: PublishedTable) -> Iterator[str]:
    for fault, rows in prepared.bound.bad_rows.items():
        yield f"left out {rows:,} eligibility {_plural(rows, 'row')}: {fault}"
    for note in prepared.lost:
        yield f"evidence: {note.text}"
    counters = counted.every_counter
    for name, column in _sourceless(prepared).items():
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


def _details(counted: Partial, table: PublishedTable) -> Iterator[str]:
    for name, count in counted.every_counter.items():
        shown = table.people if name == "people" else table.policy.shown(count)
        yield f"{name}: {'*' if shown is None else shown}"


def _plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"
