"""What the engine lays out before it sees any data: the same for every bucket of people, and made once for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.engines.polars.criteria import Criteria
from vbpmeasure.engines.polars.days import DayColumns
from vbpmeasure.engines.polars.events import Asked, what_to_read
from vbpmeasure.engines.polars.layout import Layout, lay_out
from vbpmeasure.engines.polars.verdicts import Written, write_rates
from vbpmeasure.plan.measures import Program

# A run has one program, and a second one when it also judges without supplemental evidence.
_KEPT = 4


@dataclass(slots=True)
class Plan:
    """A program with its numbered parts, the columns of its dates, and its criteria as expressions.

    Nothing in it depends on rows of data; `asked` depends on which columns the tables have.
    """

    program: Program
    layout: Layout
    days: DayColumns
    criteria: Criteria
    _asked: dict[tuple[tuple[str, ...], ...], Asked] = field(default_factory=dict)
    _written: list[list[Written]] | None = None

    @classmethod
    def of(cls, program: Program) -> Plan:
        """Lay a program out."""
        layout = lay_out(program)
        days = DayColumns(program.period)
        return cls(program, layout, days, Criteria(days, layout.nodes))

    def asked(self, tables: Mapping[str, pl.LazyFrame]) -> Asked:
        """Return what is looked for in tables with these columns."""
        columns = tuple((t, *tables[t].collect_schema().names()) for t in EVENT_TABLES if t in tables)
        if columns not in self._asked:
            self._asked[columns] = what_to_read(self.layout, tables, self.program.value_sets)
        return self._asked[columns]

    def written(self) -> list[list[Written]]:
        """Return the rates of each measure as expressions."""
        if self._written is None:
            self._written = write_rates(self.layout, self.criteria)
        return self._written


@dataclass(slots=True)
class Plans:
    """The plans of the last few programs, found again for equal programs."""

    _made: list[Plan] = field(default_factory=list)

    def of(self, program: Program) -> Plan:
        """Return the plan of a program."""
        for known in self._made:
            if known.program == program:
                return known
        self._made = [*self._made, Plan.of(program)][-_KEPT:]
        return self._made[-1]
