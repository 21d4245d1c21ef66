"""The reference engine: a small, slow, plain-Python interpreter of the plan, one person's timeline at a time.

It is written for obviousness, straight from `docs/semantics.md`, and shares no evaluation code with the Polars
engine, so that a mistake in one of them shows as a difference. It imports no Polars.
"""

from vbpmeasure.engines.reference.evaluate import evaluate, evaluate_external
from vbpmeasure.engines.reference.indicators import ExternalLine
from vbpmeasure.engines.reference.rates import ReferenceRow

__all__ = ["ExternalLine", "ReferenceRow", "evaluate", "evaluate_external"]
