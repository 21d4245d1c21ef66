"""One chunk of people from their birth to their claims."""

from __future__ import annotations

import polars as pl

from vbpmeasure.sample import acute, channels, screening, tables, vaccines, wellcare
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.claims import claim_table
from vbpmeasure.sample.enrollment import make_coverage, make_spans
from vbpmeasure.sample.ledger import Ledger
from vbpmeasure.sample.people import make_people
from vbpmeasure.sample.providers import Providers


def make_chunk(chunk: Chunk, providers: Providers) -> dict[str, pl.DataFrame]:
    """Return the tables of one chunk by name, each ordered by person, then date."""
    people = make_people(chunk)
    cover, delivery = make_coverage(chunk, people)
    home = providers.draw(chunk.rng("home practices"), "pcp", people.size)
    ledger = Ledger()

    visits = wellcare.plan_infant_visits(chunk, people)
    screens = screening.plan_screens(chunk, people, visits.planned)
    wellcare.infant_claims(chunk, ledger, people, providers, home, visits, screens)
    wellcare.yearly_claims(chunk, ledger, people, providers, home)
    screening.stray_screens(chunk, ledger, providers, visits.planned, visits.kept, screens)

    doses = vaccines.make_doses(chunk, people, visits.planned)
    registry = channels.spread(chunk, people, cover, doses, home, ledger)
    tests = screening.plan_lead_tests(chunk, people, visits.planned)
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

    return {
        "eligibility": tables.eligibility_table(chunk, people, make_spans(chunk, cover, delivery)),
        "medical_claim": claim_table(chunk, people, cover, providers, ledger),
        "immunization": tables.immunization_table(chunk, registry),
        "lab_result": tables.lab_table(chunk, people, tests),
        "condition": tables.condition_table(chunk, people),
        "observation": tables.observation_table(chunk, people),
    }
