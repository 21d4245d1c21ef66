"""Making a disagreement small enough to read: one rate, one person, as few rows and cells as will do."""

from dataclasses import replace
from pprint import pformat

from spec.engines import run_polars, run_reference
from vbpmeasure.plan.measures import Composite, TotalOf


def disagree(program, rows):
    """Tell whether the engines differ; an engine that breaks on reduced rows does not count."""
    return run_reference(program, rows) != run_polars(program, rows)


def _one_rate(program, measure_id, rate_id):
    measure = next(m for m in program.measures if m.id == measure_id)
    rate = next(r for r in measure.rates if r.id == rate_id)
    if isinstance(rate, Composite):
        lending = {name for name, _ in rate.members} | {measure_id}
        return replace(program, measures=tuple(m for m in program.measures if m.id in lending))
    wanted = {rate_id, *(rate.members if isinstance(rate, TotalOf) else ())}
    kept = tuple(r for r in measure.rates if r.id in wanted)
    return replace(program, measures=(replace(measure, rates=kept),))


def _without(rows, table, position):
    return rows | {table: rows[table][:position] + rows[table][position + 1 :]}


def _smaller(rows):
    """Yield the rows with one row less, then with one cell less."""
    for table in rows:
        for position in range(len(rows[table])):
            yield _without(rows, table, position)
    for table in rows:
        for position, row in enumerate(rows[table]):
            for name in row:
                if name not in {"person_id", "birth_date", "enrollment_start_date"}:
                    cut = {k: v for k, v in row.items() if k != name}
                    yield rows | {table: [*rows[table][:position], cut, *rows[table][position + 1 :]]}


def reduced(program, rows, verdict):
    """Return a smaller program and fewer rows on which the engines still differ."""
    one = _one_rate(program, verdict.measure, verdict.rate)
    program = one if disagree(one, rows) else program
    person = [
        {"person_id": verdict.person} if isinstance(row.get("person_id"), str) else row
        for row in rows["eligibility"]
        if str(row.get("person_id")) == verdict.person
    ]
    mine = {
        table: [row for row in found if "npi" in row or str(row.get("person_id")) == verdict.person]
        for table, found in rows.items()
    }
    rows = mine if person and disagree(program, mine) else rows
    shrinking = True
    while shrinking:
        shrinking = False
        for candidate in _smaller(rows):
            if candidate["eligibility"] and disagree(program, candidate):
                rows, shrinking = candidate, True
                break
    return program, rows


def report(program, rows):
    """Return the first disagreement of the engines, reduced, as text; an empty text when there is none."""
    ours, theirs = run_reference(program, rows), run_polars(program, rows)
    if ours == theirs:
        return ""
    verdict = min(set(ours) ^ set(theirs), key=str)
    program, rows = reduced(program, rows, verdict)
    lines = ["the engines differ", "reference:"]
    lines += [f"  {v.rate} {v.person}: {v.unit_words()}" for v in run_reference(program, rows)]
    lines += ["polars:", *(f"  {v.rate} {v.person}: {v.unit_words()}" for v in run_polars(program, rows))]
    used = {name: rows[name] for name in rows if rows[name]}
    lines += [
        pformat(used, width=150),
        pformat(program.measures, width=150),
        f"{program.period} {program.enrollment_key}",
    ]
    return "\n".join(lines)
