"""The small grammar of dates and durations: an anchor, then offsets in years, months and days.

    birth | birthday N | death | period start | period end | index | index start | index end | NAME
        [+|- N day(s)|month(s)|year(s)] ...

A number may be the name of an integer parameter. Calendar offsets stand before days, because that is the
order in which they are applied (`docs/semantics.md` section 2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic_core import PydanticCustomError

from vbpmeasure.diagnostics.model import Span
from vbpmeasure.spec.numbers import whole_number
from vbpmeasure.spec.words import Word

MAX_NUMBER = 100_000
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TOKEN = re.compile(r"\s*(\+|-|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|\S)")
_FORM = "a date is an anchor and offsets: `birthday 1 + 90 days`, `period end`, `birth + 42 days`"
_DURATION_FORM = "a duration is a number of days: `14 days`"


class Unit(StrEnum):
    """The unit of an offset."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


_UNITS = {spelling: unit for unit in Unit for spelling in (unit.value, unit.value[:-1])}
UNIT_WORDS = frozenset(_UNITS)
ANCHOR_WORDS = frozenset({"birth", "birthday", "death", "period", "index"})
_ANCHORS = ("birth", "birthday N", "death", "period start", "period end", "index", "index start", "index end")


@dataclass(frozen=True, slots=True)
class Amount:
    """A whole number, or the name of an integer parameter that holds it."""

    number: int | None
    parameter: Word | None = None

    @classmethod
    def of(cls, token: str, span: Span | None = None) -> Amount:
        """Return the amount that a token of digits or a parameter name stands for."""
        return cls(int(token)) if token.isdigit() else cls(None, Word(token, span))

    def __str__(self) -> str:
        """Return the amount as the author wrote it."""
        return str(self.number) if self.parameter is None else str(self.parameter)


@dataclass(frozen=True, slots=True)
class Offset:
    """A signed number of days, months or years."""

    sign: int
    amount: Amount
    unit: Unit


@dataclass(frozen=True, slots=True)
class DateSpec:
    """A date as written: ``anchor`` is one of the fixed anchors, or empty when ``name`` is a defined date."""

    text: Word
    anchor: str
    years: Amount | None = None
    name: Word | None = None
    offsets: tuple[Offset, ...] = ()

    @property
    def span(self) -> Span | None:
        """Where the date was written."""
        return self.text.span

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """Every number of the date, in order."""
        return (*([self.years] if self.years else []), *(offset.amount for offset in self.offsets))


def bad_date(message: str, hint: str = _FORM) -> PydanticCustomError:
    """Return the error for a text that is no date."""
    return PydanticCustomError("VBM206", "{message}", {"message": message, "hint": hint})


class _Tokens:
    """The tokens of one text, taken from the left."""

    def __init__(self, text: str, form: str = _FORM) -> None:
        self.text = text
        self.form = form
        self.tokens = _TOKEN.findall(text.strip())
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def amount(self, after: str, span: Span | None) -> Amount:
        """Take a number or a parameter name; ``after`` says where it is missing."""
        token = self.take()
        if token.isdecimal() and token.isascii():
            number = whole_number(token, MAX_NUMBER)
            if number is None:
                raise bad_date(f"`{token}` is too large for a date", self.form)
            return Amount(number)
        if _NAME.fullmatch(token) and token not in _UNITS:
            return Amount.of(token, span)
        got = f", not `{token}`" if token else ""
        raise bad_date(f"a number is needed after `{after}`{got}", self.form)


def parse_date(text: str) -> DateSpec:
    """Parse a date; raises `PydanticCustomError` VBM206 that names the part that cannot be read."""
    word = text if isinstance(text, Word) else Word(text)
    tokens = _Tokens(word)
    if not tokens.tokens:
        raise bad_date("a date is needed here")
    anchor, years, name = _anchor(tokens, word)
    offsets: list[Offset] = []
    while sign := tokens.take():
        if sign not in "+-":
            raise bad_date(f"`+` or `-` is needed before `{sign}`")
        amount = tokens.amount(sign, word.span)
        offset = Offset(1 if sign == "+" else -1, amount, _unit(tokens, amount, "days, months or years"))
        if offsets and offsets[-1].unit is Unit.DAYS and offset.unit is not Unit.DAYS:
            raise bad_date("years and months stand before days", "calendar offsets are applied first, then days")
        offsets.append(offset)
    return DateSpec(word, anchor, years, name, tuple(offsets))


def _anchor(tokens: _Tokens, word: Word) -> tuple[str, Amount | None, Word | None]:
    first = tokens.take()
    if first in ("birth", "death"):
        return first, None, None
    if first == "index":
        return (f"index {tokens.take()}" if tokens.peek() in ("start", "end") else first), None, None
    if first == "birthday":
        return first, tokens.amount("birthday", word.span), None
    if first == "period":
        end = tokens.take()
        if end not in ("start", "end"):
            raise bad_date(f"`start` or `end` is needed after `period`{f', not `{end}`' if end else ''}")
        return f"period {end}", None, None
    if not _NAME.fullmatch(first):
        raise bad_date(f"`{first}` is no anchor", f"anchors are {', '.join(_ANCHORS)}, or the name of a defined date")
    return "", None, Word(first, word.span)


def _unit(tokens: _Tokens, amount: Amount, units: str) -> Unit:
    token = tokens.take()
    if token not in _UNITS:
        got = f", not `{token}`" if token else ""
        raise bad_date(f"a unit ({units}) is needed after `{amount}`{got}", tokens.form)
    return _UNITS[token]


def parse_duration(text: str) -> Amount:
    """Parse a duration in days (`14 days`) and return its number; raises `PydanticCustomError` VBM206."""
    word = text if isinstance(text, Word) else Word(text)
    tokens = _Tokens(word, _DURATION_FORM)
    if not tokens.tokens:
        raise bad_date("a duration is needed here", _DURATION_FORM)
    token = tokens.peek()
    if not token.isdigit() and not _NAME.fullmatch(token):
        raise bad_date(f"`{word}` is no duration", _DURATION_FORM)
    amount = tokens.amount("", word.span)
    if _unit(tokens, amount, "days") is not Unit.DAYS:
        raise bad_date("this duration is counted in days only", _DURATION_FORM)
    if tokens.peek():
        raise bad_date(f"nothing may stand after the unit, but `{tokens.peek()}` does", _DURATION_FORM)
    return amount
