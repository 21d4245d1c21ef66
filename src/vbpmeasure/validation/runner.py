"""Make all checks: ask everything, read once, judge, compare with a baseline."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from vbpmeasure.data.contract import TABLES
from vbpmeasure.validation.check import Check
from vbpmeasure.validation.drift import drift
from vbpmeasure.validation.ground import Ground, Questions, Unreadable
from vbpmeasure.validation.judge import judge
from vbpmeasure.validation.model import CheckResult, Outcome, Report, Status
from vbpmeasure.validation.profile import ask_profile, build_profile
from vbpmeasure.validation.registry import CHECKS

_ORDER = {table: position for position, table in enumerate(TABLES)}


def validate(
    ground: Ground,
    *,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    baseline: Mapping[str, Any] | None = None,
    profile: bool = True,
) -> Report:
    """Return the results of all enabled checks, sorted by table and then in the order of the registry.

    ``select`` and ``ignore`` are check ids. ``baseline`` is the profile of an earlier report; without ``profile`` none
    is built (a baseline needs one). Each table is read by one aggregate query and one query per counted column. What
    cannot be read becomes results, never an exception.
    """

    def on(check_id: str) -> bool:
        return (not select or check_id in select) and check_id not in ignore

    checks = [c for c in CHECKS if on(c.info.id) and ground.settings.enabled(c.info)]
    questions = Questions(ground)
    lacking = {
        (check.info.id, table): reason
        for check in checks
        for table in check.tables(ground)
        if table in ground.bound.tables and (reason := check.ask(table, questions)) is not None
    }
    if profile or baseline is not None:
        ask_profile(questions)
    questions.collect()
    results: list[CheckResult] = []
    # The check of tables comes last: only then is it known which of them broke while they were read.
    for check in sorted(checks, key=lambda c: c.info.name == "table_readable"):
        for table in check.tables(ground):
            reason = lacking.get((check.info.id, table))
            results += (judge(check.info, table, o, ground) for o in _outcomes(check, table, questions, reason))
    built = build_profile(questions) if profile or baseline is not None else {}
    if baseline is not None:
        results += (r for r in drift(ground, built, baseline) if on(r.id))
    results.sort(key=lambda r: (_ORDER.get(r.table or "", -1), r.id))
    rows = {name: table.rows for name, table in ground.bound.tables.items()}
    return Report(tuple(results), built, rows, ground.year, ground.as_of)


def _outcomes(check: Check, table: str, questions: Questions, lacking: str | None) -> Iterator[Outcome]:
    everywhere = check.info.name == "table_readable"
    if lacking is not None:
        yield Outcome(lacking, forced=Status.NOT_APPLICABLE)
        return
    if table not in questions.ground.bound.tables and not everywhere:
        yield Outcome("the table is not there or cannot be used", forced=Status.NOT_APPLICABLE)
        return
    try:
        yield from check.answer(table, questions)
    except Unreadable as broken:
        yield Outcome(f"not checked: {broken.table} cannot be read", forced=Status.ERROR)
