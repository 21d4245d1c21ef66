"""What happened in a run and how long each stage took, by a clock that nobody can set."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Tell = Callable[[str, Mapping[str, object]], None]


def _silent(event: str, facts: Mapping[str, object]) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Journal:
    """The stages of one run as they end, in seconds, and its counts; ``tell`` hears of each (event, facts).

    ``clock`` counts seconds from any moment and never goes back; ``began`` is its reading at the start of the run,
    when that was before this object was made. Counts are numbers that the run may show.
    """

    tell: Tell = _silent
    clock: Callable[[], float] = time.monotonic
    stages: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    began: float | None = None
    _current: tuple[str, float] | None = None
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock of the run."""
        self._began = self.clock() if self.began is None else self.began

    @property
    def seconds(self) -> float:
        """How long the run has lasted."""
        return round(self.clock() - self._began, 3)

    def stage(self, name: str) -> None:
        """End the stage that lasts, if any, and begin another."""
        self.end()
        self._current = (name, self.clock())

    def end(self) -> None:
        """End the stage that lasts, if any."""
        if self._current is None:
            return
        name, began = self._current
        self._current = None
        seconds = round(self.clock() - began, 3)
        self.stages[name] = round(self.stages.get(name, 0.0) + seconds, 3)
        self.tell("stage", {"stage": name, "seconds": seconds})

    def count(self, **numbers: int | None) -> None:
        """Note counts; those that may not be shown are None and are not told."""
        shown = {name: number for name, number in numbers.items() if number is not None}
        self.counts |= shown
        self.tell("counts", shown)
