"""All checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable

from vbpmeasure.diagnostics.codes_model import CodeInfo
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.validation.check import Check
from vbpmeasure.validation.checks.ages import AgeForCode
from vbpmeasure.validation.checks.amounts import Money, Supply
from vbpmeasure.validation.checks.categories import ClaimStatus, RecordStatus
from vbpmeasure.validation.checks.checksums import Pages, Sums
from vbpmeasure.validation.checks.codes import CodeFormat, CodeTypes, Npis, Uncoded
from vbpmeasure.validation.checks.dates import AfterDeath, BeforeBirth, Future, Placeholders, Undated
from vbpmeasure.validation.checks.demographics import Completeness, Unmapped
from vbpmeasure.validation.checks.keys import DuplicateKeys, DuplicateRows, NullKeys
from vbpmeasure.validation.checks.nulls import NullShare
from vbpmeasure.validation.checks.persons import BirthConflicts, NoBirth, Orphans, RegistryPresence
from vbpmeasure.validation.checks.providers import KnownProvider
from vbpmeasure.validation.checks.spans import Ordered, Overlaps, RepeatedSpans
from vbpmeasure.validation.checks.tables import ColumnsPresent, FlagValues, NotEmpty, PeriodCovered, Readable
from vbpmeasure.validation.checks.volume import DoubledMonth, MissingMonth
from vbpmeasure.validation.drift import DRIFT_CHECKS
from vbpmeasure.validation.model import CheckInfo

CHECKS: tuple[Check, ...] = (
    Readable(),
    NotEmpty(),
    ColumnsPresent(),
    FlagValues(),
    PeriodCovered(),
    NullKeys(),
    DuplicateKeys(),
    RepeatedSpans(),
    DuplicateRows(),
    Orphans(),
    NoBirth(),
    BirthConflicts(),
    RegistryPresence(),
    Ordered(),
    Overlaps(),
    Undated(),
    Future(),
    Placeholders(),
    BeforeBirth(),
    AfterDeath(),
    CodeFormat(),
    CodeTypes(),
    Uncoded(),
    Npis(),
    AgeForCode(),
    ClaimStatus(),
    RecordStatus(),
    Unmapped(),
    Completeness(),
    NullShare(),
    Money(),
    Supply(),
    KnownProvider(),
    MissingMonth(),
    DoubledMonth(),
    Pages(),
    Sums(),
)

INFOS: tuple[CheckInfo, ...] = (*(check.info for check in CHECKS), *DRIFT_CHECKS)

PAGES: dict[str, CodeInfo] = {info.id: info.page for info in sorted(INFOS, key=lambda i: i.id)}


def named(names: Iterable[str], option: str) -> frozenset[str]:
    """Return the ids of checks given by id or name, in any letter case.

    Raises `Failure` with one VBM432 per name that no check has.
    """
    by_name = {key.lower(): info.id for info in INFOS for key in (info.id, info.name)}
    wrong = [
        Diagnostic(
            "VBM432",
            f"`{option} {name}`: no check has this id or name",
            hint=suggestion(name.lower(), by_name) or "`vbpmeasure rule` lists the checks",
        )
        for name in names
        if name.lower() not in by_name
    ]
    if wrong:
        raise Failure(wrong)
    return frozenset(by_name[name.lower()] for name in names)
