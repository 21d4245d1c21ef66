"""All that can be known, and refused, before the engine starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import BadRows
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.layout import Layout
from vbpmeasure.data.buckets.opening import inputs_behind, open_data
from vbpmeasure.data.contract import TABLES
from vbpmeasure.data.evidence import EvidenceNote, evidence_notes
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.monitoring.journal import Journal
from vbpmeasure.monitoring.limits import named
from vbpmeasure.plan.measures import Program, calendar_year
from vbpmeasure.results.attribution.attribute import TABLE as ATTRIBUTION_TABLE
from vbpmeasure.results.categories import CROSSWALKS
from vbpmeasure.results.categories.crosswalks import CategorySystem, load_category_systems
from vbpmeasure.results.categories.dimensions import Dimension, attributed_names, parse_by
from vbpmeasure.results.categories.standards import LANGUAGE_TABLE_FOLDER, Choice, choose
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.runs.attributing import Attributor, attributor
from vbpmeasure.runs.manifest import measure_entry
from vbpmeasure.runs.previous import Now, Previous, previous
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import selected
from vbpmeasure.runs.supplementing import evidence_shown

if TYPE_CHECKING:
    from vbpmeasure.runs.spread.catalog import CatalogData


@dataclass(frozen=True, slots=True)
class Prepared:
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
    catalog_data: CatalogData | None = None  # tables that only Spark reads

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


def prepare(asked: RunRequest, journal: Journal) -> Prepared:
    """Read definitions, category systems, data and earlier runs; nothing is counted yet.

    Raises ``Failure`` for everything that a run can be refused for before the engine starts.
    """
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
    catalog_data = None
    if asked.spark_schema is not None:
        catalog_data = _of_spark(asked, asked.spark_schema, tables)
        bound, layout = catalog_data.bound, None
        covered = catalog_data.check_period(period)
    else:
        bound, layout = open_data(
            asked.data, tables=tables, bad_rows=bad_rows, sources=asked.tables, access=asked.access
        )
        covered = check_period(bound, period)
    earlier = _previous(asked, program, bound, layout, systems, dimensions)
    also = parse_by(earlier.by, systems, aliases=chosen.aliases, elsewhere=chosen.elsewhere) if earlier.by else ()
    found = attributor(catalog) if attributed_names((*dimensions, *also)) else None
    mandated = asked.mandate.findings() if asked.mandate is not None else ()
    warnings = (*mandated, *bound.warnings, *covered, *earlier.findings)
    lost = tuple(evidence_notes(program, bound))
    return Prepared(
        program, bound, systems, dimensions, lost, warnings, catalog, found, layout, earlier, also, catalog_data
    )


def _of_spark(asked: RunRequest, schema: str, tables: Collection[str]) -> CatalogData:
    """Bind tables that only Spark reads, and have its workers check the rows of eligibility."""
    from vbpmeasure.executors.spark import Spark  # noqa: PLC0415  the engine is heavy, and mostly not there
    from vbpmeasure.runs.spread.catalog import CatalogData  # noqa: PLC0415

    found = CatalogData(Spark(asked.master), schema, tables)
    found.buckets = asked.buckets or found.buckets
    found.check_rows(drop=asked.drop_bad_rows)
    return found


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
        "supplemental": evidence_shown(asked),
    }
    return previous(asked.disclosure.previous, Now(same, tuple(d.name for d in dimensions), systems))


def _choice(asked: RunRequest, catalog: Catalog) -> Choice:
    """Return the choice among category systems; a shipped table of languages is found by its name."""
    table = None
    if asked.languages is not None:
        named = [folder / LANGUAGE_TABLE_FOLDER / f"{asked.languages}.csv" for folder in _crosswalks(catalog)]
        table = next((path for path in reversed(named) if path.is_file()), Path(asked.languages))
    return Choice(asked.race_standard, asked.tabulation, table)


def _crosswalks(catalog: Catalog) -> list[Path]:
    folders = (root.folder / CROSSWALKS for root in catalog.roots)
    return [folder for folder in folders if folder.is_dir()]
