"""Codes as small numbers: the generator computes with positions and looks the texts up when it writes."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from vbpmeasure.sample.arrays import Ints


class Pool:
    """A growing list of texts; the position of a text never changes within a run."""

    def __init__(self) -> None:
        """Start empty."""
        self._position: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """Return the position of ``text``, adding it when new."""
        return self._position.setdefault(text, len(self._position))

    def many(self, texts: str) -> Ints:
        """Return the positions of the words of a space-separated list."""
        return np.array([self(t) for t in texts.split()], dtype=np.int64)

    def column(self, name: str, positions: Ints) -> pl.Series:
        """Return a text column; negative positions are null."""
        texts = pl.Series(name, list(self._position), dtype=pl.String)
        index = pl.Series(np.where(positions < 0, 0, positions).astype(np.uint32))
        values = texts.gather(index)
        if (positions < 0).any():
            values = pl.select(pl.when(pl.Series(positions >= 0)).then(values)).to_series().alias(name)
        return values

    def dotted(self) -> Ints:
        """Return, for every position, that of the same ICD-10-CM code with its dot (itself when it has none)."""
        return np.array([self(t if len(t) <= 3 else f"{t[:3]}.{t[3:]}") for t in list(self._position)], dtype=np.int64)


CODES: Final = Pool()
