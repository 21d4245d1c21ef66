"""The shape of the queries: what makes the engine fast must not get lost by accident."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import polars as pl
import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import bind
from vbpmeasure.engines.polars.engine import evaluate, explain_query
from vbpmeasure.engines.polars.queries import Queries
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.sample import write_sample

PERIOD = calendar_year(2025)
GLANCE = "glance at medical_claim."


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pl.LazyFrame]:
    folder = tmp_path_factory.mktemp("shape") / "sample"
    write_sample(folder, people=300, seed=3, year=2025)
    return {name: table.frame for name, table in bind(folder).tables.items()}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.open()


def _nodes(query: pl.LazyFrame) -> list[str]:
    """Return the first line of each node of the physical streaming plan."""
    graph = query.show_graph(engine="streaming", plan_stage="physical", raw_output=True)
    assert graph is not None
    return [label.split("\\n")[0] for label in re.findall(r'label="((?:[^"\\]|\\.)*)"', graph)]


def _scans(catalog: Catalog, ids: tuple[str, ...], tables: Mapping[str, pl.LazyFrame]) -> Counter[str]:
    """Count the scans of each query, but for glances: at one row, or at the texts of one column."""
    queries = Queries(keep=True)
    evaluate(catalog.program(ids, PERIOD), tables, queries=queries)
    scans: Counter[str] = Counter()
    for name, query in queries.kept:
        if not name.startswith("glance"):
            scans[name] += sum("scan" in node for node in _nodes(query))
    return +scans


def test_every_table_is_scanned_once_for_all_measures_together(
    catalog: Catalog, tables: Mapping[str, pl.LazyFrame]
) -> None:
    scans = _scans(catalog, catalog.ids(), tables)
    assert set(scans) == set(tables) - {"provider_attribution"}  # who is attributed to whom is no evidence
    assert set(scans.values()) == {1}


def test_more_measures_mean_no_more_scans(catalog: Catalog, tables: Mapping[str, pl.LazyFrame]) -> None:
    one = _scans(catalog, ("cis",), tables)
    all_of_them = _scans(catalog, catalog.ids(), tables)
    assert one.total() <= all_of_them.total() <= len(tables)


def test_a_look_for_the_texts_of_a_column_reads_this_column_alone(
    catalog: Catalog, tables: Mapping[str, pl.LazyFrame]
) -> None:
    queries = Queries(keep=True)
    evaluate(catalog.program(catalog.ids(), PERIOD), tables, queries=queries)
    looks = [(name, query.explain(engine="streaming")) for name, query in queries.kept if name.startswith(GLANCE)]
    assert len(looks) > 8
    for name, plan in looks:
        column = name.rpartition(".")[2]
        assert re.search(r"PROJECT 1/\d+ COLUMNS", plan), name
        assert re.search(rf'SELECTION: .*col\("{column}"\)', plan), name


def test_nothing_leaves_the_streaming_engine(catalog: Catalog, tables: Mapping[str, pl.LazyFrame]) -> None:
    queries = Queries(keep=True)
    evaluate(catalog.program(catalog.ids(), PERIOD), tables, ("race",), queries=queries)
    nodes = [node for _, query in queries.kept for node in _nodes(query)]
    assert "equi-join" in nodes  # the labels are read as they should be
    assert {n for n in nodes if n.startswith("in-memory")} == {"in-memory-source"}


def test_wide_columns_that_no_measure_asks_for_are_not_read(
    catalog: Catalog, tables: Mapping[str, pl.LazyFrame]
) -> None:
    text = explain_query(catalog.program(("lsc",), PERIOD), tables)
    assert "Parquet SCAN" in text
    assert "paid_amount" not in text
    assert "facility_npi" not in text


def test_a_run_without_evidence_has_the_same_verdicts(catalog: Catalog, tables: Mapping[str, pl.LazyFrame]) -> None:
    program = catalog.program(catalog.ids(), PERIOD)
    with_evidence = evaluate(program, tables).rows
    without = evaluate(program, tables, evidence=False).rows
    assert with_evidence.height > 0
    assert with_evidence["evidence_sources"].null_count() < with_evidence.height
    assert without["evidence_sources"].null_count() == without.height
    assert with_evidence.drop("evidence_sources").equals(without.drop("evidence_sources"))
