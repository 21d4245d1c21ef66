"""What every export says of itself: which run it is from, and what the numbers are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vbpmeasure.outputs.words import NOTICE
from vbpmeasure.runs.reading import RunResults


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What the manifest says of one measure; ``failed`` measures are in the run without results."""

    id: str
    edition: str
    definition_status: str
    digest: str
    failed: bool


@dataclass(frozen=True, slots=True)
class About:
    """The words and facts of an export; ``banner`` is None for public results."""

    notice: str
    banner: str | None
    period_start: str
    period_end: str
    year: int
    version: str
    suppression_profile: str
    as_of: str | None
    measures: Mapping[str, MeasureFacts]

    @property
    def words(self) -> str:
        """The sentences that stand over everything that people read."""
        return self.notice if self.banner is None else f"{self.banner} {self.notice}"


def about(run: RunResults) -> About:
    """Return what the exports of a run say of themselves."""
    period = run.period
    return About(
        notice=NOTICE,
        banner=run.banner,
        period_start=period.start.isoformat(),
        period_end=period.end.isoformat(),
        year=period.end.year,
        version=str(run.manifest.get("version", "")),
        suppression_profile=str(run.suppression.get("profile", "")),
        as_of=run.manifest.get("as_of"),
        measures={facts.id: facts for facts in map(_facts, run.manifest.get("measures", ()))},
    )


def _facts(said: Mapping[str, Any]) -> MeasureFacts:
    return MeasureFacts(
        id=str(said["id"]),
        edition=str(said.get("edition", "")),
        definition_status=str(said.get("definition_status", "")),
        digest=str(said.get("digest", "")),
        failed=said.get("status") == "failed",
    )
