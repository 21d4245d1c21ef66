"""Mandates: dated presets that say which measures a program wants stratified, by what, in one measurement year.

Rules of programs change from year to year, and what we know of them has a confidence: so they are files
(``measures/mandates/*.yaml``, and `mandates` beside measures of your own), never code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.tree import read_yaml

FOLDER = "mandates"

Text = Annotated[str, Field(min_length=1)]
Confidence = Literal["H", "M", "L"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MandatedMeasure(_Part):
    """One measure that the program wants stratified; ``id`` as in our catalog, or the program's own short name."""

    id: Text
    since: int | None = None  # the first measurement year in which the program asks for it
    confidence: Confidence
    note: str = ""


class Reference(_Part):
    """Where a fact was read."""

    title: Text
    tag: Text
    confidence: Confidence


class Mandate(_Part):
    """One program in one measurement year. ``measured`` is how many measures the program itself counts, when known."""

    id: Text
    title: Text
    program: Text
    year: int
    read_in: Text
    by: tuple[Text, ...] = Field(min_length=1)
    race_standard: Text = "omb1997"
    tabulation: str | None = None
    confidence: Confidence
    notes: str = ""
    measured: int | None = None
    measures: tuple[MandatedMeasure, ...] = Field(min_length=1)
    references: tuple[Reference, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class MandateFile:
    """A mandate and the SHA-256 of the file it was read from."""

    mandate: Mandate
    digest: str

    def split(self, known: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the ids of its measures that the catalog has, and of those that it does not have."""
        there = set(known)
        ids = [measure.id for measure in self.mandate.measures]
        return tuple(id for id in ids if id in there), tuple(id for id in ids if id not in there)


def load_mandates(folders: Iterable[Path]) -> dict[str, MandateFile]:
    """Read the mandates of the measure folders, by id, the latest year first; a later folder replaces an earlier one's.

    Raises `Failure` VBM276 for a file that is no mandate, and the YAML codes of `read_yaml`.
    """
    found: dict[str, MandateFile] = {}
    for folder in folders:
        for path in sorted((folder / FOLDER).glob("*.yaml")):
            read = _read(path)
            found[read.mandate.id] = read
    ranked = sorted(found.values(), key=lambda one: (one.mandate.program, -one.mandate.year, one.mandate.id))
    return {one.mandate.id: one for one in ranked}


def mandate_called(name: str, known: Mapping[str, MandateFile]) -> MandateFile:
    """Return a mandate by its id; raises `Failure` VBM472 when there is none."""
    if name not in known:
        hint = suggestion_or_list(name, known, "mandates") or "`vbpmeasure list --mandates` names them"
        raise Failure(Diagnostic("VBM472", f"no mandate is called `{name}`", where="--mandate", hint=hint))
    return known[name]


def _read(path: Path) -> MandateFile:
    try:
        mandate = Mandate.model_validate(read_yaml(path).to_plain())
    except ValidationError as error:
        places = {".".join(str(part) for part in problem["loc"]) or "the file" for problem in error.errors()}
        raise Failure(
            Diagnostic(
                "VBM276",
                f"the mandate cannot be used: look at {', '.join(sorted(places))}",
                where=str(path),
                hint="see measures/mandates",
            )
        ) from None
    return MandateFile(mandate, hashlib.sha256(path.read_bytes()).hexdigest())
