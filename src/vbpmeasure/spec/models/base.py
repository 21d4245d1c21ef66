"""What all models share: no unknown keys, no change after reading, and the place they were read from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from vbpmeasure.diagnostics.model import Span
from vbpmeasure.spec.dates import Amount, DateSpec, parse_date, parse_duration
from vbpmeasure.spec.words import LocatedMap, Word

NAME_PATTERN = "^[a-z][a-z0-9_]*$"
RATE_PATTERN = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"
DATE_PATTERN = (
    r"^\s*(birthday\s+([0-9]+|[a-z][a-z0-9_]*)|(period|index)\s+(start|end)|(?!(birthday|period)\b)[a-z][a-z0-9_]*)"
    r"(\s*[+-]\s*([0-9]+|[a-z][a-z0-9_]*)\s+(day|month|year)s?)*\s*$"
)
TRUE_WORDS = ("yes", "true")
FALSE_WORDS = ("no", "false")


class SpecModel(BaseModel):
    """A mapping of the definition language."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)

    _span: Span | None = PrivateAttr(default=None)

    @property
    def span(self) -> Span | None:
        """Where the mapping stands in its file."""
        return self._span

    @model_validator(mode="wrap")
    @classmethod
    def _keep_span(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, (dict, cls)):
            raise wrong("a mapping (`key: value` lines) is needed here")
        model = handler(data)
        if isinstance(data, LocatedMap):
            model._span = data.span  # noqa: SLF001  our own field, of the instance just made
        return model


def wrong(message: str, hint: str = "", code: str = "VBM203") -> PydanticCustomError:
    """Return the error for a value that does not fit its place."""
    return PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


def read_text(value: Any) -> Word:
    """Return a text as a word; raises `PydanticCustomError` VBM203 for anything else, and for an empty text."""
    if not isinstance(value, str):
        raise wrong("a text is needed here")
    if not value.strip():
        raise wrong("this must not be empty")
    return value if isinstance(value, Word) else Word(value)


def _name(value: Any) -> Word:
    word = read_text(value)
    if not re.match(NAME_PATTERN, word):
        raise wrong(
            f"`{word}` is no name", "names are small letters, digits and underscores, a letter first", code="VBM209"
        )
    return word


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = read_text(value)
    if word not in (*TRUE_WORDS, *FALSE_WORDS):
        raise wrong(f"`{word}` is neither yes nor no", "write `yes` or `no`")
    return word in TRUE_WORDS


def _amount(value: Any) -> Amount:
    if isinstance(value, Amount):
        return value
    word = read_text(value)
    if re.fullmatch("[0-9]{1,6}", word):
        return Amount(int(word))
    if re.fullmatch(NAME_PATTERN[1:-1], word):
        return Amount(None, word)
    raise wrong(f"`{word}` is no whole number", "write digits, or the name of an integer parameter")


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    word = read_text(value)
    if not re.fullmatch("-?[0-9]{1,6}", word):
        raise wrong(f"`{word}` is no whole number", "write digits only")
    return int(word)


def is_list(value: Any) -> Any:
    """Return a list as it is; raises `PydanticCustomError` VBM203 for anything else."""
    if not isinstance(value, (list, tuple)):
        raise wrong("a list (`- item` lines, or `[a, b]`) is needed here")
    return value


def is_mapping(value: Any) -> Any:
    """Return a mapping as it is; raises `PydanticCustomError` VBM203 for anything else."""
    if not isinstance(value, dict):
        raise wrong("a mapping (`key: value` lines) is needed here")
    return value


def _filled(value: Any) -> Any:
    if not is_list(value):
        raise wrong("the list must not be empty")
    return value


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A value that ``read`` makes of what is written, or refuses; ``described`` is the JSON Schema of what is written.

    That is Pydantic's `PlainValidator` with `WithJsonSchema`, without asking the function for its parameters and the
    type for its serialization in each of some hundred places: half of the time in which the models are made.
    """

    read: Callable[[Any], Any]
    described: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read the value."""
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe what is written."""
        return dict(self.described)


@dataclass(frozen=True, slots=True)
class Items:
    """A list with at least one item; with ``or_one``, one item may stand for a list of it."""

    or_one: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read the list."""
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the list."""
        described = {**handler(schema), "minItems": 1}
        return {"anyOf": [described["items"], described]} if self.or_one else described

    def _read(self, value: Any) -> Any:
        if self.or_one and not isinstance(value, (list, tuple)):
            return [value]
        return _filled(value)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with a fraction maybe, or the name of an integer parameter that holds it."""

    number: float | None
    parameter: Word | None = None


def _quantity(value: Any) -> Measured:
    if isinstance(value, Measured):
        return value
    word = read_text(value)
    if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", word):
        return Measured(float(word))
    if re.fullmatch(NAME_PATTERN[1:-1], word):
        return Measured(None, word)
    raise wrong(f"`{word}` is no number", "write digits, with a point maybe, or the name of an integer parameter")


def _rate_name(value: Any) -> Word:
    word = read_text(value)
    if not re.fullmatch(RATE_PATTERN[1:-1], word):
        raise wrong(f"`{word}` is no rate", "write `rate`, or `measure.rate` for a rate of another measure", "VBM209")
    return word


_NAME_SCHEMA = {"type": "string", "pattern": NAME_PATTERN}
_TEXT_SCHEMA = {"type": ["string", "number", "boolean"]}
_AMOUNT_SCHEMA = {"type": ["integer", "string"], "pattern": "^([0-9]{1,6}|[a-z][a-z0-9_]*)$", "minimum": 0}

Text = Annotated[Word, Written(read_text, _TEXT_SCHEMA)]
Name = Annotated[Word, Written(_name, _NAME_SCHEMA)]
Boolean = Annotated[bool, Written(_boolean, {"enum": ["yes", "no", "true", "false", True, False]})]
Integer = Annotated[int, Written(_integer, {"type": ["integer", "string"], "pattern": "^-?[0-9]{1,6}$"})]
Number = Annotated[Amount, Written(_amount, _AMOUNT_SCHEMA)]
Quantity = Annotated[
    Measured,
    Written(
        _quantity,
        {"type": ["number", "string"], "pattern": "^(-?[0-9]{1,9}(\\.[0-9]{1,6})?|[a-z][a-z0-9_]*)$"},
    ),
]
RateName = Annotated[Word, Written(_rate_name, {"type": "string", "pattern": RATE_PATTERN})]
Date = Annotated[
    DateSpec,
    Written(
        lambda value: value if isinstance(value, DateSpec) else parse_date(read_text(value)),
        {"type": "string", "pattern": DATE_PATTERN},
    ),
]
Days = Annotated[
    Amount,
    Written(
        lambda value: value if isinstance(value, Amount) else parse_duration(read_text(value)),
        {"type": "string", "pattern": "^\\s*([0-9]+|[a-z][a-z0-9_]*)\\s+days?\\s*$"},
    ),
]

Listed = Items(or_one=True)
NonEmpty = Items()
Names = Annotated[tuple[Name, ...], Listed]
