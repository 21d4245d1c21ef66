"""Reading a run folder back: the one door through which reports, comparisons and exports see the numbers of a run.

Only what the run wrote for its reader is read (never `person_level/`), and only when it is whole: marked by `_SUCCESS`,
of a schema version that this program knows, and with the digests that its manifest lists.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from vbpmeasure.data.errors import read_errors
from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.disk.folder import MANIFEST, SUCCESS, TOOL
from vbpmeasure.plan.measures import Period
from vbpmeasure.results.disclosure.policy import INTERNAL_BANNER, Status
from vbpmeasure.results.disclosure.published import RESULT_SCHEMA, WATERFALL_SCHEMA
from vbpmeasure.results.shown_amounts import AMOUNT_CSV_SCHEMA
from vbpmeasure.runs.manifest import SCHEMA_VERSION, digest
from vbpmeasure.runs.reading_shapes import is_manifest, is_results
from vbpmeasure.spec.json_text import read_json
from vbpmeasure.spec.numbers import whole_number

_UNSUPPRESSED = ".unsuppressed"
_MOST_VERSION = 1_000_000


@dataclass(frozen=True, slots=True)
class RateInfo:
    """One reported rate: its ids, its words, and in which direction it is good."""

    measure: str
    rate: str
    measure_title: str
    rate_title: str
    lower_is_better: bool


@dataclass(frozen=True, slots=True)
class RunResults:
    """A finished run, as it was published.

    ``rates`` are all reported rates in the order of the definitions (those of ``amounts`` too). ``results`` follows
    ``RESULT_SCHEMA`` (one row per rate, dimension and stratum), ``amounts`` ``AMOUNT_CSV_SCHEMA`` (the rates that are
    no share of units; without rows when there are none), ``waterfall`` ``WATERFALL_SCHEMA``. Hidden numbers are null
    and a status says why. ``mark`` is what the file names of an unsuppressed run carry, else empty.
    """

    folder: Path
    manifest: Mapping[str, Any]
    rates: tuple[RateInfo, ...]
    results: pl.DataFrame
    amounts: pl.DataFrame
    waterfall: pl.DataFrame
    mark: str = ""
    _digests: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def period(self) -> Period:
        """The measurement period."""
        said = self.manifest["period"]
        return Period(dt.date.fromisoformat(said["start"]), dt.date.fromisoformat(said["end"]))

    @property
    def suppression(self) -> Mapping[str, Any]:
        """The suppression policy of the run: profile, suppress_below, min_denominator ..."""
        found = self.manifest["suppression"]
        return found if isinstance(found, dict) else {}

    @property
    def is_public(self) -> bool:
        """Whether small cells are hidden; what comes from a run that shows them is for its owner alone."""
        return not self.mark

    @property
    def banner(self) -> str | None:
        """The words that must stand over whatever is made from unsuppressed results."""
        return None if self.is_public else INTERNAL_BANNER

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions of the results in their order, without the total: ``race``, ``age_band*race`` ..."""
        names = self.results["dimension"].unique(maintain_order=True).to_list()
        return tuple(name for name in names if name != "total")

    @property
    def completeness(self) -> pl.DataFrame | None:
        """The completeness of race, ethnicity and language by source, when the run wrote it."""
        return self.table("completeness")

    def table(self, name: str) -> pl.DataFrame | None:
        """Return another table of the run by the name of its file without ending (``completeness``), None if absent.

        Parquet is preferred to CSV. Raises ``Failure`` VBM542 and VBM543 as `read_run` does.
        """
        for ending, read in ((".parquet", pl.read_parquet), (".csv", pl.read_csv)):
            content = self.output(f"{name}{self.mark}{ending}")
            if content is not None:
                try:
                    frame = read(io.BytesIO(content))
                except read_errors():
                    frame = None
                if frame is None or any(kind.is_nested() for kind in frame.dtypes):
                    raise _not_ours(self.folder, f"`{name}{ending}` is no table")
                return frame
        return None

    def output(self, name: str) -> bytes | None:
        """Return a file of the run by its full name, None when the run wrote none; raises ``Failure`` VBM542."""
        return _verified(self.folder, name, self._digests) if name in self._digests else None


def read_run(folder: Path | str) -> RunResults:
    """Read a finished run folder.

    Raises ``Failure``: VBM540 not there or not finished, VBM541 written by a newer version, VBM542 a file is missing or
    is not the one that the run wrote, VBM543 not the folder of a run.
    """
    place = Path(folder)
    manifest = _manifest(place)
    said = manifest.get("outputs")
    digests = {str(name): str(one) for name, one in said.items()} if isinstance(said, dict) else {}
    mark = "" if "results.parquet" in digests else _UNSUPPRESSED
    if f"results{mark}.parquet" not in digests or f"results{mark}.json" not in digests:
        raise _not_ours(place, "its manifest names no results")
    if not is_manifest(manifest):
        raise _not_ours(place, "its manifest has another shape")
    document = _document(place, _verified(place, f"results{mark}.json", digests))
    if not is_results(document):
        raise _not_ours(place, "its results have another shape")
    try:
        return RunResults(
            folder=place,
            manifest=manifest,
            rates=_rates(document),
            results=_results(_verified(place, f"results{mark}.parquet", digests)),
            amounts=pl.DataFrame(document["amounts"], schema=AMOUNT_CSV_SCHEMA, orient="row"),
            waterfall=pl.DataFrame(document["waterfall"], schema=WATERFALL_SCHEMA, orient="row"),
            mark=mark,
            _digests=digests,
        )
    except _of_another_shape():
        # The texts of these errors quote what they could not read.
        raise _not_ours(place, "its results have another shape") from None


def _of_another_shape() -> tuple[type[BaseException], ...]:
    return (*read_errors(), KeyError, TypeError, ValueError)


def _manifest(place: Path) -> dict[str, Any]:
    """Return the manifest of a finished folder after looking at what it says of itself."""
    if not place.is_dir():
        hint = "name the folder that `vbpmeasure run --out` wrote"
        raise Failure(Diagnostic("VBM540", "there is no such run folder", where=str(place), hint=hint))
    try:
        content = (place / MANIFEST).read_bytes()
    except OSError:
        content = None
    if content is None or not (place / SUCCESS).is_file():
        what = "no manifest" if content is None else f"no {SUCCESS}"
        hint = "run it again with `vbpmeasure run --out`; a folder without the mark may be half of a result"
        raise Failure(Diagnostic("VBM540", f"this is no finished run: {what}", where=str(place), hint=hint))
    found = _document(place, content)
    if found.get("tool") != TOOL or not isinstance(found.get("period"), dict) or "suppression" not in found:
        raise _not_ours(place, "its manifest is not that of a run")
    return found


def _document(place: Path, content: bytes) -> dict[str, Any]:
    """Return a JSON document of ours whose schema version is known."""
    try:
        found = read_json(content)
    except ValueError:
        raise _not_ours(place, "it holds a file that is no JSON") from None
    if not isinstance(found, dict):
        raise _not_ours(place, "it holds a file that is no JSON object")
    version = found.get("schema_version")
    number = whole_number(version, _MOST_VERSION) if isinstance(version, str) else None
    if number is None:
        raise _not_ours(place, "it has no schema version")
    if number > int(SCHEMA_VERSION):
        raise Failure(
            Diagnostic(
                "VBM541",
                f"the results have schema version {number}, and this program knows versions up to {SCHEMA_VERSION}",
                where=str(place),
                hint="read it with the version of vbpmeasure that wrote it, or a later one",
            )
        )
    return found


def _verified(place: Path, name: str, digests: Mapping[str, str]) -> bytes:
    parts = Path(name).parts
    if Path(name).is_absolute() or len(parts) != 1 or ".." in parts:
        raise _not_ours(place, "its manifest names files outside the folder")
    try:
        content = (place / name).read_bytes()
    except OSError:
        raise _changed(place / name, "a file of the run is missing") from None
    if digest(content) != digests[name]:
        raise _changed(place / name, "a file of the run was changed after the run")
    return content


def _changed(path: Path, what: str) -> Failure:
    hint = "take the folder as the run wrote it, or run it again"
    return Failure(Diagnostic("VBM542", what, where=str(path), hint=hint))


def _not_ours(place: Path, why: str) -> Failure:
    return Failure(
        Diagnostic(
            "VBM543",
            f"this is not the folder of a run: {why}",
            where=str(place),
            hint="name the folder that `vbpmeasure run --out` wrote",
        )
    )


def _rates(document: Mapping[str, Any]) -> tuple[RateInfo, ...]:
    return tuple(
        RateInfo(measure["id"], rate["id"], measure["title"], rate["title"], rate["lower_is_better"] is True)
        for measure in document["measures"]
        for rate in measure["rates"]
    )


def _results(content: bytes) -> pl.DataFrame:
    frame = pl.read_parquet(io.BytesIO(content))
    frame = frame.select(pl.col(name).cast(kind) for name, kind in RESULT_SCHEMA.items())
    texts = [name for name, kind in RESULT_SCHEMA.items() if kind == pl.String]
    if any(frame[name].null_count() for name in texts):
        raise ValueError("a row without a name")
    for name in ("status", "population_status"):
        if not set(frame[name].unique()) <= set(Status):
            raise ValueError("an unknown status")
    return frame
