"""The printable work list of a provider: one HTML page without scripts and without anything from elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

import polars as pl

from vbpmeasure.outputs.rate_titles import told_once
from vbpmeasure.outputs.words import NOTICE
from vbpmeasure.outputs.work_list_style import STYLE

UNATTRIBUTED = "Unattributed"
INDEX = "index.html"
SOON_DAYS = 30

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WorkList:
    """One page: its file name, the provider it is for, how many children and open gaps are on it."""

    name: str
    provider: str
    practice: str
    children: int
    open_gaps: int
    due_soon: int
    content: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one child lacks for one measure (of one index event): the rates that it closes, the first due date.

    ``measure`` is the title of the measure; ``titles`` are those of its rates.
    """

    measure: str
    index_date: dt.date | None
    titles: tuple[str, ...]
    missing: tuple[str, ...]
    due_by: dt.date | None
    days_left: int | None
    visit_measures: int


def work_lists(rows: pl.DataFrame, measures: Mapping[str, str], as_of: dt.date, year: int) -> tuple[WorkList, ...]:
    """Return one page per provider with open gaps, in the order of the provider ids, the unattributed last.

    ``rows`` are those of `care_gaps` with ``provider`` and ``practice``, in working order; ``measures`` are the titles
    of the measures by their ids.
    """
    opened = rows.filter(pl.col("gap_status") == "open").with_columns(pl.col("provider").fill_null(""))
    by_provider = opened.partition_by("provider", as_dict=True, maintain_order=True)
    found = []
    ordered = sorted(by_provider.items(), key=lambda item: (item[0][0] == "", item[0][0]))
    digits = len(str(len(ordered)))
    for number, ((provider,), part) in enumerate(ordered, start=1):
        slug = re.sub(r"[^A-Za-z0-9]+", "-", str(provider))[:40].strip("-") or UNATTRIBUTED.lower()
        name = f"{number:0{digits}d}-{slug}.html"
        found.append(_page(name, str(provider) or UNATTRIBUTED, part, measures, as_of, year))
    return tuple(found)


def index_page(pages: Sequence[WorkList], as_of: dt.date, year: int) -> bytes:
    """Return the page that lists the work lists."""
    body = [
        "<table><caption>Work lists by provider</caption><thead><tr>"
        '<th scope="col">Provider</th><th scope="col">Practice</th><th scope="col" class="n">Children</th>'
        f'<th scope="col" class="n">Open gaps</th><th scope="col" class="n">Due within {SOON_DAYS} days</th>'
        "</tr></thead><tbody>"
    ]
    body.extend(
        (
            f'<tr><th scope="row"><a href="{escape(page.name)}">{escape(page.provider)}</a></th>'
            f'<td>{escape(page.practice)}</td><td class="n">{page.children:,}</td><td class="n">{page.open_gaps:,}</td>'
            f'<td class="n">{page.due_soon:,}</td></tr>'
        )
        for page in pages
    )
    body.append("</tbody></table>")
    if not pages:
        body = ["<p>There is no open gap.</p>"]
    return _document(f"Care gap work lists {year}", as_of, year, body)


def _page(
    name: str, provider: str, rows: pl.DataFrame, measures: Mapping[str, str], as_of: dt.date, year: int
) -> WorkList:
    rows = rows.with_columns(pl.col("measure").replace(measures).alias("measure_title"))
    able = rows.filter("can_still_pass")
    late = rows.filter(~pl.col("can_still_pass"))
    practices = sorted(set(rows["practice"].drop_nulls().to_list()))
    practice = practices[0] if len(practices) == 1 else ""
    due_soon = able.filter(pl.col("days_left") <= SOON_DAYS)["person"].n_unique()
    body = list(_summary(practice, rows, able, due_soon))
    body += _section("open", "Still to be done", able, as_of, with_due=True) or ["<p>Nothing can still be closed.</p>"]
    body += _section("late", "Can no longer be closed in this measurement period", late, as_of, with_due=False)
    return WorkList(
        name=name,
        provider=provider,
        practice=practice,
        children=rows["person"].n_unique(),
        open_gaps=rows.height,
        due_soon=due_soon,
        content=_document(f"Care gap work list: {provider}", as_of, year, body),
    )


def _summary(practice: str, rows: pl.DataFrame, able: pl.DataFrame, due_soon: int) -> Iterator[str]:
    facts = [("Practice", practice)] if practice else []
    facts += [
        ("Children with open gaps", f"{rows['person'].n_unique():,}"),
        ("Children who can still be helped", f"{able['person'].n_unique():,}"),
        (f"Children due within {SOON_DAYS} days", f"{due_soon:,}"),
    ]
    items = "".join(f"<div><dt>{escape(word)}</dt><dd>{escape(value)}</dd></div>" for word, value in facts)
    yield f"<dl>{items}</dl>"


def _section(identifier: str, title: str, rows: pl.DataFrame, as_of: dt.date, *, with_due: bool) -> list[str]:
    if rows.is_empty():
        return []
    due = '<th scope="col">Due by</th>' if with_due else '<th scope="col">Was due by</th>'
    done = '<th scope="col" class="tick">Done</th>' if with_due else ""
    lines = [
        f'<section aria-labelledby="{identifier}"><h2 id="{identifier}">{escape(title)}</h2>',
        f'<table class="work"><thead><tr><th scope="col">Child</th>{due}<th scope="col">What is missing</th>'
        f"{done}</tr></thead>",
    ]
    for _, of_child in groupby(rows.iter_rows(named=True), key=lambda row: row["person"]):
        lines += _child(list(of_child), as_of, with_due=with_due)
    lines.append("</table></section>")
    return lines


def _child(rows: list[Row], as_of: dt.date, *, with_due: bool) -> Iterator[str]:
    entries = list(_entries(rows))
    first = rows[0]
    helped = max((entry.visit_measures for entry in entries), default=0)
    together = (
        f'<span class="together">one visit can close gaps of {helped} measures</span>'
        if with_due and helped > 1
        else ""
    )
    birth = first["birth_date"]
    born = f'<span class="born">born {birth:%Y-%m-%d}, {_age(birth, as_of)}</span>' if birth is not None else ""
    yield "<tbody>"
    for number, entry in enumerate(entries):
        head = ""
        if number == 0:
            child = f'<span class="id">{escape(str(first["person_id"]))}</span>{born}{together}'
            head = f'<th scope="rowgroup" rowspan="{len(entries)}">{child}</th>'
        tick = '<td class="tick"><span aria-hidden="true"></span></td>' if with_due else ""
        yield f"<tr>{head}<td>{_due(entry, with_due=with_due)}</td><td>{_missing(entry)}</td>{tick}</tr>"
    yield "</tbody>"


def _entries(rows: Iterable[Row]) -> Iterator[_Entry]:
    """Yield the rows of a child, those of one measure and index event as one, in the order of their first row."""
    groups: dict[tuple[str, object], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["measure"], row["index_date"]), []).append(row)
    for found in groups.values():
        days = [row["due_by"] for row in found if row["due_by"] is not None]
        left = [row["days_left"] for row in found if row["days_left"] is not None]
        yield _Entry(
            measure=found[0]["measure_title"],
            index_date=found[0]["index_date"],
            titles=tuple(dict.fromkeys(row["rate_title"] for row in found)),
            missing=tuple(dict.fromkeys(part for row in found for part in (row["missing"] or "").split("; ") if part)),
            due_by=min(days, default=None),
            days_left=min(left, default=None),
            visit_measures=max((row["visit_measures"] or 0 for row in found), default=0),
        )


def _due(entry: _Entry, *, with_due: bool) -> str:
    if entry.due_by is None:
        return '<span class="past">no longer possible</span>'
    day = f'<time datetime="{entry.due_by}">{entry.due_by}</time>'
    if not with_due or entry.days_left is None:
        return day
    left = entry.days_left
    words = "today" if left == 0 else "1 day left" if left == 1 else f"{left:,} days left"
    return f'{day}<span class="left{" soon" if left <= SOON_DAYS else ""}">{words}</span>'


def _missing(entry: _Entry) -> str:
    since = f", after {entry.index_date}" if entry.index_date is not None else ""
    # A measure of one rate may have one title for both.
    told = told_once(title for title in entry.titles if title.casefold() != entry.measure.casefold())
    rates = "".join(f"<li>{escape(text)}</li>" for text in told)
    alone = ' class="alone"' if len(told) == 1 else ""
    listed = f"<ul{alone}>{rates}</ul>" if told else ""
    things = "; ".join(entry.missing)
    missing = f'<span class="things">Missing: {escape(things)}</span>' if things else ""
    return f"<b>{escape(entry.measure)}</b>{escape(since)}{listed}{missing}"


def _age(birth: dt.date, on: dt.date) -> str:
    """Return the age in words: months below three years, years from then on."""
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    if months < 0:
        return "not born yet"
    if months < 36:
        return f"{months} month{'' if months == 1 else 's'} old"
    return f"{months // 12} years old"


def _document(title: str, as_of: dt.date, year: int, body: Iterable[str]) -> bytes:
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    top = (
        f"<header><h1>{escape(title)}</h1><p>As of {as_of}, measurement year {year}. "
        "<strong>Holds data of patients: keep it as you keep a chart.</strong></p></header>\n<main>\n"
    )
    foot = (
        "\n</main>\n<footer><p>Due by is the last day on which the next missing service can happen so that the "
        f"rest still fits. It follows the measure, not a clinical schedule. {escape(NOTICE)}</p></footer>\n"
        "</body>\n</html>\n"
    )
    return (head + top + "\n".join(body) + foot).encode()
