"""`vbpmeasure run`: rates of the selected measures over the data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vbpmeasure.cli import verdicts
from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import (
    AsOfVersion,
    BadRows,
    CacheDir,
    ConfigFile,
    Data,
    Diagnostics,
    EnrollmentKey,
    Exclude,
    Format,
    LogLines,
    MeasurementYear,
    MeasureRoots,
    Measures,
    Params,
    Pseudonymize,
    Quiet,
    ValueSets,
    Verbose,
)
from vbpmeasure.cli.process import guard, supervised
from vbpmeasure.cli.screen import streams
from vbpmeasure.cli.screen.log import LOG


class Profile(StrEnum):
    """For whom the output is."""

    PUBLIC = "public"
    ENTITY = "entity"
    INTERNAL = "internal"


class Supplemental(StrEnum):
    """Which evidence makes a numerator."""

    WITH = "with"
    WITHOUT = "without"
    BOTH = "both"


def run(
    measures: Measures = None,
    year: MeasurementYear = None,
    data: Data = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", "-s", help="Measures to run: id or tag:NAME; repeatable.", metavar="SELECTOR"),
    ] = None,
    exclude: Exclude = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help="Strata: race,ethnicity,language,sex,age_band,provider,practice or a column; `*` crosses.",
            metavar="STRATA",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The run folder to write; without it results are only printed.", metavar="DIR"
        ),
    ] = None,
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="How to print the rates.  [default: table]")
    ] = None,
    measure_roots: MeasureRoots = None,
    value_sets: ValueSets = None,
    param: Params = None,
    enrollment_key: EnrollmentKey = None,
    bad_rows: Annotated[
        BadRows | None,
        typer.Option(
            "--bad-rows",
            help="Rows that cannot be judged: refuse the run, or drop and count them.  [default: refuse]",
        ),
    ] = None,
    person_level: Annotated[
        bool, typer.Option("--person-level", help="Also write one row per child and rate (needs --out).")
    ] = False,
    waterfall: Annotated[
        bool, typer.Option("--waterfall", help="Also print what each step and exclusion removed.")
    ] = False,
    supplemental: Annotated[
        Supplemental | None,
        typer.Option(
            "--supplemental",
            help="Numerators with evidence that is neither claims nor registry, without, or both.  [default: with]",
        ),
    ] = None,
    race_standard: Annotated[
        str | None,
        typer.Option(
            "--race-standard",
            help="The categories of race and ethnicity: omb1997 or spd15 (one item, 2024).  [default: omb1997]",
            metavar="STANDARD",
        ),
    ] = None,
    tabulation: Annotated[
        str | None,
        typer.Option(
            "--tabulation",
            help="With spd15: combined_multiracial, most_frequent_combinations or alone_or_in_combination.  "
            "[default: combined_multiracial]",
            metavar="NAME",
        ),
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages",
            help="How languages are grouped: `detailed`, or a CSV with code and category.",
            metavar="FILE",
        ),
    ] = None,
    code_systems: Annotated[
        str | None,
        typer.Option(
            "--code-systems",
            help="Input code systems that decide ambiguous codes, such as NYS or TMSIS.",
            metavar="NAMES",
        ),
    ] = None,
    mandate: Annotated[
        str | None,
        typer.Option(
            "--mandate",
            help="A program's preset of measures, strata and year; `list --mandates` names them.",
            metavar="NAME",
        ),
    ] = None,
    profile: Annotated[
        Profile | None,
        typer.Option(
            "--profile",
            help="For whom: public, entity (one provider sees its own rows), internal (hides nothing).  "
            "[default: public]",
        ),
    ] = None,
    entity: Annotated[
        str | None,
        typer.Option("--entity", help="With --profile entity: the provider, practice or organization.", metavar="NAME"),
    ] = None,
    min_cell: Annotated[
        int | None,
        typer.Option("--min-cell", help="The smallest count shown, from 11 on; an entity's own from 1.", metavar="N"),
    ] = None,
    min_denominator: Annotated[
        int | None,
        typer.Option("--min-denominator", help="Rates of fewer are NA.  [default: 30]", metavar="N"),
    ] = None,
    round_to: Annotated[
        int, typer.Option("--round-to", help="Round the counts that are shown to a multiple.", metavar="N")
    ] = 1,
    full_audit: Annotated[
        bool, typer.Option("--full-audit", help="Solve for every hidden count, however long it takes.")
    ] = False,
    protect_exclusions: Annotated[
        bool,
        typer.Option(
            "--protect-exclusions/--no-protect-exclusions",
            help="Hide what 1 to 10 excluded members follow from.",
        ),
    ] = True,
    previous: Annotated[
        list[Path] | None,
        typer.Option(
            "--previous",
            help="A run of the same year and data that was published before; repeatable.",
            metavar="RUN_DIR",
        ),
    ] = None,
    no_suppression: Annotated[
        bool,
        typer.Option("--no-suppression", help="Show cells of 1 to 10, as --profile internal; never publish these."),
    ] = False,
    buckets: Annotated[
        str | None,
        typer.Option(
            "--buckets",
            help="Judge people in N buckets, one after the other: less memory, the same results.  [default: auto]",
            metavar="N|auto",
        ),
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            "--executor",
            help="Who judges the buckets: the workers of spark, ray or dask; local is this process, the same way.",
            metavar="ENGINE",
        ),
    ] = None,
    master: Annotated[
        str | None,
        typer.Option(
            "--master",
            help="Where the engine is: local[4], yarn, sc://host:15002; ray://host:10001; tcp://host:8786.",
            metavar="URL",
        ),
    ] = None,
    cache: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache",
            help="Keep counts, and rows of persons, for later runs over the same data.  [default: no-cache]",
        ),
    ] = None,
    cache_dir: CacheDir = None,
    pseudonymize: Pseudonymize = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under",
            help="Exit with 1 when the results do not show the rate at or over a value, such as "
            "`cis_combo_10=40`; repeatable.",
            metavar="RATE=VALUE",
        ),
    ] = None,
    fail_over: Annotated[
        list[str] | None,
        typer.Option("--fail-over", help="The same for a rate that must not be over a value.", metavar="RATE=VALUE"),
    ] = None,
    fail_on_drift: Annotated[
        float | None,
        typer.Option(
            "--fail-on-drift",
            help="Exit with 1 when a rate differs by more than so many points from the results that are replaced.",
            metavar="POINTS",
            min=0,
        ),
    ] = None,
    drift_from: Annotated[
        Path | None,
        typer.Option("--drift-from", help="The run that drift is measured from, in the place of --out.", metavar="RUN"),
    ] = None,
    metrics_file: Annotated[
        Path | None,
        typer.Option(
            "--metrics-file", help="Also write Prometheus metrics for node_exporter, NAME.prom.", metavar="FILE"
        ),
    ] = None,
    openlineage: Annotated[
        Path | None, typer.Option("--openlineage", help="Also write OpenLineage events, one a line.", metavar="FILE")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The date that the manifest names as the day of the run.", metavar="YYYY-MM-DD"),
    ] = None,
    as_of_version: AsOfVersion = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
    log_format: LogLines = None,
) -> None:
    """Compute rates; --out writes a run folder."""
    died = supervised.child()
    from vbpmeasure.commands.watching import Watch
    from vbpmeasure.monitoring.journal import Journal
    from vbpmeasure.results.disclosure.profiles import Disclosure
    from vbpmeasure.runs import pipeline, request

    chosen = Profile.INTERNAL if no_suppression and profile is None else profile or Profile.PUBLIC
    disclosure = Disclosure(
        chosen.value,
        entity,
        min_cell,
        min_denominator,
        round_to,
        full_audit,
        tuple(previous or ()),
        protect_exclusions,
    )
    found = configured.settings(
        config,
        roots=measure_roots,
        value_sets=value_sets,
        params=param,
        data=data,
        year=year,
        measures=(*(measures or ()), *(select or ())),
        exclude=tuple(exclude or ()),
        by=request.names(by),
        out=None if out is None else str(out),
        format=None if format is None else format.value,
        enrollment_key=configured.key_flag(enrollment_key),
        bad_rows=None if bad_rows is None else bad_rows.value,
        person_level=person_level or None,
        supplemental=None if supplemental is None else supplemental.value,
        buckets=buckets,
        executor=executor,
        master=master,
        cache=cache,
        cache_dir=None if cache_dir is None else str(cache_dir),
        race_standard=race_standard,
        tabulation=tabulation,
        languages=languages,
        code_systems=request.names(code_systems),
        mandate=mandate,
        as_of=as_of,
        as_of_version=tuple(as_of_version or ()),
        fail_under=tuple(fail_under or ()),
        fail_over=tuple(fail_over or ()),
        fail_on_drift=None if fail_on_drift is None else f"{fail_on_drift:g}",
        drift_from=None if drift_from is None else str(drift_from),
        metrics_file=None if metrics_file is None else str(metrics_file),
        openlineage=None if openlineage is None else str(openlineage),
        pseudonymize=pseudonymize,
    )
    asked = configured.run_request(found, disclosure=disclosure, waterfall=waterfall)
    supervised.hint = supervised.more_buckets(asked.buckets)
    watch = Watch(configured.watch_request(found, asked), asked.out, LOG.run_id, Journal(LOG.tell, began=LOG.began))
    warned = watch.begin()
    if warned:
        guard.report(warned)
    with guard.noticing(watch.fail), streams.progress(f"measuring {asked.year}"):
        if died is not None:
            raise supervised.out_of_memory(died)
        outcome = pipeline.run(asked, streams.width(), watch.journal)
    watched = watch.end(outcome)
    if outcome.findings:
        guard.report(outcome.findings)
    for remark in outcome.remarks:
        streams.note(remark)
    for remark in outcome.details:
        streams.detail(remark)
    if outcome.printed:
        streams.out(outcome.printed)
    verdicts.report(watched, values=bool(outcome.facts.rates))
    raise typer.Exit(watched.exit_code)
