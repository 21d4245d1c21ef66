"""Tabulations: which rows a person with several categories stands in (SPD-15 of 2024, equity page B1).

Everything starts from atoms: every person has exactly one combination of categories, so combinations are a partition.
Rows are single atoms, or sums of them; in the tabulation "alone or in combination" an atom is in several rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vbpmeasure.results.categories.crosswalks import ALONE_OR, FREQUENT, CategorySystem
from vbpmeasure.results.categories.rollup import RolledUp

Atom = tuple[str, ...]

JOINT = " + "
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Tabulated:
    """The rows of a tabulation. ``atoms`` are the combinations that occur, ``made_of`` the atoms of each row."""

    labels: tuple[str, ...]
    atoms: tuple[Atom, ...]
    made_of: tuple[tuple[int, ...], ...]


def sorted_by(system: CategorySystem) -> str:
    """Return in words by what people were sorted: the id of the system, with its tabulation."""
    return system.id if system.tabulation is None else f"{system.id}, {system.tabulation}"


def atom_of(rolled: RolledUp) -> Atom:
    """Return the combination of a person: the real categories, or the one that says why there is none."""
    return rolled.parts or (rolled.category,)


def atom_text(system: CategorySystem, atom: Atom) -> str:
    """Return a combination in words: ``Asian + White``; several things that nobody named have their own words."""
    if system.several in atom and system.unspecified is not None:
        atom = tuple(system.unspecified if name == system.several else name for name in atom)
    return JOINT.join(atom)


def tabulate(system: CategorySystem, people: Mapping[Atom, int]) -> Tabulated:
    """Return the rows of the system's tabulation, for the number of people of each combination that occurs.

    Rows come in the order of the categories, those of no answer last. Combinations get a row of their own when they are
    among the ``most`` frequent ones and have at least ``at_least`` people, ties by the order of the categories.
    """
    order = {name: position for position, name in enumerate(system.categories)}
    atoms = tuple(sorted(people, key=lambda atom: (len(atom), [order[name] for name in atom])))
    if system.tabulation == ALONE_OR:
        return _alone_or_in_combination(system, atoms)
    if system.tabulation == FREQUENT:
        return _most_frequent(system, atoms, people)
    labels = system.categories
    rows = [_folded(system, atom) for atom in atoms]
    return Tabulated(labels, atoms, _members(labels, rows))


@dataclass(frozen=True, slots=True)
class Arranged:
    """The strata of a tabulation, each label one text, and the number that each combination of people gets.

    ``place`` is the position in ``atoms`` where strata overlap, else that of the stratum; then ``atoms`` and
    ``made_of`` are empty.
    """

    labels: tuple[tuple[str, ...], ...]
    atoms: tuple[tuple[str, ...], ...]
    made_of: tuple[tuple[int, ...], ...]
    place: Mapping[Atom, int]


def arrange(system: CategorySystem, people: Mapping[Atom, int]) -> Arranged:
    """Return the strata of the system's tabulation over some people (by combination) and where each of them is."""
    found = tabulate(system, people)
    labels = tuple((label,) for label in found.labels)
    if system.overlaps:
        texts = tuple((atom_text(system, atom),) for atom in found.atoms)
        return Arranged(labels, texts, found.made_of, {atom: place for place, atom in enumerate(found.atoms)})
    stratum = {found.atoms[atom]: number for number, row in enumerate(found.made_of) for atom in row}
    return Arranged(labels, (), (), stratum)


def as_text(atom: Atom) -> str:
    """Return a combination as one text that `from_text` understands; not to be shown."""
    return _SEPARATOR.join(atom)


def from_text(text: str) -> Atom:
    """Return the combination behind the text of `as_text`."""
    return tuple(text.split(_SEPARATOR))


def _folded(system: CategorySystem, atom: Atom) -> str:
    return atom[0] if len(atom) == 1 else str(system.several)


def _members(labels: Sequence[str], rows: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(i for i, row in enumerate(rows) if row == label) for label in labels)


def _alone_or_in_combination(system: CategorySystem, atoms: tuple[Atom, ...]) -> Tabulated:
    members = tuple(tuple(i for i, atom in enumerate(atoms) if name in atom) for name in system.categories)
    return Tabulated(_with_unspecified(system), atoms, members)


def _most_frequent(system: CategorySystem, atoms: tuple[Atom, ...], people: Mapping[Atom, int]) -> Tabulated:
    """Every category alone, the most frequent combinations, all others together, then those without an answer."""
    how = system.combinations
    several = [atom for atom in atoms if len(atom) > 1]
    ranked = sorted(several, key=lambda atom: (-people[atom], atoms.index(atom)))
    own = [atom for atom in ranked[: how.most] if people[atom] >= how.at_least]
    texts = [atom_text(system, atom) for atom in own]
    no_answer = [name for name in (system.declined, system.unknown) if name is not None]
    alone = [name for name in system.categories if name not in (*no_answer, system.several)]
    labels = (*alone, *texts, how.rest, str(system.unspecified), *no_answer)
    rows = [atom_text(system, atom) if len(atom) == 1 or atom in own else how.rest for atom in atoms]
    return Tabulated(labels, atoms, _members(labels, rows))


def _with_unspecified(system: CategorySystem) -> tuple[str, ...]:
    return tuple(str(system.unspecified) if name == system.several else name for name in system.categories)
