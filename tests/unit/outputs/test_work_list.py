"""The work list of a provider: what a coordinator reads, and what must never be in it."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from typing import Any

import polars as pl

from vbpmeasure.outputs.work_list import WorkList, index_page, work_lists

D = dt.date
TODAY = D(2025, 6, 30)
MEASURES = {
    "w30": "Well-Child Visits in the First 30 Months",
    "lsc": "Lead Screening",
    "cis": "Immunizations",
    "fu": "Follow-up",
}
SCHEMA = {
    "person": pl.UInt32,
    "person_id": pl.String,
    "birth_date": pl.Date,
    "provider": pl.String,
    "practice": pl.String,
    "measure": pl.String,
    "rate_title": pl.String,
    "index_date": pl.Date,
    "gap_status": pl.String,
    "can_still_pass": pl.Boolean,
    "missing": pl.String,
    "due_by": pl.Date,
    "days_left": pl.Int64,
    "visit_measures": pl.Int64,
}


def gap(person: int, **more: Any) -> dict[str, Any]:
    plain = {
        "person": person,
        "person_id": f"P{person}",
        "birth_date": D(2024, 3, 31),
        "provider": "1",
        "practice": "North",
        "measure": "w30",
        "rate_title": "Visits",
        "index_date": None,
        "gap_status": "open",
        "can_still_pass": True,
        "missing": "well visit",
        "due_by": D(2025, 7, 30),
        "days_left": 30,
        "visit_measures": 1,
    }
    return {**plain, **more}


def pages(*rows: dict[str, Any]) -> tuple[WorkList, ...]:
    return work_lists(pl.DataFrame(list(rows), schema=SCHEMA), MEASURES, TODAY, 2025)


def text(*rows: dict[str, Any]) -> str:
    (page,) = pages(*rows)
    return page.content.decode()


def test_a_page_for_each_provider_and_the_unattributed_last() -> None:
    found = pages(
        gap(1, provider=None), gap(2, provider="9"), gap(3, provider="10"), gap(3, provider="10", measure="lsc")
    )
    assert [(one.provider, one.children, one.open_gaps) for one in found] == [
        ("10", 1, 2),
        ("9", 1, 1),
        ("Unattributed", 1, 1),
    ]
    assert [one.name for one in found] == ["1-10.html", "2-9.html", "3-unattributed.html"]


def test_a_provider_id_cannot_leave_the_folder_or_the_page() -> None:
    (page,) = pages(gap(1, provider="../../etc/<b>x</b>", person_id="<script>alert(1)</script>", missing="<i>"))
    assert page.name == "1-etc-b-x-b.html"
    content = page.content.decode()
    assert "<script" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "<i>" not in content
    assert "<b>x" not in index_page([page], TODAY, 2025).decode()


def test_only_open_gaps_are_on_it() -> None:
    assert pages(gap(1, gap_status="closed", can_still_pass=None)) == ()
    assert "no open gap" in index_page((), TODAY, 2025).decode()


def test_rates_of_one_measure_are_one_line_with_what_is_missing_once() -> None:
    content = text(
        gap(1, measure="cis", rate_title="DTaP", missing="dtap", due_by=D(2025, 8, 2), days_left=33),
        gap(1, measure="cis", rate_title="Combination 3", missing="dtap; mmr", due_by=D(2025, 8, 1), days_left=32),
    )
    assert "Missing: dtap; mmr<" in content
    assert "<b>Immunizations</b><ul><li>DTaP</li><li>Combination 3</li></ul>" in content
    assert "CIS" not in content
    assert "2025-08-01" in content  # the first of the two due dates
    assert "2025-08-02" not in content


def test_index_events_of_one_measure_are_lines_of_their_own() -> None:
    content = text(gap(1, index_date=D(2025, 5, 1)), gap(1, index_date=D(2025, 6, 1)))
    assert "<b>Well-Child Visits in the First 30 Months</b>, after 2025-05-01<" in content
    assert "<b>Well-Child Visits in the First 30 Months</b>, after 2025-06-01<" in content


def test_what_titles_of_a_measure_have_in_common_is_said_once() -> None:
    titles = ("All: in 7 days", "New: in 7 days", "All: in 30 days", "All: in 7 days", "Positive: in 7 days", "All")
    content = text(*(gap(1, measure="fu", rate_title=title, missing="") for title in titles))
    told = "<li>All</li><li>All: in 7 days; in 30 days</li><li>New, Positive: in 7 days</li>"
    assert f"<b>Follow-up</b><ul>{told}</ul></td>" in content


def test_one_title_of_measure_and_rate_is_said_once() -> None:
    content = text(gap(1, measure="lsc", rate_title="Lead screening", missing="blood lead test"))
    assert '<b>Lead Screening</b><span class="things">Missing: blood lead test</span>' in content


def test_days_left_in_words() -> None:
    assert ">today<" in text(gap(1, days_left=0))
    assert ">1 day left<" in text(gap(1, days_left=1))
    assert 'class="left soon">30 days left<' in text(gap(1, days_left=30))
    assert 'class="left">31 days left<' in text(gap(1, days_left=31))


def test_what_is_too_late_has_its_own_part_without_boxes() -> None:
    content = text(gap(1, can_still_pass=False, days_left=-1, due_by=D(2025, 6, 29)))
    assert "Can no longer be closed" in content
    assert "Nothing can still be closed." in content
    assert 'class="tick"' not in content.split("<main>")[1]
    assert "no longer possible" in text(gap(1, can_still_pass=False, days_left=None, due_by=None))


def test_one_visit_for_several_measures_is_said() -> None:
    assert "one visit can close gaps of 2 measures" in text(gap(1, visit_measures=2))
    assert "one visit" not in text(gap(1, visit_measures=1))


def test_the_age_is_in_months_below_three_years() -> None:
    assert "15 months old" not in text(gap(1))  # 31 March to 30 June: the 15th month is full on the 31st
    assert "14 months old" in text(gap(1))
    assert "3 years old" in text(gap(1, birth_date=D(2022, 6, 30)))
    assert "35 months old" in text(gap(1, birth_date=D(2022, 7, 1)))


class Outside(HTMLParser):
    """Everything in a page that could load something or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.headers = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "th":
            assert dict(attributes).get("scope"), "a header cell without a scope"
        for name, value in attributes:
            if tag in ("script", "link", "img", "iframe", "object") or name.startswith("on") or "//" in (value or ""):
                self.found.append(f"{tag} {name}")


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = pages(gap(1))[0]
    for content in (page.content, index_page([page], TODAY, 2025)):
        parser = Outside()
        parser.feed(content.decode())
        assert parser.found == []
        assert {"html", "main", "h1", "table", "thead"} <= set(parser.tags)
        assert b"url(" not in content
        assert b'<html lang="en">' in content
        assert b"@media print" in content
        assert b"prefers-color-scheme: dark" in content
