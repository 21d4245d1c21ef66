"""What `gaps` does: judge the children, find what is missing until when, attribute them, write the lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from vbpmeasure import __version__
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.data.binding import BadRows
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.opening import open_data
from vbpmeasure.data.errors import guarded
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.known_on import known_on, still_enrolled
from vbpmeasure.data.steady import look, refuse_change
from vbpmeasure.data.year_check import check_period
from vbpmeasure.diagnostics.model import EXIT_OK, EXIT_PARTIAL, Diagnostic, Failure
from vbpmeasure.disk.folder import TOOL, RunFolder
from vbpmeasure.engines.polars.engine import evaluate
from vbpmeasure.outputs.gap_files import gaps_csv, gaps_json, gaps_parquet
from vbpmeasure.outputs.work_list import INDEX, index_page, work_lists
from vbpmeasure.plan.measures import Program, calendar_year
from vbpmeasure.plan.offsets import shifted
from vbpmeasure.results.attribution.attribute import Attribution
from vbpmeasure.results.care_gaps.summary import gap_counts
from vbpmeasure.results.care_gaps.table import care_gaps, has_gaps
from vbpmeasure.results.frame import ResultFrame
from vbpmeasure.results.gaps import GapStatus
from vbpmeasure.runs.attributing import attributor
from vbpmeasure.runs.manifest import digest
from vbpmeasure.runs.measuring import Measured, measure
from vbpmeasure.runs.pseudonyms import METHOD as PSEUDONYMS
from vbpmeasure.runs.pseudonyms import Pseudonyms
from vbpmeasure.runs.request import RunRequest
from vbpmeasure.runs.selection import selected
from vbpmeasure.spec.suggest import suggestion_or_list

FORMATS = ("csv", "parquet", "json", "html")
STATUSES = tuple(status.value for status in GapStatus)
STDOUT = "-"
MANIFEST = "gaps_manifest.json"
_LISTS = "work_lists"


@dataclass(frozen=True, slots=True)
class GapsRequest:
    """One list of gaps: ``run`` says over which data and measures; its ``out``, ``by`` and ``format`` are not used.

    ``out`` is a folder, `-` for stdout, None for the counts alone.
    """

    run: RunRequest
    out: str | None = None
    formats: tuple[str, ...] = ("csv", "html")
    statuses: tuple[str, ...] = STATUSES
    assume_enrolled: bool = False

    def __post_init__(self) -> None:
        """Refuse words that mean nothing, and what stdout cannot take (:class:`Failure`, VBM450, VBM451)."""
        for option, given, known in (("--format", self.formats, FORMATS), ("--status", self.statuses, STATUSES)):
            for word in given:
                if word not in known:
                    hint = suggestion_or_list(word, known, "words") or None
                    raise Failure(Diagnostic("VBM450", f"`{option}` does not know `{word}`", where=option, hint=hint))
        if self.out == STDOUT and (len(self.formats) != 1 or self.formats[0] not in ("csv", "json")):
            raise Failure(
                Diagnostic("VBM451", "`--out -` takes one format of text", hint="add `--format csv` or `--format json`")
            )


@dataclass(frozen=True, slots=True)
class GapsOutcome:
    """What the command line shows: counts by rate, or the rows when stdout was asked for; findings and remarks."""

    printed: str
    counts: pl.DataFrame | None
    findings: tuple[Diagnostic, ...]
    remarks: tuple[str, ...]
    exit_code: int


def list_gaps(asked: GapsRequest) -> GapsOutcome:
    """Make the lists. Raises :class:`Failure` for anything that stops it; then nothing is written or printed."""
    run = asked.run
    catalog = Catalog.open(run.selection.roots, value_sets=run.selection.value_sets)
    ids = selected(catalog, run.selection)
    period = calendar_year(run.year)
    overrides = run.selection.overrides_for(ids, catalog.ids())
    program = catalog.program(ids, period, overrides, run.enrollment_key)
    if not has_gaps(program):
        hint = "composites, rates per 1,000 and indicators have none: name the measures that they are made of"
        raise Failure(Diagnostic("VBM452", "no selected measure has gaps to list", hint=hint))
    rule = attributor(catalog)
    bad_rows: BadRows = "drop" if run.drop_bad_rows else "refuse"
    whole, _ = open_data(run.data, bad_rows=bad_rows, sources=run.tables, access=run.access)
    as_of = run.as_of or period.end
    bound = _seen(whole, asked, as_of)
    findings = [*whole.warnings, *check_period(whole, period)]
    before = look(whole)
    with ExitStack() as stack:
        folder = None
        if asked.out not in (None, STDOUT):
            target = Path(str(asked.out))
            folder = stack.enter_context(RunFolder(target, findings.append, manifest=MANIFEST, private=True))
        measured = measure(program, bound, (), evidence=False)
        rows = care_gaps(
            _told(measured.frame, run.pseudonyms), program, lambda questions: _asked(questions, bound), as_of
        )
        on = min(as_of, period.end)
        attributed = rule.attribute(bound, shifted(shifted(on, 0, 1), -12, 0), on)
        refuse_change(whole, before)
        policy = run.policy
        findings.extend(attributed.findings(policy))
        findings.extend(d for reasons in measured.failed.values() for d in reasons)
        told = _with_providers(rows, measured.frame, attributed).filter(pl.col("gap_status").is_in(asked.statuses))
        about = _about(asked, program, as_of, attributed)
        if folder is not None:
            _write(folder, asked, told, {**about, **_inputs(whole, program, measured)}, as_of, program)
    printed = ""
    if asked.out == STDOUT:
        listed = told.drop("person")
        printed = (gaps_csv(listed) if asked.formats == ("csv",) else gaps_json(listed, about)).decode()
    return GapsOutcome(
        printed=printed,
        counts=None if asked.out == STDOUT else gap_counts(rows, policy),
        findings=tuple(findings),
        remarks=tuple(_remarks(asked, as_of, attributed)),
        exit_code=EXIT_PARTIAL if measured.failed else EXIT_OK,
    )


def _seen(whole: BoundData, asked: GapsRequest, as_of: dt.date) -> BoundData:
    """Return the data as it was on the day asked for; all of it when no day was."""
    bound = whole if asked.run.as_of is None else known_on(whole, as_of)
    return still_enrolled(bound, as_of) if asked.assume_enrolled else bound


def _told(frame: ResultFrame, pseudonyms: Pseudonyms | None) -> ResultFrame:
    """Return the frame with the ids that are told: children are sorted by those, too."""
    if pseudonyms is None:
        return frame
    people = frame.people.with_columns(pseudonyms.of_series(frame.people["person_id"]).alias("person_id"))
    return replace(frame, people=people)


def _asked(questions: Program, bound: BoundData) -> ResultFrame:
    with guarded(bound.tables):
        return evaluate(questions, bound.frames, evidence=False)


def _with_providers(rows: pl.DataFrame, frame: ResultFrame, attributed: Attribution) -> pl.DataFrame:
    ids = frame.people["person_id"]
    found = attributed.of(ids)[rows["person"]] if rows.height else attributed.of(ids.head(0))
    first = rows.columns.index("measure")
    joined = rows.with_columns(found["provider"], found["practice"])
    others = [name for name in rows.columns if name not in ("person", "person_id", "birth_date")]
    return joined.select("person", "person_id", "birth_date", "provider", "practice", *others[first:])


def _about(asked: GapsRequest, program: Program, as_of: dt.date, attributed: Attribution) -> dict[str, object]:
    return {
        "schema_version": "1",
        "tool": TOOL,
        "version": __version__,
        "kind": "gaps",
        "as_of": as_of.isoformat(),
        "later_rows_left_out": asked.run.as_of is not None,
        "assume_enrolled": asked.assume_enrolled,
        "period": {"start": program.period.start.isoformat(), "end": program.period.end.isoformat()},
        "enrollment_key": list(program.enrollment_key),
        "attribution": dict(attributed.record),
        "statuses": list(asked.statuses),
        **({"pseudonymized": PSEUDONYMS} if asked.run.pseudonyms is not None else {}),
    }


def _inputs(whole: BoundData, program: Program, measured: Measured) -> dict[str, object]:
    return {
        "inputs": [asdict(one) for one in fingerprints(whole)],
        "measures": [
            {
                "id": one.id,
                "edition": one.edition,
                "digest": one.digest,
                "parameters": dict(one.parameters),
                "status": "failed" if one.id in measured.failed else "written",
            }
            for one in program.measures
            if not one.support
        ],
        "value_sets": [{"name": one.name, "digest": one.digest} for one in program.value_sets.values()],
    }


def _write(
    folder: RunFolder,
    asked: GapsRequest,
    rows: pl.DataFrame,
    manifest: dict[str, object],
    as_of: dt.date,
    program: Program,
) -> None:
    listed = rows.drop("person")
    contents: dict[str, bytes] = {}
    if "csv" in asked.formats:
        contents["gaps.csv"] = gaps_csv(listed)
    if "parquet" in asked.formats:
        contents["gaps.parquet"] = gaps_parquet(listed)
    if "json" in asked.formats:
        about = {name: value for name, value in manifest.items() if name not in ("inputs", "measures", "value_sets")}
        contents["gaps.json"] = gaps_json(listed, about)
    if "html" in asked.formats:
        year, titles = program.period.year, {one.id: one.title for one in program.measures}
        pages = work_lists(rows, titles, as_of, year)
        contents[f"{_LISTS}/{INDEX}"] = index_page(pages, as_of, year)
        contents |= {f"{_LISTS}/{page.name}": page.content for page in pages}
    for name, content in contents.items():
        folder.add(name, content, private=True)
    folder.commit({**manifest, "outputs": {name: digest(content) for name, content in contents.items()}})


def _remarks(asked: GapsRequest, as_of: dt.date, attributed: Attribution) -> Iterator[str]:
    yield f"as of {as_of}; providers by {attributed.rule}"
    if asked.out not in (None, STDOUT):
        yield f"wrote {asked.out}, which names children: its owner alone may read it"
