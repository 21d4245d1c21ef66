"""The `result` of observations and lab results: as a number, as a text, as a code (semantics page, section 3)."""

from __future__ import annotations

import re

from vbpmeasure.engines.reference.cells import Row, as_text
from vbpmeasure.engines.reference.codes import CodeSets, texts
from vbpmeasure.plan.events import ResultTest
from vbpmeasure.terminology.systems import SYSTEMS

TABLES_WITH_RESULTS = ("lab_result", "observation")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def result_text(row: Row) -> str | None:
    """Return the result without the spaces around it; None when there is none."""
    text = as_text(row.get("result"))
    return text.strip(" ") if text is not None else None


def result_number(table: str, row: Row) -> float | None:
    """Return the result as a number; None when it is none (`<5`, `10 mg`), and for rows of other tables."""
    text = result_text(row) if table in TABLES_WITH_RESULTS else None
    return float(text) if text is not None and _NUMBER.fullmatch(text) else None


def keeps_bounds(
    number: float, least: float | None, most: float | None, above: float | None, below: float | None
) -> bool:
    """Tell whether a number keeps every bound that is given."""
    return (
        (least is None or number >= least)
        and (most is None or number <= most)
        and (above is None or number > above)
        and (below is None or number < below)
    )


def _is_code(text: str, names: tuple[str, ...], sets: CodeSets) -> bool:
    return any(
        text in texts(sets[name], system)
        for name in names
        for system in sets[name].codes
        if not SYSTEMS[system].is_prefix
    )


def result_refusal(table: str, row: Row, test: ResultTest, sets: CodeSets) -> str:
    """Return why the test refuses the result of the row, in words; an empty text when it holds."""
    text = result_text(row) if table in TABLES_WITH_RESULTS else None
    if text is None:
        return "no result"
    if test.units:
        unit = (as_text(row.get("source_units")) or "").strip(" ").lower()
        if unit not in test.units:
            return f"unit {unit or 'unknown'} not asked for"
    if test.texts and text.lower() not in test.texts:
        return f"result is not {' or '.join(test.texts)}"
    if test.codes and not _is_code(text, test.codes, sets):
        return f"result not in {' or '.join(test.codes)}"
    if test.needs_number:
        number = result_number(table, row)
        if number is None:
            return "result is no number"
        if not keeps_bounds(number, test.least, test.most, test.above, test.below):
            return f"result {text} is out of the range asked for"
    return ""
