"""The report of a run with known counts: what it says, what it never says, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from support.reports import LOWER, RACE, SEX, Words, made, page, report_text, stated, stated_run
from support.run_folders import Stated, write_stated_run
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.report.make import ReportRequest, make_report
from vbpmeasure.results.disclosure.policy import INTERNAL
from vbpmeasure.results.frame import RateKey

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stated_run(tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="module")
def html(run: Path) -> str:
    return report_text(run, run.parent / "report.html")


def refused(run: Path, out: Path, *previous: Path) -> list[str]:
    with pytest.raises(Failure) as caught:
        made(run, out, previous)
    return [found.code for found in caught.value.diagnostics]


def test_the_overview_tells_the_planted_gap(html: str) -> None:
    words = " ".join(Words(page(html, "overview")).found)
    # Asian is best: 118 / 160 = 73.75; Black 55.0 is 18.75 below; ceil((118 * 600 - 330 * 160) / 160) = 113.
    assert "Black or African American: 55.0 %, 18.8 points below Asian (73.8 %;" in words
    assert "113 children to parity" in words
    # 1,174 of 1,890 is 62.1, and its benchmark 51.81 lies below the interval.
    assert "62.1" in words
    assert "▲ better" in words


class Total(Stated):
    """The total of the rates `small` and `large`."""

    @property
    def key(self) -> RateKey:
        return replace(super().key, members=("small", "large"))


def test_the_first_tile_says_why_rates_are_not_shown(tmp_path: Path) -> None:
    """5 of 9 is small, and 605 of 909 less 600 of 900 would tell it: one of these two is hidden, the other is shown."""
    rates = [
        Stated("wcv", {"race": {"White": (5, 9)}}, rate="small"),
        Stated("wcv", {"race": {"White": (600, 900)}}, rate="large"),
        Total("wcv", {"race": {"White": (605, 909)}}, rate="both"),
        Stated("few", {"race": {"White": (12, 25)}}),
        Stated("none", {"race": {"White": (0, 0)}}),
    ]
    write_stated_run(tmp_path / "run", rates)
    words = Words(page(report_text(tmp_path / "run", tmp_path / "report.html"), "overview")).found
    assert words[words.index("1 of 5") + 1] == (
        "rates are shown; 1 hidden for a small count, 1 hidden to protect another, 1 with a denominator below 30, "
        "1 without data"
    )


def test_the_first_tile_of_a_run_that_shows_all_says_no_more(html: str) -> None:
    words = Words(page(html, "overview")).found
    assert words[words.index("1 of 1") + 1] == "rates are shown"


def test_every_chart_has_words_and_a_table(html: str) -> None:
    pictures = re.findall(r'<svg [^>]*role="img"[^>]*>', html)
    assert len(pictures) >= 8
    assert all(re.search(r'aria-label="[^"]{20,}"', picture) for picture in pictures)
    for figure in re.findall(r"<figure>.*?</figure>", page(html, "equity"), flags=re.DOTALL):
        assert "<table" in figure
    for group in re.findall(r'<section class="group">.*?</section>', html, flags=re.DOTALL):
        assert "<table" in group


def test_every_table_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Two measures whose rates have the same titles, by groups and by practices, with a year before."""
    by = {"race": RACE, "sex": SEX, "practice": {"North": (587, 940), "South": (587, 950)}}
    rates = [Stated(measure, by, rate=rate) for measure in ("wcv", "w30") for rate in ("first", "second")]
    for year in (2024, 2025):
        write_stated_run(tmp_path / f"{year}", rates, year=year)
    text = report_text(tmp_path / "2025", tmp_path / "r.html", [tmp_path / "2024"])
    captions = dict(re.findall(r'<caption id="([^"]+)">([^<]+)</caption>', text))
    named = re.findall(r'<div class="scroll" tabindex="0" role="region" aria-labelledby="([^"]+)">', text)
    assert len(named) == text.count("<table") >= 20
    names = [captions[place] for place in named]
    assert sorted(name for name in names if names.count(name) > 1) == []


def test_a_hidden_cell_is_nowhere(html: str) -> None:
    # 7 of 9 is 77.8: neither the rate anywhere, nor any number in the row of the group.
    words = Words(html).found
    assert "Native Hawaiian or Other Pacific Islander" in words
    assert "hidden: small count" in words
    assert not any("77.8" in word for word in words)
    table = page(html, "m-wcv")
    (row,) = re.findall(r'<tr><th scope="row">Native Hawaiian[^<]*(.*?)(?=<tr>|</table>)', table)
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", row))


def test_what_is_hidden_does_not_change_a_byte_of_the_page(tmp_path: Path) -> None:
    """Two runs that publish the same rows and differ in what they hide have the same page."""
    texts = []
    for number, hidden in enumerate(({"A": (3, 5), "B": (4, 6)}, {"A": (4, 6), "B": (3, 5)})):
        by = {"race": {"White": (612, 900), "Asian": (118, 160), **hidden}}
        write_stated_run(tmp_path / f"run{number}", [Stated("wcv", by, rate="wcv_total")])
        texts.append(report_text(tmp_path / f"run{number}", tmp_path / f"{number}.html"))
    assert texts[0] == texts[1]


def test_the_same_run_gives_the_same_bytes(run: Path, html: str, tmp_path: Path) -> None:
    assert report_text(run, tmp_path / "again.html") == html


def test_the_page_asks_for_nothing_from_elsewhere(html: str) -> None:
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', html)
    assert not re.search(r"https?://|@import|url\(", html)


def test_links_lead_to_places_of_the_page_and_ids_are_unique(html: str) -> None:
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_words_of_the_data_are_never_markup(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>'
    by = {"race": {evil: (612, 900), "<!--shared-->": (330, 600), "/*styles of charts*/": (200, 300)}}
    write_stated_run(tmp_path / "run", [Stated("wcv", by)])
    text = report_text(tmp_path / "run", tmp_path / "report.html")
    assert evil not in text
    assert "alert(&#34;x&#34;)" in text
    assert text.count("<script>") == 1


def test_a_measure_where_less_is_better_is_judged_the_other_way(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("ed", {"race": LOWER}, lower_is_better=True)])
    words = " ".join(Words(report_text(tmp_path / "run", tmp_path / "report.html")).found)
    assert "Black or African American: 20.0 %, 12.3 points above Asian (7.7 %" in words


def test_earlier_years_bring_lines_and_the_change_of_gaps(run: Path, tmp_path: Path) -> None:
    earlier = [Stated("wcv", {"race": {**RACE, "Black or African American": (270, 600)}}, rate="wcv_total")]
    for year in (2023, 2024):
        write_stated_run(tmp_path / f"run{year}", earlier, year=year)
    text = report_text(run, tmp_path / "r.html", [tmp_path / "run2023", tmp_path / "run2024"])
    assert "Over the years" in page(text, "m-wcv")
    words = Words(text).found
    assert {"2023 %", "2024 %", "2025 %", "Gap change"} <= set(words)
    # Black was 45.0 and is 55.0, Asian stayed: the gap moved by 10.0 points.
    assert "+10.0" in words


def test_every_number_stands_under_the_head_of_its_column(run: Path, tmp_path: Path) -> None:
    earlier = [Stated("wcv", {"race": {**RACE, "Black or African American": (270, 600)}}, rate="wcv_total")]
    for year in (2023, 2024):
        write_stated_run(tmp_path / f"run{year}", earlier, year=year)
    text = report_text(run, tmp_path / "r.html", [tmp_path / "run2023", tmp_path / "run2024"])
    tables = re.findall(r"<table .*?</table>", text, flags=re.DOTALL)
    assert len(tables) >= 8
    for table in tables:
        heads, _, body = table.partition("<tbody>")
        for row in body.split("<tr>")[1:]:
            assert len(re.findall(r"<t[hd][ >]", row)) == len(re.findall(r"<th ", heads)), table[:200]
    (compared,) = [one for one in tables if "by race: rates, differences in points, ratios" in one]
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)", compared)
    (black,) = re.findall(r'<tr><th scope="row">Black or African American(.*?)(?=<tr>)', compared)
    cells = dict(zip(heads[1:], re.findall(r"<td[^>]*>([^<]*)", black), strict=True))
    # 330 and 270 of 600; Asian is best with 118 of 160, and 113 more children would bring Black children there.
    assert (cells["%"], cells["2024 %"], cells["2023 %"]) == ("55.0", "45.0", "45.0")
    assert (cells["Difference"], cells["Ratio"], cells["To parity"]) == ("\N{MINUS SIGN}18.8", "0.75", "113")
    assert (cells["Verdict"], cells["Gap change"]) == ("▼ worse", "+10.0")


@pytest.mark.parametrize("dimension", ["provider", "practice"])
def test_providers_have_a_page_where_the_run_has_them(tmp_path: Path, dimension: str) -> None:
    by = {dimension: {"P1": (40, 100), "P2": (70, 100), "P3": (5, 12), "P4": (6, 13)}}
    write_stated_run(tmp_path / "run", [Stated("wcv", by, rate="wcv_total")])
    text = report_text(tmp_path / "run", tmp_path / "report.html")
    words = Words(page(text, "providers")).found
    assert words.index("P2") < words.index("P1")
    assert "2 of 4 are hidden or have too few children." in words
    assert 'id="equity"' not in text


def test_a_run_without_strata_has_no_equity_page(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"age_band": {"3-5": (300, 500), "6-11": (300, 400)}})])
    text = report_text(tmp_path / "run", tmp_path / "report.html")
    assert 'id="equity"' not in text
    assert "Age band" in text


def test_completeness_is_shown_when_the_run_wrote_it(tmp_path: Path) -> None:
    run = stated_run(tmp_path / "run")
    table = "scope,measure,rate,group,field,people,direct,unknown,percent_direct,status\n"
    table += "people,,,,race,1890,1200,690,63.49,value\nmonth,,,2025-01,race,,,,,SUPPRESSED_PRIMARY\n"
    (run / "completeness.csv").write_text(table)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["outputs"]["completeness.csv"] = hashlib.sha256(table.encode()).hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest))
    words = Words(page(report_text(run, tmp_path / "report.html"), "equity")).found
    assert {"1,200", "63.5", "By month", "2025-01", "hidden"} <= set(words)
    assert "The run wrote no table of completeness" not in " ".join(words)
    assert words.count(f"All results of this table {ALL_HIDDEN}") == 1  # by month


def test_one_stratum_alone_is_compared_with_nobody(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"race": {"White": (612, 900)}})])
    words = " ".join(Words(page(report_text(tmp_path / "run", tmp_path / "r.html"), "equity")).found)
    assert "No two groups of a rate are large enough to be compared." in words


def test_a_hidden_reference_leaves_the_page_whole(tmp_path: Path) -> None:
    by = {"race": {"White": (200, 205), "Black or African American": (110, 200), "Asian": (100, 104)}}
    write_stated_run(tmp_path / "run", [Stated("wcv", by)])
    text = report_text(tmp_path / "run", tmp_path / "report.html")
    assert "Black or African American" in page(text, "m-wcv")
    assert "hidden" in " ".join(Words(page(text, "m-wcv")).found)


ALL_HIDDEN = (
    "are hidden: each is, or gives away, a count from 1 to 10; fewer strata, larger groups or fewer measures in one "
    "run may show more."
)


def test_all_groups_hidden_is_no_mistake_and_every_table_says_so(tmp_path: Path) -> None:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"race": {"White": (5, 9), "Asian": (3, 8)}})])
    text = report_text(tmp_path / "run", tmp_path / "report.html")
    assert "No group differs from its reference" in " ".join(Words(text).found)
    told = f"All results of this table {ALL_HIDDEN}"
    # all rates; the rates of the measure, and its groups; the groups compared
    assert [Words(page(text, place)).found.count(told) for place in ("overview", "m-wcv", "equity")] == [1, 2, 1]


def test_a_table_with_one_number_does_not_say_that_all_are_hidden(html: str, tmp_path: Path) -> None:
    """5 of 9 and with it 595 of 891 are hidden, the total of 900 is not; in the other year both groups are shown."""
    assert "All results" not in html
    hidden = [Stated("wcv", {"race": {"White": (5, 9), "Asian": (595, 891)}})]
    shown = [Stated("wcv", {"race": {"White": (105, 209), "Asian": (495, 691)}})]
    write_stated_run(tmp_path / "run", hidden)
    write_stated_run(tmp_path / "old", shown, year=2024)
    for previous, found in (([], [0, 1]), ([tmp_path / "old"], [0, 0])):
        text = report_text(tmp_path / "run", tmp_path / "report.html", previous)
        assert [page(text, place).count("All results of") for place in ("overview", "m-wcv")] == found


def test_groups_without_anybody_are_the_zeros_of_a_hidden_table(tmp_path: Path) -> None:
    """A provider's table has no page of its own when none is shown: the section says it."""
    by = {"practice": {"A": (5, 9), "B": (595, 891), "C": (0, 0)}}
    write_stated_run(tmp_path / "run", [Stated("wcv", by)])
    words = Words(page(report_text(tmp_path / "run", tmp_path / "report.html"), "providers")).found
    assert f"All results of this table but zeros {ALL_HIDDEN}" in words


def test_an_unsuppressed_run_makes_a_page_with_a_banner_for_its_owner_alone(tmp_path: Path) -> None:
    stated_run(tmp_path / "run", policy=INTERNAL)
    out = tmp_path / "report.html"
    assert "INTERNAL: small cells are NOT suppressed" in report_text(tmp_path / "run", out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_an_unsuppressed_earlier_run_makes_the_page_internal_too(run: Path, tmp_path: Path) -> None:
    stated_run(tmp_path / "old", 2024, INTERNAL)
    out = tmp_path / "report.html"
    assert "INTERNAL: small cells are NOT suppressed" in report_text(run, out, [tmp_path / "old"])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_benchmarks_of_measures_that_were_not_run_are_noted(run: Path, tmp_path: Path) -> None:
    outcome = made(run, tmp_path / "report.html")
    assert outcome.findings == ()
    words = " ".join(Words(page((tmp_path / "report.html").read_text(), "notes")).found)
    assert "Benchmarks of measures that are not in this run: W30, DEV, CIS, IMA, LSC" in words


def test_no_benchmarks_no_comparison(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.yaml"
    other.write_text(
        "title: Ours\nbenchmarks:\n  - {measure: lsc, rate: lsc, value: 60, label: target, year: 2025, "
        "population: us, source: contract, confidence: high}\n"
    )
    text = report_text(run, tmp_path / "report.html", benchmarks=[other])
    assert 'id="against-benchmarks"' not in text
    assert "No benchmark is for a rate of this run." in text


def test_a_folder_without_its_mark_of_success_is_refused(tmp_path: Path) -> None:
    run = stated_run(tmp_path / "run")
    (run / "_SUCCESS").unlink()
    assert refused(run, tmp_path / "r.html") == ["VBM540"]
    assert not (tmp_path / "r.html").exists()


def test_previous_runs_are_earlier_and_each_year_once(run: Path, tmp_path: Path) -> None:
    old = stated_run(tmp_path / "old", 2024)
    later = stated_run(tmp_path / "later", 2026)
    assert refused(run, tmp_path / "r.html", later) == ["VBM486"]
    assert refused(run, tmp_path / "r.html", run) == ["VBM486"]
    assert refused(run, tmp_path / "r.html", old, old) == ["VBM486"]


def test_where_a_report_cannot_stand(run: Path, tmp_path: Path) -> None:
    assert refused(run, tmp_path) == ["VBM545"]
    assert refused(run, tmp_path / "report.csv") == ["VBM546"]
    assert refused(run, run / "report.html") == ["VBM547"]
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        assert refused(run, tmp_path / "report.html") == ["VBM502"]


def test_a_report_replaces_the_one_before_it(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("the one before")
    made(run, out)
    assert "the one before" not in out.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_stated_runs_are_what_the_tests_say() -> None:
    (rate,) = stated()
    assert sum(n for n, _ in rate.by["race"].values()) == sum(n for n, _ in rate.by["sex"].values()) == 1174


def test_the_settings_say_how_groups_are_compared(run: Path, tmp_path: Path) -> None:
    """White is the largest of the groups; Black is 68.0 - 55.0 = 13.0 points below it."""
    out = tmp_path / "largest.html"
    make_report(ReportRequest(run, out, settings=EquitySettings().with_changes({"reference": "largest"})))
    html = out.read_text(encoding="utf-8")
    assert "the largest group" in " ".join(Words(page(html, "equity")).found)
    assert "Black or African American: 55.0 %, 13.0 points below White (68.0 %;" in " ".join(Words(html).found)
