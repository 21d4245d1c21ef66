"""The published table of completeness: one row per field and group of people, hidden numbers null."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.completeness.answers import ANSWERS, DECLINED, DIRECT, KNOWN, UNKNOWN
from vbpmeasure.results.completeness.counts import (
    ANSWER,
    MEASURE,
    MONTH,
    PEOPLE,
    Rows,
    Told,
    of_measures,
    of_months,
    of_people,
)
from vbpmeasure.results.completeness.limits import CompletenessLimits, descriptor_score
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.published import AlsoHidden, CellName, PublishedTable
from vbpmeasure.results.rates import TOTAL

COMPLETENESS_SCHEMA = pl.Schema(
    {
        "scope": pl.String,  # people, measure (its denominator), payer, provider, practice, organization, month
        "measure": pl.String,
        "rate": pl.String,
        "group": pl.String,  # the payer, the provider, the month (2025-01)
        "field": pl.String,
        "people": pl.Int64,
        **dict.fromkeys(ANSWERS, pl.Int64),
        "percent_direct": pl.Float64,
        "percent_known": pl.Float64,
        "status": pl.String,
    }
)
_HIDDEN = (Status.SUPPRESSED_PRIMARY.value, Status.SUPPRESSED_COMPLEMENTARY.value)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a run publishes of completeness.

    ``table`` follows ``COMPLETENESS_SCHEMA``: all people, payers, providers, denominators, months, in that order.
    ``score`` is that of the race and ethnicity descriptor, None when the two fields are not both there, or hidden.
    """

    table: pl.DataFrame
    score: int | None = None

    def record(self, limits: CompletenessLimits) -> dict[str, object]:
        """Return what the manifest says: the share of direct answers by field, and the score."""
        people = self.table.filter(pl.col("scope") == PEOPLE)
        found: dict[str, object] = {"percent_direct": dict(people.select("field", "percent_direct").iter_rows())}
        if self.score is not None:
            found["descriptor"] = {"score": self.score, "threshold_percent": round(limits.score * 100, 2)}
        return found


# What is told of answers when the gate withholds them all.
_WITHHELD: Mapping[str, tuple[int | None, str]] = dict.fromkeys(ANSWERS, (None, Status.SUPPRESSED_COMPLEMENTARY.value))


def completeness(
    told: Told, results: PublishedTable, systems: Mapping[str, CategorySystem], limits: CompletenessLimits
) -> Completeness:
    """Publish what people told.

    ``results`` is the table of rates that is published beside it: what it hides stays hidden here.
    """
    people, measures, months = of_people(told), of_measures(told), of_months(told)
    policy = replace(results.policy, entity=None)  # here too the others are nobody's business, and public rules hold
    if policy.is_public:
        of_rates = _hidden_in_results(measures, results, systems) | _all_but_few(measures, people, policy)
        of_rates = _beside_totals(measures, of_rates)
        of_times = _all_but_few(months, people, policy)
    else:
        of_rates, of_times = _Hidden(), _Hidden()
    shown = [_shown(people, policy, _Hidden()), _shown(measures, policy, of_rates), _shown(months, policy, of_times)]
    table = pl.concat(shown)
    return Completeness(table, _score(table, limits))


@dataclass(frozen=True, slots=True)
class _Hidden:
    """Rows to hide, by position: all answers of some, and even the number of people of others."""

    answers: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()

    def __or__(self, other: _Hidden) -> _Hidden:
        return _Hidden(self.answers | other.answers, self.people | other.people)


def _shown(rows: Rows, policy: SuppressionPolicy, hidden: _Hidden) -> pl.DataFrame:
    """Pass a table through the gate."""
    keys = [(key.measure, key.rate) for key in rows.table.rates]
    also: frozenset[CellName] = frozenset(
        [(*keys[i], ANSWER, answer) for i in hidden.answers | hidden.people for answer in ANSWERS]
        + [(*keys[i], TOTAL, TOTAL) for i in hidden.people]
    )
    published = PublishedTable(rows.table, policy, also_hidden=AlsoHidden(also))
    numbers = {key: number for number, key in enumerate((k.measure, k.rate) for k in rows.table.rates)}
    seen: dict[tuple[int, str], dict[str, tuple[int | None, str]]] = {}
    for measure, rate, dimension, stratum, count, status in published.results.select(
        "measure", "rate", "dimension", "stratum", "denominator", "status"
    ).iter_rows():
        seen.setdefault((numbers[measure, rate], dimension), {})[stratum] = (count, status)
    found = []
    for number, name in enumerate(rows.names):
        found.append(_row(name, seen[number, TOTAL][TOTAL], seen.get((number, ANSWER), _WITHHELD)))
    for group in rows.groups:
        if group in published.withheld:
            continue
        for number, (_, *_, field) in enumerate(rows.names):
            crossed = seen.get((number, f"{group}*{ANSWER}"))
            for text, total in seen[number, group].items():
                if total[0] == 0:
                    continue
                own = {a: crossed[f"{text} * {a}"] for a in ANSWERS} if crossed is not None else _WITHHELD
                found.append(_row((group, "", "", text, field), total, own))
    return pl.DataFrame(found, schema=COMPLETENESS_SCHEMA, orient="row")


def _row(
    name: tuple[str, str, str, str, str],
    total: tuple[int | None, str],
    parts: Mapping[str, tuple[int | None, str]],
) -> tuple[object, ...]:
    people = total[0]
    counts = {answer: parts[answer][0] for answer in ANSWERS}
    statuses = [total[1], *(parts[answer][1] for answer in ANSWERS)]
    status = next((s for s in _HIDDEN if s in statuses), Status.VALUE.value if people else Status.NO_DATA.value)
    direct = _percent(counts[DIRECT], people)
    known = [counts[answer] for answer in KNOWN]
    without = [people, counts[DECLINED], counts[UNKNOWN]]
    told: int | None = None
    if all(count is not None for count in known):
        told = sum(count for count in known if count is not None)
    elif all(count is not None for count in without):
        told = (people or 0) - (counts[DECLINED] or 0) - (counts[UNKNOWN] or 0)
    return (*name, people, *counts.values(), direct, _percent(told, people), status)


def _percent(part: int | None, whole: int | None) -> float | None:
    """Return the share in per cent with two decimals, half up, in whole numbers."""
    if part is None or not whole:
        return None
    return (20_000 * part + whole) // (2 * whole) / 100


def _hidden_in_results(rows: Rows, results: PublishedTable, systems: Mapping[str, CategorySystem]) -> _Hidden:
    """Return the rows of denominators that the rates do not leave room for.

    Declined and unknown are strata of the rates too: where one of them or the total is hidden there, or is no row of
    its own there (a crossing alone), the answers are hidden for that rate. So they are where the sources are strata.
    """
    shown = results.results.filter(pl.col("denominator").is_not_null())
    cells = set(shown.select("measure", "rate", "dimension", "stratum").iter_rows())
    asked = {name for text in results.results["dimension"].unique() for name in str(text).split("*")}
    events = {(key.measure, key.rate) for key in results.rates if key.per_event}
    answers, people = set(), set()
    for number, (_, measure, rate, _, field) in enumerate(rows.names):
        system = systems[field]
        needed = [(field, name) for name in (system.declined, system.unknown) if name is not None]
        if system.source_column in asked or not all((measure, rate, *place) in cells for place in needed):
            answers.add(number)
        if (measure, rate, TOTAL, TOTAL) not in cells:
            people.add(number)
        elif number in answers and (measure, rate) in events:
            people.add(number)  # how many people stand behind events is nowhere else in the table of rates
    return _Hidden(frozenset(answers), frozenset(people))


def _all_but_few(rows: Rows, people: Rows, policy: SuppressionPolicy) -> _Hidden:
    """Return the rows that hold all people of an answer but a few: those few would follow from a subtraction."""
    everyone = {name[-1]: counts for name, counts in zip(people.names, _counts(people), strict=True)}
    answers, whole = set(), set()
    for number, (name, counts) in enumerate(zip(rows.names, _counts(rows), strict=True)):
        differences = [a - b for a, b in zip(everyone[name[-1]], counts, strict=True)]
        if policy.is_small(differences[0]):
            whole.add(number)
        if policy.any_small(differences[1:]):
            answers.add(number)
    return _Hidden(frozenset(answers), frozenset(whole))


def _beside_totals(rows: Rows, hidden: _Hidden) -> _Hidden:
    """Hide a second row where one alone is hidden among a total and its members: it would follow from the others."""
    place = {key.rate: number for number, key in enumerate(rows.table.rates)}
    people = rows.table.counts.filter(pl.col("dimension") == 0)["denominator"].to_list()
    answers = set(hidden.answers | hidden.people)
    changed = True
    while changed:
        changed = False
        for number, key in enumerate(rows.table.rates):
            group = [number, *(place[member] for member in key.members if member in place)]
            shown = [i for i in group if i not in answers and people[i]]
            if len(group) > 1 and shown and sum(i in answers and people[i] > 0 for i in group) == 1:
                answers.add(min(shown, key=lambda i: (people[i], i)))
                changed = True
    return _Hidden(frozenset(answers), hidden.people)


def _counts(rows: Rows) -> list[list[int]]:
    """Return for each "rate" its number of people, then that of each answer."""
    found: list[list[int]] = [[] for _ in rows.names]
    own = rows.table.counts.filter(pl.col("dimension") < 2)
    for rate, count in own.select("rate", "denominator").iter_rows():
        found[rate].append(count)
    return found


def _score(table: pl.DataFrame, limits: CompletenessLimits) -> int | None:
    people = table.filter(pl.col("scope") == PEOPLE)
    shown = {field: (count, direct) for field, count, direct in people.select("field", "people", DIRECT).iter_rows()}
    race, ethnicity = (shown.get(field, (None, None)) for field in ("race", "ethnicity"))
    if None in (*race, *ethnicity):
        return None
    return descriptor_score(int(race[1]), int(ethnicity[1]), int(race[0]), limits.score)


def scopes(table: pl.DataFrame) -> Iterator[str]:
    """Yield the scopes of a table that are groups of people: neither all people, nor denominators, nor months."""
    yield from (s for s in table["scope"].unique(maintain_order=True) if s not in (PEOPLE, MEASURE, MONTH))
