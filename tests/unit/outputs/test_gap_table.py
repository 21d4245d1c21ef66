"""The numbers of gaps on the screen."""

from __future__ import annotations

import polars as pl

from vbpmeasure.outputs.gap_table import counts_text


def test_names_of_rates_are_whole_on_a_narrow_screen() -> None:
    rates = ("wcv_3_11", "wcv_12_17", "wcv_18_21")
    counts = pl.DataFrame(
        {
            "measure": ["wcv"] * 3,
            "rate": rates,
            "time": [210, None, 0],
            "late": [1000] * 3,
            "closed": [25] * 3,
            "out": [0] * 3,
            "none": [12345] * 3,
        }
    )
    text = counts_text(counts, 40)
    assert max(map(len, text.splitlines())) <= 60
    first = "".join(line.split(" ")[0] for line in text.splitlines())
    assert all(f"wcv.{rate}" in first for rate in rates)
