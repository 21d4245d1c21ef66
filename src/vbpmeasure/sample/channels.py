"""Where a dose leaves a trace: in a claim, in the registry, or in both, then not always on the same day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vbpmeasure.sample.arrays import Bools, Chunk, Ints, some
from vbpmeasure.sample.enrollment import Coverage
from vbpmeasure.sample.ledger import Ledger, Line
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.vaccines import PRODUCT_NAMES, PRODUCTS, Doses

_BOTH, _REGISTRY = 0.62, 0.24  # the rest is in claims only
_STRIDE = 1 << 21

_CPT = np.array([CODES(PRODUCTS[p][0]) for p in PRODUCT_NAMES], dtype=np.int64)
_CVX = np.array([CODES(PRODUCTS[p][1]) for p in PRODUCT_NAMES], dtype=np.int64)
_OTHER_CVX = np.array([CODES(PRODUCTS[p][2]) for p in PRODUCT_NAMES], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Registry:
    """Rows of the immunization table: child, day, code system, code, record status (positions in the code pool)."""

    person: Ints
    day: Ints
    system: Ints
    code: Ints
    status: Ints


def _claimed(chunk: Chunk, cover: Coverage, doses: Doses, wants: Bools) -> Bools:
    inside = (doses.day >= chunk.start) & (doses.day <= chunk.end)
    return wants & inside & cover.covers(doses.person, doses.day)


def spread(chunk: Chunk, people: People, cover: Coverage, doses: Doses, home: Ints, ledger: Ledger) -> Registry:
    """Add the vaccine claims to the ledger and return the registry rows.

    A dose outside coverage or before the extract goes to the registry, so that no dose is lost altogether. Of the doses
    in both places 6 in 100 differ by one day and 4 by two, as happens when a registry takes the day of entry.
    """
    rng = chunk.rng("dose channels")
    size = doses.person.shape[0]
    u = rng.random(size)
    claim = _claimed(chunk, cover, doses, np.asarray((u < _BOTH) | (u >= _BOTH + _REGISTRY)))
    registry = (u < _BOTH + _REGISTRY) | ~claim
    _vaccine_claims(chunk, ledger, doses, home, claim)
    late = rng.random(size)
    offset = np.where(late < 0.04, 2, np.where(late < 0.10, 1, 0)) * rng.choice(np.array([-1, 1]), size=size)
    when = doses.day + np.where(claim & registry, offset, 0)
    when = np.clip(when, people.birth[doses.person], chunk.end)
    code = np.where(rng.random(size) < 0.04, _OTHER_CVX[doses.product], _CVX[doses.product])
    # Some clinics feed the registry with procedure codes.
    typed_cpt = rng.random(size) < 0.02
    status = np.where(rng.random(size) < 0.005, CODES("entered-in-error"), CODES("completed"))
    status = np.where(rng.random(size) < 0.003, CODES("not-done"), status)
    # A void record never replaces the only trace of a dose.
    status = np.where(claim, status, CODES("completed"))
    keep = np.nonzero(registry)[0]
    keep = np.concatenate([keep, keep[rng.random(keep.shape[0]) < 0.006]])  # rows sent twice
    return Registry(
        doses.person[keep],
        when[keep],
        np.where(typed_cpt, CODES("CPT"), CODES("cvx"))[keep],
        np.where(typed_cpt, _CPT[doses.product], code)[keep],
        status[keep],
    )


def _vaccine_claims(chunk: Chunk, ledger: Ledger, doses: Doses, home: Ints, claim: Bools) -> None:
    """One claim per child and day, a line for each product and each administration."""
    rng = chunk.rng("vaccine claims")
    person, when, product = doses.person[claim], doses.day[claim], doses.product[claim]
    _, first, group = np.unique(person * _STRIDE + when, return_index=True, return_inverse=True)
    who = person[first]
    numbers = ledger.add(
        who,
        when[first],
        place=np.where(rng.random(who.shape[0]) < 0.06, CODES("60"), CODES("11")),
        provider=home[who],
        dx=[CODES("Z23")],
        lines=[Line(CODES("90460"), cents=1900), Line(CODES("90461"), on=some(rng, who.shape[0], 0.4), cents=900)],
    )
    state_supply = rng.random(product.shape[0]) < 0.5
    ledger.add_lines(
        numbers[group],
        code=_CPT[product],
        mod1=np.where(state_supply, CODES("SL"), -1),
        cents=np.where(state_supply, 0, 6500),
    )
