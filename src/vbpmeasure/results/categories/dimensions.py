"""Dimensions: what ``--by`` asks for. One is a stratifier or a crossing of up to three."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from vbpmeasure.data.contract import ELIGIBILITY, Kind
from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.results.categories.crosswalks import CategorySystem

MAX_CROSSED = 3

# Dimensions that no column holds: to whom a person is attributed (`results.attribution`).
ATTRIBUTED = ("provider", "practice", "organization")

# A stratum per person is a list of persons: identifiers and dates never make a dimension.
_IDENTIFYING_TEXTS = ("subscriber_id", "member_id")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A stratifier by name, or a crossing: ``components`` are the names between the ``*`` signs, in order."""

    components: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name as it is written in ``--by`` and in results: ``race`` or ``race*sex``."""
        return "*".join(self.components)


def raw_dimensions() -> tuple[str, ...]:
    """Return the columns of eligibility whose values can be strata as they are: texts and flags, no identifiers."""
    return tuple(
        c.name for c in ELIGIBILITY.columns if c.kind in (Kind.TEXT, Kind.FLAG) and c.name not in _IDENTIFYING_TEXTS
    )


def parse_by(
    texts: str | Iterable[str],
    systems: Mapping[str, CategorySystem],
    columns: Collection[str] | None = None,
    aliases: Mapping[str, str] | None = None,
    elsewhere: Mapping[str, str] | None = None,
) -> tuple[Dimension, ...]:
    """Read ``race,ethnicity,race*sex`` (one text or several) into dimensions, in the order given.

    A name is a category system or a text or flag column of the eligibility contract; ``columns`` adds columns that
    the user's eligibility table has beyond it. ``aliases`` are other names (as in `standards.Systems`): several for
    the same item are that item once. ``elsewhere`` are dimensions of another race standard.

    Raises `Failure` with one VBM405 per name that is unknown, identifies persons, is crossed with itself or stands
    twice, and per crossing of more than three.
    """
    joined = texts if isinstance(texts, str) else ",".join(texts)
    known = [*systems, *ATTRIBUTED, *(name for name in raw_dimensions() if name not in systems)]
    aliases, elsewhere = aliases or {}, elsewhere or {}
    # A column whose categories another standard has, or another name stands for, is no stratum as it is.
    known = [name for name in known if name not in aliases and name not in elsewhere]
    forbidden = {c.name for c in ELIGIBILITY.columns} - {*known, *aliases, *elsewhere}
    known += [c for c in columns or () if c not in known and c not in forbidden]
    found: list[Dimension] = []
    problems: list[Diagnostic] = []
    for text in (part.strip() for part in joined.split(",")):
        if not text:
            continue
        written = tuple(name.strip() for name in text.split("*"))
        meant = tuple(aliases.get(name, name) for name in written)
        if len(set(written)) == len(written):
            meant = tuple(dict.fromkeys(meant))
        dimension = Dimension(meant)
        if dimension in found and meant != written:
            continue
        problem = _problem(dimension, known, forbidden, elsewhere) or _repeated(dimension, found)
        if problem is None:
            found.append(dimension)
        else:
            problems.append(problem)
    if problems:
        raise Failure(problems)
    return tuple(found)


def attributes_needed(dimensions: Iterable[Dimension], systems: Mapping[str, CategorySystem]) -> tuple[str, ...]:
    """Return the eligibility columns that the dimensions read, each once, for `ResultFrame.people`."""
    names = [name for dimension in dimensions for name in dimension.components]
    columns = [
        column
        for name in names
        if name not in ATTRIBUTED
        for column in (systems[name].columns if name in systems else (name,))
    ]
    return tuple(dict.fromkeys(columns))


def attributed_names(dimensions: Iterable[Dimension]) -> tuple[str, ...]:
    """Return which of ``ATTRIBUTED`` the dimensions name, each once; none when no attribution is needed."""
    named = {name for dimension in dimensions for name in dimension.components}
    return tuple(name for name in ATTRIBUTED if name in named)


def _problem(
    dimension: Dimension, known: list[str], forbidden: set[str], elsewhere: Mapping[str, str]
) -> Diagnostic | None:
    if len(dimension.components) > MAX_CROSSED:
        hint = "cross fewer: the cells get too small"
        return _bad(f"`{dimension.name}` crosses more than {MAX_CROSSED} strata", hint)
    for name in dimension.components:
        if not name:
            return _bad(f"`{dimension.name}` has a `*` without a name beside it", "write `race*sex`")
        if name in forbidden:
            return _bad(f"`{name}` cannot be a stratum: it identifies persons", "use `age_band` for ages")
        if name in elsewhere:
            hint = f"add `--race-standard {elsewhere[name]}`"
            return _bad(f"`{name}` is a stratum of another race standard", hint)
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            listed = f"strata: {', '.join(known[:9])}, or a column of eligibility"
            hint = f"did you mean `{near[0]}`?" if near else listed
            return _bad(f"no stratum is called `{name}`", hint)
    if len(set(dimension.components)) != len(dimension.components):
        return _bad(f"`{dimension.name}` crosses a stratum with itself", "name each stratum once")
    return None


def _repeated(dimension: Dimension, found: list[Dimension]) -> Diagnostic | None:
    for other in found:
        if sorted(other.components) == sorted(dimension.components):
            return _bad(f"`{dimension.name}` is asked for twice", "name each dimension once")
    return None


def _bad(message: str, hint: str) -> Diagnostic:
    return Diagnostic("VBM405", message, where="--by", hint=hint)
