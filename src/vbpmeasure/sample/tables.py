"""The other tables of the sample: eligibility, immunization, lab_result, condition, observation."""

from __future__ import annotations

import numpy as np
import polars as pl

from vbpmeasure.sample.arrays import NULL, Chunk, Ints, age_on, uniform_days
from vbpmeasure.sample.channels import Registry
from vbpmeasure.sample.claims import dates, numbered, person_ids
from vbpmeasure.sample.enrollment import PAYERS, PLANS, PRODUCTS, Spans
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.scene import WHOLE_NUMBERS
from vbpmeasure.sample.screening import LeadTests

_LEAD_LOINC = "5671-3 77307-7 10368-9 5674-7"
_CONDITIONS = ("J45.20", "J45.30", "F90.2", "L20.9", "Q90.9", "E66.9", "H66.90", "F84.0")
_CONDITIONS_SNOMED = ("195967001", "24079001", "65363002")


def _texts(name: str, text: str, size: int) -> pl.Series:
    return CODES.column(name, np.full(size, CODES(text), dtype=np.int64))


def eligibility_table(chunk: Chunk, people: People, spans: Spans) -> pl.DataFrame:
    """Return the eligibility rows of a chunk: one row per span as the payer sends it, ordered by person and start."""
    rng = chunk.rng("eligibility")
    who = spans.person
    size = who.shape[0]
    # For some children the answers came with the latest row only.
    asked_late = (rng.random(people.size) < 0.05)[who] & ~spans.last

    def once(values: Ints) -> Ints:
        return np.where(asked_late, -1, values[who])

    names = np.array([CODES(p) for p in PAYERS], dtype=np.int64)[spans.payer]
    plans = np.array([CODES(p) for p in PLANS], dtype=np.int64)[spans.payer]
    products = np.array([CODES(p) for p in PRODUCTS], dtype=np.int64)[spans.payer]
    area = np.array([CODES(f"000{z:02d}") for z in range(10, 60)], dtype=np.int64)
    home_area = rng.integers(0, area.shape[0], size=people.size)
    until = np.where(spans.end == NULL, chunk.end, spans.end)
    hospice = people.hospice[who]
    in_hospice = (hospice > NULL) & (spans.start <= hospice + 14) & (hospice <= until)
    dental = rng.random(people.size) < 0.95
    carved_out = chunk.rng("benefits").random((2, people.size)) < 0.02
    return pl.DataFrame(
        [
            person_ids(chunk, who),
            ("M" + person_ids(chunk, who).str.slice(1)).alias("member_id"),
            CODES.column("gender", np.where(people.female, CODES("female"), CODES("male"))[who]),
            dates("birth_date", people.birth[who]),
            dates("death_date", people.death[who]),
            dates("enrollment_start_date", spans.start),
            dates("enrollment_end_date", spans.end),
            CODES.column("payer", names),
            _texts("payer_type", "medicaid", size),
            CODES.column("plan", plans),
            CODES.column("product_line", products),
            CODES.column("race", once(people.race_code)),
            CODES.column("ethnicity", once(people.ethnicity_code)),
            CODES.column("language", once(people.language_code)),
            CODES.column("race_source", once(people.race_source)),
            CODES.column("ethnicity_source", once(people.ethnicity_source)),
            CODES.column("language_source", once(people.language_source)),
            pl.Series("hospice_flag", in_hospice),
            pl.Series("medical_benefit", np.ones(size, dtype=np.bool_)),
            pl.Series("dental_benefit", dental[who]),
            pl.Series("pharmacy_benefit", ~carved_out[0][who]),
            pl.Series("mental_health_benefit", ~carved_out[1][who]),
            CODES.column("zip_code", area[home_area][who]),
            _texts("data_source", "synthetic_enrollment", size),
        ]
    )


def immunization_table(chunk: Chunk, registry: Registry) -> pl.DataFrame:
    """Return the registry rows of a chunk: one row per recorded dose, ordered by person and day."""
    order = np.lexsort((registry.day, registry.person))
    size = order.shape[0]
    return pl.DataFrame(
        [
            numbered("immunization_id", "I", chunk, np.arange(size)),
            person_ids(chunk, registry.person[order]),
            dates("occurrence_date", registry.day[order]),
            CODES.column("source_code_type", registry.system[order]),
            CODES.column("source_code", registry.code[order]),
            CODES.column("status", registry.status[order]),
            _texts("data_source", "synthetic_registry", size),
        ]
    )


def lab_table(chunk: Chunk, people: People, tests: LeadTests) -> pl.DataFrame:
    """Return laboratory results: blood lead by LOINC code, some glycated hemoglobin, ordered by person and day."""
    rng = chunk.rng("lab results")
    lead = np.nonzero(tests.result)[0]
    sugar = np.nonzero((rng.random(people.size) < 0.05) & (people.turns(9) < chunk.end))[0]
    sugar_day = uniform_days(rng, np.maximum(chunk.start, people.turns(9)[sugar]), chunk.end, sugar.shape[0])
    person = np.concatenate([tests.person[lead], sugar])
    when = np.concatenate([tests.day[lead], sugar_day])
    code = np.concatenate(
        [
            rng.choice(CODES.many(_LEAD_LOINC), size=lead.shape[0], p=[0.6, 0.25, 0.1, 0.05]),
            np.full(sugar.shape[0], CODES("4548-4"), dtype=np.int64),
        ]
    )
    tenths = np.concatenate([tests.micrograms[lead], rng.integers(48, 62, size=sugar.shape[0])])
    order = np.lexsort((when, person))
    person, when, code, tenths = person[order], when[order], code[order], tenths[order]
    size = person.shape[0]
    known = rng.random(size) >= 0.05  # otherwise only the day of the result is known
    result_day = np.minimum(when + rng.integers(0, 4, size=size), chunk.end)
    return pl.DataFrame(
        [
            numbered("lab_result_id", "L", chunk, np.arange(size)),
            person_ids(chunk, person),
            dates("collection_date", np.where(known, when, NULL)),
            dates("result_date", np.where(known, result_day, when)),
            _texts("source_component_code_type", "LOINC", size),
            CODES.column("source_component_code", code),
            pl.Series("result", tenths / 10.0).cast(pl.String),
            CODES.column("source_units", np.where(code == CODES("4548-4"), CODES("%"), CODES("ug/dL"))),
            CODES.column("status", np.where(rng.random(size) < 0.01, CODES("cancelled"), CODES("final"))),
            _texts("data_source", "synthetic_laboratory", size),
        ]
    )


def condition_table(chunk: Chunk, people: People) -> pl.DataFrame:
    """Return problem-list entries of a sixth of the children, ordered by person and day."""
    rng = chunk.rng("conditions")
    who = np.nonzero(rng.random(people.size) < 0.17)[0]
    size = who.shape[0]
    onset = uniform_days(rng, people.birth[who], chunk.end, size)
    snomed = rng.random(size) < 0.25
    icd = rng.choice(np.array([CODES(c) for c in _CONDITIONS]), size=size)
    concept = rng.choice(np.array([CODES(c) for c in _CONDITIONS_SNOMED]), size=size)
    return pl.DataFrame(
        [
            numbered("condition_id", "D", chunk, np.arange(size)),
            person_ids(chunk, who),
            dates("onset_date", np.where(rng.random(size) < 0.2, NULL, onset)),
            dates("recorded_date", onset),
            CODES.column("source_code_type", np.where(snomed, CODES("snomed-ct"), CODES("icd-10-cm"))),
            CODES.column("source_code", np.where(snomed, concept, icd)),
            CODES.column("status", np.where(rng.random(size) < 0.3, CODES("resolved"), CODES("active"))),
            _texts("data_source", "synthetic_records", size),
        ]
    )


def observation_table(chunk: Chunk, people: People, records: dict[str, Ints]) -> pl.DataFrame:
    """Return percentiles, scores and results, ordered by person and day: those of any day, and ``records`` of care."""
    rng = chunk.rng("observations")
    weighed = np.nonzero((rng.random(people.size) < 0.25) & (people.turns(3) < chunk.end))[0]
    asked = np.nonzero((rng.random(people.size) < 0.15) & (people.turns(12) < chunk.end))[0]
    person = np.concatenate([weighed, asked])
    youngest = np.concatenate([people.turns(3)[weighed], people.turns(12)[asked]])
    when = uniform_days(rng, np.maximum(youngest, chunk.start), chunk.end, person.shape[0])
    code = np.concatenate([np.full(weighed.shape[0], CODES("59576-9")), np.full(asked.shape[0], CODES("44261-6"))])
    score = rng.integers(0, 20, size=asked.shape[0])
    # Most who are asked by the way have low scores.
    value = np.concatenate([rng.integers(1, 100, size=weighed.shape[0]), score * score // 30])
    adolescent = (code == CODES("44261-6")) & (age_on(people.birth[person], when) < 18)
    code = np.where(adolescent, CODES("89204-2"), code)
    size = person.shape[0]
    rows = {
        "person": person,
        "day": when,
        "system": np.full(size, CODES("loinc")),
        "code": code,
        "value": WHOLE_NUMBERS[value],
        "unit": np.where(code == CODES("59576-9"), CODES("%"), CODES("{score}")),
    }
    rows = {name: np.concatenate([values, records[name]]) for name, values in rows.items()}
    order = np.lexsort((rows["day"], rows["person"]))
    rows = {name: values[order] for name, values in rows.items()}
    size = order.shape[0]
    return pl.DataFrame(
        [
            numbered("observation_id", "O", chunk, np.arange(size)),
            person_ids(chunk, rows["person"]),
            dates("observation_date", rows["day"]),
            CODES.column("source_code_type", rows["system"]),
            CODES.column("source_code", rows["code"]),
            CODES.column("result", rows["value"]),
            CODES.column("source_units", rows["unit"]),
            _texts("status", "final", size),
            _texts("data_source", "synthetic_records", size),
        ]
    )
