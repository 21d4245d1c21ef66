"""Canaries in every text column: no command, good or failing, quiet or verbose, lets one out unless asked to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from support.canaries import BORN, MARK, SERVED, found_in, found_in_files, plant
from support.commands import Ran, environment
from support.stories import tell
from vbpmeasure.data.contract import TABLES
from vbpmeasure.sample import write_sample

MEASURES = ("wcv", "fum", "amb", "kr_composite", "kr_social_emotional")
INPUT = ("--data", "DATA", "--year", "2025")
RUN = ("run", *MEASURES, *INPUT, "--bad-rows", "drop")
FEW = ("run", "wcv", *INPUT, "--bad-rows", "drop")
STRATA = ("--by", "race,ethnicity,language,sex,age_band")

# In this order, in one process: later commands read the folders that earlier ones wrote.
GOOD = {
    "run, folder": (*RUN, *STRATA, "--waterfall", "--supplemental", "both", "-v", "--person-level", "--out", "OUT/run"),
    "run, csv": (*FEW, "-q", "--format", "csv"),
    "run, unsuppressed": (*FEW, "--by", "race", "--no-suppression", "--person-level", "--out", "OUT/open"),
    "equity": ("equity", "OUT/run", "--out", "OUT/equity", "-v"),
    "equity, unsuppressed": ("equity", "OUT/open", "--previous", "OUT/run", "--format", "csv"),
    "report": ("report", "OUT/run", "--out", "OUT/report.html"),
    "report, unsuppressed": ("report", "OUT/open", "--out", "OUT/open.html"),
    "compare": ("compare", "OUT/run", "OUT/open", "--strata", "--out", "OUT/compare"),
    "compare, persons": ("compare", "OUT/run", "OUT/open", "--person-level", "--out", "OUT/moved"),
    "export, long": ("export", "OUT/run", "--to", "long-csv"),
    "export, parquet": ("export", "OUT/run", "--to", "long-parquet", "--out", "OUT/long.parquet"),
    "export, core set": ("export", "OUT/run", "--to", "core-set-json", "--out", "OUT/core.json"),
    "export, core set csv": ("export", "OUT/open", "--to", "core-set-csv"),
    "export, fhir": ("export", "OUT/run", "--to", "fhir"),
    "export, fhir persons": ("export", "OUT/run", "--to", "fhir", "--person-level", "--out", "OUT/fhir"),
    "gaps": ("gaps", "wcv", *INPUT, "--bad-rows", "drop", "-v"),
    "gaps, work lists": ("gaps", "wcv", *INPUT, "--bad-rows", "drop", "--format", "csv,html", "--out", "OUT/gaps"),
    "validate": ("validate", *INPUT, "-v"),
    "validate, junit": ("validate", "--data", "SMALL", "--year", "2025", "--format", "junit"),
    "explain": ("explain", "w30", "--polars"),
    "doctor": ("doctor", "--data", "DATA", "-v"),
}
BAD = {
    "rows refused": ("run", "w30", *INPUT, "--bad-rows", "refuse", "-v"),
    "an unknown person": ("explain", "w30", *INPUT, "--person", "nobody"),
    "too many strata": (*RUN, "--by", "subscriber_id"),
    "four crossed": (*RUN, "--by", "race*sex*language*ethnicity"),
    "gaps refused": ("gaps", "w30", *INPUT, "--bad-rows", "refuse", "-v"),
    "no such reference": ("equity", "OUT/run", "--reference", "race=Nobody"),
    "a run that is not there": ("compare", "OUT/nothing", "OUT/run"),
    # The texts of the libraries below quote cells.
    "dates that are text": ("run", "wcv", "--data", "eligibility", "--year", "2025", "-v"),
    "claims without dates": ("run", "wcv", "--data", "medical_claim", "--year", "2025", "-v"),
    "a report of no run": ("report", "DATA", "--out", "OUT/nothing.html"),
}
WARNS = {"run, folder", "validate", "validate, junit"}
EXIT_3 = {"dates that are text", "claims without dates", "an unknown person"}
EXIT_5 = {"a run that is not there", "a report of no run"}
# What was asked for by name, each for its owner alone.
ASKED = ("run/person_level/", "open/person_level/", "moved/person_level/", "fhir/", "gaps/")
# A mark that names a table is a cell that no list of children has a use for; ids carry the mark alone.
CELLS = re.compile(f"{MARK}(?:{'|'.join(TABLES)})\\w*")


@dataclass
class Story:
    """What came of all commands, and where they wrote."""

    told: dict[str, Ran]
    said: str
    place: Path


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run all commands over a sample of 300 people with its canaries."""
    root = tmp_path_factory.mktemp("canaries")
    data = root / "data"
    write_sample(data, people=300, seed=1, year=2025)
    plant(data)
    # A span that ends before it starts is what `--bad-rows` speaks of.
    spans = pl.read_parquet(data / "eligibility.parquet")
    spans = pl.concat([spans, spans.head(1).with_columns(enrollment_end_date=pl.lit(BORN))])
    spans.write_parquet(data / "eligibility.parquet")
    places = {"DATA": data, "OUT": root / "world" / "out", "SMALL": _small(data, root / "small"), **_broken(data, root)}
    lines = {
        name: ["/".join(str(places.get(part, part)) for part in word.split("/")) for word in line]
        for name, line in {**GOOD, **BAD}.items()
    }
    home = root / "world" / "home"
    home.mkdir(parents=True)
    env = environment({"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")})
    told, said = tell(root / "story", lines, env)
    return Story({name: Ran(*ran) for name, ran in told.items()}, said, root / "world")


def _small(data: Path, folder: Path) -> Path:
    """Return the same members with two columns of claims: every format sees the same report of far fewer cells."""
    folder.mkdir()
    (folder / "eligibility.parquet").symlink_to(data / "eligibility.parquet")
    names = ("claim_id", "person_id", "claim_start_date", "claim_line_number", "hcpcs_code", "diagnosis_code_1")
    pl.read_parquet(data / "medical_claim.parquet").select(names).write_parquet(folder / "medical_claim.parquet")
    return folder


def _broken(data: Path, root: Path) -> dict[str, Path]:
    """Return folders with one table each whose dates are text."""
    found = {}
    for table, column, text in (
        ("eligibility", "birth_date", "person_id"),
        ("medical_claim", "claim_start_date", "claim_id"),
    ):
        found[table] = root / f"broken-{table}"
        found[table].mkdir()
        for path in data.glob("*.parquet"):
            (found[table] / path.name).symlink_to(path)
        (found[table] / f"{table}.parquet").unlink()
        frame = pl.read_parquet(data / f"{table}.parquet").with_columns(pl.col(text).alias(column))
        frame.write_parquet(found[table] / f"{table}.parquet")
    return found


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_no_canary_comes_out(name: str, story: Story) -> None:
    assert name in story.told, story.said
    done = story.told[name]
    assert found_in(done.stdout + done.stderr) == []
    # A crash would let nothing out either.
    assert "Traceback" not in done.stderr
    expected = (
        {3}
        if name in EXIT_3
        else {5}
        if name in EXIT_5
        else {0, 1}
        if name in WARNS
        else {0}
        if name in GOOD
        else {1, 2, 3}
    )
    assert done.code in expected, done.stderr


def test_files_hold_canaries_only_where_persons_were_asked_for(story: Story) -> None:
    """Nothing in results, reports, comparisons, exports, caches; what lists children is its owner's alone."""
    files = [path for path in story.place.rglob("*") if path.is_file()]
    out = story.place / "out"
    asked = [path for path in files if any(path.is_relative_to(out / place) for place in ASKED)]
    assert found_in_files(path for path in files if path not in asked) == {}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in asked if path.name != "_SUCCESS")
    for private in ("run/person_level", "open/person_level", "moved/person_level", "fhir", "gaps"):
        assert (out / private).stat().st_mode & 0o777 == 0o700


def test_the_search_finds_a_canary(story: Story) -> None:
    """The same search over what lists children: there they are, in every format."""
    out = story.place / "out"
    holding = found_in_files((out / "run" / "person_level").iterdir())
    assert list(holding) == ["person_level.parquet"]
    assert all(MARK in word for word in holding["person_level.parquet"][:1])
    assert any(name.endswith(".html") for name in found_in_files((out / "gaps").rglob("*.html")))


def test_work_lists_name_children_and_nothing_else_of_them(story: Story) -> None:
    """A work list has ids and days of birth to find a child by: no cell of another column, no day of a service."""
    pages = sorted((story.place / "out" / "gaps").rglob("*.html"))
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert CELLS.findall(text) == []
        assert SERVED.isoformat() not in text
