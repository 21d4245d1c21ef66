"""From the ledger to the medical_claim table: status, payer, filler diagnoses, reversals, claim ids."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from vbpmeasure.sample.arrays import NULL, Chunk, Ints
from vbpmeasure.sample.enrollment import DOTTED_PAYER, PAYERS, PLANS, Coverage
from vbpmeasure.sample.ledger import DIAGNOSES, Ledger
from vbpmeasure.sample.people import People
from vbpmeasure.sample.pool import CODES
from vbpmeasure.sample.providers import UNKNOWN_PROVIDER, Providers

# Nothing that a measure looks for: what makes a numerator or a population is planted on purpose.
_FILLERS = "R0981 J309 J4520 Z7722 H6123 K219 L209 R6251 Z818 E669 Z7689 H5203 Z9109 J353 R011 Z87730"
# Chance of one more diagnosis, by how many there are.
_NEXT_DIAGNOSIS = (0.0, 0.32, 0.42, 0.40, 0.35, 0.35, 0.35, 0.35)
_KINDS = ("professional", "institutional", "dental")
_STATUSES = "paid denied pending reversed"
_LEDGER = 5_000_000  # claims of a ledger are numbered from here: more than a chunk can have in the one before


def _fill_diagnoses(rng: np.random.Generator, dx: npt.NDArray[np.int64]) -> None:
    """Close gaps to the left, then append common diagnoses with falling probability."""
    order = np.argsort(dx < 0, axis=1, kind="stable")
    dx[:] = np.take_along_axis(dx, order, axis=1)
    fillers = CODES.many(_FILLERS)
    for column in range(1, DIAGNOSES):
        free = (dx[:, column] < 0) & (dx[:, column - 1] >= 0)
        more = free & (rng.random(dx.shape[0]) < _NEXT_DIAGNOSIS[column])
        dx[more, column] = rng.choice(fillers, size=int(more.sum()))


def _statuses(rng: np.random.Generator, size: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the status of each claim, and which claims get a second, valid version after a reversal."""
    u = rng.random(size)
    paid, denied, pending, void = CODES.many(_STATUSES)
    status = np.full(size, paid, dtype=np.int64)
    status = np.where(u < 0.045, denied, status)
    status = np.where((u >= 0.045) & (u < 0.06), pending, status)
    status = np.where((u >= 0.06) & (u < 0.072), void, status)
    status = np.where((u >= 0.072) & (u < 0.08), -1, status)
    return status, np.asarray((u >= 0.06) & (u < 0.069))


def claim_table(
    chunk: Chunk, people: People, cover: Coverage, providers: Providers, ledgers: Mapping[str, Ledger]
) -> pl.DataFrame:
    """Return the claim lines of a chunk: one row per line, ordered by person, first day of the claim, claim, line.

    ``ledgers`` by the name of the random stream that judges their claims: what is added to one ledger changes nothing
    in the claims of another.
    """
    parts = [
        _claim_lines(chunk, people, cover, topic, ledger, place * _LEDGER)
        for place, (topic, ledger) in enumerate(ledgers.items())
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((columns["day"], columns["person"]))
    return _frame(chunk, cover, providers, {name: values[order] for name, values in columns.items()})


def _claim_lines(
    chunk: Chunk, people: People, cover: Coverage, topic: str, ledger: Ledger, first: int
) -> dict[str, Ints]:
    """Return the lines of one ledger as columns: those of their header, their own, ``dx``, and the claim's number."""
    rng = chunk.rng(topic)
    head, dx, line = ledger.joined()
    last = np.where(people.death > NULL, people.death, chunk.end)
    inside = (
        (head["day"] >= chunk.start)
        & (head["day"] <= last[head["person"]])
        & (head["day"] >= people.birth[head["person"]])
    )
    # A few claims fall outside the delivered coverage, as in any extract.
    keep = inside & (cover.covers(head["person"], head["day"]) | (rng.random(inside.shape[0]) < 0.02))
    _fill_diagnoses(rng, dx)
    status, again = _statuses(rng, dx.shape[0])
    seen = rng.random(dx.shape[0])
    head["shown"] = np.where((seen < 0.55) & (head["provider"] >= 0), 1, 0)
    head["provider"] = np.where(seen > 0.985, UNKNOWN_PROVIDER, head["provider"])
    head["status"] = status
    claim = np.concatenate([np.nonzero(keep)[0], np.nonzero(keep & again)[0]])
    second = np.concatenate(
        [np.zeros(int(keep.sum()), dtype=np.int64), np.ones(int((keep & again).sum()), dtype=np.int64)]
    )
    order = np.lexsort((second, claim, head["day"][claim], head["person"][claim]))
    claim, second = claim[order], second[order]
    source, new = _lines_of(claim, line["claim"])
    of = claim[new]
    columns = {name: values[of] for name, values in head.items()}
    columns["status"] = np.where(second[new] > 0, CODES("paid"), columns["status"])
    columns |= {name: values[source] for name, values in line.items()}
    columns["dx"] = dx[of]
    columns["number"] = _line_numbers(new)
    columns["claim"] = first + new
    columns["line_day"] = np.where(rng.random(of.shape[0]) < 0.01, NULL, columns["day"] + columns["offset"])
    return columns


def _lines_of(claim: Ints, line_claim: Ints) -> tuple[Ints, Ints]:
    """Return the positions of the claims' lines in output order, and for each line the place of its claim there."""
    by_claim = np.argsort(line_claim, kind="stable")
    ordered = line_claim[by_claim]
    low = np.searchsorted(ordered, claim, side="left")
    count = np.searchsorted(ordered, claim, side="right") - low
    new = np.repeat(np.arange(claim.shape[0]), count)
    within = np.arange(new.shape[0]) - np.repeat(np.cumsum(count) - count, count)
    return by_claim[np.repeat(low, count) + within], new


def _line_numbers(new: Ints) -> Ints:
    starts = np.flatnonzero(np.append(True, new[1:] != new[:-1])) if new.shape[0] else new
    lengths = np.diff(np.append(starts, new.shape[0]))
    return np.arange(new.shape[0]) - np.repeat(starts, lengths) + 1


def dates(name: str, days: Ints) -> pl.Series:
    """Return a date column; ``NULL`` is null."""
    values = pl.Series(name, np.where(days == NULL, 0, days).astype(np.int32)).cast(pl.Date)
    if (days == NULL).any():
        values = pl.select(pl.when(pl.Series(days != NULL)).then(values)).to_series().alias(name)
    return values


def person_ids(chunk: Chunk, person: Ints) -> pl.Series:
    """Return person ids: ``S`` and the number of the person in the whole sample, from 1."""
    labels = pl.Series("person_id", np.arange(chunk.first + 1, chunk.first + chunk.size + 1)).cast(pl.String)
    return ("S" + labels.str.zfill(7)).gather(pl.Series(person.astype(np.uint32))).alias("person_id")


def numbered(name: str, prefix: str, chunk: Chunk, number: Ints) -> pl.Series:
    """Return record ids: a prefix, then the chunk and the number within it in twelve digits."""
    return (prefix + pl.Series(chunk.number * 10_000_000 + number + 1).cast(pl.String).str.zfill(12)).alias(name)


def _frame(chunk: Chunk, cover: Coverage, providers: Providers, head: dict[str, Ints]) -> pl.DataFrame:
    payer = cover.payer_on(head["person"], head["day"])
    names = np.array([CODES(p) for p in PAYERS], dtype=np.int64)
    plans = np.array([CODES(p) for p in PLANS], dtype=np.int64)
    known = head["provider"] >= 0
    provider = np.where(known, head["provider"], 0)
    npi = np.where(known, providers.npi[provider], -1)
    taxonomy = np.where(known & (head["shown"] > 0), providers.taxonomy[provider], -1)
    # Nobody on record bills for an unknown practitioner either, half of the time.
    some_group = providers.first["group"][0] + (head["day"] % 7)
    billing = np.where(known, providers.billing[provider], some_group)
    billed = known | (head["day"] % 2 == 0)
    kinds = np.array([CODES(k) for k in _KINDS], dtype=np.int64)
    dot = payer == DOTTED_PAYER
    denied = head["status"] == CODES("denied")
    cents = np.where(denied, 0, head["cents"])
    columns = [
        numbered("claim_id", "C", chunk, head["claim"]),
        pl.Series("claim_line_number", head["number"].astype(np.int32)),
        CODES.column("claim_type", kinds[head["type"]]),
        person_ids(chunk, head["person"]),
        CODES.column("payer", names[payer]),
        CODES.column("plan", plans[payer]),
        dates("claim_start_date", head["day"]),
        dates("claim_end_date", head["end"]),
        dates("claim_line_start_date", head["line_day"]),
        dates("admission_date", head["admit"]),
        dates("discharge_date", head["discharge"]),
        CODES.column("discharge_disposition_code", head["disposition"]),
        CODES.column("place_of_service_code", head["place"]),
        CODES.column("bill_type_code", head["bill"]),
        CODES.column("revenue_center_code", head["revenue"]),
        CODES.column("hcpcs_code", head["code"]),
        CODES.column("hcpcs_modifier_1", head["mod1"]),
        CODES.column("hcpcs_modifier_2", head["mod2"]),
    ]
    for i in range(DIAGNOSES):
        code = head["dx"][:, i]
        columns.append(CODES.column(f"diagnosis_code_{i + 1}", np.where(dot, CODES.dotted(code), code)))
    columns += [
        CODES.column("procedure_code_1", head["proc1"]),
        CODES.column("procedure_code_2", head["proc2"]),
        dates("procedure_date_1", head["procday1"]),
        dates("procedure_date_2", head["procday2"]),
        CODES.column("rendering_npi", npi),
        CODES.column("billing_npi", np.where(billed, providers.npi[billing], -1)),
        CODES.column("rendering_taxonomy", taxonomy),
        CODES.column("claim_status", head["status"]),
        CODES.column("tooth_number", head["tooth"]),
        pl.Series("paid_amount", cents / 100.0),
        CODES.column("data_source", np.full(known.shape[0], CODES("synthetic_claims"), dtype=np.int64)),
    ]
    return pl.DataFrame(columns)
