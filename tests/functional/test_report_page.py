"""The report in a browser: charts are drawn, links lead where they say, nothing is asked of the network.

Needs the Python package playwright and a Chromium of the system; skipped where there is none.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from support.commands import Cli
from support.reports import stated, stated_run
from support.run_folders import Stated, write_stated_run
from vbpmeasure.outputs.work_list import index_page, work_lists

pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this system")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from vbpmeasure.report.make import ReportRequest, make_report

    folder = tmp_path_factory.mktemp("report")
    write_stated_run(folder / "run", [*stated(), *stated("lsc", "lsc")])
    write_stated_run(folder / "old", [*stated(), *stated("lsc", "lsc")], year=2024)
    make_report(ReportRequest(folder / "run", folder / "report.html", (folder / "old",)))
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Visit:
    """A page with everything it complained of and asked for."""

    def __init__(self, browser: Any, report: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(report.as_uri())

    def shown(self) -> list[str]:
        """The ids of the pages that can be seen."""
        found: list[str] = self.page.eval_on_selector_all(".page:not([hidden])", "pages => pages.map(page => page.id)")
        return found

    def comes_to_show(self, *identifiers: str) -> None:
        """Wait for the pages of these ids and no others: of a new address the browser tells the page a little later."""
        for _ in range(200):
            if self.shown() == list(identifiers):
                break
            self.page.wait_for_timeout(50)
        assert self.shown() == list(identifiers)


@in_a_browser
def test_clicking_through_the_pages(browser: Any, report: Path) -> None:
    visit = Visit(browser, report, viewport={"width": 1440, "height": 900})
    page = visit.page
    visit.comes_to_show("overview")
    for name, identifier in (("Equity", "equity"), ("Notes", "notes"), ("LSC", "m-lsc"), ("WCV", "m-wcv")):
        page.get_by_role("navigation").get_by_role("link", name=name).first.click()
        visit.comes_to_show(identifier)
        assert page.locator("nav a[aria-current]").get_attribute("href") == f"#{identifier}"
    page.go_back()
    visit.comes_to_show("m-lsc")
    page.get_by_role("link", name="Overview").click()
    visit.comes_to_show("overview")
    gap = page.locator(".gaps a").first
    rate, measure, _ = gap.get_attribute("href").removeprefix("#").split("-")
    assert (rate, measure in ("lsc", "wcv")) == ("r", True)
    gap.click()
    visit.comes_to_show(f"m-{measure}")
    page.get_by_role("button", name="All pages").click()
    visit.comes_to_show("overview", "equity", "m-wcv", "m-lsc", "notes")
    assert visit.complaints == []
    assert {url.split(":")[0] for url in visit.requests} <= {"file", "data"}


@in_a_browser
def test_charts_are_drawn_with_words_for_those_who_cannot_see_them(browser: Any, report: Path) -> None:
    visit = Visit(browser, report, viewport={"width": 1440, "height": 900})
    visit.page.get_by_role("link", name="Equity").click()
    charts = visit.page.get_by_role("img")
    assert charts.count() >= 4
    for number in range(charts.count()):
        box = charts.nth(number).bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 40
    # The names of rows are shared between charts; they must be there all the same.
    drawn = visit.page.evaluate("document.querySelector('#equity svg[role=img] use').getBBox().width")
    assert drawn > 20


@in_a_browser
def test_a_table_sorts_by_a_click_and_by_the_keyboard(browser: Any, report: Path) -> None:
    visit = Visit(browser, report)
    table = visit.page.locator("#overview table.sortable").first
    head = table.locator("thead th", has_text="Denominator")
    head.get_by_role("button").focus()
    visit.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    visit.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert visit.complaints == []


@in_a_browser
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_wider_than_the_screen(browser: Any, report: Path, width: int) -> None:
    visit = Visit(browser, report, viewport={"width": width, "height": 900})
    for identifier in ("overview", "equity", "m-wcv", "notes"):
        visit.page.goto(f"{report.as_uri()}#{identifier}")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


@in_a_browser
def test_names_stay_within_their_drawing(browser: Any, tmp_path: Path) -> None:
    from vbpmeasure.report.make import ReportRequest, make_report

    groups = {
        "Kanaka Maoli, WWWWWW and MMMMMMM of the Windward Communities": (612, 900),
        "Kanaka Maoli, WWWWWW and MMMMMMM of the Leeward Communities": (330, 600),
        "W" * 40: (118, 160),
    }
    write_stated_run(tmp_path / "run", [Stated("wcv", {"race": groups})])
    make_report(ReportRequest(tmp_path / "run", tmp_path / "report.html"))
    visit = Visit(browser, tmp_path / "report.html", viewport={"width": 390, "height": 900})
    visit.page.goto(f"{(tmp_path / 'report.html').as_uri()}#m-wcv")
    outside = visit.page.evaluate(
        """() => [...document.querySelectorAll("svg[role=img]")].filter((one) => one.checkVisibility()).map((one) => {
          const box = one.getBoundingClientRect();
          return [...one.querySelectorAll("text, use")].map((text) => text.getBoundingClientRect())
            .filter((at) => at.width && (at.left < box.left - 1 || at.right > box.right + 1)).length;
        })"""
    )
    assert len(outside) >= 2
    assert set(outside) == {0}


@in_a_browser
def test_a_work_list_is_no_wider_than_a_phone(browser: Any, tmp_path: Path) -> None:
    rows = [
        {
            "person": number,
            "person_id": f"MEMBER-{number}-WITH-A-LONG-NUMBER-0123456789",
            "birth_date": dt.date(2023, 1, 3),
            "provider": "9000000016",
            "practice": "Children's Practice Downtown",
            "measure": "kr_social_emotional",
            "rate_title": "A social-emotional service, ages 1 to 5",
            "index_date": dt.date(2025, 6, 19),
            "gap_status": "open",
            "can_still_pass": True,
            "missing": "service; evaluation",
            "due_by": dt.date(2025, 12, 31),
            "days_left": 184,
            "visit_measures": 4,
        }
        for number in range(3)
    ]
    as_of = dt.date(2025, 6, 30)
    lists = work_lists(pl.DataFrame(rows), {}, as_of, 2025)
    for name, content in (("list.html", lists[0].content), ("index.html", index_page(lists, as_of, 2025))):
        (tmp_path / name).write_bytes(content)
        visit = Visit(browser, tmp_path / name, viewport={"width": 390, "height": 900})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


@in_a_browser
def test_light_and_dark(browser: Any, report: Path) -> None:
    def paper(visit: Visit) -> str:
        color: str = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return color

    dark = Visit(browser, report, color_scheme="dark")
    light = Visit(browser, report, color_scheme="light")
    assert (paper(light), paper(dark)) == ("rgb(255, 255, 255)", "rgb(18, 23, 28)")
    button = light.page.get_by_role("button", name="Theme")
    button.click()
    button.click()
    assert paper(light) == "rgb(18, 23, 28)"
    ink = light.page.evaluate("getComputedStyle(document.querySelector('.names text')).fill")
    assert ink == "rgb(232, 237, 242)"


@in_a_browser
def test_without_script_everything_is_there(browser: Any, report: Path) -> None:
    visit = Visit(browser, report, java_script_enabled=False)
    for identifier in ("overview", "equity", "m-wcv", "m-lsc", "notes"):
        assert visit.page.locator(f"#{identifier}").is_visible()
    assert not visit.page.locator("#theme").is_visible()


def test_the_command_writes_a_report_and_says_so(cli: Cli, tmp_path: Path) -> None:
    run = stated_run(tmp_path / "run")
    ran = cli("report", run, "--out", tmp_path / "report.html")
    assert (ran.code, ran.stdout) == (0, "")
    assert "1 measure" in ran.stderr
    assert (tmp_path / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["{missing}"], 3, "VBM540"),
        (["{run}", "--benchmarks", "none.yaml"], 2, "VBM249"),
        (["{run}", "--out", "report.csv"], 5, "VBM546"),
        (["{run}", "--previous", "{run}"], 2, "VBM486"),
    ],
)
def test_what_is_wrong_has_a_code(cli: Cli, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    run = stated_run(tmp_path / "run")
    words = [word.format(run=run, missing=tmp_path / "none") for word in arguments]
    ran = cli("report", *words, cwd=tmp_path)
    assert (ran.code, said in ran.stderr) == (code, True), ran.stderr
