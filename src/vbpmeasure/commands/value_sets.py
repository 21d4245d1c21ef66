"""What `valuesets list` and `valuesets diff` ask of the value sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.commands.definitions import year_of
from vbpmeasure.commands.importing import read_source
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.plan.uses import value_sets_of
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.terminology.user_sets import UserSets
from vbpmeasure.terminology.value_set import ValueSet
from vbpmeasure.terminology.value_sets import SetFile, ValueSetLibrary

_SHIPPED = "shipped:"
_FILES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".yaml")


@dataclass(frozen=True, slots=True)
class ListedSet:
    """One file of a set; ``overridden_by`` names what definitions get instead, empty when they get it."""

    value_set: ValueSet
    address: str
    origin: str
    overridden_by: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The sets by name (shipped first, versions in order), and what is wrong with files and mapping."""

    sets: tuple[ListedSet, ...]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """A measure that uses a set that differs, and its rates that do."""

    measure: str
    rates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetDifference:
    """One set on both sides: codes by system that only the second has, and that only the first has.

    ``before`` or ``after`` is None when only the other side has the set. ``touched`` is for the names under which
    definitions use it.
    """

    name: str
    before: ValueSet | None
    after: ValueSet | None
    added: dict[str, tuple[str, ...]]
    removed: dict[str, tuple[str, ...]]
    touched: tuple[Touched, ...]


def listing(roots: Sequence[Path], sets: UserSets) -> Listing:
    """Return all sets of the shipped measures, those of ``roots`` and the user's ``sets``. Raises `Failure` VBM242."""
    library = Catalog.open(roots, value_sets=sets).value_sets
    found: list[ListedSet] = []
    for name in library.names():
        files = library.files(name)
        entry = library.replacement(name)
        in_force = library.get(name)
        for file in files:
            value_set = library.read(file)
            if value_set is None:
                continue
            if entry is not None:
                taken = in_force.taken_from if in_force is not None else ""
                overridden = "" if file.address in taken.split(" + ") and file is files[-1] else taken
            else:
                overridden = "" if file is files[-1] else files[-1].address
            found.append(ListedSet(value_set, file.address, _origin(file), overridden))
    return Listing(tuple(found), library.diagnostics)


def differences(first: str, second: str | None, roots: Sequence[Path], sets: UserSets) -> tuple[SetDifference, ...]:
    """Return the sets that differ between two sides, by name.

    A side is the name of a set (as definitions get it), ``NAME@VERSION``, ``shipped:NAME``, or a file that can be
    imported. With one side alone, the shipped set of that name is compared with what stands in for it. Two sides of one
    set each are compared whatever they are called. Raises `Failure` VBM266 for sides that name nothing.
    """
    catalog = Catalog.open(roots, value_sets=sets)
    library = catalog.value_sets
    errors = [d for d in library.folder_diagnostics if d.severity is Severity.ERROR]
    if errors:
        raise Failure(errors)
    before = _side(library, f"{_SHIPPED}{first}" if second is None else first)
    after = _side(library, first if second is None else second)
    if len(before) == len(after) == 1:
        pairs = [(*before.values(), *after.values())]
    else:
        names = sorted({*before, *after})
        pairs = [(before.get(name), after.get(name)) for name in names]  # type: ignore[misc]
    users = _users(catalog)
    compared = (_compared(old, new, library, users) for old, new in pairs)
    return tuple(one for one in compared if one.added or one.removed or one.before is None or one.after is None)


def _origin(file: SetFile) -> str:
    return "shipped" if file.path.resolve().is_relative_to(measures_root().resolve()) else "user"


def _side(library: ValueSetLibrary, text: str) -> dict[str, ValueSet]:
    name = text.removeprefix(_SHIPPED)
    if name == text and text.lower().endswith(_FILES) and not text.lower().endswith(".yaml"):
        return {one.name: one for one in read_source(Path(text))}
    if name != text:
        files = [file for file in library.files(name) if _origin(file) == "shipped"]
    elif text in library:
        value_set = library.get(text)
        if value_set is None:
            raise Failure(library.diagnostics_of([text]))
        return {text: value_set}
    else:
        files = list(library.find(text))
    sets = {file.name: library.read(file) for file in files}
    if not sets or None in sets.values():
        hint = suggestion(name, library.names()) or "`vbpmeasure valuesets list` shows what there is"
        raise Failure(Diagnostic("VBM266", f"no value set is called `{text}`", hint=hint))
    return {name: value_set for name, value_set in sets.items() if value_set is not None}


def _compared(
    old: ValueSet | None, new: ValueSet | None, library: ValueSetLibrary, users: dict[str, list[Touched]]
) -> SetDifference:
    systems = sorted({*(old.codes if old else ()), *(new.codes if new else ())})
    added, removed = {}, {}
    for system in systems:
        was = set(old.codes.get(system, ())) if old else set()
        now = set(new.codes.get(system, ())) if new else set()
        if now - was:
            added[system] = tuple(sorted(now - was))
        if was - now:
            removed[system] = tuple(sorted(was - now))
    names = {one.name for one in (old, new) if one is not None}
    # A set that stands in for another touches whoever uses the other.
    for name in library.names():
        value_set = library.get(name) if library.replacement(name) is not None else None
        parts = {part.partition("@")[0] for part in value_set.taken_from.split(" + ")} if value_set else set()
        if parts & names:
            names = names | {name}
    touched: dict[str, set[str]] = {}
    for name in sorted(names):
        for user in users.get(name, ()):
            touched.setdefault(user.measure, set()).update(user.rates)
    return SetDifference(
        new.name if new else old.name if old else "",
        old,
        new,
        added,
        removed,
        tuple(Touched(measure, tuple(sorted(rates))) for measure, rates in sorted(touched.items())),
    )


def _users(catalog: Catalog) -> dict[str, list[Touched]]:
    """Return, by name of a set, the measures and rates that use it; measures that cannot be built are left out."""
    users: dict[str, list[Touched]] = {}
    for measure in catalog.ids():
        try:
            info = catalog.info(measure)
            year = year_of(info, None)
            plan = catalog.program([measure], calendar_year(year)).measures[0]
        except Failure:
            continue
        for rate in plan.rates:
            for name in value_sets_of([rate]):
                users.setdefault(name, []).append(Touched(measure, (rate.id,)))
    return users
