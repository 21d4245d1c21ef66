"""Limits that a run's rates must keep, so that cron and CI hear of a rate that fell: what is asked, and the verdicts.

Only what the results show is compared: a limit on a rate that disclosure control hides would otherwise tell it, bit by
bit, to whoever moves the limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.measures import Program
from vbpmeasure.spec.suggest import suggestion_or_list

Name = tuple[str, str]  # the ids of measure and rate


class Outcome(StrEnum):
    """What became of a limit."""

    MET = "met"
    NOT_MET = "not met"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as asked for: a rate (RATE, MEASURE.RATE or MEASURE_RATE), and the value below or above which it fails.

    The value is in the unit of the rate as the results print it: percent, or events per 1,000 member-months.
    ``origin`` is who asked: an option, a variable, or a line of the configuration with its key.
    """

    rate: str
    value: float
    over: bool = False
    origin: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        """What the rate must be: ``>= 40``."""
        return f"{'<=' if self.over else '>='} {self.value:g}"


@dataclass(frozen=True, slots=True)
class ShownRate:
    """A rate as a whole, as the results show it: None when they do not, and then why."""

    value: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One limit judged. ``why`` says what nobody can tell from."""

    name: Name
    limit: Limit
    outcome: Outcome
    value: float | None = None
    why: str = ""

    @property
    def rate(self) -> str:
        """The rate as MEASURE.RATE."""
        return ".".join(self.name)


def limits(
    under: Iterable[str], over: Iterable[str], origins: tuple[str, str] = ("--fail-under", "--fail-over")
) -> tuple[Limit, ...]:
    """Return the limits of ``RATE=VALUE`` texts; the last of those for one rate wins.

    ``origins`` say who asked for those under and for those over.
    Raises :class:`Failure` with one VBM488 for every text of another form.
    """
    found: dict[tuple[str, bool], Limit] = {}
    wrong: list[Diagnostic] = []
    for text, is_over in (*((t, False) for t in under), *((t, True) for t in over)):
        rate, equals, said = (part.strip() for part in text.partition("="))
        value = _number(said)
        if not rate or not equals or value is None:
            hint = "for example `cis_combo_10=40`, in percent or per 1,000 as the rate is printed"
            what = f"`{text}` is not of the form RATE=VALUE"
            wrong.append(Diagnostic("VBM488", what, where=origins[is_over], hint=hint))
            continue
        found[rate, is_over] = Limit(rate, value, is_over, origins[is_over])
    if wrong:
        raise Failure(wrong)
    return tuple(found.values())


def points(text: str | None, origin: str) -> float | None:
    """Return a number of points that is zero or more, None when there is no text (:class:`Failure`, VBM488).

    ``origin`` is who asked.
    """
    if text is None:
        return None
    value = _number(text)
    if value is None or value < 0:
        raise Failure(Diagnostic("VBM488", "a number of points is needed, zero or more", where=origin))
    return value


def named(asked: Iterable[Limit], program: Program) -> dict[Limit, Name]:
    """Return the rate of the program that each limit means.

    Raises :class:`Failure` with a VBM488 for every limit on a rate that the run does not have, or has twice.
    """
    rates = [(measure.id, rate.id) for measure in program.measures if not measure.support for rate in measure.rates]
    found: dict[Limit, Name] = {}
    wrong: list[Diagnostic] = []
    for limit in asked:
        fits = [name for name in rates if limit.rate in (name[1], ".".join(name), "_".join(name))]
        if len(fits) == 1:
            found[limit] = fits[0]
            continue
        known = [rate for _, rate in rates]
        if fits:
            what, hint = "is a rate of several measures", f"write one of {', '.join('.'.join(name) for name in fits)}"
        else:
            what, hint = "is no rate of this run", suggestion_or_list(limit.rate, known, "rates")
        wrong.append(Diagnostic("VBM488", f"`{limit.rate}` {what}", where=limit.origin, hint=hint or None))
    if wrong:
        raise Failure(wrong)
    return found


def judged(asked: Mapping[Limit, Name], shown: Mapping[Name, ShownRate]) -> tuple[Verdict, ...]:
    """Return a verdict for each limit; a rate that the results lack or hide cannot be told, and that fails too."""
    return tuple(_judged(limit, name, shown.get(name, ShownRate(None, "failed"))) for limit, name in asked.items())


def _judged(limit: Limit, name: Name, found: ShownRate) -> Verdict:
    if found.value is None:
        return Verdict(name, limit, Outcome.CANNOT_TELL, None, found.why)
    beyond = found.value > limit.value if limit.over else found.value < limit.value
    return Verdict(name, limit, Outcome.NOT_MET if beyond else Outcome.MET, found.value)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
