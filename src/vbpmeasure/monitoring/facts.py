"""What is told of a finished run: only numbers that its results show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class InputTable:
    """One table of the input: its file or folder, its files and bytes; rows are None where they may not be shown."""

    table: str
    place: PurePath
    files: int
    bytes: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class RateFact:
    """One rate as a whole: its value as the results show it (None when they do not), in what unit."""

    name: Name
    unit: str
    value: float | None
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run; counts that may not be shown are absent. ``rates`` are empty when results are not for the public."""

    inputs: Sequence[InputTable] = ()
    rates: Sequence[RateFact] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    out: Path | None = None
