"""The names that one measure can use: its own, and those of the fragments it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vbpmeasure.spec.load import FragmentFile, MeasureFile
from vbpmeasure.spec.models.index import NO_INDEX, IndexBody
from vbpmeasure.spec.models.measure import IndexPiece, Parameter
from vbpmeasure.spec.models.rates import ExclusionBody, PerThousand, Rate, RateModel
from vbpmeasure.spec.words import Word


@dataclass(frozen=True, slots=True)
class Declared:
    """A name with what it stands for and the file that declares it (None: the measure itself)."""

    name: Word
    model: Any
    fragment: str | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """Everything a measure can name. When two declarations share a name, the first stands here."""

    measure: MeasureFile
    fragments: Mapping[str, FragmentFile]
    pieces: Mapping[str, Declared]
    parameters: Mapping[str, Declared]
    exclusions: Mapping[str, Declared]
    clashes: tuple[tuple[Declared, Declared], ...] = ()

    @property
    def rates(self) -> dict[str, RateModel]:
        """The rates of the measure by id."""
        return {str(rate.id): rate for rate in reversed(self.measure.model.rates)}

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        found = self.parameters.get(name)
        return found.model if found is not None else None


def namespace(measure: MeasureFile, fragments: Mapping[str, FragmentFile]) -> Namespace:
    """Return the names of a measure; of ``fragments`` those count that it uses, and missing ones are left out."""
    used = {str(name): fragments[name] for name in measure.model.use if name in fragments}
    files: list[tuple[str | None, Any]] = [(None, measure.model), *((name, file.model) for name, file in used.items())]
    clashes: list[tuple[Declared, Declared]] = []
    pieces = _collect(((f, name, m) for f, model in files for name, m in model.define.items()), clashes)
    parameters = _collect(((f, name, m) for f, model in files for name, m in model.parameters.items()), clashes)
    exclusions = _collect(
        ((f, body.id, body) for f, model in files if f is not None for body in model.exclusions), clashes
    )
    return Namespace(measure, used, pieces, parameters, exclusions, tuple(clashes))


def _collect(
    found: Iterator[tuple[str | None, Word, Any]], clashes: list[tuple[Declared, Declared]]
) -> dict[str, Declared]:
    names: dict[str, Declared] = {}
    for fragment, name, model in found:
        declared = Declared(name, model, fragment)
        if name in names:
            clashes.append((names[name], declared))
        else:
            names[str(name)] = declared
    return names


def declared_exclusions(rate: RateModel, names: Namespace) -> Sequence[Word | ExclusionBody]:
    """Return the exclusions of a rate: its own list, else those of the rate it is within, else the shared one.

    Only rates with units of their own take the shared list: composites and indicators have what they declare.
    """
    for each in with_outer_rates(rate, names):
        own = getattr(each, "exclusions", None)
        if own is not None:
            return tuple(own)
    return (names.measure.model.exclusions or ()) if isinstance(rate, (Rate, PerThousand)) else ()


def declared_population(rate: RateModel, names: Namespace) -> Sequence[Any]:
    """Return the population steps of a rate: those of the rate it is within and its own, else the shared ones."""
    rates = with_outer_rates(rate, names)
    outermost = getattr(rates[-1], "population", None)
    if outermost is None and isinstance(rate, (Rate, PerThousand)):
        outermost = names.measure.model.population
    inner = [step for each in reversed(rates[:-1]) for step in getattr(each, "population", None) or ()]
    return (*(outermost or ()), *inner)


def with_outer_rates(rate: RateModel, names: Namespace) -> list[RateModel]:
    """Return the rate, the rate it is within, the one that is within, and so on; a circle is cut."""
    found = [rate]
    while isinstance(rate, Rate) and rate.within is not None:
        outer = names.rates.get(str(rate.within))
        if not isinstance(outer, Rate) or any(outer is each for each in found):
            break
        found.append(outer)
        rate = outer
    return found


def declared_index(rate: RateModel, names: Namespace) -> IndexBody | None:
    """Return the index events that are the units of a rate (or that it counts); None when its units are persons.

    A name that stands for no index events is None too; another check reports it.
    """
    outermost = with_outer_rates(rate, names)[-1]
    if isinstance(outermost, PerThousand):
        return _index_of(outermost.events, names)
    if not isinstance(outermost, Rate):
        return None
    return _index_of(outermost.index if outermost.index is not None else names.measure.model.index, names)


def _index_of(reference: Word | IndexBody | None, names: Namespace) -> IndexBody | None:
    if not isinstance(reference, Word):
        return reference
    declared = names.pieces.get(str(reference))
    if reference == NO_INDEX or declared is None or not isinstance(declared.model, IndexPiece):
        return None
    return declared.model.index
