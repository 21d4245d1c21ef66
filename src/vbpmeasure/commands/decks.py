"""Test decks of a selection, run on both engines, and what there is to say about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics.model import EXIT_CHECK_FAILED, EXIT_OK, Diagnostic, Failure
from vbpmeasure.runs.selection import Selection
from vbpmeasure.testing.deck import read_deck
from vbpmeasure.testing.engines import LINE_ENGINES, polars_engine, programs_of, reference_engine
from vbpmeasure.testing.report_model import DeckReport
from vbpmeasure.testing.runner import run_deck


@dataclass(frozen=True, slots=True)
class DecksOutcome:
    """The reports of the decks that ran, what was found, the exit code (1: a case failed, or a deck is missing)."""

    reports: tuple[DeckReport, ...]
    findings: tuple[Diagnostic, ...]
    exit_code: int


def run_decks(selection: Selection) -> DecksOutcome:
    """Run the deck of every selected measure (all of them, drafts too, when none is named).

    Raises :class:`Failure` for unknown measures and for decks or definitions that cannot be read, all at once.
    """
    catalog = Catalog.open(selection.roots, value_sets=selection.value_sets)
    ids = catalog.select(selection.select) if selection.select else catalog.ids()
    decks = {measure: catalog.deck_path(measure) for measure in ids}
    reports: list[DeckReport] = []
    refused: list[Diagnostic] = []
    for measure, path in decks.items():
        if path is None:
            continue
        try:
            reports.append(_report(catalog, measure, path))
        except Failure as failure:
            refused.extend(failure.diagnostics)
    if refused:
        raise Failure(dict.fromkeys(refused))
    missing = tuple(_missing(measure) for measure, path in decks.items() if path is None)
    findings = (*missing, *(d for report in reports for d in (*report.findings, *report.warnings)))
    failed = bool(missing) or not all(report.passed for report in reports)
    return DecksOutcome(tuple(reports), findings, EXIT_CHECK_FAILED if failed else EXIT_OK)


def _report(catalog: Catalog, measure: str, path: Path) -> DeckReport:
    return run_deck(read_deck(path, measure), programs_of(catalog), reference_engine, polars_engine, LINE_ENGINES)


def _missing(measure: str) -> Diagnostic:
    return Diagnostic(
        "VBM707",
        f"the measure `{measure}` has no deck, so nothing about it is tested",
        where=measure,
        hint="write `cases.yaml` beside its definition; docs/decks.md shows how",
    )
