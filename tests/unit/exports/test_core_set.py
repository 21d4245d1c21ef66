"""The Child Core Set shape: labels, strata, and a reason for all that is missing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from support.run_folders import Stated, write_stated_run
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.diagnostics import Failure
from vbpmeasure.exports.core_set.files import core_set_csv, core_set_json
from vbpmeasure.exports.core_set.mapping import Reason, load_mapping
from vbpmeasure.exports.core_set.rows import core_report
from vbpmeasure.runs.reading import read_run
from vbpmeasure.spec.tree import read_yaml

# Fact sheet section 4, the list of 2026, and section 2.3, the measures whose strata are mandatory.
LISTED = (
    "AAB ADD AMR APM APP CCP CCW CDF CHL CIS CPC DEV FUA FUH FUM IMA LSC LBW LRCD OEV OEVP PDS PND PPC2 PRS SFM TFL "
    "W30 WCC WCV"
)
STRATIFIED = "AAB ADD AMR FUA FUH LSC OEV PPC2 W30 WCV"
VOLUNTARY = "PDS PND PRS"


def rows_of(folder: Path, rates: list[Stated], year: int = 2025, **more: object) -> list[dict[str, str]]:
    write_stated_run(folder, rates, year=year)
    report = core_report(read_run(folder), load_mapping())
    return list(csv.DictReader(io.StringIO(core_set_csv(report).decode())))


def test_the_shipped_mapping_lists_the_core_set_of_2026() -> None:
    mapping = load_mapping()
    assert {m.id for m in mapping.measures} == {f"{name}-CH" for name in LISTED.split()}
    assert {m.id for m in mapping.measures if m.stratified} == {f"{name}-CH" for name in STRATIFIED.split()}
    assert {m.id for m in mapping.measures if not m.mandatory} == {f"{name}-CH" for name in VOLUNTARY.split()}


def test_the_shipped_mapping_names_rates_that_exist_and_all_of_their_measure() -> None:
    mapped = [measure for measure in load_mapping().measures if measure.measure is not None]
    assert len(mapped) == 18
    for measure in mapped:
        plain = read_yaml(measures_root() / str(measure.measure) / "measure.yaml").to_plain()
        assert isinstance(plain, dict)
        assert sorted(rate.rate for rate in measure.rates) == sorted(rate["id"] for rate in plain["rates"])


def test_rates_stand_under_their_labels_with_one_decimal_half_up(tmp_path: Path) -> None:
    # 25 of 400 are 6.25 %.
    rows = rows_of(tmp_path / "run", [Stated("lsc", {"sex": {"Female": (13, 200), "Male": (12, 200)}})])
    total = next(row for row in rows if row["measure_id"] == "LSC-CH" and row["stratification"] == "Total")
    assert (total["rate_label"], total["age_band"]) == ("Screened", "Age 2")
    assert (total["numerator"], total["denominator"], total["rate"]) == ("25", "400", "6.3")
    assert (total["reported"], total["reason_code"]) == ("true", "")
    assert total["notice"].startswith("Unaudited, HEDIS-like")
    assert (total["reporting_year"], total["measurement_year"]) == ("2026", "2025")


def test_strata_are_those_asked_for_and_missing_ones_say_so(tmp_path: Path) -> None:
    rates = [
        Stated(
            "lsc",
            {
                "race": {"White": (612, 900), "NHPI": (9, 18), "AI/AN": (21, 42)},
                "language": {"English": (342, 460), "Other": (300, 500)},
            },
        )
    ]
    rows = [row for row in rows_of(tmp_path / "run", rates) if row["measure_id"] == "LSC-CH"]
    found = {(row["stratification"], row["stratum"]): row for row in rows}
    assert found["Race", "White"]["rate"] == "68.0"
    assert found["Race", "NHPI"]["reason_code"] == "suppressed"
    assert found["Race", "NHPI"]["denominator"] == found["Race", "NHPI"]["rate"] == ""
    assert found["Race", "AI/AN"]["reason_code"] == "suppressed"
    assert {key for key in found if key[1] == ""} == {("Ethnicity", ""), ("Sex", ""), ("Geography", "")}
    assert found["Sex", ""]["reason_code"] == "not_stratified"
    assert not [key for key in found if key[0] == "language"]


def test_every_measure_has_a_row_and_a_reason(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "run", [Stated("lsc", {"sex": {"Female": (11, 24), "Male": (0, 0)}})])
    by_measure = {row["measure_id"]: row for row in rows if row["stratification"] == "Total"}
    assert len(by_measure) == len(LISTED.split())
    assert by_measure["LBW-CH"]["reason_code"] == "other_source"
    assert by_measure["AMR-CH"]["reason_code"] == "no_definition"
    assert by_measure["W30-CH"]["reason_code"] == "not_run"
    assert by_measure["LSC-CH"]["reason_code"] == "small_denominator"
    assert by_measure["LSC-CH"]["reason_category"] == "Small sample size"
    male = next(row for row in rows if row["stratum"] == "Male")
    assert male["reason_code"] == "no_data"


def test_strata_are_no_gap_where_they_are_not_mandatory(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "run", [Stated("cdf", {"sex": {"Female": (130, 200), "Male": (120, 200)}})])
    found = {row["stratification"] for row in rows if row["measure_id"] == "CDF-CH"}
    assert found == {"Total", "Sex"}


def test_json_nests_strata_under_rates(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("lsc", {"sex": {"Female": (13, 200), "Male": (12, 200)}})])
    document = json.loads(core_set_json(core_report(read_run(tmp_path / "run"), load_mapping())))
    assert "Unaudited" in document["notice"]
    lsc = next(one for one in document["measures"] if one["id"] == "LSC-CH")
    (rate,) = lsc["rates"]
    assert (rate["label"], rate["numerator"], rate["denominator"], rate["rate"]) == ("Screened", 25, 400, 6.3)
    strata = {one["stratification"]: one for one in rate["strata"]}
    assert [one["stratum"] for one in strata["Sex"]["values"]] == ["Female", "Male"]
    assert strata["Race"]["reason"]["code"] == "not_stratified"


def test_another_year_and_unknown_rates_are_warned_of(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"sex": {"Female": (13, 200), "Male": (12, 200)}})], year=2024)
    report = core_report(read_run(tmp_path / "run"), load_mapping())
    assert [d.code for d in report.findings] == ["VBM552", "VBM553"]
    assert "wcv.wcv_total" in report.findings[1].message
    assert {row.reason for row in report.rows if row.measure.id == "WCV-CH"} == {Reason.RATE_NOT_IN_RUN}


def _shipped() -> str:
    return (measures_root() / "exports" / "child_core_set.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reporting_year: 2026", "reporting_years: 2026", "reporting_year"),
        ("    measure: lsc\n", "", "either `measure` with `rates`, or `missing`"),
        ("  not_run: {", "  not_ran: {", "not_ran"),
        ("  failed: {words: The measure failed in the run, category: Data not available}\n", "", "lacks failed"),
        ("id: AMR-CH", "id: ADD-CH", "ADD-CH twice"),
        ("decimals: 1", "decimals: 9", "`decimals`: the number is too large"),
        ("decimals: 1", "decimals: some", "`decimals`: a whole number is needed"),
        ("decimals: 1", "decimal: 1", "`decimal`: the key is not known here"),
        ("references:", "references: {}\nstrata_of_old:", "`references`: a list is needed"),
        ("\nid: ", "\nids: ", "`id`: the key is missing"),
        ("  not_run: {", "  not_ran: {", "`reasons.not_ran`: one of not_run, failed, no_definition"),
        ("missing: other_source", "missing: elsewhere", "one of no_definition, other_source is needed"),
    ],
)
def test_a_mapping_that_cannot_be_used(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = _shipped()
    assert old in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Failure) as caught:
        load_mapping(path)
    assert {d.code for d in caught.value.diagnostics} == {"VBM495"}
    assert any(message in d.message for d in caught.value.diagnostics)
    assert caught.value.exit_code == 2


def test_one_question_for_race_and_ethnicity_stands_for_both(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("lsc", {"race_ethnicity": {"White": (130, 200), "MENA": (120, 200)}})])
    report = core_report(read_run(tmp_path / "run"), load_mapping())
    found = {row.category for row in report.rows if row.measure.id == "LSC-CH"}
    assert found == {"Total", "Race and ethnicity in one question", "Sex", "Geography"}
