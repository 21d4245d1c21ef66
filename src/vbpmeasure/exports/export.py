"""What `export` does: read a finished run, make one export of it, put it where it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, islice
from pathlib import Path

from vbpmeasure import __version__
from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.disk.folder import TOOL, RunFolder
from vbpmeasure.disk.place import check_place, put_file
from vbpmeasure.exports.about import about
from vbpmeasure.exports.core_set.files import core_set_csv, core_set_json
from vbpmeasure.exports.core_set.mapping import load_mapping
from vbpmeasure.exports.core_set.rows import core_report
from vbpmeasure.exports.fhir.individual import IndividualOptions, individual_reports
from vbpmeasure.exports.fhir.summary import DEFAULT_BASE, summary_bundle
from vbpmeasure.exports.long import long_csv, long_parquet
from vbpmeasure.runs.manifest import digest
from vbpmeasure.runs.person_rows import person_rows
from vbpmeasure.runs.reading import RunResults, read_run

MANIFEST = "export_manifest.json"
_REPORTS_PER_FILE = 20_000


class Target(StrEnum):
    """What a run can be exported to."""

    LONG_CSV = "long-csv"
    LONG_PARQUET = "long-parquet"
    CORE_SET_CSV = "core-set-csv"
    CORE_SET_JSON = "core-set-json"
    FHIR = "fhir"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One export; ``out`` None is stdout, ``core_set`` a mapping of the user's, ``base`` of canonical references."""

    run: Path
    target: Target
    out: Path | None = None
    core_set: Path | None = None
    person_level: bool = False
    base: str = DEFAULT_BASE
    reporter: str | None = None
    patient_references: bool = False

    def __post_init__(self) -> None:
        """Refuse options that do not go together (:class:`Failure`, VBM496)."""
        if self.person_level and self.target is not Target.FHIR:
            raise _refused("`--person-level` goes with `--to fhir`", "the other exports hold no persons")
        if self.person_level and self.out is None:
            raise _refused("`--person-level` needs `--out DIR`", "persons are not printed to the screen")
        if self.patient_references and not self.person_level:
            raise _refused("`--patient-references` goes with `--person-level`", "summaries have no subject")
        if self.target is Target.LONG_PARQUET and self.out is None:
            raise _refused("Parquet needs `--out FILE`", "it is no text")
        if self.core_set is not None and self.target not in (Target.CORE_SET_CSV, Target.CORE_SET_JSON):
            raise _refused("`--core-set` goes with `--to core-set-csv` or `core-set-json`", "drop one of them")


def _refused(message: str, hint: str) -> Failure:
    return Failure(Diagnostic("VBM496", message, where="export", hint=hint))


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What the command line shows: the export when it goes to stdout, warnings, remarks."""

    printed: str
    findings: tuple[Diagnostic, ...]
    remarks: tuple[str, ...]


def export(asked: ExportRequest) -> ExportOutcome:
    """Make one export. Raises :class:`Failure` for anything that stops it; then nothing is written or printed."""
    run = read_run(asked.run)
    if asked.out is not None:
        check_place(asked.out, (asked.run,))
    findings = list(_internal(run))
    if asked.person_level:
        assert asked.out is not None  # ExportRequest
        reports = _write_individuals(run, asked, asked.out, findings)
        return ExportOutcome("", tuple(findings), (f"wrote {reports:,} reports to {asked.out}",))
    content = _content(run, asked, findings)
    if asked.out is None:
        return ExportOutcome(content.decode(), tuple(findings), ())
    put_file(asked.out, content, private=not run.is_public)
    return ExportOutcome("", tuple(findings), (f"wrote {asked.out}",))


def _internal(run: RunResults) -> Iterator[Diagnostic]:
    if run.banner is not None:
        yield Diagnostic("VBM556", run.banner, severity=Severity.WARNING, where=str(run.folder))


def _content(run: RunResults, asked: ExportRequest, findings: list[Diagnostic]) -> bytes:
    match asked.target:
        case Target.LONG_CSV:
            return long_csv(run)
        case Target.LONG_PARQUET:
            return long_parquet(run)
        case Target.FHIR:
            return summary_bundle(run, asked.base, asked.reporter)
        case Target.CORE_SET_CSV | Target.CORE_SET_JSON:
            report = core_report(run, load_mapping(asked.core_set))
            findings.extend(report.findings)
            return core_set_csv(report) if asked.target is Target.CORE_SET_CSV else core_set_json(report)


def _write_individuals(run: RunResults, asked: ExportRequest, out: Path, findings: list[Diagnostic]) -> int:
    """Write NDJSON files into a folder for its owner alone; return how many reports there are."""
    rows = person_rows(run)
    options = IndividualOptions(asked.base, asked.reporter, asked.patient_references)
    reports, digests = 0, {}
    with RunFolder(out, findings.append, manifest=MANIFEST, private=True) as folder:
        for measure, lines in individual_reports(run, rows, options):
            for number in count(1):
                part = list(islice(lines, _REPORTS_PER_FILE))
                if not part:
                    break
                name, content = f"MeasureReport.{measure}.{number:04d}.ndjson", b"".join(part)
                folder.add(name, content, private=True)
                digests[name] = digest(content)
                reports += len(part)
        said = about(run)
        folder.commit(
            {
                "schema_version": "1",
                "tool": TOOL,
                "version": __version__,
                "notice": said.words,
                "period": {"start": said.period_start, "end": said.period_end},
                "reports": reports,
                "outputs": digests,
            }
        )
    return reports
