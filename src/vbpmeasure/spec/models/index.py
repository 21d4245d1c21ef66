"""Index events and member-months, as they are written."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from vbpmeasure.spec.dates import Amount
from vbpmeasure.spec.models.base import Days, Listed, Name, Number, SpecModel, wrong
from vbpmeasure.spec.models.criteria import Benefit, Criterion
from vbpmeasure.spec.models.events import EventRef
from vbpmeasure.spec.models.window import Interval, Windowed


class IndexBody(Windowed):
    """Which events of a person are index events; the window holds their index dates."""

    event: EventRef | None = Field(None, description="each distinct day of the event is a candidate")
    stays: EventRef | None = Field(None, description="the rows are stays from admission to discharge")
    chain: Days | None = Field(
        None, description="stays that start at most so many days after the discharge before are one; 0 unless said"
    )
    dated: Literal["discharge", "admission"] | None = Field(
        None, description="the index date of a stay; discharge unless said"
    )
    when: Annotated[tuple[Criterion, ...], Listed] = Field((), description="what each candidate must meet")
    apart: Days = Field(Amount(1), description="days between an index event and the next that is kept")
    keep: Literal["every", "first", "last"] = Field("every", description="which index events of a person are kept")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.event is None) == (self.stays is None):
            problem = "both are given" if self.event is not None else "neither is given"
            raise wrong(f"index events need `event` or `stays`, and {problem}", "keep one of them", code="VBM294")
        if self.stays is None and (self.chain is not None or self.dated is not None):
            key = "chain" if self.chain is not None else "dated"
            raise wrong(f"`{key}` is about stays, and these are days of an event", "write `stays:`", code="VBM294")
        return self


def _tag(value: Any) -> str:
    return "<name>" if isinstance(value, str) else "<index>"


def _shape(value: Any) -> Any:
    if not isinstance(value, (str, dict, IndexBody)):
        raise wrong("index events are a name, or a mapping with `event` or `stays` and a window")
    return value


# The name of a piece, `none`, or the definition itself.
IndexRef = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[IndexBody, Tag("<index>")],
    Discriminator(_tag),
    BeforeValidator(_shape),
]
NO_INDEX = "none"


class Ages(SpecModel):
    """Completed years, both included."""

    from_: Number | None = Field(None, alias="from")
    to: Number | None = None


class MemberMonthsBody(Interval):
    """Which enrolled days count, and how they become months."""

    rule: Literal["day_of_month", "any_day", "prorated_days"]
    day: Number | None = Field(None, description="the day of the month that `day_of_month` asks for")
    ages: Ages | None = Field(None, description="completed years of age on the counted days")
    benefit: Benefit | None = None

    @model_validator(mode="after")
    def _day(self) -> Self:
        if (self.rule == "day_of_month") != (self.day is not None):
            problem = "`day_of_month` needs `day`" if self.day is None else "only `day_of_month` has a `day`"
            raise wrong(problem, "`{rule: day_of_month, day: 15, during: period}`", code="VBM295")
        return self
