"""Every entry point that reads what others wrote, by name: one table for both drivers."""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from fuzz import seeds, tables
from fuzz.contract import Reader, Target
from fuzz.sections import joined, split, write
from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.fhir.convert import FhirRequest, convert_fhir
from vbpmeasure.adapters.report import Report
from vbpmeasure.adapters.synthea.convert import SyntheaRequest, convert_synthea
from vbpmeasure.benchmarks.load import load_benchmarks
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.mandates import load_mandates
from vbpmeasure.cli.asked.configured import run_request
from vbpmeasure.commands.importing import ImportRequest, import_value_sets, read_source
from vbpmeasure.config.load import read_config
from vbpmeasure.config.settings import resolve
from vbpmeasure.data.buckets.layout import RECORD, layout_of
from vbpmeasure.data.buckets.opening import open_data
from vbpmeasure.data.remote.access import NO_ACCESS
from vbpmeasure.data.remote.store import Stores
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity
from vbpmeasure.disk.folder import RunFolder
from vbpmeasure.exports.core_set.mapping import load_mapping
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.results.attribution.rule import load_visit_rule
from vbpmeasure.results.categories.crosswalks import CategorySystem, load_category_systems
from vbpmeasure.results.categories.rollup import roll_up
from vbpmeasure.results.categories.standards import Choice, choose
from vbpmeasure.runs.cache.store import CountCache
from vbpmeasure.runs.conversion import conversion_of
from vbpmeasure.runs.pseudonyms import pseudonyms
from vbpmeasure.spec.load import load_fragment
from vbpmeasure.spec.tree import read_yaml
from vbpmeasure.terminology.value_sets import load_value_sets
from vbpmeasure.testing.deck import read_deck
from vbpmeasure.validation.checks.checksums import read_sums
from vbpmeasure.validation.formats.json import read_baseline
from vbpmeasure.validation.registry import INFOS
from vbpmeasure.validation.settings import ValidationSettings

Said = Iterator[str | Diagnostic]
YEAR = 2025


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _of_file(name: str, read: Callable[[Path], object]) -> Reader:
    """Return the reader of one file of that name."""

    def reader(content: bytes, folder: Path) -> Said:
        read(_file(folder, name, content))
        yield from ()

    return reader


# --- definitions -------------------------------------------------------------------------------------------------


def _measure(content: bytes, folder: Path) -> Said:
    _file(folder, "fz/measure.yaml", content)
    for part in ("shared", "value_sets"):
        (folder / "in" / part).symlink_to(seeds.MEASURES / part)
    catalog = Catalog.open([folder / "in"], shipped=False)
    found = catalog.check(["fz"] if "fz" in catalog.ids() else [])
    yield from found
    if not any(d.severity is Severity.ERROR for d in found):
        catalog.info("fz")
        catalog.program(["fz"], calendar_year(YEAR))


def _value_sets(content: bytes, folder: Path) -> Said:
    write(content, folder / "in", ("my_set.yaml", "other_set@2025.csv", "mapping.yaml"), "my_set.yaml")
    library = load_value_sets([folder / "in"])
    yield from library.diagnostics
    for name in library.names():
        library.get(name)
        library.find(name)
    library.find("Other")


def _categories(content: bytes, folder: Path) -> Said:
    names = ("race.yaml", "codes.csv", "languages.csv", "ages.yaml")
    write(content, folder / "in" / "x", names, "race.yaml")
    for system in load_category_systems([folder / "in" / "x"]).values():
        for raw in (None, "", "2106-3", "2106-3|2028-9", "en", "\0"):
            roll_up(system, raw)
    yield from ()


def _languages(path: Path) -> None:
    choose(_shipped_systems(), Choice(languages=path))


@cache
def _shipped_systems() -> dict[str, CategorySystem]:
    return load_category_systems([seeds.MEASURES / "crosswalks"])


def _crosswalk(path: Path) -> None:
    Crosswalk.load(str(path)).map("encounter", "SNOMEDCT", "410620009", None, None)


def _rule(content: bytes, folder: Path) -> Said:
    _file(folder, "attribution/primary_care_visits.yaml", content)
    load_visit_rule([folder / "in"])
    yield from ()


def _mandate(content: bytes, folder: Path) -> Said:
    _file(folder, "mandates/a.yaml", content)
    load_mandates([folder / "in"])
    yield from ()


def _configuration(content: bytes, folder: Path) -> Said:
    config = read_config(_file(folder, "vbpmeasure.toml", content))
    _ = config.supplemental, config.completeness, config.equity
    said, places = config.validate_table()
    ValidationSettings.from_mapping(said, INFOS, {path: place.value for path, place in places.items()})
    found = resolve(config, {})
    _ = found.value_sets, found.tables
    run_request(found)
    yield from ()


# --- data --------------------------------------------------------------------------------------------------------


def _fhir(name: str, crosswalk: str | None = None) -> Reader:
    def reader(content: bytes, folder: Path) -> Said:
        path = _file(folder, name, content)
        yield from _told(convert_fhir(FhirRequest(path, folder / "out", crosswalk)), folder)

    return reader


def _synthea(content: bytes, folder: Path) -> Said:
    write(content, folder / "in", [name for name, _ in split(seeds.synthea_export(3))], "patients.csv")
    yield from _told(convert_synthea(SyntheaRequest(folder / "in", folder / "out", "synthea")), folder)


def _told(report: Report, folder: Path) -> Said:
    yield json.dumps(report.as_record())
    yield (folder / "out" / "conversion_report.json").read_text(encoding="utf-8")


# --- lists of codes ----------------------------------------------------------------------------------------------


def _import(name: str) -> Reader:
    def reader(content: bytes, folder: Path) -> Said:
        done = import_value_sets(ImportRequest((_file(folder, name, content),), folder / "out"))
        for one in done.sets:
            # What was stored is read back as it was meant.
            read_source(folder / "out" / one.file)
        yield from load_value_sets([folder / "out"]).diagnostics

    return reader


def _sheets(content: bytes, folder: Path) -> Said:
    """Read a workbook whose parts are changed: what is packed would be refused by its check sums alone."""
    return _import("list.xlsx")(seeds.packed(dict(split(content))), folder)


# --- what earlier commands wrote ---------------------------------------------------------------------------------

RUN = ("manifest.json", "results.json")


@cache
def _run() -> dict[str, bytes]:
    """Return the files of a finished run."""
    import tempfile

    from support.run_folders import Stated, write_stated_run

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        by = {"race": {"White": (30, 60), "Asian": (3, 20), "Black": (20, 40)}}
        write_stated_run(place, [Stated("wcv", by), Stated("lsc", by)])
        return {path.name: path.read_bytes() for path in place.iterdir()}


def _run_seeds() -> tuple[bytes, bytes]:
    """Return what the run wrote, and the same with everything that a manifest can say."""
    manifest, results = (json.loads(_run()[name]) for name in RUN)
    stage = {"measure": "wcv", "rate": "wcv", "unit": "persons", "persons": None}
    results["waterfall"] = [
        {**stage, "stage": 0, "kind": "start", "label": "everybody", "removed": 0, "remaining": 150},
        {**stage, "stage": 1, "kind": "step", "label": "s", "removed": 30, "remaining": 120},
        {**stage, "stage": 2, "kind": "numerator", "label": "n", "removed": 67, "remaining": 53},
    ]
    numbers = {"part": 50, "whole": None, "member_months": 1200.0, "value": 41.7, "low": 30.0, "high": 52.1}
    names = {"measure": "amb", "rate": "amb", "dimension": "total", "stratum": "total", "status": "value"}
    results["amounts"] = [{**names, **numbers, "kind": "events_per_1000_member_months"}]
    results["measures"].append(
        {"id": "amb", "title": "A", "rates": [{"id": "amb", "title": "A", "lower_is_better": True}]}
    )
    manifest["measures"][0] |= {"parameters": {"gap_unit": "day"}, "value_sets": ["v"], "members": {"lsc": "0" * 64}}
    manifest |= {
        "value_sets": [{"name": "v", "digest": "0" * 64}],
        "inputs": [{"table": "eligibility", "name": "eligibility.parquet", "rows": 3, "footer_sha256": "0" * 64}],
        "category_systems": {"race": {"id": "race_omb1997", "sha256": "0" * 64, "tabulation": None}},
        "attribution": {"rule": "r"},
        "supplemental": {"shown": "with"},
        "bad_rows": {"eligibility": 2},
        "as_of": "2025-12-31",
    }
    parts = {RUN[0]: json.dumps(manifest) + "\n", RUN[1]: json.dumps(results) + "\n"}
    return joined({name: _run()[name] for name in RUN}), joined(parts)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _run_folder(content: bytes, folder: Path) -> Said:
    """Compare a run with one whose manifest and results were changed, and take it for an earlier one."""
    from vbpmeasure.comparison.compare import compare
    from vbpmeasure.comparison.files import comparison_csv, comparison_json, steps_csv
    from vbpmeasure.comparison.screen import comparison_text
    from vbpmeasure.runs.previous import Now, previous

    files = _run()
    for place in ("good", "bad"):
        for name, whole in files.items():
            _file(folder, f"{place}/{name}", whole)
    bad = folder / "in" / "bad"
    write(content, bad, RUN, "manifest.json")
    # The manifest says which results are its own: else nothing behind that question would ever be read.
    said = (bad / RUN[0]).read_bytes()
    now = _sha((bad / RUN[1]).read_bytes()).encode()
    (bad / RUN[0]).write_bytes(re.sub(rb'("results.json":\s*")[0-9a-f]{64}', lambda found: found[1] + now, said))
    failures: list[Failure] = []
    for old, new in ((bad, folder / "in" / "good"), (folder / "in" / "good", bad)):
        try:
            found = compare(old, new, 5.0)
            comparison_csv(found)
            comparison_json(found)
            steps_csv(found)
            comparison_text(found, 100)
            yield from found.findings
        except Failure as failure:
            failures.append(failure)
    good = json.loads(files["manifest.json"])
    yield from previous([bad], Now(good, ("race",), {})).findings
    if failures:
        raise failures[0]


def _counts_seed() -> bytes:
    from unit.results.partial.test_settled import counted, whole_frame
    from vbpmeasure.results.partial.wire import to_bytes

    systems = _shipped_systems()
    return to_bytes(counted(whole_frame(20), "race,payer", systems, choose(systems, Choice("spd15", None))))


def _counts(content: bytes, folder: Path) -> Said:
    """Read counts that carry the digest of whatever they are; and the bytes as a file of their own."""
    place = folder / "in"
    place.mkdir()
    (place / f"{'0' * 64}.counts").write_bytes(hashlib.sha256(content).digest() + content)
    (place / f"{'1' * 64}.counts").write_bytes(content)
    cache_of = CountCache(place)
    for key in ("0" * 64, "1" * 64):
        cache_of.get(key)
    cache_of.kept()
    yield from ()


LAYOUT_FILE = "eligibility/bucket-0000-of-0002-part-001.parquet"


@cache
def _laid() -> dict[str, bytes]:
    """Return the files of two buckets of a few people."""
    import tempfile

    from vbpmeasure.commands.bucketing import BucketRequest, bucket
    from vbpmeasure.sample import write_sample

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_sample(place / "data", people=20, seed=5, year=YEAR)
        kept = {"eligibility.parquet", "medical_claim.parquet"}
        for path in (place / "data").iterdir():
            if path.name not in kept:
                path.unlink()
        bucket(BucketRequest(place / "data", place / "laid", 2))
        laid = place / "laid"
        return {p.relative_to(laid).as_posix(): p.read_bytes() for p in sorted(laid.rglob("*")) if p.is_file()}


def _layout(content: bytes, folder: Path) -> Said:
    for name, whole in _laid().items():
        _file(folder, name, whole)
    _file(folder, RECORD, content)
    found = layout_of(folder / "in", Stores(NO_ACCESS))
    bound, layout = open_data(folder / "in", tables=["eligibility"], sources={})
    if layout is not None:
        for buckets in (1, 2, 3):
            layout.narrowed(bound, buckets, buckets - 1)
    if found is not None:
        found.record()
    yield from bound.warnings


def _lock(content: bytes, folder: Path) -> Said:
    """Begin a run beside the lock and the record that an earlier one left."""
    for name, part in split(content):
        _file(folder, "run/manifest.json" if name == "manifest.json" else ".run.lock", part)
    said: list[Diagnostic] = []
    try:
        with RunFolder(folder / "in" / "run", said.append) as out:
            out.commit({"tool": "vbpmeasure"})
    finally:
        yield from said


def _key(content: bytes, folder: Path) -> Said:
    path = _file(folder, "key", content)
    path.chmod(0o600)
    found = pseudonyms(str(path))
    assert found is not None
    found.of("p1")
    yield found.key_check
    yield repr(found)


def _sums(path: Path) -> None:
    read_sums(path)


HOLDER = {
    "boot": None,
    "host": socket.gethostname(),
    "pid": 2**22 + 1,  # more than Linux gives
    "process_start": "1",
    "started": "2025-01-01T00:00:00+00:00",
    "uptime": 3.5,
}
CONVERTED = {
    "tool": "vbpmeasure",
    "kind": "conversion",
    "converter": "fhir",
    "version": "1",
    "crosswalk": {"id": "x", "digest": "y", "confidence": "z", "used": {"codes.a": 1}},
}
BASELINE = {
    "schema_version": "1",
    "kind": "vbpmeasure-validation",
    "profile": {
        "medical_claim": {"rows": 5, "months": {"2025-01": 5}, "nulls": {"a": 0.5}, "codes": {"c": {"99391": 3}}}
    },
}


def _conversion(content: bytes, folder: Path) -> Said:
    path = _file(folder, "conversion_report.json", content)
    json.dumps(conversion_of(path.parent), allow_nan=False, ensure_ascii=False).encode()  # as a manifest is written
    yield from ()


def _json(*values: object) -> tuple[bytes, ...]:
    return tuple(json.dumps(value).encode() for value in values)


LOCK = joined(
    {
        "lock.json": json.dumps(HOLDER) + "\n",
        "manifest.json": json.dumps({"tool": "vbpmeasure", "files": ["a.csv"]}),
    }
)
VALUE_SETS = joined({"my_set.yaml": seeds.VALUE_SET, "other_set@2025.csv": seeds.STORED, "mapping.yaml": seeds.MAPPING})
CATEGORIES = joined(
    {
        "race.yaml": seeds.RACE,
        "codes.csv": seeds.RACE_CODES,
        "languages.csv": "code,base\nenglish,en\n",
        "ages.yaml": seeds.AGES,
    }
)
SHEETS = joined({name.rpartition("/")[2]: text for name, text in seeds.SHEET_PARTS.items() if name[0] == "x"})
_SHEET_WORDS = (
    b't="d"',
    b't="e"',
    b't="b"',
    b's="2"',
    b'date1904="1"',
    b'r="XFD9"',
    b"<v>",
    b"</c>",
    b"<c/>",
    b"0" * 300,
)
_YAML_WORDS = (b"period start", b"all", b"any", b"not", b"when", b"choose", b"rates: []", b"total_of: [fz_all]")
_CATEGORY_WORDS = (b"race.yaml", b"0..99999999999", b"22+", b"<3")
_TOML_WORDS = (b"[[x]]", b"[a.b]", b"'''", b"x = 1\n", b"{ a = 1 }", b"1979-05-27T07:32:00Z", b"07:32:00")


@cache
def targets() -> dict[str, Target]:
    """Return all targets by name."""
    made = (
        Target("yaml", _of_file("a.yaml", lambda p: read_yaml(p).to_plain()), seeds.plain(), "yaml"),
        Target("measure", _measure, seeds.measures(), "yaml", words=_YAML_WORDS),
        Target("fragment", _of_file("a.yaml", load_fragment), seeds.fragments(), "yaml", words=_YAML_WORDS),
        Target("deck", _of_file("cases.yaml", read_deck), seeds.decks(), "yaml"),
        Target("value_sets", _value_sets, (VALUE_SETS,), "yaml"),
        Target("categories", _categories, (CATEGORIES,), "yaml", words=_CATEGORY_WORDS),
        Target("languages", _of_file("a.csv", _languages), (seeds.LANGUAGES,), "csv"),
        Target(
            "benchmarks",
            _of_file("a.yaml", lambda p: load_benchmarks([p])),
            seeds.shipped("benchmarks/public_figures.yaml"),
            "yaml",
        ),
        Target("mandate", _mandate, seeds.MANDATE, "yaml"),
        Target("core_set", _of_file("a.yaml", load_mapping), seeds.shipped("exports/child_core_set.yaml"), "yaml"),
        Target("attribution", _rule, seeds.shipped("attribution/primary_care_visits.yaml"), "yaml"),
        Target("source_codes", _of_file("a.yaml", _crosswalk), seeds.crosswalks(), "yaml"),
        Target("configuration", _configuration, (seeds.TOML.encode(),), "toml", words=_TOML_WORDS),
        Target("fhir", _fhir("all.ndjson", "synthea"), seeds.FHIR, "ndjson", data=True),
        Target("fhir_bundle", _fhir("all.json"), (seeds.BUNDLE, seeds.NDJSON), "json", data=True),
        Target("synthea", _synthea, tuple(map(seeds.synthea_export, (1, 2, 3))), "csv", data=True),
        Target("import_csv", _import("list.csv"), seeds.CODE_LISTS, "csv"),
        Target("import_fhir", _import("list.json"), seeds.VALUE_SETS_JSON, "json"),
        Target("import_workbook", _import("list.xlsx"), (seeds.workbook(),), "bytes"),
        Target("import_sheets", _sheets, (SHEETS,), "bytes", words=_SHEET_WORDS),
        Target("run_folder", _run_folder, _run_seeds(), "json"),
        Target("counts", _counts, (_counts_seed(),), "bytes"),
        Target("bucket_layout", _layout, (_laid()[RECORD],), "json"),
        Target("lock", _lock, (LOCK,), "json"),
        Target("conversion_report", _conversion, _json(CONVERTED), "json"),
        Target("baseline", _of_file("a.json", read_baseline), _json(BASELINE), "json"),
        Target("checksums", _of_file("SHA256SUMS", _sums), (b"0" * 64 + b"  eligibility.parquet\n",), "bytes"),
        Target("parquet", tables.read_tables, tables.parquet_seeds(), "bytes", data=True),
        Target(
            "results", tables.read_results, tables.result_seeds(), "json", words=(b"<zqtag>", b"race*sex", b"total")
        ),
        Target("pseudonym_key", _key, (b"0123456789abcdef" * 2 + b"\n",), "bytes"),
    )
    return {target.name: target for target in made}
