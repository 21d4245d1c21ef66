"""The pages of `list --mandates` and `list --mandate NAME`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from vbpmeasure.catalog.mandates import MandateFile
from vbpmeasure.cli.pages.text import columns, section

_WORDS = {"H": "high", "M": "medium", "L": "low"}


def mandate_list(files: Iterable[MandateFile], known: Collection[str], form: str) -> str:
    """Return the mandates, one line each, as text or JSON; ``known`` are the measures of the catalog."""
    if form == "json":
        return json.dumps([_as_dict(file, known) for file in files], indent=2, ensure_ascii=False)
    rows = [
        (
            file.mandate.id,
            str(file.mandate.year),
            ", ".join(file.mandate.by),
            f"{len(file.split(known)[0])} of {len(file.mandate.measures)}",
            _WORDS[file.mandate.confidence],
        )
        for file in files
    ]
    return columns(("mandate", "year", "strata", "measures here", "confidence"), rows)


def mandate_page(file: MandateFile, known: Collection[str], form: str) -> str:
    """Return one mandate as text or JSON."""
    if form == "json":
        return json.dumps(_as_dict(file, known), indent=2, ensure_ascii=False)
    mandate = file.mandate
    rows = [
        (
            one.id,
            "yes" if one.id in known else "no",
            "-" if one.since is None else str(one.since),
            _WORDS[one.confidence],
            one.note or "-",
        )
        for one in mandate.measures
    ]
    standard = mandate.race_standard if mandate.tabulation is None else f"{mandate.race_standard}, {mandate.tabulation}"
    head = [
        f"program: {mandate.program}",
        f"measurement year: {mandate.year}",
        f"strata: {', '.join(mandate.by)}",
        f"race standard: {standard}",
        f"confidence: {_WORDS[mandate.confidence]}, as read in {mandate.read_in}",
    ]
    blocks = [
        section(f"{mandate.id}  {mandate.title}", head),
        columns(("measure", "here", "since", "confidence", "note"), rows),
        mandate.notes.strip(),
        section("sources", [f"{one.title} [{one.tag}, {_WORDS[one.confidence]}]" for one in mandate.references]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _as_dict(file: MandateFile, known: Collection[str]) -> dict[str, object]:
    found = file.mandate.model_dump()
    measures = [{**one.model_dump(), "in_catalog": one.id in known} for one in file.mandate.measures]
    return {**found, "measures": measures, "sha256": file.digest}
