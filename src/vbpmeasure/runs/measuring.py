"""The engine step of a run: all measures together; one by one when one of them fails, so that the others stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from vbpmeasure.catalog.members import members_of
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.errors import guarded
from vbpmeasure.diagnostics.model import EXIT_INPUT, Diagnostic, Failure
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.engines.polars.planned import Plans
from vbpmeasure.plan.measures import MeasurePlan, Program
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.results.reported import reported
from vbpmeasure.runs.cache.rows import BucketKeeper

Judge = Callable[[Program], ResultFrame]


@dataclass(frozen=True, slots=True)
class Measured:
    """The result frame of the measures that succeeded, and by measure id why each of the others did not."""

    frame: ResultFrame
    failed: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)


def measure(
    program: Program,
    bound: BoundData,
    attributes: Sequence[str],
    *,
    evidence: bool,
    plans: Plans | None = None,
    keeper: BucketKeeper | None = None,
) -> Measured:
    """Run a program over bound data; ``evidence`` asks for the evidence sources of person-level outputs.

    ``plans`` keeps what the engine lays out before any data is seen, for the next bucket; ``keeper`` rows of these very
    tables, for later runs.

    Raises :class:`Failure` when the input cannot be read, or when every measure failed.
    """
    frames = {name: table.frame for name, table in bound.tables.items()}
    carried = [name for name in attributes if bound.has("eligibility", name)]

    def judge(part: Program) -> ResultFrame:
        with guarded(bound.tables):
            return evaluate(part, frames, carried, evidence=evidence, plans=plans)

    def judge_kept(part: Program) -> ResultFrame:
        try:
            return evaluate(part, frames, carried, evidence=evidence, plans=plans, keeper=keeper)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  no run may fail for its cache: what fails without it too is told of there
            found = judge(part)
            if keeper is not None:
                keeper.doubt()
            return found

    return judged_apart(program, judge if keeper is None else judge_kept)


def judged_apart(program: Program, judge: Judge) -> Measured:
    """Judge all measures at once, and each alone when that fails for a reason other than the input."""
    try:
        return Measured(judge(program))
    except MemoryError:  # every other try would end the same way
        raise
    except Exception as error:  # whatever broke one measure must not take the others along
        if _input_is_at_fault(error):
            raise
        if len([one for one in program.measures if not one.support]) == 1:
            raise
    frames: list[ResultFrame] = []
    failed: dict[str, tuple[Diagnostic, ...]] = {}
    for one in program.measures:
        if one.support:
            continue
        try:
            frames.append(reported(judge(replace(program, measures=with_lenders(program, one)))))
        except MemoryError:
            raise
        except Exception as error:
            if _input_is_at_fault(error):
                raise
            failed[one.id] = _reasons(one.id, error)
    if not frames:
        raise Failure([d for reasons in failed.values() for d in reasons])
    return Measured(_joined(frames), failed)


def with_lenders(program: Program, one: MeasurePlan) -> tuple[MeasurePlan, ...]:
    """Return a measure with the measures that its composites have members in, those marked as support."""
    needed = {measure for measure, _ in members_of(one)} - {one.id}
    return (one, *(replace(other, support=True) for other in program.measures if other.id in needed))


def _input_is_at_fault(error: Exception) -> bool:
    return isinstance(error, Failure) and error.exit_code == EXIT_INPUT


def _reasons(measure_id: str, error: Exception) -> tuple[Diagnostic, ...]:
    """Return what to tell about a failed measure: a user's mistake as it is, anything else by its kind alone."""
    if isinstance(error, Failure) and not any(d.code == "VBM901" for d in error.diagnostics):
        return error.diagnostics
    return (
        Diagnostic(
            "VBM903",
            f"measure `{measure_id}` failed in the engine ({type(error).__name__}); it is not in the results",
            where=measure_id,
            hint="run it alone; if it fails again, please report it with the version",
        ),
    )


def _joined(frames: Sequence[ResultFrame]) -> ResultFrame:
    """Put frames of disjoint measures over the same people into one."""
    first = frames[0]
    rows: list[pl.DataFrame] = []
    external: list[pl.DataFrame] = []
    offset = 0
    counters: dict[str, int] = {}
    peaks: dict[str, tuple[int, ...]] = {}
    for frame in frames:
        external.append(frame.external.with_columns((pl.col("rate") + offset).cast(pl.UInt16)))
        rows.append(frame.rows.with_columns((pl.col("rate") + offset).cast(pl.UInt16)))
        offset += len(frame.rates)
        counters |= frame.counters
        peaks |= frame.peaks
    return replace(
        first,
        rates=tuple(key for frame in frames for key in frame.rates),
        # Frames of measures without amounts have no columns for them.
        rows=pl.concat(rows, how="diagonal"),
        counters=counters,
        external=pl.concat(external),
        peaks=peaks,
    )
