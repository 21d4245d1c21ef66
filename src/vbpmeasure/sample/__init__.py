"""A synthetic population for trying and testing the tool: plausible, deterministic, of any size, and never real."""

from vbpmeasure.sample.writer import write_sample

__all__ = ["write_sample"]
