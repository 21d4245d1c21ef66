"""What `list`, `show`, `check` and `schema` ask of the definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.info import MeasureInfo
from vbpmeasure.diagnostics.model import (
    EXIT_CHECK_FAILED,
    EXIT_OK,
    EXIT_USAGE,
    Diagnostic,
    Failure,
    Severity,
)
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.runs.request import check_year
from vbpmeasure.runs.selection import Selection
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.terminology.user_sets import NO_USER_SETS, UserSets
from vbpmeasure.terminology.value_set import ValueSet


@dataclass(frozen=True, slots=True)
class MeasureOverview:
    """A measure with what it uses in one measurement year.

    ``in_force`` names, by parameter, the year from which the value in force holds; ``value_sets`` are sorted by name.
    """

    info: MeasureInfo
    year: int
    in_force: Mapping[str, int]
    value_sets: tuple[ValueSet, ...]


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The findings of a check, a line that sums them up, and the exit code they lead to."""

    findings: tuple[Diagnostic, ...]
    summary: str
    exit_code: int


def listing(selection: Selection, families: Sequence[str] = ()) -> tuple[MeasureInfo, ...]:
    """Return the measures of a selection, drafts and retired ones too, in catalog order.

    With families, those of them that belong to one. Raises :class:`Failure` VBM461 for a family that no measure has.
    """
    catalog = Catalog.open(selection.roots)
    ids = catalog.select(selection.select) if selection.select else catalog.ids()
    found = tuple(catalog.info(id) for id in ids)
    known = {info.family for info in found}
    unknown = [family for family in families if family not in known]
    if unknown:
        raise Failure(
            Diagnostic(
                "VBM461", f"no measure is of the family `{name}`", hint=suggestion_or_list(name, known, "families")
            )
            for name in unknown
        )
    return tuple(info for info in found if not families or info.family in families)


def overview(
    measure: str, roots: Sequence[Path], year: int | None = None, value_sets: UserSets = NO_USER_SETS
) -> MeasureOverview:
    """Return what is known about one measure; the year defaults to the measure's edition."""
    catalog = Catalog.open(roots, value_sets=value_sets)
    info = catalog.info(measure)
    measured = year_of(info, year)
    program = catalog.program([measure], calendar_year(measured))
    found = (catalog.value_sets.get(name) for name in sorted(program.value_sets))
    in_force = {
        name: max((int(v.from_) for v in parameter.values if int(v.from_) <= measured), default=0)
        for name, parameter in info.parameters.items()
    }
    return MeasureOverview(info, measured, in_force, tuple(s for s in found if s is not None))


def year_of(info: MeasureInfo, year: int | None) -> int:
    """Return the year asked for, else the year of the measure's edition.

    Raises :class:`Failure`: VBM409 for a year out of range, VBM407 when the edition is not a year.
    """
    if year is None and not (info.edition.isascii() and info.edition.isdecimal()):
        raise Failure(
            Diagnostic("VBM407", f"the edition of `{info.id}` is no year, so one is needed", hint="add `--year 2025`")
        )
    measured = int(info.edition) if year is None else year
    check_year(measured)
    return measured


def check(
    targets: Sequence[str], roots: Sequence[Path], *, strict: bool, value_sets: UserSets = NO_USER_SETS
) -> CheckOutcome:
    """Check measures by id, tag, file or folder; all known measures and value sets when nothing is named.

    Raises :class:`Failure` for names and paths that do not exist.
    """
    known = Catalog.open(roots)
    paths = [Path(t) for t in targets if _is_path(t, known)]
    names = [t for t in targets if not _is_path(t, known)]
    new_roots = [p for p in paths if not _ids_below(known, p)]
    catalog = Catalog.open([*roots, *new_roots], value_sets=value_sets)
    ids = (*(catalog.select(names) if names else ()), *(id for p in paths for id in _ids_below(catalog, p)))
    findings = tuple(catalog.check(tuple(dict.fromkeys(ids)) if targets else None))
    errors = sum(d.severity is Severity.ERROR for d in findings)
    warnings = len(findings) - errors
    checked = len(set(ids)) if targets else len(catalog.ids())
    exit_code = EXIT_USAGE if errors else EXIT_CHECK_FAILED if strict and warnings else EXIT_OK
    return CheckOutcome(findings, _summary(checked, errors, warnings), exit_code)


def _is_path(target: str, catalog: Catalog) -> bool:
    if target in catalog.ids() or target.startswith("tag:"):
        return False
    return target.endswith((".yaml", ".yml")) or "/" in target or Path(target).exists()


def _ids_below(catalog: Catalog, path: Path) -> tuple[str, ...]:
    """Return the measures that the catalog reads from this file, or from below this folder."""
    place = path.resolve()
    return tuple(id for id in catalog.ids() if catalog.path(id).resolve().is_relative_to(place))


def _summary(measures: int, errors: int, warnings: int) -> str:
    found = ", ".join(
        text for text, number in ((_count(errors, "error"), errors), (_count(warnings, "warning"), warnings)) if number
    )
    return f"{_count(measures, 'measure')} checked: {found or 'nothing found'}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def schema_text(kind: str) -> str:
    """Return the JSON Schema of one kind of file: measure, fragment, cases or value_set (``KeyError`` otherwise)."""
    from vbpmeasure.spec.json_schema import schema_files  # noqa: PLC0415  reading a definition needs no schema

    return schema_files()[f"{kind}.schema.json"]


def write_schemas(folder: Path, named: str = "--folder") -> Iterable[Path]:
    """Write the JSON Schema files into a folder (made when missing) and return their paths.

    ``named`` is what says the folder on the command line. Raises :class:`Failure` (5xx) when it cannot be written.
    """
    from vbpmeasure.spec.json_schema import schema_files  # noqa: PLC0415

    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in schema_files().items():
            (folder / name).write_text(text, encoding="utf-8")
            written.append(folder / name)
    except OSError as error:
        raise output_failure(error, folder, named) from None
    return written
