"""Windows: runs of days, written in one of four ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vbpmeasure.diagnostics.model import Span
from vbpmeasure.spec.dates import DateSpec, parse_date
from vbpmeasure.spec.models.base import Date, NonEmpty, SpecModel, wrong

WINDOW_FORMS = "write `between: [A, B]`, `from:`/`after:` with `to:`/`before:`, `on: DATE`, or `during: period`"


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """A window as written; a shift of 1 or -1 day stands for an end that is itself left out."""

    start: DateSpec
    end: DateSpec
    start_shift: int = 0
    end_shift: int = 0
    span: Span | None = None


class Interval(SpecModel):
    """The keys that say from when to when."""

    between: Annotated[tuple[Date, ...] | None, NonEmpty] = Field(
        None, description="both days included", json_schema_extra={"minItems": 2, "maxItems": 2}
    )
    from_: Date | None = Field(None, alias="from", description="the first day")
    after: Date | None = Field(None, description="the day before the first day")
    to: Date | None = Field(None, description="the last day")
    before: Date | None = Field(None, description="the day after the last day")
    during: Literal["period"] | None = Field(None, description="the whole measurement period")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        starts = [k for k, v in (("from", self.from_), ("after", self.after)) if v]
        ends = [k for k, v in (("to", self.to), ("before", self.before)) if v]
        forms = [bool(self.between), bool(starts or ends), bool(self.during), bool(getattr(self, "on_window", None))]
        if sum(forms) != 1:
            problem = "several windows are given" if sum(forms) else "a window is missing"
            raise wrong(problem, WINDOW_FORMS, code="VBM207")
        if self.between and len(self.between) != 2:
            raise wrong("`between` takes exactly two dates", "`between: [birth, birthday 2]`", code="VBM207")
        if starts or ends:
            if len(starts) > 1 or len(ends) > 1:
                pair = "`from` and `after`" if len(starts) > 1 else "`to` and `before`"
                raise wrong(f"{pair} both name the same end of the window", "keep one of them", code="VBM207")
            if not starts or not ends:
                missing = "start (`from` or `after`)" if not starts else "end (`to` or `before`)"
                raise wrong(f"the window has no {missing}", "`birth` is the earliest date there is", code="VBM207")
        return self

    @property
    def window(self) -> WindowSpec:
        """The window, whichever way it was written."""
        if self.during:
            return WindowSpec(parse_date("period start"), parse_date("period end"), span=self.span)
        if self.between:
            return WindowSpec(self.between[0], self.between[1], span=self.between[0].span)
        on = getattr(self, "on_window", None)
        if on is not None:
            return WindowSpec(on, on, span=on.span)
        start, end = self.from_ or self.after, self.to or self.before
        assert start is not None  # _one_form
        assert end is not None
        return WindowSpec(start, end, 1 if self.after else 0, -1 if self.before else 0, start.span)


class Windowed(Interval):
    """A window that may also be a single day."""

    on_window: Date | None = Field(None, alias="on", description="one day")
