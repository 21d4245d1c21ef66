"""What the builder knows while it works: the names of the measure and the parameter values in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span
from vbpmeasure.plan.flags import Flag
from vbpmeasure.spec.dates import Amount
from vbpmeasure.spec.models.base import Measured
from vbpmeasure.spec.namespace import Namespace

ParameterValues = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Scope:
    """The names, the values, and the pieces that are already built (each piece is built once)."""

    names: Namespace
    values: ParameterValues
    built: dict[str, Flag] = field(default_factory=dict)

    def number(self, amount: Amount, span: Span | None = None) -> int:
        """Return the number that is written, or the value of the parameter that is named.

        Raises `Failure` VBM231 when the parameter is no integer.
        """
        if amount.parameter is None:
            assert amount.number is not None
            return amount.number
        value = self.values[str(amount.parameter)]
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse("VBM231", f"`{amount.parameter}` is no integer parameter", amount.parameter.span or span)
        return value

    def quantity(self, measured: Measured) -> float:
        """Return the number that is written, or the value of the integer parameter that is named."""
        if measured.parameter is not None:
            return float(self.number(Amount(None, measured.parameter)))
        assert measured.number is not None
        return measured.number


def refuse(code: str, message: str, span: Span | None, hint: str | None = None) -> Failure:
    """Return the failure for something that the definition asks for and that cannot be built."""
    return Failure(Diagnostic(code, message, span=span, hint=hint))
