"""Overlapping strata from the disjoint combinations behind them: counts of combinations, added up."""

from __future__ import annotations

import numpy as np
import polars as pl


def put_together(atoms: pl.DataFrame, combines: tuple[tuple[int, ...], ...], counts: tuple[str, ...]) -> pl.DataFrame:
    """Add up counts of atoms to those of the strata that are made of them; same columns, strata with atoms alone."""
    pairs = [(stratum, atom) for stratum, row in enumerate(combines) for atom in row]
    of = pl.DataFrame(pairs, schema={"of": pl.UInt32, "stratum": atoms.schema["stratum"]}, orient="row")
    keys = [name for name in atoms.columns if name not in (*counts, "stratum")]
    found = atoms.join(of, on="stratum", how="inner").group_by(*keys, "of").agg(pl.col(counts).sum())
    return found.rename({"of": "stratum"}).select(atoms.columns)


def every_cell(counts: pl.DataFrame, rates: int, strata: int, names: tuple[str, ...]) -> pl.DataFrame:
    """Return the counts with a row of zeros for each rate and stratum that has none."""
    cells = pl.DataFrame(
        {
            "rate": np.repeat(np.arange(rates, dtype=np.uint32), strata),
            "stratum": np.tile(np.arange(strata, dtype=np.uint32), rates),
        }
    )
    return cells.join(counts, on=["rate", "stratum"], how="left").with_columns(pl.col(names).fill_null(0))
