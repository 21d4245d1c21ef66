"""What `compare` does: read two finished runs, set them side by side, say what does not fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from vbpmeasure.comparison.changes import Change, Outcome, changes, shown_in_one_only
from vbpmeasure.comparison.gaps import GAP_SCHEMA, gap_changes
from vbpmeasure.comparison.manifests import Difference, Kind, defined_alike, differences
from vbpmeasure.comparison.steps import StepMove, step_moves
from vbpmeasure.comparison.thresholds import beyond
from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.exports.about import About, about
from vbpmeasure.runs.reading import RunResults, read_run

_DEFINITION = (Kind.EDITION, Kind.DEFINITION, Kind.PARAMETER, Kind.VALUE_SET, Kind.MEMBER)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    ``changes`` are all cells of either run, ``gaps`` follows ``GAP_SCHEMA``, ``differences`` say how the runs were
    made, ``findings`` are warnings, ``failed`` the errors of `--fail-on-change`. ``redefined`` are the measures whose
    edition, definition, parameters or value sets differ, or those of a composite's members. ``steps`` are the stages
    of the waterfalls with what each did to its rate.
    """

    old: RunResults
    new: RunResults
    changes: tuple[Change, ...]
    gaps: pl.DataFrame
    differences: tuple[Difference, ...]
    redefined: frozenset[str]
    findings: tuple[Diagnostic, ...]
    failed: tuple[Diagnostic, ...]
    steps: tuple[StepMove, ...] = ()

    @property
    def same_period(self) -> bool:
        """Whether both runs look at one period: a re-run, and no development over time."""
        return self.old.period == self.new.period

    @property
    def is_public(self) -> bool:
        """Whether neither run shows small cells."""
        return self.old.is_public and self.new.is_public

    @property
    def about(self) -> tuple[About, About]:
        """What the two runs say of themselves."""
        return about(self.old), about(self.new)

    @property
    def words(self) -> str:
        """What the comparison is, in a sentence."""
        old, new = (f"{run.period.start} to {run.period.end}" for run in (self.old, self.new))
        if self.same_period:
            return (
                f"Two runs of one measurement period, {old}: a re-run, no development over time. Both judge the same "
                "children, so changes have no intervals."
            )
        return (
            f"Old: {old}. New: {new}. Many children are in both periods; the intervals take the two as independent, "
            "which makes them wider than need be where their results are alike."
        )

    @property
    def notice(self) -> str:
        """The notice and, for runs that show small cells, the banner."""
        banner = self.old.banner or self.new.banner
        notice = self.about[1].notice
        return notice if banner is None else f"{banner} {notice}"


def compare(old: Path, new: Path, most: float | None = None) -> Comparison:
    """Compare two run folders; ``most`` is the change in a rate's unit that `--fail-on-change` allows.

    Raises ``Failure``: VBM540-543 as `read_run`, VBM497 when the runs have no rate in common.
    """
    one, two = read_run(old), read_run(new)
    found = changes(one, two)
    if not any(change.outcome not in (Outcome.ONLY_OLD, Outcome.ONLY_NEW) for change in found):
        hint = "compare runs of the same measures"
        raise Failure(Diagnostic("VBM497", "the runs have no rate in common", where=str(new), hint=hint))
    listed = differences(one, two)
    return Comparison(
        old=one,
        new=two,
        changes=found,
        gaps=gap_changes(one, two) if one.period != two.period else pl.DataFrame(schema=GAP_SCHEMA),
        differences=listed,
        redefined=frozenset(d.measure for d in listed if d.kind in _DEFINITION),
        findings=tuple(_findings(one, two, found, listed)),
        failed=() if most is None else beyond(one, two, most),
        steps=step_moves(one, two, found, defined_alike(one, two)),
    )


def _findings(
    old: RunResults, new: RunResults, found: Sequence[Change], listed: Sequence[Difference]
) -> Iterator[Diagnostic]:
    for run in (old, new):
        if run.banner is not None:
            yield _warning("VBM556", run.banner, str(run.folder))
    if new.period.end < old.period.end:
        hint = "the earlier run comes first"
        yield _warning("VBM558", "the first run is of the later period", str(old.folder), hint)
    editions = [d for d in listed if d.kind is Kind.EDITION]
    if editions:
        words = ", ".join(f"{d.measure} ({d.old}, then {d.new})" for d in editions)
        hint = "a part of their change may be that of the definition"
        yield _warning("VBM559", f"measures were run in different editions: {words}", str(new.folder), hint)
    apart = shown_in_one_only(found)
    if old.period == new.period and apart:
        cells = "1 cell is" if apart == 1 else f"{apart} cells are"
        hint = "publish one of the runs only"
        message = f"{cells} hidden in one run and shown in the other: published together, one tells of the other"
        yield _warning("VBM557", message, str(new.folder), hint)


def _warning(code: str, message: str, where: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, severity=Severity.WARNING, where=where, hint=hint)
