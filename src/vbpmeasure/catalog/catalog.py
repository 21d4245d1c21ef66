"""The catalog: one place to find, check and build measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from vbpmeasure.catalog.info import MeasureInfo, describe
from vbpmeasure.catalog.members import lending, members_of, with_members_digest
from vbpmeasure.catalog.roots import DECK_FILE, Root, open_roots
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.diagnostics.source import attach_source_lines
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.measures import DEFAULT_ENROLLMENT_KEY, CodeSet, MeasurePlan, Period, Program
from vbpmeasure.spec.checks import check_measure, check_value_sets
from vbpmeasure.spec.checks.composites import check_foreign
from vbpmeasure.spec.load import FragmentFile, MeasureFile, load_fragment, load_measure
from vbpmeasure.spec.namespace import Namespace, namespace
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.words import Word
from vbpmeasure.terminology.user_sets import NO_USER_SETS, UserSets
from vbpmeasure.terminology.value_sets import ValueSetLibrary, load_value_sets


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a measure is defined."""

    path: Path
    root: Root


@dataclass
class Catalog:
    """The measures of some roots by id; files are read when they are needed, and only once."""

    roots: tuple[Root, ...]
    user_sets: UserSets = NO_USER_SETS
    _measures: dict[str, MeasureFile | Failure] = field(default_factory=dict, repr=False)
    _fragments: dict[Path, FragmentFile | Failure] = field(default_factory=dict, repr=False)

    @classmethod
    def open(
        cls,
        roots: Sequence[Path] = (),
        shipped: bool = True,
        value_sets: UserSets = NO_USER_SETS,
    ) -> Catalog:
        """Return the catalog of the shipped measures and those of ``roots`` (folders, or single definition files).

        ``value_sets`` win over those of the roots. Raises `Failure` VBM242 for roots that are not there or hold no
        measures.
        """
        return cls(open_roots([*([measures_root()] if shipped else []), *roots]), value_sets)

    # --- finding ---------------------------------------------------------------------------------------------

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all measures: shipped ones first, then root by root, by folder name."""
        return tuple(self._places)

    def select(self, selectors: Iterable[str]) -> tuple[str, ...]:
        """Return the ids that the selectors (``ID`` or ``tag:TAG``) name, each once, in catalog order.

        Raises `Failure` with a VBM240 for every unknown id and a VBM241 for every tag that no measure has, and with the
        findings of unreadable definitions when a tag has to be looked for.
        """
        wanted: set[str] = set()
        found: list[Diagnostic] = []
        for selector in selectors:
            kind, colon, name = selector.partition(":")
            if colon and kind == "tag":
                tagged = [id for id in self.ids() if name in self._measure(id).model.tags]
                if not tagged:
                    known = {str(tag) for id in self.ids() for tag in self._measure(id).model.tags}
                    hint = suggestion_or_list(name, known, "tags")
                    found.append(Diagnostic("VBM241", f"no measure has the tag `{name}`", hint=hint or None))
                wanted.update(tagged)
            elif selector in self._places:
                wanted.add(selector)
            else:
                hint = suggestion_or_list(selector, self.ids(), "measures")
                found.append(Diagnostic("VBM240", f"no measure is called `{selector}`", hint=hint or None))
        if found:
            raise Failure(found)
        return tuple(id for id in self.ids() if id in wanted)

    def info(self, id: str) -> MeasureInfo:
        """Return what the definition says about a measure; raises `Failure` when it is unknown or unreadable."""
        file, names, found = self._names(id)
        if found:
            raise Failure(found)
        return describe(file, names, self.deck_path(id))

    def deck_path(self, id: str) -> Path | None:
        """Return the test deck beside the definition, or None when there is none; raises `Failure` VBM240."""
        deck = self._place(id).path.with_name(DECK_FILE)
        return deck if deck.is_file() else None

    def path(self, id: str) -> Path:
        """Return the definition file of a measure; raises `Failure` VBM240 when there is no such measure."""
        return self._place(id).path

    @cached_property
    def value_sets(self) -> ValueSetLibrary:
        """The value sets of all roots, and of the folders of their own."""
        folders = [root.value_sets for root in self.roots if root.value_sets is not None]
        return load_value_sets([*folders, *self.user_sets.folders], self.user_sets.mapping)

    # --- checking and building -------------------------------------------------------------------------------

    def check(self, ids: Iterable[str] | None = None, year: int | None = None) -> list[Diagnostic]:
        """Return every finding about the measures (all when ``ids`` is None), fragments and value sets, each once.

        ``year`` is the measurement year whose parameter values are taken; None takes the latest of each measure.
        """
        everything = ids is None
        selected = self.ids() if ids is None else tuple(ids)
        found: list[Diagnostic] = list(self._duplicates(selected))
        for id in selected:
            found += self._check_one(id, year)
        found += self.value_sets.folder_diagnostics
        if everything:
            found += self._check_fragments()
            found += self.value_sets.diagnostics
        return _each_once(attach_source_lines(found))

    def program(
        self,
        ids: Iterable[str],
        period: Period,
        parameters: Mapping[str, Mapping[str, str]] | None = None,
        enrollment_key: tuple[str, ...] = DEFAULT_ENROLLMENT_KEY,
    ) -> Program:
        """Return the program of the measures for a period; ``parameters`` are overrides by measure id, as text.

        Raises `Failure` with every error of the selected definitions and their value sets, and VBM240 for unknown ids.
        """
        selected = tuple(dict.fromkeys(ids))
        overrides = parameters or {}
        found: list[Diagnostic] = list(self._duplicates(selected))
        for id in overrides:
            if id not in selected:
                hint = suggestion_or_list(id, selected, "selected measures")
                found.append(Diagnostic("VBM240", f"parameters are given for `{id}`, which is not selected", hint=hint))
        found += self.value_sets.folder_diagnostics
        plans: list[MeasurePlan] = []
        for id in selected:
            errors = [d for d in self._check_one(id, period.year, overrides.get(id)) if d.severity is Severity.ERROR]
            found += errors
            if not errors:
                _, names, _ = self._names(id)
                plans.append(build_measure(names, period.year, overrides.get(id)))
        support = self._support(plans, period.year, overrides, found)
        if found:
            raise Failure(_each_once(attach_source_lines(found)))
        plans = [with_members_digest(plan, [*plans, *support]) for plan in plans] + support
        return Program(tuple(plans), period, self._codes(plans), enrollment_key)

    def _support(
        self,
        plans: Sequence[MeasurePlan],
        year: int,
        overrides: Mapping[str, Mapping[str, str]],
        found: list[Diagnostic],
    ) -> list[MeasurePlan]:
        """Return the measures that only lend rates to composites of the others, cut to those rates."""
        selected = {plan.id for plan in plans}
        lent: dict[str, set[str]] = {}
        for measure, rate in (member for plan in plans for member in members_of(plan)):
            if measure not in selected:
                lent.setdefault(measure, set()).add(rate)
        support = []
        for id, rates in sorted(lent.items()):
            errors = [d for d in self._check_one(id, year, overrides.get(id)) if d.severity is Severity.ERROR]
            found += errors
            if not errors:
                _, names, _ = self._names(id)
                support.append(lending(build_measure(names, year, overrides.get(id)), rates))
        return support

    # --- inside ----------------------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> dict[str, _Place]:
        return {id: places[0] for id, places in self._all_places.items()}

    @cached_property
    def _all_places(self) -> dict[str, list[_Place]]:
        """Every definition file by measure id: the folder's name, which must be the id (VBM243)."""
        places: dict[str, list[_Place]] = {}
        seen: set[Path] = set()
        for root in self.roots:
            for path in root.measures:
                if path.resolve() in seen:  # a root inside another root
                    continue
                seen.add(path.resolve())
                id = path.parent.name
                if path.parent == root.folder:  # given by itself, in a folder of any name
                    try:
                        file = load_measure(path)
                        id = str(file.model.id)
                    except Failure:
                        id = path.parent.name if path.name == "measure.yaml" else path.stem
                places.setdefault(id, []).append(_Place(path, root))
        return places

    def _place(self, id: str) -> _Place:
        if id not in self._places:
            hint = suggestion_or_list(id, self.ids(), "measures")
            raise Failure(Diagnostic("VBM240", f"no measure is called `{id}`", hint=hint or None))
        return self._places[id]

    def _duplicates(self, ids: Iterable[str]) -> Iterator[Diagnostic]:
        for id in ids:
            places = self._all_places.get(id, [])
            for place in places[1:]:
                message = f"the measure `{id}` is defined twice: here and in {places[0].path}"
                yield Diagnostic("VBM219", message, where=str(place.path), hint="give one of them another id")

    def _measure(self, id: str) -> MeasureFile:
        place = self._place(id)
        if id not in self._measures:
            try:
                self._measures[id] = load_measure(place.path)
            except Failure as failure:
                self._measures[id] = failure
        file = self._measures[id]
        if isinstance(file, Failure):
            raise file
        return file

    def _names(self, id: str) -> tuple[MeasureFile, Namespace, list[Diagnostic]]:
        """Return the definition, its names, and the findings of its fragments."""
        file = self._measure(id)
        own = self._place(id).root
        paths: dict[str, Path] = {}
        for root in (own, *self.roots):
            for name, path in root.fragments.items():
                paths.setdefault(name, path)
        fragments: dict[str, FragmentFile] = {}
        found: list[Diagnostic] = []
        for word in file.model.use:
            fragment = paths.get(str(word))
            if fragment is None:
                message = f"no fragment is called `{word}`"
                hint = suggestion_or_list(str(word), paths, "fragments")
                found.append(Diagnostic("VBM214", message, span=word.span, hint=hint or None))
                continue
            try:
                fragments[str(word)] = self._fragment(fragment)
                found += _misnamed(fragments[str(word)].model.id, fragment.stem, "file")
            except Failure as failure:
                found += failure.diagnostics
        return file, namespace(file, fragments), found

    def _fragment(self, path: Path) -> FragmentFile:
        if path not in self._fragments:
            try:
                self._fragments[path] = load_fragment(path)
            except Failure as failure:
                self._fragments[path] = failure
        file = self._fragments[path]
        if isinstance(file, Failure):
            raise file
        return file

    def _check_one(self, id: str, year: int | None, overrides: Mapping[str, str] | None = None) -> list[Diagnostic]:
        try:
            file, names, found = self._names(id)
        except Failure as failure:
            return list(failure.diagnostics)
        found += _misnamed(file.model.id, id, "folder")
        if any(d.severity is Severity.ERROR for d in found):
            return found
        found += check_measure(names, year, overrides or {})
        found += check_foreign(names, self._lookup)
        found += check_value_sets(names, self.value_sets)
        return found

    def _lookup(self, id: str) -> Namespace | None:
        """Return the names of a measure, None when there is none or it cannot be read."""
        if id not in self._places:
            return None
        try:
            return self._names(id)[1]
        except Failure:
            return None

    def _check_fragments(self) -> Iterator[Diagnostic]:
        """Yield what reading finds in the fragments, those included that no measure uses."""
        for root in self.roots:
            for name, path in root.fragments.items():
                try:
                    yield from _misnamed(self._fragment(path).model.id, name, "file")
                except Failure as failure:
                    yield from failure.diagnostics

    def _codes(self, plans: Iterable[MeasurePlan]) -> dict[str, CodeSet]:
        codes: dict[str, CodeSet] = {}
        for name in sorted({name for plan in plans for name in plan.value_sets}):
            value_set = self.value_sets.get(name)
            assert value_set is not None  # check_value_sets has passed
            codes[name] = value_set.codeset()
        return codes


def _misnamed(id: Word, name: str, what: str) -> Iterator[Diagnostic]:
    if id != name:
        message = f"the id is `{id}`, but the {what} is called `{name}`"
        yield Diagnostic("VBM243", message, span=id.span, hint="give both the same name")


def _each_once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return list(dict.fromkeys(diagnostics))
