"""People from seeds: rows packed around the days that matter to a program. One seed, one person, always the same."""

import datetime as dt
import random

from generative import pool
from generative.boundaries import boundary_days, date_expressions, event_offsets
from vbpmeasure.data.contract import BENEFITS, DIAGNOSIS_COLUMNS, EVENT_TABLES, MODIFIER_COLUMNS, TABLES, benefit_column
from vbpmeasure.engines.reference.dates import add_months

RECORD_TABLES = tuple(table for table in EVENT_TABLES if table != "medical_claim")
FAR = dt.date(9999, 12, 31)


def shift(day, days):
    """Return the day that many days later, within the calendar."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 366), dt.date(2190, 1, 1).toordinal()))


class PersonMaker:
    """Makes the rows of people for one program."""

    def __init__(self, program, *, conflicts=True):
        """``conflicts`` allows demographics that differ between the spans of one person."""
        self.period = program.period
        self.expressions = date_expressions(program)
        self.offsets = event_offsets(program, self.expressions)
        self.conflicts = conflicts

    def rows(self, seed, person_id):
        """Return the rows of one person by table."""
        return _Person(self, random.Random(seed), person_id).rows()


class _Person:
    def __init__(self, maker, rng, person_id):
        self.maker, self.rng, self.id = maker, rng, person_id
        self.birth = self._birth()
        self.death = shift(self._near_period(), rng.randint(-3, 3)) if rng.random() < 0.15 else None
        self.days = boundary_days(maker.expressions, maker.period, self.birth, self.death)
        self.past = []

    # --- choices ---------------------------------------------------------------------------------------------

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, items):
        return self.rng.choice(items)

    def perhaps(self, items, share):
        return self.pick(items) if self.chance(share) else None

    def _near_period(self):
        period = self.maker.period
        return self.pick((period.start, period.end, shift(period.start, self.rng.randint(0, 365))))

    def _birth(self):
        """Around the ages that measures ask for; leap days and month ends often."""
        year = self.maker.period.year - self.pick((0, 1, 1, 2, 2, 2, 3, 3, 5, 11, 12, 13, 13, 17, 18, 21, 22))
        leap = dt.date(year - year % 4, 2, 29)
        end_of_period = self.maker.period.end
        return self.pick(
            (
                leap,
                dt.date(year, 1, 1),
                dt.date(year, 12, 31),
                dt.date(year, 1, 31),
                dt.date(year, 3, 31),
                shift(end_of_period, -int(365.25 * (end_of_period.year - year)) + self.rng.randint(-1, 1)),
                dt.date(year, self.rng.randint(1, 12), self.rng.randint(1, 28)),
            )
        )

    def day(self):
        """A day beside a boundary, or at a telling distance of an earlier row, or anywhere in the period."""
        kind = self.rng.random()
        if kind < 0.6:
            return shift(self.pick(self.days), self.pick((-1, 0, 0, 0, 1, 2, -2)))
        if kind < 0.85 and self.past:
            return shift(self.pick(self.past), self.pick(self.maker.offsets) * self.pick((1, 1, -1)))
        return shift(self.maker.period.start, self.rng.randint(-400, 400))

    def remember(self, day):
        self.past.append(day)
        return day

    # --- eligibility -----------------------------------------------------------------------------------------

    def eligibility(self):
        start = shift(self.pick([*self.days, self.birth, self.birth]), self.pick((0, 0, 0, -1, 1, -400, 45, -45)))
        spans, number = [], self.pick((1, 1, 1, 2, 2, 3, 5))
        payer = self.perhaps(("a", "b"), 0.8)
        for left in reversed(range(number)):
            length = self.pick((0, 1, 30, 45, 90, 180, 364, 365, 366, 700, 1500))
            end = (
                shift(start, length)
                if self.chance(0.4)
                else shift(self.pick(self.days), self.pick((-1, 0, 1, -46, 46)))
            )
            end = max(start, end)
            if left == 0 and self.chance(0.5):
                end = self.pick((None, None, FAR))
            if self.chance(0.25):
                payer = self.perhaps(("a", "b"), 0.8)
            spans.append(self._span(start, end, payer))
            if end is None or end == FAR:
                end = shift(start, 200)
            start = self._next_start(end)
        if self.chance(0.2):
            spans.append(dict(self.pick(spans)))
            if self.maker.conflicts and self.chance(0.5):
                spans[-1]["birth_date"] = shift(self.birth, self.pick((1, -1, 366, -366)))
        if not any(row.get("birth_date") for row in spans):
            spans[0]["birth_date"] = self.birth
        return spans

    def _next_start(self, end):
        """The start of the span after a gap: none, of some days, of a calendar month or two, or an overlap."""
        first_day_of_gap = shift(end, 1)
        if self.chance(0.2):
            return shift(add_months(first_day_of_gap, self.pick((1, 1, 2))), self.pick((-1, 0, 0, 1)))
        return shift(first_day_of_gap, self.pick((0, 0, 1, 1, 28, 31, 44, 45, 45, 46, 59, -10, -300)))

    def _span(self, start, end, payer):
        row = {
            "person_id": self.id,
            "birth_date": self.birth,
            "gender": self.perhaps(pool.SEXES, 0.9),
            "enrollment_start_date": start,
            "enrollment_end_date": end,
            "death_date": self.death if self.chance(0.8) else None,
            "payer": payer,
            "product_line": self.pick(("medicaid", "medicaid", "medicaid", "chip", None)),
            "hospice_flag": self.pick((None, None, None, False, True)),
        }
        row |= {benefit_column(b): self.pick((None, True, True, False)) for b in BENEFITS[:2]}
        if self.maker.conflicts and self.chance(0.1):
            row["birth_date"] = self.pick((None, shift(self.birth, 1), shift(self.birth, -366)))
        if self.maker.conflicts and self.chance(0.05):
            row["death_date"] = self.pick((self.maker.period.start, self.maker.period.end))
        if not self.maker.conflicts:
            row["death_date"] = self.death
        return row

    # --- claims and records ----------------------------------------------------------------------------------

    def claim(self):
        rng, day = self.rng, self.remember(self.day())
        row = {
            "person_id": self.id,
            "claim_id": self.pick(
                ("c1", "c2", f"{self.id}-{rng.randint(1, 6)}", f"{self.id}-{rng.randint(1, 6)}", None)
            ),
            "claim_start_date": day,
            "place_of_service_code": self.perhaps(pool.PLACE_CODES, 0.6),
            "revenue_center_code": self.perhaps(pool.REVENUE, 0.15),
            "bill_type_code": self.perhaps(pool.BILLS, 0.15),
            "discharge_disposition_code": self.perhaps(pool.DISPOSITIONS, 0.1),
            "hcpcs_code": self.perhaps(pool.PROCEDURES, 0.8),
            "claim_status": self.perhaps(pool.CLAIM_STATUSES, 0.5),
            "rendering_taxonomy": self.perhaps(pool.TAXONOMIES, 0.4),
            "billing_taxonomy": self.perhaps(pool.TAXONOMIES, 0.3),
            "rendering_npi": self.perhaps(pool.NPIS, 0.4),
            "billing_npi": self.perhaps(pool.NPIS, 0.3),
            "diagnosis_code_type": self.perhaps(("icd-10-cm", "ICD10CM", "icd-9-cm", "snomed-ct", ""), 0.15),
            "procedure_code_type": self.perhaps(("icd-10-pcs", "cpt", "house list"), 0.1),
        }
        if self.chance(0.35):
            self.stay(row, day)
        row["tooth_number"] = self.perhaps(pool.TEETH, 0.2)
        if self.chance(0.2):
            row["claim_line_start_date"] = shift(day, self.pick((0, 1, -1)))
        if self.chance(0.04):
            row["claim_start_date"] = None
        for column in (*DIAGNOSIS_COLUMNS[:3], DIAGNOSIS_COLUMNS[24]):
            row[column] = self.perhaps(pool.DIAGNOSES, 0.4)
        for column in (MODIFIER_COLUMNS[0], MODIFIER_COLUMNS[1], MODIFIER_COLUMNS[4]):
            row[column] = self.perhaps(pool.MODIFIER_CODES, 0.25)
        for number in (1, 2, 25):
            row[f"procedure_code_{number}"] = self.perhaps(pool.INPATIENT, 0.12)
            row[f"procedure_date_{number}"] = self.remember(self.day()) if self.chance(0.1) else None
        return row

    def stay(self, row, day):
        """Give the line a stay: whole mostly, with an end missing or before its start at times."""
        row["admission_date"] = shift(day, self.pick((0, 0, 0, -1, -3))) if self.chance(0.8) else None
        length = self.pick((0, 1, 2, 5, 30, -1))
        row["discharge_date"] = self.remember(shift(day, length)) if self.chance(0.8) else None
        row["claim_end_date"] = shift(day, self.pick((0, 1, 3, -2))) if self.chance(0.4) else None

    def record(self, table):
        row = {"person_id": self.id}
        for column in TABLES[table].date_columns:
            if self.chance(0.9 if column == TABLES[table].date_columns[0] else 0.3):
                row[column] = self.remember(self.day())
        for pair in TABLES[table].code_pairs:
            row[pair.code_column] = self.perhaps(pool.RECORD_CODES, 0.8)
            if TABLES[table].column(pair.type_column) is not None:
                row[pair.type_column] = self.perhaps(pool.RECORD_TYPES, 0.6)
        if TABLES[table].status_column:
            row["status"] = self.perhaps(pool.RECORD_STATUSES, 0.3)
        if TABLES[table].end_column and self.chance(0.5):
            row[TABLES[table].end_column] = self.remember(self.day())
        if table == "encounter":
            row["encounter_class"] = self.perhaps(pool.ENCOUNTER_CLASSES, 0.6)
            row["encounter_type"] = self.perhaps(pool.ENCOUNTER_TYPES, 0.6)
        if table in {"lab_result", "observation"}:
            row["result"] = self.perhaps(pool.RESULTS, 0.8)
            row["source_units"] = self.perhaps(pool.UNITS, 0.5)
        if table == "pharmacy_claim":
            row["claim_id"] = self.pick(("c1", f"{self.id}-1"))
        if table in {"pharmacy_claim", "medication"}:
            row["days_supply"] = self.perhaps(pool.SUPPLIES, 0.8)
        return row

    def rows(self):
        tables = {"eligibility": self.eligibility(), "medical_claim": []}
        for _ in range(self.pick((0, 2, 5, 8, 12, 20))):
            row = self.claim()
            tables["medical_claim"].append(row)
            if self.chance(0.1):
                tables["medical_claim"].append(dict(row))
            if self.chance(0.1):
                tables["medical_claim"].append(row | {"claim_status": self.pick(pool.CLAIM_STATUSES)})
        for _ in range(self.pick((0, 1, 3, 6, 10))):
            table = self.pick(("immunization", "immunization", *RECORD_TABLES))
            tables.setdefault(table, []).append(self.record(table))
        tables["indicator"] = [self.indicator() for _ in range(self.pick((0, 0, 0, 1, 2, 4)))]
        return tables

    def indicator(self):
        """A row about the person mostly, often one that fits no rule."""
        numerator, denominator = self.pick(pool.AMOUNTS) if self.chance(0.7) else (None, None)
        entity = self.pick(pool.ENTITIES)
        period = self.maker.period
        return {
            "indicator_id": self.pick((*pool.INDICATORS, "other")),
            "entity_type": entity,
            "entity_id": self.id if entity == "person" else self.pick(pool.ENTITY_IDS),
            "period_end": shift(self.pick((period.start, period.end)), self.pick((-1, 0, 0, 1))),
            "numerator": numerator,
            "denominator": denominator,
            "value": self.perhaps(pool.VALUES, 0.4),
            "source": self.perhaps(pool.SOURCES, 0.7),
        }


def practitioners(seed):
    """Return a practitioner table: several taxonomies a number, none, unknown and null numbers."""
    rng = random.Random(seed)
    return [
        {"npi": rng.choice((*pool.NPIS[:3], None)), "taxonomy_code": rng.choice((*pool.TAXONOMIES, None))}
        for _ in range(rng.choice((0, 2, 6)))
    ]


def population(program, seeds, *, conflicts=True, numbers=False):
    """Return the rows of one person per seed, shuffled; some rows belong to nobody and to unknown people.

    ``numbers`` makes person ids whole numbers instead of text. Null cells are absent keys, so that columns which
    nobody has are absent altogether.
    """
    maker = PersonMaker(program, conflicts=conflicts)
    tables = {"practitioner": practitioners(seeds[0])}
    for number, seed in enumerate(seeds):
        person_id = number if numbers else f"p{number}"
        for table, rows in maker.rows(seed, person_id).items():
            tables.setdefault(table, []).extend(rows)
    strays = maker.rows(seeds[0] + 1, len(seeds) + 7 if numbers else "stray")
    nobody = maker.rows(seeds[0] + 2, None)
    for table in strays:
        if table != "eligibility":
            tables.setdefault(table, []).extend(strays[table])
    for table in nobody:
        tables.setdefault(table, []).extend(
            row | {"claim_id": "c1"} if table == "medical_claim" else row for row in nobody[table]
        )
    rng = random.Random(seeds[-1])
    for rows in tables.values():
        rng.shuffle(rows)
    return {
        table: [{name: cell for name, cell in row.items() if cell is not None} for row in rows]
        for table, rows in tables.items()
        if rows or table in {"eligibility", "medical_claim"}
    }
