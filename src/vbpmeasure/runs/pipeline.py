"""One run from the request to the results: definitions, data, engine, rates, suppression, outputs.

Everything that can be refused is refused before the engine starts, and the run folder is locked before that, so that
hours of work are never lost to a mistake that could have been seen at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import polars as pl

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import BadRows, bind
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.evidence import EvidenceNote, evidence_notes
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import EXIT_OK, EXIT_PARTIAL, Diagnostic, Severity
from vbpmeasure.outputs.amounts_text import amounts_text
from vbpmeasure.outputs.delimited import results_csv
from vbpmeasure.outputs.jsons import results_json
from vbpmeasure.outputs.supplemental_text import supplemental_csv, supplemental_text
from vbpmeasure.outputs.table import results_text
from vbpmeasure.outputs.waterfall_text import waterfall_text
from vbpmeasure.plan.measures import Program, calendar_year
from vbpmeasure.results.amounts import amounts
from vbpmeasure.results.attribution.attribute import TABLE as ATTRIBUTION_TABLE
from vbpmeasure.results.attribution.attribute import Attribution, with_attributed
from vbpmeasure.results.categories.crosswalks import CategorySystem, load_category_systems
from vbpmeasure.results.categories.dimensions import Dimension, attributed_names, attributes_needed, parse_by
from vbpmeasure.results.categories.standards import LANGUAGE_TABLE_FOLDER, Choice, choose
from vbpmeasure.results.categories.strata import StrataSet, assign_strata
from vbpmeasure.results.completeness.answers import answers, columns_of_completeness, fields
from vbpmeasure.results.completeness.months import enrolled
from vbpmeasure.results.completeness.remarks import completeness_remarks
from vbpmeasure.results.completeness.table import Completeness, completeness
from vbpmeasure.results.disclosure.earlier import Earlier
from vbpmeasure.results.disclosure.published import AlsoHidden, PublishedTable
from vbpmeasure.results.frame import ResultFrame, unknown_provider_counter
from vbpmeasure.results.person_level import person_level
from vbpmeasure.results.rates import rate_table
from vbpmeasure.results.remarks import strata_remarks, withheld_remarks
from vbpmeasure.results.reported import reported, shares
from vbpmeasure.results.supplemental import comparison, published_pair
from vbpmeasure.results.waterfall import waterfalls
from vbpmeasure.runs.attributing import Attributor, attributor
from vbpmeasure.runs.conversion import conversion_of
from vbpmeasure.runs.definitions import selected
from vbpmeasure.runs.folder import RunFolder
from vbpmeasure.runs.manifest import build_manifest, measure_entry
from vbpmeasure.runs.measuring import Measured, measure
from vbpmeasure.runs.previous import Now, Previous, previous
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.supplementing import measure_without, source_remarks
from vbpmeasure.runs.writer import write_run

_DEFAULT_WIDTH = 100
_CROSSWALKS = "crosswalks"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run leaves for the command line to show.

    ``printed`` is the result in the format asked for (empty for Parquet); ``findings`` are diagnostics that stopped
    nothing; ``remarks`` are one line each, ``details`` too, of less weight.
    """

    printed: str
    findings: tuple[Diagnostic, ...]
    remarks: tuple[str, ...]
    details: tuple[str, ...]
    exit_code: int


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
    previous: Previous = field(default_factory=Previous)
    also: tuple[Dimension, ...] = ()  # of earlier runs alone: counted, and not shown

    @property
    def counted(self) -> tuple[Dimension, ...]:
        """All dimensions that people are sorted by."""
        return (*self.dimensions, *self.also)


def run(asked: RunRequest, width: int | None = None) -> RunOutcome:
    """Do one run; ``width`` is the terminal's, for the table format.

    Raises :class:`Failure` for anything that stops it; then no result is printed, and a run folder that stood there
    before is as it was. When some measures fail in the engine the others are written, and the exit code says so.
    """
    prepared = _prepare(asked)
    findings = list(prepared.warnings)
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(asked.out, findings.append)) if asked.out is not None else None
        attributed = _attributed(prepared)
        judged = _judged(asked, prepared, attributed)
        if attributed is not None:
            findings.extend(attributed.findings(asked.policy))
        strata = assign_strata(judged.shown.frame, prepared.dimensions, prepared.systems)
        tables = _published(asked, judged, strata, prepared)
        told = _completeness(asked, prepared, judged, tables.table)
        if folder is not None:
            persons = person_level(reported(judged.shown.frame), strata) if asked.person_level else None
            manifest = _manifest(asked, prepared, judged.shown, tables.table, attributed)
            if told is not None:
                manifest["completeness"] = told.record(asked.completeness)
            missing = told.table if told is not None else None
            write_run(folder, tables.table, manifest, persons, tables.comparison, missing)
    table, measured = tables.table, judged.shown
    findings.extend(source_remarks(prepared.bound, asked.sources_left_out) if asked.supplemental != "with" else ())
    findings.extend(strata_remarks(table, strata.absent))
    findings.extend(withheld_remarks(table))
    if told is not None:
        findings.extend(completeness_remarks(told, asked.completeness, _sourceless(prepared)))
    findings.extend(_not_printed(asked, tables))
    findings.extend(d for reasons in measured.failed.values() for d in reasons)
    return RunOutcome(
        printed=_printed(asked, tables, width or _DEFAULT_WIDTH),
        findings=tuple(findings),
        remarks=tuple(_remarks(asked, prepared, measured, table)),
        details=tuple(_details(measured, table)),
        exit_code=EXIT_PARTIAL if measured.failed else EXIT_OK,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the engine found: the judgement to show, and beside it the one without supplemental evidence when asked."""

    shown: Measured
    beside: Measured | None = None


@dataclass(frozen=True, slots=True)
class _Tables:
    """What may be shown: the rates, and both kinds of numerators side by side when asked."""

    table: PublishedTable
    comparison: pl.DataFrame | None = None


def _attributes(prepared: _Prepared) -> tuple[str, ...]:
    """Return the columns of eligibility that strata and completeness read."""
    strata = attributes_needed(prepared.counted, prepared.systems)
    return tuple(dict.fromkeys((*strata, *columns_of_completeness(prepared.dimensions, prepared.systems))))


def _sourceless(prepared: _Prepared) -> dict[str, str]:
    """Return the fields of completeness without a source column in the input: field to column."""
    names = {name: prepared.systems[name].source_column for name in fields(prepared.dimensions, prepared.systems)}
    return {n: column for n, column in names.items() if column and not prepared.bound.has("eligibility", column)}


def _completeness(
    asked: RunRequest, prepared: _Prepared, judged: _Judged, table: PublishedTable
) -> Completeness | None:
    """Count what people told, where strata with a source are asked for."""
    names = fields(prepared.dimensions, prepared.systems)
    if not names:
        return None
    frame = shares(reported(judged.shown.frame))
    given = answers(names, prepared.systems, frame.people)
    with guarded(prepared.bound.tables):
        months = enrolled(prepared.bound.tables["eligibility"].frame, frame.people["person_id"], frame.period)
    return completeness(frame, given, months, table, prepared.systems, asked.completeness)


def _judged(asked: RunRequest, prepared: _Prepared, attributed: Attribution | None) -> _Judged:
    program, bound = prepared.program, prepared.bound
    attributes = _attributes(prepared)
    found = measure(program, bound, attributes, evidence=asked.person_level)
    if attributed is not None:
        people = with_attributed(found.frame.people, attributed, attributed_names(prepared.counted))
        found = replace(found, frame=replace(found.frame, people=people))
    if asked.supplemental == "with":
        return _Judged(found)
    left_out = asked.sources_left_out
    both = measure_without(program, bound, attributes, found, left_out, evidence=asked.person_level)
    return _Judged(*both) if asked.supplemental == "both" else _Judged(both[1])


def _published(asked: RunRequest, judged: _Judged, strata: StrataSet, prepared: _Prepared) -> _Tables:
    policy = asked.policy
    unmapped = strata.unmapped
    if prepared.also:
        strata = assign_strata(judged.shown.frame, prepared.counted, prepared.systems)

    def publish(frame: ResultFrame, also_hidden: AlsoHidden) -> PublishedTable:
        counts = rate_table(shares(frame), strata)
        others = (frame, amounts(frame, strata))
        return PublishedTable(
            counts,
            policy,
            waterfalls(frame),
            unmapped,
            others,
            also_hidden,
            full_audit=asked.disclosure.full_audit,
            earlier=prepared.previous.earlier if frame is not beside else Earlier(),
        )

    shown = reported(judged.shown.frame)
    beside = None if judged.beside is None else reported(judged.beside.frame)
    if beside is None:
        return _Tables(publish(shown, AlsoHidden()))
    table, without = published_pair(publish, policy, shown, beside, strata)
    return _Tables(table, comparison(table, without))


def _prepare(asked: RunRequest) -> _Prepared:
    catalog = Catalog.open(asked.selection.roots, value_sets=asked.selection.value_sets)
    ids = selected(catalog, asked.selection)
    chosen = choose(load_category_systems(_crosswalks(catalog), asked.code_systems), _choice(asked, catalog))
    systems = chosen.by_dimension
    dimensions = parse_by(asked.by, systems, aliases=chosen.aliases, elsewhere=chosen.elsewhere)
    period = calendar_year(asked.year)
    overrides = asked.selection.overrides_for(ids, catalog.ids())
    program = catalog.program(ids, period, overrides, asked.enrollment_key)
    needs_attribution = bool(attributed_names(dimensions))
    # A table that nothing asks for is not opened.
    wanted = needs_attribution or bool(asked.disclosure.previous)
    tables = [name for name in TABLES if wanted or name != ATTRIBUTION_TABLE]
    bad_rows: BadRows = "drop" if asked.drop_bad_rows else "refuse"
    bound = bind(asked.data, tables=tables, bad_rows=bad_rows, sources=asked.tables, access=asked.access)
    earlier = _previous(asked, program, bound, systems, dimensions)
    also = parse_by(earlier.by, systems, aliases=chosen.aliases, elsewhere=chosen.elsewhere) if earlier.by else ()
    found = attributor(catalog) if attributed_names((*dimensions, *also)) else None
    mandated = asked.mandate.findings() if asked.mandate is not None else ()
    warnings = (*mandated, *bound.warnings, *check_period(bound, period), *earlier.findings)
    lost = tuple(evidence_notes(program, bound))
    return _Prepared(program, bound, systems, dimensions, lost, warnings, catalog, found, earlier, also)


def _previous(
    asked: RunRequest,
    program: Program,
    bound: BoundData,
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
        "inputs": [asdict(f) for f in fingerprints(bound)],
        "bad_rows": dict(bound.bad_rows),
        "supplemental": _evidence(asked),
    }
    return previous(asked.disclosure.previous, Now(same, tuple(d.name for d in dimensions), systems))


def _evidence(asked: RunRequest) -> dict[str, object]:
    left_out = {} if asked.supplemental == "with" else asdict(asked.sources_left_out)
    return {"shown": asked.supplemental, **left_out}


def _choice(asked: RunRequest, catalog: Catalog) -> Choice:
    """Return the choice among category systems; a shipped table of languages is found by its name."""
    table = None
    if asked.languages is not None:
        named = [folder / LANGUAGE_TABLE_FOLDER / f"{asked.languages}.csv" for folder in _crosswalks(catalog)]
        table = next((path for path in reversed(named) if path.is_file()), Path(asked.languages))
    return Choice(asked.race_standard, asked.tabulation, table)


def _attributed(prepared: _Prepared) -> Attribution | None:
    """Attribute everybody at the end of the period; None when no dimension asks for it."""
    if prepared.attributor is None:
        return None
    period = prepared.program.period
    return prepared.attributor.attribute(prepared.bound, period.start, period.end)


def _crosswalks(catalog: Catalog) -> list[Path]:
    folders = (root.folder / _CROSSWALKS for root in catalog.roots)
    return [folder for folder in folders if folder.is_dir()]


def _manifest(
    asked: RunRequest, prepared: _Prepared, measured: Measured, table: PublishedTable, attributed: Attribution | None
) -> dict[str, object]:
    manifest = build_manifest(
        prepared.program,
        table,
        inputs=[asdict(f) for f in fingerprints(prepared.bound)],
        counters=measured.frame.counters,
        status=dict.fromkeys(measured.failed, "failed"),
        by=[d.name for d in prepared.dimensions],
        value_sets=list(_value_sets(prepared)),
        as_of=asked.as_of,
    )
    return {
        **manifest,
        "bad_rows": dict(prepared.bound.bad_rows),
        "evidence_lost": [note.text for note in prepared.lost],
        **({"attribution": dict(attributed.record)} if attributed is not None else {}),
        **({"mandate": asked.mandate.record()} if asked.mandate is not None else {}),
        **_categories(prepared),
        "supplemental": _evidence(asked),
        **({"previous": list(prepared.previous.record)} if asked.disclosure.previous else {}),
        **_configuration(asked, prepared),
        **({"conversion": made} if isinstance(asked.data, Path) and (made := conversion_of(asked.data)) else {}),
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


def _remarks(asked: RunRequest, prepared: _Prepared, measured: Measured, table: PublishedTable) -> Iterator[str]:
    for fault, rows in prepared.bound.bad_rows.items():
        yield f"left out {rows:,} eligibility {_plural(rows, 'row')}: {fault}"
    for note in prepared.lost:
        yield f"evidence: {note.text}"
    for name, column in _sourceless(prepared).items():
        yield f"completeness: {name}: no column {column} in eligibility: nobody knows which answers are direct"
    for one in prepared.program.measures:
        days = measured.frame.counters.get(unknown_provider_counter(one.id), 0)
        if days:
            yield (
                f"providers: {one.id}: {table.policy.shown(days)} person-days lack only a known provider taxonomy to "
                "count; parameter `unknown_provider` decides"
            )
    if asked.out is not None:
        yield f"wrote {asked.out}"


def _details(measured: Measured, table: PublishedTable) -> Iterator[str]:
    for name, count in measured.frame.counters.items():
        shown = table.people if name == "people" else table.policy.shown(count)
        yield f"{name}: {'*' if shown is None else shown}"


def _plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"
