"""What `list` and `show` tell about a measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.spec.load import MeasureFile
from vbpmeasure.spec.models.measure import Parameter, Reference
from vbpmeasure.spec.models.rates import CompositeRate, Total
from vbpmeasure.spec.namespace import Namespace

CLAIMS_WORDS = {
    "direct": "claims see it directly",
    "proxy": "claims see a proxy of it",
    "external": "needs data from outside claims",
}

# Tags that say whom a measure is about; the first other one says what it is about.
_WHOM = ("pediatric", "adolescent")
NO_FAMILY = "other"


@dataclass(frozen=True, slots=True)
class RateInfo:
    """One rate: its id, title, the rates it totals (none for a rate with a numerator), and its direction.

    ``composite`` is the kind of a composite, ``components`` the rates it is made of.
    """

    id: str
    title: str
    total_of: tuple[str, ...] = ()
    lower_is_better: bool = False
    composite: str | None = None
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """One measure as its definition describes it; parameters include those of its fragments."""

    id: str
    title: str
    edition: str
    status: str
    basis: str
    steward: str | None
    established: bool
    claims: str
    tags: tuple[str, ...]
    notes: str | None
    references: tuple[Reference, ...]
    fragments: tuple[str, ...]
    parameters: dict[str, Parameter]
    rates: tuple[RateInfo, ...]
    path: Path
    deck: Path | None

    @property
    def family(self) -> str:
        """What the measure is about: its first tag that does not say whom (``other`` without one)."""
        return next((tag for tag in self.tags if tag not in _WHOM), NO_FAMILY)


def describe(file: MeasureFile, names: Namespace, deck: Path | None) -> MeasureInfo:
    """Return the description of a measure."""
    model = file.model
    rates = tuple(
        RateInfo(
            str(rate.id),
            str(rate.title),
            tuple(str(member) for member in rate.total_of) if isinstance(rate, Total) else (),
            rate.lower_is_better,
            rate.composite if isinstance(rate, CompositeRate) else None,
            tuple(str(member) for member in rate.of) if isinstance(rate, CompositeRate) else (),
        )
        for rate in model.rates
    )
    return MeasureInfo(
        id=str(model.id),
        title=str(model.title),
        edition=str(model.edition),
        status=model.status,
        basis=model.basis,
        steward=str(model.steward) if model.steward is not None else None,
        established=model.established,
        claims=model.claims,
        tags=tuple(str(tag) for tag in model.tags),
        notes=str(model.notes) if model.notes is not None else None,
        references=model.references,
        fragments=tuple(str(name) for name in model.use),
        parameters={name: declared.model for name, declared in names.parameters.items()},
        rates=rates,
        path=file.path,
        deck=deck,
    )
