"""What a file of benchmarks says, as the author writes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from vbpmeasure.spec.models.base import Integer, Name, NonEmpty, Quantity, SpecModel, Text, wrong

PERCENT = "percent"
PER_1000 = "per_1000_member_months"
Confidence = Literal["high", "medium", "low"]


def _unit(value: Any) -> str:
    if value not in (PERCENT, PER_1000):
        raise wrong(f"`{value}` is no unit", f"write `{PERCENT}` or `{PER_1000}`")
    return str(value)


Unit = Annotated[str, PlainValidator(_unit), WithJsonSchema({"enum": [PERCENT, PER_1000]})]


class Benchmark(SpecModel):
    """One published figure for one rate: whose, of which year, how sure we are of it."""

    measure: Name
    rate: Name
    value: Quantity
    unit: Unit = PERCENT
    label: Text
    year: Integer
    period: Text | None = None
    population: Text
    source: Text
    confidence: Confidence
    caveat: Text | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Benchmark:
        number = self.value.number
        if number is None:
            raise wrong("a benchmark is a number", "write digits, with a point maybe")
        if number < 0 or (self.unit == PERCENT and number > 100):
            raise wrong(
                f"`{number:g}` is outside what a {'per cent value' if self.unit == PERCENT else 'rate'} can be",
                "per cents run from 0 to 100",
                code="VBM246",
            )
        return self

    @property
    def figure(self) -> float:
        """The value as a number, in the unit."""
        assert self.value.number is not None
        return self.value.number

    @property
    def when(self) -> str:
        """The period as the source calls it (`MY2024`), or the year."""
        return str(self.period) if self.period is not None else str(self.year)


class BenchmarkFile(SpecModel):
    """A file of benchmarks."""

    title: Text
    notes: Text | None = None
    benchmarks: Annotated[tuple[Benchmark, ...], NonEmpty, Field()]
