"""The fixture that runs every spec test on every engine."""

import pytest

from spec.engines import ENGINES


@pytest.fixture(params=sorted(ENGINES))
def judge_units(request):
    """Return a function: program, tables -> {person: [words of each unit]} for one rate, {rate: {person: [...]}} else.

    People without a row have no words.
    """
    run = ENGINES[request.param]

    def judge_tables(program, **tables):
        ids = sorted({str(row["person_id"]) for row in tables["eligibility"] if row.get("person_id") is not None})
        rates = [rate.id for measure in program.measures for rate in measure.rates]
        found = {rate: {person: [] for person in ids} for rate in rates}
        for verdict in run(program, tables):
            found[verdict.rate][verdict.person].append(verdict.unit_words())
        return found[rates[0]] if len(rates) == 1 else found

    return judge_tables


@pytest.fixture(params=sorted(ENGINES))
def judge(request):
    """Return a function: program, tables -> {person: words} for a program with one rate, {rate: {person: words}} else.

    People that are not in the result frame are "absent".
    """
    run = ENGINES[request.param]

    def judge_tables(program, **tables):
        ids = sorted({str(row["person_id"]) for row in tables["eligibility"] if row.get("person_id") is not None})
        rates = [rate.id for measure in program.measures for rate in measure.rates]
        found = {rate: dict.fromkeys(ids, "absent") for rate in rates}
        for verdict in run(program, tables):
            assert verdict.index_date is None
            found[verdict.rate][verdict.person] = verdict.words()
        return found[rates[0]] if len(rates) == 1 else found

    return judge_tables
