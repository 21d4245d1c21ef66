"""Files of benchmarks: what is shipped, what is chosen for a year, what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbpmeasure.benchmarks.load import load_benchmarks, shipped_files
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics.model import Failure, Severity

ONE = """
  - measure: {measure}
    rate: {rate}
    value: {value}
    label: {label}
    year: {year}
    population: Medicaid plans
    source: a table
    confidence: high
"""


def write(path: Path, *entries: dict[str, object]) -> Path:
    base = {"measure": "wcv", "rate": "wcv_total", "value": "50.5", "label": "median", "year": 2024}
    path.write_text("title: Ours\nbenchmarks:" + "".join(ONE.format(**{**base, **entry}) for entry in entries))
    return path


def codes(path: Path) -> list[str]:
    with pytest.raises(Failure) as caught:
        load_benchmarks([path])
    return [found.code for found in caught.value.diagnostics]


def test_the_shipped_figures_are_those_of_the_fact_sheet() -> None:
    found = load_benchmarks(shipped_files())
    assert {(one.measure, one.rate, one.figure, one.when, one.confidence) for one in found.entries} >= {
        ("w30", "w30_6", 60.38, "MY2024", "high"),
        ("w30", "w30_2", 69.43, "MY2024", "high"),
        ("wcv", "wcv_total", 51.81, "MY2024", "high"),
        ("cis", "combo_10", 30.90, "MY2023", "medium"),
        ("oev", "oev_total", 43.0, "FFY2022", "low"),
    }


def test_the_shipped_figures_are_for_rates_that_exist() -> None:
    catalog = Catalog.open()
    for one in load_benchmarks(shipped_files()).entries:
        assert one.rate in {rate.id for rate in catalog.info(str(one.measure)).rates}, one


@pytest.mark.parametrize(("year", "figure"), [(2025, 27.0), (2024, 27.0), (2023, 30.0), (2022, 30.0), (2019, 20.0)])
def test_the_latest_figure_that_is_not_of_a_later_year_is_chosen(tmp_path: Path, year: int, figure: float) -> None:
    path = write(
        tmp_path / "b.yaml", {"value": 30, "year": 2022}, {"value": 27, "year": 2024}, {"value": 20, "year": 2020}
    )
    chosen = load_benchmarks([path]).chosen("wcv", "wcv_total", year)
    assert chosen is not None
    assert chosen.figure == figure


def test_a_figure_of_a_later_year_is_better_than_none(tmp_path: Path) -> None:
    path = write(tmp_path / "b.yaml", {"year": 2030, "value": 1}, {"year": 2028, "value": 2})
    chosen = load_benchmarks([path]).chosen("wcv", "wcv_total", 2025)
    assert chosen is not None
    assert chosen.year == 2028


@pytest.mark.parametrize("value", ["100.01", "-1"])
def test_a_share_lies_between_0_and_100(tmp_path: Path, value: str) -> None:
    assert codes(write(tmp_path / "b.yaml", {"value": value})) == ["VBM246"]


@pytest.mark.parametrize("value", ["0", "100"])
def test_the_ends_of_a_share_are_shares(tmp_path: Path, value: str) -> None:
    assert load_benchmarks([write(tmp_path / "b.yaml", {"value": value})]).entries[0].figure == float(value)


def test_one_figure_for_a_rate_a_year_and_a_label(tmp_path: Path) -> None:
    assert codes(write(tmp_path / "b.yaml", {"value": 1}, {"value": 2})) == ["VBM247"]
    two = write(tmp_path / "c.yaml", {"label": "median"}, {"label": "mean"})
    assert len(load_benchmarks([two]).entries) == 2


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_text("title: x\nbenchmarks:\n  - {measure: WCV, value: a lot, yer: 2024}\n")
    assert set(codes(path)) >= {"VBM201", "VBM202", "VBM209"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert codes(tmp_path / "none.yaml") == ["VBM249"]


def test_a_measure_that_was_not_run_is_no_mistake_and_an_unknown_rate_is_warned_of(tmp_path: Path) -> None:
    path = write(tmp_path / "b.yaml", {"measure": "lsc", "rate": "lsc"}, {"rate": "wcv_totl"})
    found = load_benchmarks([path])
    (remark,) = found.remarks([("wcv", "wcv_total")])
    assert (remark.code, remark.severity) == ("VBM248", Severity.WARNING)
    assert "wcv_total" in (remark.hint or "")
    assert found.not_run(["wcv"]) == ("lsc",)
