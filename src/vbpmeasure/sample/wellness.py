"""What happens around well visits besides the examination: weight, counseling, questionnaires, social needs."""

from __future__ import annotations

import numpy as np

from vbpmeasure.sample.arrays import age_on, day, linked, some, uniform_days
from vbpmeasure.sample.draws import chosen, codes_of
from vbpmeasure.sample.ledger import Line
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import WHOLE_NUMBERS, Scene
from vbpmeasure.sample.visits import Visits

# Shares of well visits. The measures find less, since some children come only when they are ill.
PERCENTILE = 0.95
COUNSELED = 0.84
ACTIVITY = 0.93  # of those counseled
ASKED_ABOUT_MOOD = 0.70  # at 12 and older
ASKED_ABOUT_NEEDS = 0.22
FEELINGS = 0.30  # at 1 to 5 years: CPT 96127
SENSES = 0.40  # at 3 to 5 years: hearing and vision together
SEXUALLY_ACTIVE = 0.45  # of young women aged 16 to 20, as claims show it
CHLAMYDIA = 0.65  # of those


def weight_and_counseling(scene: Scene, visits: Visits) -> None:
    """Percentiles of body mass, and counseling for nutrition and activity, at 3 to 17 years.

    The codes stand on a claim of their own on the day of the visit; a part of the percentiles comes from records.
    """
    rng = scene.rng("weight and counseling")
    age = age_on(scene.people.birth[visits.person], visits.day)
    at = visits.where((age >= 2) & (age <= 18))
    size = at.person.shape[0]
    u = rng.random(size)
    recorded = (u < 0.55) & some(rng, size, PERCENTILE)
    scene.record(at.person[recorded], at.day[recorded], CODES("59576-9"),
                 WHOLE_NUMBERS[rng.integers(1, 100, size=int(recorded.sum()))], unit="%")  # fmt: skip
    counseled = some(rng, size, COUNSELED)
    active = counseled & some(rng, size, ACTIVITY)
    coded = ((u >= 0.45) & some(rng, size, PERCENTILE)) | counseled
    percentile = np.where(u >= 0.45, codes_of(rng, size, "Z6851 Z6852 Z6852 Z6852 Z6853 Z6854"), -1)
    dx = [np.where(counseled, CODES("Z713"), -1), np.where(active, CODES("Z7182"), -1), percentile]
    scene.claim(
        at.person[coded],
        at.day[coded],
        codes_of(rng, int(coded.sum()), "99401 99401 99401 97802"),
        dx=[d[coded] for d in dx],
        provider=at.provider[coded],
        cents=3000,
    )
    _visits_when_ill(scene)


def _visits_when_ill(scene: Scene) -> None:
    """Weight and advice for some children without a well visit: a nurse's visit on any day of the year."""
    people, chunk = scene.people, scene.chunk
    for year in range(chunk.year - chunk.years + 1, chunk.year + 1):
        rng = chunk.rng(f"weight checks {year}")
        age = age_on(people.birth, np.full(people.size, day(year, 12, 31)))
        who = np.nonzero((age >= 3) & (age <= 17) & (linked(rng, people.care, 0.2) < 0.38))[0].astype(np.int64)
        size = who.shape[0]
        when = uniform_days(rng, day(year), day(year, 12, 31), size)
        advice = np.where(some(rng, size, 0.75), CODES("Z713"), -1)
        active = np.where((advice >= 0) & some(rng, size, 0.85), CODES("Z7182"), -1)
        scene.claim(
            who, when, CODES("99211"), dx=[CODES("Z6852"), advice, active], provider=scene.home[who], cents=2500
        )


def questionnaires(scene: Scene, visits: Visits) -> None:
    """Questionnaires on the day of a well visit: mood, feelings of the youngest, the caregiver's mood, social needs."""
    rng = scene.rng("questionnaires")
    age = age_on(scene.people.birth[visits.person], visits.day)
    size = age.shape[0]
    mood = visits.where((age >= 12) & some(rng, size, ASKED_ABOUT_MOOD))
    outcome = codes_of(rng, mood.person.shape[0], "G8510 " * 15 + "G8431 G8431 G8511 G8432 G8433")
    scene.claim(mood.person, mood.day, outcome, dx=[CODES("Z1331")], provider=mood.provider, cents=0)
    on = some(rng, mood.person.shape[0], 0.4)
    bad = np.isin(outcome[on], CODES.many("G8431 G8511"))
    # SNOMED CT: depression screening negative, positive.
    result = np.where(bad, CODES("428181000124104"), CODES("428171000124102"))
    scene.record(mood.person[on], mood.day[on], CODES("73831-0"), result, unit="")
    feelings = visits.where((age >= 1) & (age <= 5) & some(rng, size, FEELINGS))
    scene.claim(
        feelings.person, feelings.day, CODES("96127"), dx=[CODES("Z1339")], provider=feelings.provider, cents=500
    )
    sent = some(rng, feelings.person.shape[0], 0.5)
    word = np.where(some(rng, int(sent.sum()), 0.12), CODES("positive"), CODES("negative"))
    scene.record(feelings.person[sent], feelings.day[sent], CODES("96127"), word, system="CPT", unit="")
    senses = visits.where((age >= 3) & (age <= 5) & some(rng, size, SENSES))
    eyes = codes_of(rng, senses.person.shape[0], "99173 99177")
    scene.claim(
        senses.person,
        senses.day,
        CODES("92551"),
        dx=[CODES("Z0110")],
        provider=senses.provider,
        cents=1100,
        more=[Line(eyes, cents=900)],
    )
    caregiver = visits.where((age < 1) & some(rng, size, 0.08))
    scene.claim(
        caregiver.person,
        caregiver.day,
        codes_of(rng, caregiver.person.shape[0], "G8510 G8510 G8510 G8510 G8431"),
        dx=[CODES("Z1332")],
        provider=caregiver.provider,
        cents=0,
    )
    needs = visits.where(some(rng, size, ASKED_ABOUT_NEEDS))
    count = needs.person.shape[0]
    found = np.where(some(rng, count, 0.18), codes_of(rng, count, "Z5941 Z5901 Z5986 Z560 Z5982"), -1)
    scene.claim(needs.person, needs.day, CODES("96160"), dx=[CODES("Z139"), found], provider=needs.provider, cents=400)


def sexual_health(scene: Scene) -> None:
    """Contraception, pregnancy tests and chlamydia tests of young women; a few are pregnant."""
    people, chunk = scene.people, scene.chunk
    active = people.female & (scene.rng("sexually active").random(people.size) < SEXUALLY_ACTIVE)
    for year in range(chunk.year - chunk.years + 1, chunk.year + 1):
        rng = chunk.rng(f"sexual health {year}")
        age = age_on(people.birth, np.full(people.size, day(year, 12, 31)))
        who = np.nonzero(active & (age >= 16) & (age <= 21))[0].astype(np.int64)
        size = who.shape[0]
        when = uniform_days(rng, day(year), day(year, 12, 20), size)
        seen_by = np.where(some(rng, size, 0.5), scene.providers.draw(rng, "obgyn", size), scene.home[who])
        scene.claim(
            who,
            when,
            CODES("99213"),
            dx=[codes_of(rng, size, "Z3009 Z3041 Z30017 Z3042 Z113")],
            provider=seen_by,
            more=[Line(CODES("81025"), on=some(rng, size, 0.5), cents=900)],
        )
        tested = linked(rng, people.care[who], 0.3) < CHLAMYDIA + people.shifts["well"][who]
        later = (when + np.where(some(rng, size, 0.7), 0, rng.integers(1, 60, size=size)))[tested]
        scene.claim(
            who[tested],
            np.minimum(later, day(year, 12, 31)),
            codes_of(rng, int(tested.sum()), "87491 87491 87491 87801 0353U"),
            dx=[CODES("Z113")],
            provider=scene.providers.draw(rng, "lab", int(tested.sum())),
            place=CODES("81"),
            cents=3500,
        )
        pills = chosen(rng, 0.5, size)
        for cycle in range(3):
            scene.dispense(who[pills], when[pills] + 84 * cycle, CODES("norethindrone"), 84, 84)
        pregnant = chosen(rng, 0.04, size)
        scene.claim(
            who[pregnant],
            when[pregnant] + 20,
            CODES("99214"),
            dx=[CODES("Z3401")],
            provider=scene.providers.draw(rng, "obgyn", pregnant.shape[0]),
        )
