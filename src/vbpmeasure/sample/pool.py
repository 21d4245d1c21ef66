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

    def dotted(self, positions: Ints) -> Ints:
        """Return the positions of the same ICD-10-CM codes written with their dot; negative positions stay."""
        used, where = np.unique(positions, return_inverse=True)
        texts = list(self._position)
        other = [int(p) if p < 0 else self(_with_dot(texts[p])) for p in used]
        return np.array(other, dtype=np.int64)[where].reshape(positions.shape)


def _with_dot(code: str) -> str:
    return code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"


CODES: Final = Pool()
