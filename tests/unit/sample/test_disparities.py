"""The planted differences are those that the module documents, and they arrive in what the children do."""

from __future__ import annotations

import numpy as np
import pytest

from vbpmeasure.diagnostics import Failure
from vbpmeasure.sample import disparities, screening, vaccines, wellcare
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.gaps import DOMAINS, Gaps, parse_gaps
from vbpmeasure.sample.people import People, make_people

ROW_NAMES = {
    "Black or African American": "black",
    "American Indian/Alaska Native": "aian",
    "Asian": "asian",
    "Native Hawaiian/Pacific Isl.": "nhpi",
    "all others": "white",
}


def _documented() -> dict[tuple[str, str], dict[str, int]]:
    """Read the table of the module's docstring: (dimension, group) -> domain -> points."""
    assert disparities.__doc__ is not None
    rules = [n for n, line in enumerate(disparities.__doc__.splitlines()) if line.startswith("====")]
    lines = disparities.__doc__.splitlines()[rules[1] + 1 : rules[2]]
    table = {}
    for line in lines:
        points = [int(word) for word in line.split()[-len(DOMAINS) :]]
        dimension, group = line[:14].strip(), line[14:46].strip()
        table[dimension, group] = dict(zip(DOMAINS, points, strict=True))
    return table


def test_the_documented_points_are_the_planted_ones() -> None:
    table = _documented()
    assert len(table) == 7
    no = np.array([False])
    for (dimension, group), points in table.items():
        for domain, value in points.items():
            race = np.array([disparities.RACES.index(ROW_NAMES.get(group, "white"))])
            planted = disparities.shift(
                domain, race, np.array([dimension == "ethnicity"]), np.array([dimension == "language"])
            )
            assert planted.tolist() == [value / 100], (group, domain)
    assert disparities.shift("well", np.array([0]), no, no).tolist() == [0.0]


@pytest.fixture(scope="module")
def crowd() -> tuple[Chunk, People]:
    chunk = Chunk(seed=3, number=0, first=0, size=120_000, year=2025, years=3)
    return chunk, make_people(chunk)


def _gap(people: People, outcome: np.ndarray, race: str) -> float:
    """Points between a race and White children, among those who are neither Hispanic nor of another language."""
    plain = ~people.hispanic & (people.shifts["dev"] > -0.10)
    group = plain & (people.race == disparities.RACES.index(race))
    white = plain & (people.race == disparities.RACES.index("white"))
    return 100 * float(outcome[group].mean() - outcome[white].mean())


def test_shifts_reach_visits_screens_and_lead_tests(crowd: tuple[Chunk, People]) -> None:
    chunk, people = crowd
    visits = wellcare.plan_infant_visits(chunk, people)
    six = visits.kept[:, :7].sum(axis=1) >= 6
    assert _gap(people, six, "black") == pytest.approx(-8, abs=2.5)
    screened = screening.plan_screens(chunk, people, visits.planned).general[:, wellcare.MONTH18]
    assert _gap(people, screened, "black") == pytest.approx(-5, abs=2.5)
    tests = screening.plan_lead_tests(chunk, people, visits.planned)
    tested = np.zeros(people.size, dtype=bool)
    early = tests.day <= people.turns(2)[tests.person]
    tested[tests.person[early]] = True
    # Only tests within the extract are kept, so only the children who were young in it can be compared.
    young = people.birth >= chunk.start - 180
    group = young & ~people.hispanic & (people.race == disparities.RACES.index("black"))
    white = young & ~people.hispanic & (people.race == disparities.RACES.index("white"))
    assert 100 * (tested[group].mean() - tested[white].mean()) == pytest.approx(2, abs=5)


def test_shifts_reach_every_antigen(crowd: tuple[Chunk, People]) -> None:
    chunk, people = crowd
    doses = vaccines.make_doses(chunk, people, wellcare.plan_infant_visits(chunk, people).planned)
    measles = np.isin(doses.product, [vaccines.PRODUCT_NAMES.index(p) for p in ("mmr", "mmrv")])
    first, second = people.turns(1)[doses.person], people.turns(2)[doses.person]
    timely = measles & (doses.day >= first) & (doses.day <= second)
    vaccinated = np.zeros(people.size, dtype=bool)
    vaccinated[doses.person[timely]] = True
    two = people.turns(2) <= chunk.end
    gap_black = _gap_among(people, vaccinated, "black", two)
    gap_asian = _gap_among(people, vaccinated, "asian", two)
    assert gap_black == pytest.approx(-8, abs=2)
    assert gap_asian == pytest.approx(8, abs=3)


def _gap_among(people: People, outcome: np.ndarray, race: str, among: np.ndarray) -> float:
    group = among & ~people.hispanic & (people.race == disparities.RACES.index(race))
    white = among & ~people.hispanic & (people.race == disparities.RACES.index("white"))
    return 100 * float(outcome[group].mean() - outcome[white].mean())


def test_other_gaps_can_be_planted_or_none() -> None:
    assert parse_gaps("default") is None
    assert parse_gaps("none") == Gaps()
    said = parse_gaps(" well:black=-10, lead:hispanic=2.5,lead:spanish=1 ")
    assert said is not None
    assert said.points == {"well": {"black": -10}, "lead": {"hispanic": 2.5, "spanish": 1}}
    black, white = (np.array([disparities.RACES.index(race)]) for race in ("black", "white"))
    yes, no = np.array([True]), np.array([False])
    for domain in DOMAINS:
        assert disparities.shift(domain, black, yes, yes, yes, Gaps()).tolist() == [0.0]
    assert disparities.shift("well", black, yes, yes, no, said).tolist() == [-0.1]
    assert disparities.shift("well", white, yes, yes, no, said).tolist() == [0.0]
    assert disparities.shift("lead", black, yes, no, yes, said).tolist() == [0.035]


def test_wrong_gaps_are_all_reported() -> None:
    with pytest.raises(Failure) as failure:
        parse_gaps("wel:black=1,well:blak=1,well:black,well:black=1000,well:asian=1,well:asian=2")
    assert [d.code for d in failure.value.diagnostics] == ["VBM410"] * 5
    assert failure.value.diagnostics[0].hint is not None
    assert "topics: well" in failure.value.diagnostics[0].hint
