"""Canaries in every text column: no command, good or failing, quiet or verbose, lets one out unless asked to."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from support.canaries import BORN, MARK, SERVED, found_in, found_in_files, plant
from support.commands import Ran, environment
from support.stories import tell
from vbpmeasure.commands.bucketing import BucketRequest, bucket
from vbpmeasure.data.buckets.chunks import portions
from vbpmeasure.data.buckets.writing import TableLayout
from vbpmeasure.data.contract import TABLES
from vbpmeasure.sample import write_sample

MEASURES = ("wcv", "fum", "amb", "kr_composite", "kr_social_emotional")
INPUT = ("--data", "DATA", "--year", "2025")
RUN = ("run", *MEASURES, *INPUT, "--bad-rows", "drop")
FEW = ("run", "wcv", *INPUT, "--bad-rows", "drop")
LAID = ("--data", "OUT/laid", "--year", "2025")
NIGHT = ("run", "wcv", "--by", "race", *LAID, "--bad-rows", "drop", "--buckets", "2", "--cache-dir", "OUT/cache")
LIMIT = ("--fail-under", "wcv_total=99.9", "--fail-on-drift", "5")
TOLD = ("--metrics-file", "OUT/told/night.prom", "--openlineage", "OUT/told/night.ndjson")
SECRET = ("--pseudonymize", "KEY")
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
    # What a night does: a layout, kept counts, logs, metrics, lineage, pseudonyms; at every verbosity.
    "bucket": ("bucket", "DATA", "OUT/laid", "--buckets", "4", "-v"),
    "night": (*NIGHT, *TOLD, "--out", "OUT/night", "--cache", "--log-format", "json"),
    "night, again": (*NIGHT, *LIMIT, "--out", "OUT/night", "--cache", "--log-format", "text", "-v"),
    "night, persons": (*NIGHT, *SECRET, "--person-level", "--out", "OUT/secret", "--log-format", "json", "-q"),
    "cache show": ("cache", "show", "--cache-dir", "OUT/cache", "-v"),
    "gaps, pseudonyms": ("gaps", "wcv", *LAID, "--bad-rows", "drop", *SECRET, "--out", "OUT/gaps-secret", "-v"),
}
BAD = {
    "rows refused": ("run", "w30", *INPUT, *TOLD, "--out", "OUT/bad", "--log-format", "json", "-v"),
    "an unknown person": ("explain", "w30", *INPUT, "--person", "nobody"),
    "too many strata": (*RUN, "--by", "subscriber_id"),
    "four crossed": (*RUN, "--by", "race*sex*language*ethnicity"),
    "gaps refused": ("gaps", "w30", *INPUT, "--bad-rows", "refuse", "-v"),
    "no such reference": ("equity", "OUT/run", "--reference", "race=Nobody"),
    "a run that is not there": ("compare", "OUT/nothing", "OUT/run"),
    # The texts of the libraries below quote cells.
    "dates that are text": ("run", "wcv", "--data", "eligibility", "--year", "2025", "-v"),
    "claims without dates": ("run", "wcv", "--data", "medical_claim", "--year", "2025", "--log-format", "text", "-v"),
    "a report of no run": ("report", "DATA", "--out", "OUT/nothing.html"),
    "an unknown person of a layout": ("explain", "wcv", *LAID, "--person", "nobody", *SECRET, "-v"),
    "bucket of dates that are text": ("bucket", "eligibility", "OUT/laid-bad", "--buckets", "2", "-v"),
    "a key that others may read": ("gaps", "wcv", *LAID, "--pseudonymize", "OPENKEY", "-v"),
    "a layout with another file": ("run", "wcv", "--data", "DAMAGED", "--year", "2025", "-v"),
}
# What is asked about one child: the answer has its dates and codes, the streams around it nothing.
ABOUT = {
    "a child by pseudonym": ("explain", "wcv", *LAID, "--person", "PSEUDONYM", *SECRET, "-v"),
}
LAST = {"cache clear": ("cache", "clear", "--cache-dir", "OUT/cache", "-v")}
WARNS = {"run, folder", "validate", "validate, junit", "night, again"}
EXIT_3 = {
    "dates that are text",
    "claims without dates",
    "an unknown person",
    "an unknown person of a layout",
    "bucket of dates that are text",
    "a layout with another file",
    "a run that is not there",
    "a report of no run",
}
# What was asked for by name, each for its owner alone.
ASKED = (
    *("run/person_level/", "open/person_level/", "moved/person_level/", "fhir/", "gaps/"),
    *("laid/", "secret/person_level/", "gaps-secret/"),
)
KEY = b"0123456789abcdef" * 4
# A mark that names a table is a cell that no list of children has a use for; ids carry the mark alone.
CELLS = re.compile(f"{MARK}(?:{'|'.join(TABLES)})\\w*")


@dataclass
class Story:
    """What came of all commands, and where they wrote."""

    told: dict[str, Ran]
    said: str
    place: Path
    ids: frozenset[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Run all commands over a sample of 300 people with its canaries."""
    root = tmp_path_factory.mktemp("canaries")
    data = root / "data"
    write_sample(data, people=300, seed=1, year=2025)
    plant(data)
    # A span that ends before it starts is what `--bad-rows` speaks of.
    spans = pl.read_parquet(data / "eligibility.parquet")
    ids = frozenset(spans["person_id"])
    child: str = spans["person_id"][-1]
    spans = pl.concat([spans, spans.head(1).with_columns(enrollment_end_date=pl.lit(BORN))])
    spans.write_parquet(data / "eligibility.parquet")
    places: dict[str, object] = {
        "DATA": data,
        "OUT": root / "world" / "out",
        "SMALL": _small(data, root / "small"),
        "DAMAGED": _damaged(data, root / "damaged"),
        "KEY": _key(root / "key", 0o600),
        "OPENKEY": _key(root / "open.key", 0o644),
        "PSEUDONYM": hmac.new(KEY, child.encode(), "sha256").hexdigest(),
        **_broken(data, root),
    }
    lines = {
        name: ["/".join(str(places.get(part, part)) for part in word.split("/")) for word in line]
        for name, line in {**GOOD, **ABOUT, **BAD, **LAST}.items()
    }
    home = root / "world" / "home"
    home.mkdir(parents=True)
    (root / "world" / "out" / "told").mkdir(parents=True)
    env = environment({"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")})
    told, said = tell(root / "story", lines, env)
    return Story({name: Ran(*ran) for name, ran in told.items()}, said, root / "world", ids)


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


def _damaged(data: Path, folder: Path) -> Path:
    """Return a layout in which a file is not the one that was laid out."""
    folder.mkdir()
    (folder / "eligibility.parquet").symlink_to(data / "eligibility.parquet")
    laid = {"name": "eligibility.parquet", "bucket": 0, "rows": 1, "bytes": 1, "footer_sha256": "0" * 64}
    record = {"tool": "vbpmeasure", "kind": "buckets", "format": 1, "buckets": 1, "tables": {"eligibility": [laid]}}
    (folder / "bucket_layout.json").write_text(json.dumps({**record, "inputs": [], "sources": {}}))
    return folder


def _key(file: Path, mode: int) -> Path:
    file.write_bytes(KEY)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("name", [*GOOD, *BAD, *LAST])
def test_no_canary_comes_out(name: str, story: Story) -> None:
    assert name in story.told, story.said
    done = story.told[name]
    assert found_in(done.stdout + done.stderr) == []
    # A crash would let nothing out either.
    assert "Traceback" not in done.stderr
    expected = (
        {3} if name in EXIT_3 else {0, 1} if name in WARNS else {0} if name in GOOD or name in LAST else {1, 2, 3}
    )
    assert done.code in expected, done.stderr


def test_files_hold_canaries_only_where_persons_were_asked_for(story: Story) -> None:
    """Nothing in results, reports, comparisons, exports, caches; what lists children is its owner's alone."""
    files = [path for path in story.place.rglob("*") if path.is_file()]
    out = story.place / "out"
    asked = [path for path in files if any(path.is_relative_to(out / place) for place in ASKED)]
    assert found_in_files(path for path in files if path not in asked) == {}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in asked if path.name != "_SUCCESS")
    for private in ASKED:
        assert (out / private).stat().st_mode & 0o777 == 0o700
    # Work lists are named for providers, in a folder that is closed; no other name is taken from a cell.
    names = [str(path.relative_to(out)) for path in out.rglob("*") if path.parent.name != "work_lists"]
    assert found_in(" ".join(names)) == []


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


@pytest.mark.parametrize("name", ABOUT)
def test_an_answer_about_a_child_is_the_answer_alone(name: str, story: Story) -> None:
    """Asked for by name, on stdout; not the id, and nothing on the stream that logs are made of."""
    assert name in story.told, story.said
    done = story.told[name]
    assert (done.code, found_in(done.stderr)) == (0, [])
    assert len(done.stdout) > 200
    assert [one for one in story.ids if one in done.stdout] == []


def test_under_pseudonyms_no_id_leaves(story: Story) -> None:
    out = story.place / "out"
    for folder in ("secret", "gaps-secret"):
        files = [path for path in (out / folder).rglob("*") if path.is_file()]
        text = "".join(_text(path) for path in files)
        assert [one for one in story.ids if one in text] == []
    rows = pl.read_parquet(out / "secret" / "person_level" / "person_level.parquet")
    assert rows["person_id"].str.contains("^[0-9a-f]{64}$").all()
    assert rows["person_id"].n_unique() > 50


def test_the_key_is_nowhere(story: Story) -> None:
    streams = [done.stdout + done.stderr for done in story.told.values()]
    files = (path.read_bytes() for path in story.place.rglob("*") if path.is_file())
    assert not [text for text in streams if KEY.decode() in text]
    assert not [content for content in files if KEY in content]


def test_log_lines_are_lines_and_name_the_run(story: Story) -> None:
    """The log stands in the place of remarks: nothing else is on its stream."""
    for name in ("night", "rows refused"):
        told = [json.loads(line) for line in story.told[name].stderr.splitlines()]
        assert {line["event"] for line in told} >= {"started", "stage", "finished"}
        assert len({line["run"] for line in told}) == 1
    assert story.told["night, persons"].stderr == ""
    assert " limit rate=wcv.wcv_total " in story.told["night, again"].stderr


def test_what_a_night_tells_machines_and_keeps(story: Story) -> None:
    """The files are there, so that not finding a canary in them says something; counts are their owner's alone."""
    out = story.place / "out"
    told = out / "told"
    assert "vbpmeasure_run_exit_code" in (told / "night.prom").read_text()
    kinds = [json.loads(line)["eventType"] for line in (told / "night.ndjson").read_text().splitlines()]
    assert kinds[-1] == "FAIL"
    manifest = json.loads((out / "night" / "manifest.json").read_text())
    assert manifest["carried_over"] == ["wcv"]
    assert "counts of measures: 1, " in story.told["cache show"].stdout
    assert (out / "cache").stat().st_mode & 0o777 == 0o700
    assert list((out / "cache").iterdir()) == []  # cleared in the end


_BUCKETS = 2


def test_work_that_a_kill_leaves_is_its_owners_and_names_nobody(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layout that was stopped lies in a hidden folder: rows of persons in files whose names say nothing."""

    cut = TableLayout._cut

    def stop(layout: TableLayout, number: int) -> Path:
        chunk = cut(layout, number)
        if layout.table.name == "medical_claim":
            raise KeyboardInterrupt
        return chunk

    monkeypatch.setattr(TableLayout, "_cut", stop)
    with pytest.raises(KeyboardInterrupt):
        bucket(BucketRequest(story.place.parent / "small", tmp_path / "laid", _BUCKETS, {}))
    left = sorted((tmp_path / ".laid.new").rglob("*"))
    assert {"eligibility", "medical_claim"} <= {path.parent.name for path in left}
    assert {path.stat().st_mode & 0o777 for path in left if path.is_dir()} == {0o700}
    files = [path for path in left if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert found_in(" ".join(map(str, left))) == []
    rows = {path for path in files if path.suffix in {".parquet", ".chunk"}}
    assert {path.suffix for path in rows} == {".parquet", ".chunk"}
    assert found_in_files(path for path in files if path not in rows) == {}
    assert found_in_files(rows) != {}


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).write_csv()
    if path.suffix == ".chunk":
        return "".join(one.rows().write_csv() for n in range(_BUCKETS) for one, _ in portions([path], n, _BUCKETS))
    return path.read_bytes().decode("utf-8", errors="replace")
