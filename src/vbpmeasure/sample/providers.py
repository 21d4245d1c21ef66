"""Practitioners and clinics: numbers that are plainly not real NPIs, with one or two taxonomies each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vbpmeasure.sample.arrays import Ints
from vbpmeasure.sample.pool import CODES

# role -> (how many, taxonomies with their shares); NUCC codes
_ROLES: dict[str, tuple[int, dict[str, float]]] = {
    "pcp": (
        260,
        {"208000000X": 0.45, "207Q00000X": 0.25, "363LP0200X": 0.12, "363LF0000X": 0.10, "363A00000X": 0.08},
    ),
    "obgyn": (20, {"207V00000X": 0.8, "367A00000X": 0.2}),
    "specialist": (60, {"207RC0000X": 0.2, "2080P0202X": 0.3, "207Y00000X": 0.3, "207N00000X": 0.2}),
    "emergency": (30, {"207P00000X": 0.8, "2080P0204X": 0.2}),
    "dental": (60, {"122300000X": 0.2, "1223G0001X": 0.5, "1223P0221X": 0.3}),
    "behavioral": (40, {"101YM0800X": 0.4, "1041C0700X": 0.3, "103TC2200X": 0.2, "2084P0804X": 0.1}),
    "therapist": (30, {"235Z00000X": 0.5, "225X00000X": 0.3, "252Y00000X": 0.2}),
    "lab": (6, {"291U00000X": 1.0}),
    "hospital": (12, {"282N00000X": 0.8, "282NC2000X": 0.2}),
    "group": (40, {"193200000X": 0.35, "193400000X": 0.35, "261QF0400X": 0.20, "261QP2300X": 0.10}),
}
# Roles that came later: drawn from a stream of their own, so that the providers above stay who they were.
_MORE_ROLES: dict[str, tuple[int, dict[str, float]]] = {
    "developmental": (20, {"2080P0006X": 0.4, "2084P0005X": 0.2, "103TC2200X": 0.2, "231H00000X": 0.2}),
    "early_intervention": (12, {"252Y00000X": 0.7, "251300000X": 0.3}),
    "psychiatry": (16, {"2084P0804X": 0.7, "363LP0808X": 0.3}),
    "psychiatric_hospital": (6, {"283Q00000X": 1.0}),
}
_SPECIALTY = {
    "pcp": "primary care",
    "obgyn": "obstetrics and gynecology",
    "specialist": "specialist",
    "emergency": "emergency medicine",
    "dental": "dentistry",
    "behavioral": "behavioral health",
    "therapist": "therapy",
    "lab": "laboratory",
    "hospital": "hospital",
    "group": "group or clinic",
    "developmental": "developmental specialist",
    "early_intervention": "early intervention agency",
    "psychiatry": "psychiatry",
    "psychiatric_hospital": "psychiatric hospital",
}
# A second taxonomy: family doctors with adolescent medicine, pediatricians with a subspecialty.
_SECOND = {"pcp": "2080A0000X", "specialist": "208000000X", "behavioral": "103K00000X", "therapist": "222Q00000X"}

UNKNOWN_PROVIDER = -1


@dataclass(frozen=True, slots=True)
class Providers:
    """All providers of a sample; positions in ``npi`` are what claims carry until they are written."""

    npi: Ints
    taxonomy: Ints
    second: Ints  # negative: none
    listed: Ints  # 0 for providers that the practitioner table lacks
    role: tuple[str, ...]
    first: dict[str, tuple[int, int]]  # role -> (first position, how many)
    billing: Ints  # the group that bills for each provider

    def draw(self, rng: np.random.Generator, role: str, size: int) -> Ints:
        """Return ``size`` providers of a role, the first ones much busier than the last."""
        start, count = self.first[role]
        return np.asarray(start + np.floor(rng.random(size) ** 1.6 * count).astype(np.int64), dtype=np.int64)

    def table(self) -> pl.DataFrame:
        """Return the practitioner table: one row per (listed provider, taxonomy), ordered by NPI."""
        rows = np.repeat(np.arange(self.npi.shape[0]), 1 + (self.second >= 0))
        again = np.append(False, rows[1:] == rows[:-1])
        keep = self.listed[rows] > 0
        rows, again = rows[keep], again[keep]
        specialty = np.array([CODES(_SPECIALTY[r]) for r in self.role], dtype=np.int64)
        npi = CODES.column("npi", self.npi[rows])
        return pl.DataFrame(
            [
                npi,
                ("P" + npi).alias("practitioner_id"),
                CODES.column("specialty", specialty[rows]),
                CODES.column("taxonomy_code", np.where(again, self.second[rows], self.taxonomy[rows])),
                # The group that bills for a person is the practice; a clinic or hospital is its own.
                CODES.column("practice_affiliation", self.npi[self.billing[rows]]),
                pl.Series("data_source", ["synthetic"] * rows.shape[0], dtype=pl.String),
            ]
        )


class _Roster:
    """Providers while they are being made, as lists that grow role by role."""

    def __init__(self) -> None:
        self.npi: list[int] = []
        self.taxonomy: list[int] = []
        self.second: list[int] = []
        self.role: list[str] = []
        self.first: dict[str, tuple[int, int]] = {}

    def add(self, rng: np.random.Generator, roles: dict[str, tuple[int, dict[str, float]]]) -> None:
        """Add the providers of each role with their taxonomies."""
        for role, (count, shares) in roles.items():
            self.first[role] = (len(self.npi), count)
            names, weights = list(shares), np.array(list(shares.values()))
            drawn = rng.choice(len(names), size=count, p=weights / weights.sum())
            both = rng.random(count) < 0.12
            for i in range(count):
                # A real NPI starts with 1 or 2.
                self.npi.append(CODES(f"9{len(self.npi) + 1:09d}"))
                self.taxonomy.append(CODES(names[drawn[i]]))
                self.second.append(CODES(_SECOND[role]) if both[i] and role in _SECOND else UNKNOWN_PROVIDER)
                self.role.append(role)


def _stream(seed: int, topic: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, topic])))


def _billing_and_listing(rng: np.random.Generator, size: int, groups: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return who bills for each of ``size`` providers, and whether the practitioner table lists it."""
    billing = rng.integers(groups[0], groups[0] + groups[1], size=size)
    return billing.astype(np.int64), (rng.random(size) >= 0.03).astype(np.int64)


def make_providers(seed: int) -> Providers:
    """Return the providers of a sample with this seed."""
    roster = _Roster()
    early, late = _stream(seed, 0xC11F1C), _stream(seed, 0xD0C5)
    roster.add(early, _ROLES)
    groups = roster.first["group"]
    older = len(roster.npi)
    first = _billing_and_listing(early, older, groups)
    roster.add(late, _MORE_ROLES)
    size = len(roster.npi)
    more = _billing_and_listing(late, size - older, groups)
    # Hospitals, laboratories, agencies and groups bill for themselves.
    own = np.isin(np.array(roster.role), ("group", "hospital", "lab", "early_intervention", "psychiatric_hospital"))
    return Providers(
        npi=np.array(roster.npi, dtype=np.int64),
        taxonomy=np.array(roster.taxonomy, dtype=np.int64),
        second=np.array(roster.second, dtype=np.int64),
        listed=np.concatenate([first[1], more[1]]),
        role=tuple(roster.role),
        first=roster.first,
        billing=np.where(own, np.arange(size), np.concatenate([first[0], more[0]])).astype(np.int64),
    )
