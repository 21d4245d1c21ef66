"""FHIR MeasureReports, judged by `fhir.resources`.

That library has R4B (4.3.0) and no R4 (4.0.1) any more; the two have the same MeasureReport.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.measurereport import MeasureReport

from support.run_folders import Stated, write_stated_run
from vbpmeasure.exports.fhir.individual import IndividualOptions, individual_reports
from vbpmeasure.exports.fhir.summary import summary_bundle
from vbpmeasure.runs.person_rows import person_rows
from vbpmeasure.runs.reading import RunResults, read_run

STANDARD = {"initial-population", "denominator", "denominator-exclusion", "numerator"}
POPULATIONS = "http://terminology.hl7.org/CodeSystem/measure-population"


def reports(run: RunResults) -> dict[str, dict[str, Any]]:
    bundle = json.loads(summary_bundle(run))
    found = [entry["resource"] for entry in bundle["entry"]]
    return {report["group"][0]["code"]["coding"][0]["code"].split(".")[0]: report for report in found}


def counts(part: dict[str, Any]) -> dict[str, int | str]:
    """Return each population's count, or the reason why there is none."""
    found: dict[str, int | str] = {}
    for one in part["population"]:
        (coding,) = one["code"]["coding"]
        assert (coding["system"] == POPULATIONS) is (coding["code"] in STANDARD)
        assert ("count" in one) is not ("_count" in one)
        found[coding["code"]] = one.get("count", one.get("_count", {}).get("extension", [{}])[0].get("valueCode"))
    return found


def group(report: dict[str, Any], rate: str) -> dict[str, Any]:
    return next(one for one in report["group"] if one["code"]["coding"][0]["code"].endswith(f".{rate}"))


def strata(part: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for stratifier in part.get("stratifier", ()):
        dimension = stratifier["code"][0]["text"]
        for stratum in stratifier["stratum"]:
            label = stratum.get("value", {}).get("text") or " * ".join(
                component["value"]["text"] for component in stratum["component"]
            )
            yield dimension, label, stratum


def test_the_bundle_is_valid_for_both_profiles(public_run: RunResults, internal_run: RunResults) -> None:
    for run in (public_run, internal_run):
        bundle = Bundle.model_validate_json(summary_bundle(run))
        assert len(bundle.entry) == len({rate.measure for rate in run.rates})


def test_elements_that_receivers_look_at(public_run: RunResults) -> None:
    w30 = reports(public_run)["w30"]
    assert (w30["status"], w30["type"], w30["measure"]) == ("complete", "summary", "urn:vbpmeasure:measure:w30|2025")
    assert w30["period"] == {"start": "2025-01-01", "end": "2025-12-31"}
    assert w30["improvementNotation"]["coding"][0]["code"] == "increase"
    assert reports(public_run)["amb"]["improvementNotation"]["coding"][0]["code"] == "decrease"
    assert "Unaudited, HEDIS-like" in w30["text"]["div"]
    assert "date" not in w30  # no clock


def test_a_base_and_a_reporter_are_used(public_run: RunResults) -> None:
    bundle = json.loads(summary_bundle(public_run, "https://plan.example/Measure", "A plan"))
    first = bundle["entry"][0]["resource"]
    assert first["measure"] == "https://plan.example/Measure/amb|2024"
    assert first["reporter"] == {"display": "A plan"}


def test_counts_of_every_cell_are_those_of_the_run(public_run: RunResults) -> None:
    found = reports(public_run)
    seen = Counter[str]()
    for row in public_run.results.iter_rows(named=True):
        part = group(found[row["measure"]], row["rate"])
        if row["dimension"] != "total":
            part = {(d, s): stratum for d, s, stratum in strata(part)}[row["dimension"], row["stratum"]]
        shown = counts(part)
        hidden = row["status"].startswith("SUPPRESSED")
        seen[row["status"]] += 1
        # FHIR's denominator still holds those whom its exclusions take off.
        assert shown["denominator"] == shown["initial-population"] == (row["population"] or (
            0 if row["population"] == 0 else "masked"
        ))  # fmt: skip
        score = part["measureScore"]
        if hidden:
            assert shown["numerator"] == shown["denominator-after-exclusions"] == "masked"
            assert shown["denominator-exclusion"] == "masked"
            assert "value" not in score
            assert score["_value"]["extension"][0]["valueCode"] == "masked"
        else:
            assert shown["denominator-after-exclusions"] == row["denominator"]
        if row["status"] == "value":
            assert (shown["numerator"], score["value"], score["code"]) == (row["numerator"], row["percent"], "%")
        if row["status"] == "NO_DATA":
            assert score["_value"]["extension"][0]["valueCode"] == "not-a-number"
    assert seen["SUPPRESSED_PRIMARY"] > 10
    assert seen["value"] > 10


def test_hidden_rows_hold_no_number_at_all(public_run: RunResults) -> None:
    hidden = {
        (row["measure"], row["rate"], row["dimension"], row["stratum"])
        for frame in (public_run.results, public_run.amounts)
        for row in frame.iter_rows(named=True)
        if row["status"].startswith("SUPPRESSED")
    }
    checked = 0
    for measure, report in reports(public_run).items():
        for part in report["group"]:
            rate = part["code"]["coding"][0]["code"].split(".", 1)[1]
            for dimension, label, stratum in strata(part):
                if (measure, rate, dimension, label) in hidden:
                    checked += 1
                    numbers = [v for v in _leaves(stratum) if isinstance(v, int | float)]
                    shown = public_run.results.filter(
                        (public_run.results["measure"] == measure)
                        & (public_run.results["rate"] == rate)
                        & (public_run.results["dimension"] == dimension)
                        & (public_run.results["stratum"] == label)
                    )
                    # A population may be shown where the rate is not; nothing else is.
                    allowed = set(shown["population"].drop_nulls().to_list())
                    assert set(numbers) <= allowed
    assert checked > 20


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    else:
        yield value


def test_crossed_strata_have_a_component_for_each_dimension(public_run: RunResults) -> None:
    part = group(reports(public_run)["w30"], "w30_6")
    crossed = [stratum for dimension, _, stratum in strata(part) if dimension == "race*sex"]
    assert crossed
    assert [c["code"]["text"] for c in crossed[0]["component"]] == ["race", "sex"]


def test_a_name_that_holds_what_stands_between_two_is_one_component(tmp_path: Path) -> None:
    by = {"payer*sex": {("North * South", "Female"): (130, 200), ("East", "Male"): (120, 200)}}
    write_stated_run(tmp_path / "run", [Stated("wcv", by)])
    part = group(reports(read_run(tmp_path / "run"))["wcv"], "wcv")
    named = [[one["value"]["text"] for one in stratum["component"]] for _, _, stratum in strata(part)]
    assert named == [["North * South", "Female"], ["East", "Male"]]


def test_rates_that_are_no_shares(internal_run: RunResults) -> None:
    amb = group(reports(internal_run)["amb"], "amb_0_19")
    row = internal_run.amounts.filter(internal_run.amounts["rate"] == "amb_0_19").row(0, named=True)
    assert counts(amb) == {"numerator": row["part"]}
    assert amb["extension"] == [{"url": "urn:vbpmeasure:member-months", "valueDecimal": row["member_months"]}]
    assert amb["measureScore"] == {"value": row["value"], "unit": "per 1,000 member-months"}


def test_small_cells_are_labeled_restricted(public_run: RunResults, internal_run: RunResults) -> None:
    assert "security" not in reports(public_run)["w30"]["meta"]
    w30 = reports(internal_run)["w30"]
    assert w30["meta"]["security"][0]["code"] == "R"
    assert "INTERNAL" in w30["text"]["div"]


def test_individual_reports_add_up_to_the_summary(internal_run: RunResults) -> None:
    rows = person_rows(internal_run)
    summaries = reports(internal_run)
    for measure, lines in individual_reports(internal_run, rows):
        if measure == "amb":  # every child has a row of it
            continue
        added: dict[str, Counter[str]] = {}
        subjects = []
        for number, line in enumerate(lines):
            report = json.loads(line)
            if number % 250 == 0:
                MeasureReport.model_validate_json(line)
            subjects.append(report["subject"]["identifier"]["value"])
            assert (report["type"], report["meta"]["security"][0]["code"]) == ("individual", "R")
            assert any(counts(part)["initial-population"] for part in report["group"])
            for part in report["group"]:
                rate = part["code"]["coding"][0]["code"].split(".", 1)[1]
                added.setdefault(rate, Counter()).update(counts(part))
        assert len(subjects) == len(set(subjects))
        assert subjects == sorted(subjects)
        for rate, sums in added.items():
            whole = counts(group(summaries[measure], rate))
            compared = STANDARD & set(whole)
            assert {code: sums[code] for code in compared} == {code: whole[code] for code in compared}, rate


def test_individual_reports_say_dates_and_reasons(internal_run: RunResults) -> None:
    rows = person_rows(internal_run)
    row = rows.filter((rows["measure"] == "w30") & rows["numerator"]).row(0, named=True)
    options = IndividualOptions(patient_references=True)
    lines = dict(individual_reports(internal_run, rows, options))["w30"]
    report = next(r for r in map(json.loads, lines) if r["subject"]["identifier"]["value"] == row["person_id"])
    assert report["subject"]["reference"] == f"Patient/{row['person_id']}"
    numerator = next(
        one
        for one in group(report, row["rate"])["population"]
        if one["code"]["coding"][0]["code"] == "numerator"
    )  # fmt: skip
    assert numerator["extension"] == [
        {"url": "urn:vbpmeasure:evidence-date", "valueDate": row["evidence_date"].isoformat()}
    ]
