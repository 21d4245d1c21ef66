"""The attribution rule as a file: which visits count, how far back, by whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.plan.events import CLAIM_STATUSES
from vbpmeasure.spec.numbers import whole_number
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import read_yaml

FOLDER = "attribution"
RULE_FILE = "primary_care_visits.yaml"
PROVIDER_COLUMNS = ("rendering_npi", "billing_npi", "facility_npi")
MOST_MONTHS = 120

_KEYS = (
    "id",
    "title",
    "status",
    "notes",
    "look_back_months",
    "visits",
    "not_place",
    "taxonomies",
    "unknown_taxonomy",
    "provider",
    "claim_statuses",
)


@dataclass(frozen=True, slots=True)
class VisitRule:
    """Plurality of visits in the look-back; ``visits``, ``not_place`` and ``taxonomies`` name value sets.

    ``provider`` are the claim columns of which the first that is filled is the provider. No ``taxonomies``: any
    provider counts. ``digest`` is the SHA-256 of the file.
    """

    id: str
    title: str
    look_back_months: int
    visits: tuple[str, ...]
    not_place: tuple[str, ...] = ()
    taxonomies: tuple[str, ...] = ()
    unknown_taxonomy: bool = True
    provider: tuple[str, ...] = PROVIDER_COLUMNS[:2]
    claim_statuses: tuple[str, ...] = ("paid", "pending", "denied")
    digest: str = ""

    @property
    def value_sets(self) -> tuple[str, ...]:
        """The names of all value sets that the rule uses."""
        return (*self.visits, *self.not_place, *self.taxonomies)


def load_visit_rule(folders: Iterable[Path]) -> VisitRule:
    """Read the rule from the last of the folders (of measures) that has one in ``attribution``.

    Raises `Failure` (VBM443) when none has one or it cannot be used, and the YAML codes of `read_yaml`.
    """
    files = [folder / FOLDER / RULE_FILE for folder in folders]
    found = [file for file in files if file.is_file()]
    if not found:
        raise Failure(
            Diagnostic("VBM443", "no folder of measures has an attribution rule", where=f"{FOLDER}/{RULE_FILE}")
        )
    path = found[-1]
    plain = read_yaml(path).to_plain()
    if not isinstance(plain, dict):
        raise _unusable(path, "a rule is a mapping")
    return _read(path, plain)


def _read(path: Path, plain: Mapping[str, Any]) -> VisitRule:
    for key in plain:
        if key not in _KEYS:
            raise _unusable(path, f"there is no key `{key}`", suggestion_or_list(key, _KEYS, "keys"))
    months = whole_number(_text(path, plain, "look_back_months"), MOST_MONTHS)
    if not months:
        raise _unusable(path, f"`look_back_months` must be a whole number from 1 to {MOST_MONTHS}")
    unknown = _text(path, plain, "unknown_taxonomy").lower()
    if unknown not in ("yes", "no", "true", "false"):
        raise _unusable(path, "`unknown_taxonomy` must be `yes` or `no`")
    visits = _texts(path, plain, "visits")
    if not visits:
        raise _unusable(path, "`visits` names no value set")
    provider = _texts(path, plain, "provider", PROVIDER_COLUMNS)
    if not provider:
        raise _unusable(path, "`provider` names no column")
    return VisitRule(
        id=_text(path, plain, "id"),
        title=_text(path, plain, "title"),
        look_back_months=months,
        visits=visits,
        not_place=_texts(path, plain, "not_place"),
        taxonomies=_texts(path, plain, "taxonomies"),
        unknown_taxonomy=unknown in ("yes", "true"),
        provider=provider,
        claim_statuses=_texts(path, plain, "claim_statuses", CLAIM_STATUSES),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _text(path: Path, plain: Mapping[str, Any], key: str) -> str:
    value = plain.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _unusable(path, f"`{key}` is missing")
    return value.strip()


def _texts(path: Path, plain: Mapping[str, Any], key: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
    value = plain.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _unusable(path, f"`{key}` must be a list of texts")
    for one in value:
        if allowed and one not in allowed:
            raise _unusable(path, f"`{one}` cannot stand in `{key}`", suggestion_or_list(one, allowed, "words"))
    return tuple(dict.fromkeys(value))


def _unusable(path: Path, why: str, hint: str = "") -> Failure:
    return Failure(
        Diagnostic(
            "VBM443",
            f"the attribution rule cannot be used: {why}",
            where=str(path),
            hint=hint or "see docs/attribution.md",
        )
    )
