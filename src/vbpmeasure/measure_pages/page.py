"""The page of one measure, as Markdown that GitHub shows; the same definition gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from vbpmeasure.catalog.info import CLAIMS_WORDS
from vbpmeasure.measure_pages.facts import MeasureFacts
from vbpmeasure.measure_pages.timeline import timelines
from vbpmeasure.plan.explain import explain
from vbpmeasure.plan.measures import Composite, EventRate, Proportion, Rate, Step, TotalOf
from vbpmeasure.plan.uses import index_of
from vbpmeasure.plan.words import Words

_KINDS = {
    "Proportion": "share",
    "TotalOf": "total",
    "EventRate": "events per 1,000 member-months",
    "Indicator": "aggregate from outside",
}
_CONFIDENCE = {"H": "high", "M": "medium", "L": "low"}
_WRITTEN = "<!-- Written from the definition by `make docs`; do not edit. -->"


def measure_page(facts: MeasureFacts) -> str:
    """Return the page: what it is, population, windows, code sets, parameters, deck, caveats, changes, references."""
    info = facts.info
    blocks = [
        f"{_WRITTEN}\n\n# {_text(info.title)}",
        _at_a_glance(facts),
        _rates(facts),
        _population(facts),
        _windows(facts),
        _code_sets(facts),
        _parameters(facts),
        _changes(facts),
        f"## Caveats\n\n{_text(info.notes)}" if info.notes else "",
        _references(facts),
        _logic(facts),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _at_a_glance(facts: MeasureFacts) -> str:
    info = facts.info
    deck = f"[{facts.cases} cases](../../measures/{info.id}/cases.yaml)" if facts.cases else "none"
    rows = [
        ("id", f"`{info.id}` ([definition](../../measures/{info.id}/measure.yaml))"),
        ("status", info.status),
        ("established", "yes" if info.established else "no: no steward publishes this measure"),
        ("claims", f"{info.claims}: {CLAIMS_WORDS[info.claims]}"),
        ("steward", f"{_text(info.steward)} ({info.basis})" if info.steward else f"none ({info.basis})"),
        ("edition", _text(info.edition)),
        ("family, tags", f"{info.family}; {', '.join(info.tags)}"),
        ("test deck", f"{deck} with {facts.people} people" if facts.cases else deck),
    ]
    notice = "Results are unaudited and HEDIS-like; they are not certified HEDIS rates."
    return f"{_table(('', ''), rows)}\n\n{notice}"


def _rates(facts: MeasureFacts) -> str:
    words = Words()
    rows = []
    for rate in facts.plan.rates:
        lower = "lower is better" if rate.lower_is_better else ""
        unit = "index events" if isinstance(rate, Proportion) and index_of(rate) is not None else ""
        kind = ", ".join(word for word in (_kind(rate), unit, lower) if word)
        met = _text(words.flag(rate.numerator)) if isinstance(rate, Proportion) else ""
        rows.append((f"`{rate.id}`", _text(rate.title), kind, met))
    return f"## Rates\n\n{_table(('rate', 'title', 'kind', 'met by'), rows)}"


def _kind(rate: Rate) -> str:
    if isinstance(rate, Composite):
        members = ", ".join(f"{measure}.{member}" for measure, member in rate.members)
        return f"{rate.kind.value.replace('_', ' ')} composite of {_text(members)}"
    return (
        f"{_KINDS[type(rate).__name__]} of {', '.join(rate.members)}"
        if isinstance(rate, TotalOf)
        else _KINDS[type(rate).__name__]
    )


def _population(facts: MeasureFacts) -> str:
    """Tell index events, population and exclusions; what several rates share is told once."""
    words = Words()
    parts: dict[str, list[str]] = {}
    for rate in facts.plan.rates:
        text = "\n".join(_who(rate, words))
        if text:
            parts.setdefault(text, []).append(rate.id)
    several = len(parts) > 1
    blocks = [
        (f"{', '.join(f'`{rate}`' for rate in rates)}:\n\n" if several else "") + text for text, rates in parts.items()
    ]
    return "## Population\n\n" + "\n\n".join(blocks) if blocks else ""


def _who(rate: Rate, words: Words) -> Iterator[str]:
    index = index_of(rate)
    if index is not None:
        role = "Counted events" if isinstance(rate, EventRate) else "Index events"
        yield f"- {role}: {_text('; '.join(words.index(index)))}"
        for flag in index.when:
            yield f"- Only when: {_text(words.named(flag))}"
        yield ""  # two lists, not one
    population: Sequence[Step] = getattr(rate, "population", ())
    for number, step in enumerate(population, 1):
        told = words.flag(step.flag)
        more = "" if told == step.label else f" ({_text(told)})"
        yield f"{number}. {_text(step.label)}{more}"
    exclusions = [_text(exclusion.title) for exclusion in getattr(rate, "exclusions", ())]
    if exclusions:
        yield f"\nExcluded: {'; '.join(exclusions)}."


def _windows(facts: MeasureFacts) -> str:
    blocks = timelines(facts.plan)
    drawn = "\n\n".join(blocks)
    return (
        f"## Windows\n\nIn order, not to scale; both ends of a window count.\n\n```text\n{drawn}\n```" if blocks else ""
    )


def _code_sets(facts: MeasureFacts) -> str:
    rows = [
        (
            f"[`{one.name}`](../../measures/value_sets/{one.name}.yaml)",
            ", ".join(f"{system} {len(codes):,}" for system, codes in sorted(one.codes.items())),
            _CONFIDENCE.get(one.confidence, one.confidence),
            _text(one.source),
        )
        for one in sorted(facts.value_sets, key=lambda one: one.name)
    ]
    return f"## Code sets\n\n{_table(('code set', 'codes', 'confidence', 'source'), rows)}" if rows else ""


def _parameters(facts: MeasureFacts) -> str:
    rows = []
    for name, parameter in facts.info.parameters.items():
        kind = " / ".join(str(option) for option in parameter.options) if parameter.options else parameter.type
        mark = " (**unverified**)" if parameter.unverified else ""
        for number, value in enumerate(parameter.values):
            about = f"{_text(parameter.about)}: {_text(kind)}{mark}" if number == 0 else ""
            confidence = _CONFIDENCE.get(value.confidence or "", "")
            row = (str(value.from_), _text(value.value), confidence, _text(value.source or ""))
            rows.append((f"`{name}`" if number == 0 else "", about, *row))
    header = ("parameter", "about", "from year", "value", "confidence", "source")
    return f"## Parameters\n\n{_table(header, rows)}" if rows else ""


def _changes(facts: MeasureFacts) -> str:
    changes = sorted(
        (int(new.from_), name, _text(old.value), _text(new.value))
        for name, parameter in facts.info.parameters.items()
        for old, new in pairwise(sorted(parameter.values, key=lambda value: int(value.from_)))
    )
    lines = [f"- {year}: `{name}` from {old} to {new}" for year, name, old, new in changes]
    return "\n".join(["## What changed by year", "", *lines]) if lines else ""


def _references(facts: MeasureFacts) -> str:
    lines = []
    for reference in facts.info.references:
        title = _text(reference.title)
        linked = f"[{title}]({reference.url})" if reference.url else title
        tag = f"**{_text(reference.tag)}** " if reference.tag else ""
        sure = f" (confidence {_CONFIDENCE[reference.confidence]})" if reference.confidence else ""
        note = f": {_text(reference.note)}" if reference.note else ""
        lines.append(f"- {tag}{linked}{sure}{note}")
    return "\n".join(["## References", "", *lines]) if lines else ""


def _logic(facts: MeasureFacts) -> str:
    told = explain(facts.plan, facts.period).rstrip()
    year = facts.period.year
    command = f"<code>vbpmeasure explain {facts.info.id} --year {year}</code>"
    summary = f"<details><summary>as {command} tells it</summary>"
    return f"## The whole logic\n\n{summary}\n\n```text\n{told}\n```\n\n</details>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join('---' for _ in header)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _text(words: object) -> str:
    """Return words of a definition so that Markdown and HTML show them as they are, in one line."""
    parts = " ".join(str(words).split()).split("`")
    # Between backticks nothing is escaped: Markdown would show the backslashes.
    return "`".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    for mark in ("\\", "|", "*", "_", "[", "]", "#"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;").replace(">", "&gt;")
