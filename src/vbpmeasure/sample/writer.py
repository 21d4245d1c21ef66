"""Writing a sample: chunk by chunk, one Parquet file a table."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.sample.arrays import Chunk
from vbpmeasure.sample.gaps import Gaps
from vbpmeasure.sample.generate import make_chunk
from vbpmeasure.sample.indicators import plan_rows
from vbpmeasure.sample.parquet import TableWriter
from vbpmeasure.sample.providers import make_providers
from vbpmeasure.sample.readme import readme

CHUNK = 5_000  # fixed: the content of a sample must not depend on a setting
_NAMED = "DIR"  # the folder, as the help of `sample` and `init` calls it
MOST_PEOPLE = 9_999_999  # person ids have seven digits
TABLES = (
    "eligibility", "medical_claim", "pharmacy_claim", "immunization", "lab_result", "condition", "observation",
    "practitioner", "provider_attribution", "indicator",
)  # fmt: skip


def write_sample(
    out: Path,
    people: int,
    seed: int,
    year: int,
    years: int = 3,
    row_group: int = 122_880,
    gaps: Gaps | None = None,
) -> None:
    """Write a synthetic population of ``people`` children to the folder ``out``, one Parquet file per contract table.

    The children are 0 to 21 years old on 31 December of ``year``; claims and coverage reach back ``years`` calendar
    years, the immunization registry to birth. Every table is ordered by person and date, in row groups of ``row_group``
    rows. Equal arguments give equal bytes (with the same versions of numpy and pyarrow); memory does not grow with
    ``people``. Every file says in its metadata that it is synthetic, as does the README.md beside them. ``gaps`` are
    the differences between groups to plant, None for those of `disparities`.

    Raises ``Failure``: VBM410 for an argument out of range, VBM503 when the folder already holds tables, and VBM502,
    VBM505 to VBM507 when it cannot be written. Nothing half-written is left: the tables are moved into the folder when
    all of them are complete.
    """
    _check(people, seed, year, years, row_group)
    with _staging(out) as staging:
        try:
            metadata = {
                "synthetic": "true",
                "generator": "vbpmeasure sample",
                "people": str(people),
                "seed": str(seed),
                "year": str(year),
                "years": str(years),
                **({} if gaps is None else {"gaps": gaps.text}),
            }
            counts = _write_tables(staging, chunks(people, seed, year, years, gaps), row_group, metadata)
            (staging / "README.md").write_text(readme(people, seed, year, years, counts, gaps), encoding="utf-8")
            for name in (*(f"{t}.parquet" for t in TABLES), "README.md"):
                (staging / name).replace(out / name)
        except OSError as error:
            raise output_failure(error, out, _NAMED) from None


def chunks(people: int, seed: int, year: int, years: int, gaps: Gaps | None = None) -> list[Chunk]:
    """Return the chunks of a sample; all but the last have ``CHUNK`` people."""
    return [
        Chunk(seed, number, first, min(CHUNK, people - first), year, years, gaps)
        for number, first in enumerate(range(0, people, CHUNK))
    ]


def _check(people: int, seed: int, year: int, years: int, row_group: int) -> None:
    limits = (
        ("people", people, 1, MOST_PEOPLE),
        ("seed", seed, 0, 2**63 - 1),
        ("year", year, 1995, 2200),
        ("years", years, 1, 20),
        ("row_group", row_group, 1, 2**31 - 1),
    )
    wrong = [
        Diagnostic("VBM410", f"`{name}` must lie between {low} and {high}, and is {value}")
        for name, value, low, high in limits
        if not low <= value <= high
    ]
    if wrong:
        raise Failure(wrong)


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """Give a folder inside ``out`` to work in and remove it at the end, with ``out`` when nothing came into it."""
    new = not out.exists()
    if out.exists() and not out.is_dir():
        raise Failure(Diagnostic("VBM505", "the sample needs a folder, and this is a file", where=str(out)))
    try:
        out.mkdir(parents=True, exist_ok=True)
        held = any(entry.suffix == ".parquet" or entry.stem in TABLES for entry in out.iterdir())
    except OSError as error:
        raise output_failure(error, out, _NAMED) from None
    if held:
        hint = "name a new folder, or remove the old tables first"
        raise Failure(Diagnostic("VBM503", "the folder already holds tables", where=str(out), hint=hint))
    try:
        staging = Path(tempfile.mkdtemp(prefix=".sample-", dir=out))
    except OSError as error:
        raise output_failure(error, out, _NAMED) from None
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if new and not any(out.iterdir()):
            out.rmdir()


def _write_tables(staging: Path, parts: list[Chunk], row_group: int, metadata: dict[str, str]) -> dict[str, int]:
    """Write every table of every chunk, and return the number of rows by table."""
    providers = make_providers(parts[0].seed)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(TableWriter(staging / f"{name}.parquet", row_group, {**metadata, "table": name}))
            for name in TABLES
        }
        for chunk in parts:
            for name, frame in make_chunk(chunk, providers).items():
                writers[name].add(frame)
        writers["practitioner"].add(providers.table())
        writers["indicator"].add(plan_rows(parts[0].seed, parts[0].year))
        return {name: writer.rows for name, writer in writers.items()}
