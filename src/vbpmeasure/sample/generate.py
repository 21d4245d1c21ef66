"""One chunk of people from their birth to their claims."""

from __future__ import annotations

import numpy as np
import polars as pl

from vbpmeasure.sample import (
    acute,
    behavior,
    channels,
    crisis,
    development,
    drugs,
    indicators,
    oral,
    scales,
    screening,
    tables,
    vaccines,
    visits,
    wellcare,
    wellness,
)
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.attribution import attribution_table
from vbpmeasure.sample.claims import claim_table
from vbpmeasure.sample.enrollment import make_coverage, make_spans
from vbpmeasure.sample.ledger import Ledger
from vbpmeasure.sample.people import make_people
from vbpmeasure.sample.providers import Providers
from vbpmeasure.sample.scene import Scene


def make_chunk(chunk: Chunk, providers: Providers) -> dict[str, pl.DataFrame]:
    """Return the tables of one chunk by name, each ordered by person, then date."""
    people = make_people(chunk)
    cover, delivery = make_coverage(chunk, people)
    home = providers.draw(chunk.rng("home practices"), "pcp", people.size)
    ledger = Ledger()

    infant = wellcare.plan_infant_visits(chunk, people)
    screens = screening.plan_screens(chunk, people, infant.planned)
    found = development.plan_findings(chunk, people, home, screens.general.shape)
    wellcare.infant_claims(chunk, ledger, people, providers, home, infant, screens, found)
    wellcare.yearly_claims(chunk, ledger, people, providers, home)
    screening.stray_screens(chunk, ledger, providers, infant.planned, infant.kept, screens, found)

    doses = vaccines.make_doses(chunk, people, infant.planned)
    registry = channels.spread(chunk, people, cover, doses, home, ledger)
    tests = screening.plan_lead_tests(chunk, people, infant.planned)
    screening.lead_claims(chunk, ledger, providers, home, tests)

    acute.births(chunk, ledger, people, providers, doses.newborn)
    acute.sick_visits(chunk, ledger, people, providers, home)
    acute.specialist_visits(chunk, ledger, people, providers)
    acute.emergencies(chunk, ledger, people, providers)
    acute.stays(chunk, ledger, people, providers)
    acute.laboratories(chunk, ledger, people, providers)
    acute.dentists(chunk, ledger, people, providers)
    acute.therapies(chunk, ledger, people, providers)
    acute.hospice(chunk, ledger, people, providers)
    acute.rare_conditions(chunk, ledger, people, providers)

    # What was added later writes into books of its own, with random streams of its own: the claims above stay as
    # they are whatever is added below.
    scene = Scene(chunk, people, cover, providers, home)
    well = visits.visits_with(chunk, cover, ledger, visits.WELL)
    development.follow_up(scene, infant.planned, screens.general, found)
    oral.recalls(scene)
    oral.sealants(scene)
    oral.varnish(scene, well)
    wellness.weight_and_counseling(scene, well)
    wellness.questionnaires(scene, well)
    wellness.sexual_health(scene)
    behavior.diagnosed(scene)
    scales.at_sessions(scene, visits.visits_with(chunk, cover, ledger, visits.PSYCHOTHERAPY))
    drugs.stimulants(scene)
    drugs.antipsychotics(scene)
    drugs.common_drugs(scene)
    crisis.psychiatric_stays(scene)
    crisis.psychiatric_emergencies(scene)
    crisis.substance_use_emergencies(scene)
    crisis.preventable_stays(scene)

    claims = claim_table(chunk, people, cover, providers, {"claims": ledger, "care": scene.ledger})
    seen = development.billed(chunk, claims, infant.planned, screens.general)
    development.results(scene, infant.planned, found, seen)
    who, slot = np.nonzero(seen & found.positive)
    return {
        "eligibility": tables.eligibility_table(chunk, people, make_spans(chunk, cover, delivery)),
        "medical_claim": claims,
        "pharmacy_claim": drugs.pharmacy_table(chunk, scene.fills.joined()),
        "immunization": tables.immunization_table(chunk, registry),
        "lab_result": tables.lab_table(chunk, people, tests),
        "condition": tables.condition_table(chunk, people),
        "observation": tables.observation_table(chunk, people, scene.records.joined()),
        "provider_attribution": attribution_table(scene),
        "indicator": indicators.person_rows(scene, who, infant.planned[who, slot]),
    }
