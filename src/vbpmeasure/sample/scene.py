"""What a topic of care needs to know about its chunk, and the books it writes into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vbpmeasure.sample.arrays import NULL, Chunk, Ints
from vbpmeasure.sample.draws import alive
from vbpmeasure.sample.enrollment import Coverage
from vbpmeasure.sample.ledger import Ledger, Line, Many
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.providers import Providers

WHOLE_NUMBERS = np.array([CODES(str(n)) for n in range(101)], dtype=np.int64)  # position of each number as a text


class Rows:
    """Rows of one table while they are being made: columns of numbers that grow batch by batch."""

    def __init__(self, *columns: str) -> None:
        """Start empty, with a child and a day for each row and these columns."""
        self._parts: dict[str, list[Ints]] = {name: [] for name in ("person", "day", *columns)}

    def add(self, person: Ints, day: Ints, **columns: Many) -> None:
        """Add one row per entry of ``person``; a negative number in a column of codes is null."""
        given: dict[str, Many] = {"person": person, "day": day, **columns}
        for name, parts in self._parts.items():
            parts.append(np.broadcast_to(np.asarray(given[name], dtype=np.int64), person.shape))

    def joined(self) -> dict[str, Ints]:
        """Return all rows as one array per column, in the order in which they were added."""
        empty = [np.zeros(0, dtype=np.int64)]
        return {name: np.concatenate(parts or empty) for name, parts in self._parts.items()}


@dataclass(frozen=True, slots=True)
class Scene:
    """A chunk and its people, and the books of the care that follows: claims, observations, dispensings."""

    chunk: Chunk
    people: People
    cover: Coverage
    providers: Providers
    home: Ints  # each child's own practitioner
    ledger: Ledger = field(default_factory=Ledger)
    records: Rows = field(default_factory=lambda: Rows("system", "code", "value", "unit"))
    fills: Rows = field(default_factory=lambda: Rows("drug", "supply", "quantity"))

    def rng(self, topic: str) -> np.random.Generator:
        """Return the random stream of a topic of this chunk."""
        return self.chunk.rng(topic)

    def claim(
        self,
        who: Ints,
        when: Ints,
        code: Many,
        *,
        dx: Sequence[Many],
        provider: Many,
        place: Many = -1,
        cents: int = 9000,
        more: Sequence[Line] = (),
    ) -> None:
        """Add a professional claim with one line of ``code`` per entry of ``who``; the place is the office by default.

        Entries outside the extract or the child's life leave no claim.
        """
        self.ledger.add(
            who,
            when,
            place=np.where(np.asarray(place) < 0, CODES("11"), place),
            provider=provider,
            dx=dx,
            lines=[Line(code, cents=cents), *more],
        )

    def record(
        self, who: Ints, when: Ints, code: Many, value: Many, *, system: str = "loinc", unit: str = "{score}"
    ) -> None:
        """Add an observation per entry of ``who`` in the extract; ``value`` is a position in the code pool."""
        keep = alive(self.people, self.chunk, who, when)
        size = who.shape
        self.records.add(
            who[keep],
            when[keep],
            system=CODES(system),
            code=np.broadcast_to(np.asarray(code, dtype=np.int64), size)[keep],
            value=np.broadcast_to(np.asarray(value, dtype=np.int64), size)[keep],
            unit=CODES(unit) if unit else -1,
        )

    def dispense(self, who: Ints, when: Ints, drug: Many, supply: Many = 30, quantity: Many = 30) -> None:
        """Add a dispensing per entry of ``who`` that lies in the extract and in coverage; ``supply`` in days."""
        keep = alive(self.people, self.chunk, who, when) & self.cover.covers(who, when)
        size = who.shape
        given = {"drug": drug, "supply": supply, "quantity": quantity}
        picked = {n: np.broadcast_to(np.asarray(v, dtype=np.int64), size)[keep] for n, v in given.items()}
        self.fills.add(who[keep], when[keep], **picked)

    def until(self, who: Ints) -> Ints:
        """Return the last day of each child in the extract."""
        return np.where(self.people.death > NULL, self.people.death, self.chunk.end)[who]
