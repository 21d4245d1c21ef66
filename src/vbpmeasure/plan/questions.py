"""Questions about the units of a rate that an engine answers like any other rate.

Where a gap stands (which doses are there, on which day a window ends) is asked of the engine itself: each question is a
criterion that becomes the numerator of a made-up rate over the same units. So no engine needs to open its insides, and
whatever an engine can judge can be asked (decision 0006).
"""

from __future__ import annotations

from dataclasses import replace

from vbpmeasure.plan.dates import Anchor, DateExpr, Window
from vbpmeasure.plan.flags import DateWithin, Flag
from vbpmeasure.plan.measures import MeasurePlan, Program, Proportion

QUESTIONS = "questions"

# Wide enough for every date of a person or a window: a date inside it is the answer.
EVER = Window(DateExpr(Anchor.PERIOD_START, months=-12 * 120), DateExpr(Anchor.PERIOD_END, months=12 * 120))


class Questions:
    """The questions of all rates, each asked once per denominator, whoever needs the answer."""

    def __init__(self) -> None:
        """Start without questions."""
        self._rates: dict[Proportion, int] = {}

    def ask(self, rate: Proportion, flag: Flag) -> int:
        """Return the number of the question whether the units of the rate's denominator meet the flag, and when."""
        # Identity of rates leaves out nothing but labels, so ids and titles must be alike for equal questions.
        asked = replace(rate, id=QUESTIONS, title=QUESTIONS, numerator=flag, lower_is_better=False, within=None)
        return self._rates.setdefault(asked, len(self._rates))

    def ask_date(self, rate: Proportion, date: DateExpr) -> int:
        """Return the number of the question what day a date expression means for the units (none: not answered)."""
        return self.ask(rate, DateWithin(date, EVER))

    def __len__(self) -> int:
        return len(self._rates)

    def program(self, asked_of: Program) -> Program:
        """Return a program of one measure whose rates are the questions, in the order of their numbers."""
        rates = tuple(replace(rate, id=f"q{number}") for rate, number in self._rates.items())
        measure = MeasurePlan(QUESTIONS, QUESTIONS, "", "", rates)
        return replace(asked_of, measures=(measure,))
