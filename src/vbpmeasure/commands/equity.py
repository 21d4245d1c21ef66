"""What `vbpmeasure equity` does: read one run or two, compare the groups, print, write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from vbpmeasure import __version__
from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.disk.folder import MANIFEST, TOOL, RunFolder
from vbpmeasure.equity.analysis.analyze import EquityTables, analyze
from vbpmeasure.equity.settings import EquitySettings
from vbpmeasure.equity.statistics.reference import ReferenceRule
from vbpmeasure.outputs.equity_files import equity_files, equity_json, table_csv
from vbpmeasure.outputs.equity_text import equity_text
from vbpmeasure.outputs.words import NOTICE
from vbpmeasure.runs.manifest import digest
from vbpmeasure.runs.reading import RunResults, read_run

SCHEMA_VERSION = "1"
EQUITY_MANIFEST = "equity.json"
FORMATS = ("table", "csv", "json")


@dataclass(frozen=True, slots=True)
class EquityRequest:
    """One reading of a run folder; ``previous`` is the folder of an earlier run."""

    run: Path
    previous: Path | None = None
    settings: EquitySettings = field(default_factory=EquitySettings)
    format: str = "table"
    out: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a format that there is not; raises ``Failure`` VBM482."""
        if self.format not in FORMATS:
            raise _bad(f"`{self.format}` is no format of `equity`", f"formats: {', '.join(FORMATS)}")


@dataclass(frozen=True, slots=True)
class EquityOutcome:
    """What a command prints, and its warnings."""

    printed: str
    findings: tuple[Diagnostic, ...]
    remarks: tuple[str, ...] = ()


def references(texts: tuple[str, ...]) -> dict[str, object]:
    """Return what ``--reference`` says: a rule, or ``DIMENSION=GROUP`` for one dimension; raises ``Failure`` VBM482."""
    rules = [rule.value for rule in ReferenceRule if rule is not ReferenceRule.NAMED]
    found: dict[str, object] = {}
    named: dict[str, str] = {}
    for text in texts:
        dimension, equals, group = (part.strip() for part in text.partition("="))
        if equals and dimension and group:
            named[dimension] = group
        elif not equals and text in rules and "reference" not in found:
            found["reference"] = text
        else:
            raise _bad(
                f"`{text}` is no reference, or the second rule",
                f"one of {', '.join(rules)}, and `DIMENSION=GROUP` such as `race=White` for a group by name",
            )
    return {**found, "named": named}


def equity_of(run: RunResults, settings: EquitySettings, previous: RunResults | None = None) -> EquityTables:
    """Return the tables of a run that was read, with warnings about an earlier one that differs.

    Raises ``Failure`` as `analyze` does.
    """
    lower = {(rate.measure, rate.rate) for rate in run.rates if rate.lower_is_better}
    tables = analyze(run.results, lower, settings, None if previous is None else previous.results)
    if previous is None:
        return tables
    return replace(tables, findings=(*tables.findings, *_differences(run, previous)))


def report(asked: EquityRequest, width: int | None = None) -> EquityOutcome:
    """Read, compare, write and render; raises ``Failure``: VBM48x, VBM50x, VBM54x."""
    run = read_run(asked.run)
    previous = None if asked.previous is None else read_run(asked.previous)
    tables = equity_of(run, asked.settings, previous)
    mark = run.mark or ("" if previous is None else previous.mark)
    banner = run.banner or (None if previous is None else previous.banner)
    about = _about(run, previous, tables, banner)
    remarks = []
    if asked.out is not None:
        _write(asked, tables, about, mark)
        remarks.append(f"wrote {asked.out}")
    if asked.format == "csv":
        printed = table_csv(tables.pairwise).decode()
    elif asked.format == "json":
        printed = equity_json(tables, about)
    else:
        titles = {(rate.measure, rate.rate): (rate.measure_title, rate.rate_title) for rate in run.rates}
        printed = equity_text(tables, titles, banner, width or 100)
    return EquityOutcome(printed, tables.findings, tuple(remarks))


def _about(run: RunResults, previous: RunResults | None, tables: EquityTables, banner: str | None) -> dict[str, object]:
    about: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "tool": TOOL,
        "version": __version__,
        "kind": "equity",
        "notice": NOTICE,
        "period_start": run.period.start.isoformat(),
        "period_end": run.period.end.isoformat(),
        "suppression": dict(run.suppression),
        "dimensions": list(tables.dimensions),
        "settings": tables.settings.as_record(),
        "run": digest((run.folder / MANIFEST).read_bytes()),
    }
    if previous is not None:
        about["previous"] = digest((previous.folder / MANIFEST).read_bytes())
        about["previous_period_start"] = previous.period.start.isoformat()
        about["previous_period_end"] = previous.period.end.isoformat()
    return about if banner is None else {**about, "banner": banner}


def _write(asked: EquityRequest, tables: EquityTables, about: dict[str, object], mark: str) -> None:
    assert asked.out is not None
    words = {name: str(about[name]) for name in ("schema_version", "tool", "version", "notice", "period_start")}
    contents = equity_files(tables, mark, words)
    # A manifest of its own name: a run folder in the way is then something else, and is not replaced.
    with RunFolder(asked.out, manifest=EQUITY_MANIFEST, private=bool(mark)) as folder:
        for name, content in contents.items():
            folder.add(name, content)
        folder.commit({**about, "outputs": {name: digest(content) for name, content in contents.items()}})


def _differences(run: RunResults, previous: RunResults) -> Iterator[Diagnostic]:
    """Yield what a reader of changes has to know about the two runs."""
    if previous.period.start >= run.period.start:
        yield _careful("the earlier run is not of an earlier period", "name the older run as `--previous`")
    then = {one["id"]: one.get("digest") for one in previous.manifest.get("measures", ())}
    changed = [
        one["id"]
        for one in run.manifest.get("measures", ())
        if one["id"] in then and one.get("digest") != then[one["id"]]
    ]
    if changed:
        yield _careful(
            f"the definition of {', '.join(changed)} differs between the runs",
            "a gap may have changed for that reason; run both years with one definition",
        )
    if dict(run.suppression) != dict(previous.suppression):
        yield _careful(
            "the runs hide small cells by different policies",
            "what is made from both is for internal use when one of them is",
        )


def _careful(message: str, hint: str) -> Diagnostic:
    return Diagnostic("VBM483", message, severity=Severity.WARNING, where="--previous", hint=hint)


def _bad(message: str, hint: str) -> Failure:
    return Failure(Diagnostic("VBM482", message, hint=hint))
