"""The names that one measure can use: its own, and those of the fragments it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vbpmeasure.spec.load import FragmentFile, MeasureFile
from vbpmeasure.spec.models.measure import ExclusionBody, Parameter, Rate, Total
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
    def rates(self) -> dict[str, Rate | Total]:
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


def declared_exclusions(rate: Rate | Total, names: Namespace) -> Sequence[Word | ExclusionBody]:
    """Return the exclusions of a rate: its own list, else the shared one of the measure."""
    own = getattr(rate, "exclusions", None)
    return own if own is not None else (names.measure.model.exclusions or ())
