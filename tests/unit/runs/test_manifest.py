"""The manifest and the files of a run."""

import datetime as dt
import hashlib
import json
import stat

import polars as pl
import pytest

from support.tables import amounts, rate_table, waterfalls
from unit.results.test_amounts import frame as frame_of_amounts
from vbpmeasure.disk.folder import RunFolder, manifest_bytes
from vbpmeasure.plan.dates import Anchor, DateExpr
from vbpmeasure.plan.events import EventSet, Role, Trigger
from vbpmeasure.plan.flags import AgeBetween
from vbpmeasure.plan.measures import CodeSet, MeasurePlan, Program, Proportion, Step, calendar_year
from vbpmeasure.results.disclosure.policy import INTERNAL, PUBLIC
from vbpmeasure.results.disclosure.published import PublishedTable
from vbpmeasure.results.frame import ROW_SCHEMA, RateKey, ResultFrame
from vbpmeasure.results.person_level import person_level
from vbpmeasure.results.reported import shares
from vbpmeasure.runs.manifest import build_manifest
from vbpmeasure.runs.writer import write_run


@pytest.fixture
def program():
    flag = AgeBetween(3, 21, DateExpr(Anchor.PERIOD_END))
    rate = Proportion("r", "R", (Step("s", flag),), (), flag)
    plan = MeasurePlan("m", "M", "2025", "active", (rate,), {"age": 3}, ("v", "u"), digest="d1")
    sets = {name: CodeSet(name, {"CPT": frozenset({"1"})}, digest=f"d-{name}") for name in ("v", "u")}
    assert EventSet((Trigger(Role.ANY, ("v",)),))
    return Program((plan,), calendar_year(2025), sets)


@pytest.fixture
def frame():
    rows = [{**dict.fromkeys(ROW_SCHEMA), "rate": 0, "person": p, "numerator": p % 2 == 0} for p in range(100)]
    key = RateKey("m", "r", "M", "R", ("s",), ())
    people = pl.DataFrame({"person_id": [f"PLANTED-{i}" for i in range(300)]})
    return ResultFrame(calendar_year(2025), (key,), pl.DataFrame(rows, schema=ROW_SCHEMA), people)


def publish(frame, policy=PUBLIC):
    return PublishedTable(rate_table(frame), policy, waterfalls(frame), {"race": 3})


def test_the_manifest(program, frame):
    manifest = build_manifest(
        program,
        publish(frame),
        inputs=[{"table": "eligibility", "sha256": "abc", "rows": 300}],
        counters={"bad_rows": 4, "conflicts": 0, "claims": 5000, "people": 300},
        by=["race"],
    )
    assert manifest["period"] == {"start": "2025-01-01", "end": "2025-12-31"}
    assert manifest["measures"] == [
        {
            "id": "m",
            "edition": "2025",
            "definition_status": "active",
            "digest": "d1",
            "parameters": {"age": 3},
            "value_sets": ["v", "u"],
            "status": "written",
        }
    ]
    assert manifest["value_sets"] == [{"name": "u", "digest": "d-u"}, {"name": "v", "digest": "d-v"}]
    assert manifest["counters"] == {"bad_rows": "1-10", "conflicts": 0, "claims": 5000}
    assert manifest["unmapped_codes"] == {"race": "1-10"}
    assert manifest["people"] == 300
    assert manifest["suppression"]["profile"] == "public"
    assert manifest["polars_version"] == pl.__version__
    assert "as_of" not in manifest


def test_what_is_given_is_recorded(program, frame):
    manifest = build_manifest(
        program,
        publish(frame, INTERNAL),
        status={"m": "failed"},
        value_sets=[{"name": "v", "digest": "d", "source": "s", "confidence": "H"}],
        as_of=dt.date(2026, 1, 31),
    )
    assert manifest["as_of"] == "2026-01-31"
    assert manifest["measures"][0]["status"] == "failed"
    assert manifest["value_sets"][0]["confidence"] == "H"
    assert manifest["suppression"]["profile"] == "internal"


def test_a_hidden_number_of_people_is_hidden_everywhere(program, frame):
    few = ResultFrame(frame.period, frame.rates, frame.rows, frame.people.head(104))  # 4 outside the population
    inputs = [{"table": "eligibility", "rows": 104}, {"table": "medical_claim", "rows": 104}]
    manifest = build_manifest(program, publish(few), inputs=inputs, counters={"people": 104})
    assert manifest["people"] is None
    assert manifest["counters"] == {}
    assert [i["rows"] for i in manifest["inputs"]] == [None, 104]


def test_no_clock_and_no_chance(program, frame):
    first, second = (manifest_bytes(build_manifest(program, publish(frame))) for _ in range(2))
    assert first == second
    assert first.endswith(b"\n")


def run(out, program, frame, policy=PUBLIC, persons=False):
    table = publish(frame, policy)
    with RunFolder(out) as folder:
        return write_run(folder, table, build_manifest(program, table), person_level(frame) if persons else None)


def test_the_files_of_a_run(tmp_path, program, frame):
    names = run(tmp_path / "out", program, frame)
    assert names == ("results.csv", "results.json", "results.parquet", "waterfall.csv", "suppression_audit.json")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["files"] == sorted(names)
    for name in names:
        content = (tmp_path / "out" / name).read_bytes()
        assert manifest["outputs"][name] == hashlib.sha256(content).hexdigest()
        assert b"PLANTED" not in content
    assert "PLANTED" not in json.dumps(manifest)


def test_two_runs_write_the_same_bytes(tmp_path, program, frame):
    for name in ("a", "b"):
        run(tmp_path / name, program, frame, persons=True)
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert len(files) == 8
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_without_suppression_names_say_so_and_files_are_private(tmp_path, program, frame):
    names = run(tmp_path / "out", program, frame, INTERNAL)
    assert names == (
        "results.unsuppressed.csv",
        "results.unsuppressed.json",
        "results.unsuppressed.parquet",
        "waterfall.unsuppressed.csv",
    )
    assert all(stat.S_IMODE((tmp_path / "out" / n).stat().st_mode) == 0o600 for n in names)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["suppression"]["profile"] == "internal"


@pytest.mark.parametrize(("policy", "mark", "mode"), [(PUBLIC, "", 0o644), (INTERNAL, ".unsuppressed", 0o600)])
def test_every_file_is_as_private_as_what_is_in_it(tmp_path, program, frame, policy, mark, mode):
    counted = frame_of_amounts([("chance", i, False, 1, 2) for i in range(60)], 60)
    table = PublishedTable(rate_table(shares(counted)), policy, others=(counted, amounts(counted)))
    some = pl.DataFrame({"field": ["race"], "direct": [24.5]})
    with RunFolder(tmp_path / "out") as folder:
        write_run(folder, table, build_manifest(program, table), person_level(frame), some, some, {"key": "word"})
    files = {p.relative_to(tmp_path / "out").as_posix(): p for p in (tmp_path / "out").rglob("*") if p.is_file()}
    modes = {name: stat.S_IMODE(path.stat().st_mode) for name, path in files.items()}
    assert modes.pop("person_level/person_level.parquet") == 0o600
    assert modes.pop("manifest.json") == modes.pop("_SUCCESS") == 0o644
    assert modes.pop("suppression_audit.json", None) == (0o644 if policy is PUBLIC else None)
    named = ("results.csv", "results.json", "results.parquet", "waterfall.csv", "amounts.csv", "supplemental.csv")
    names = (*named, "completeness.csv", "completeness.parquet")
    assert modes == {f"{stem}{mark}.{ending}": mode for stem, ending in (name.split(".") for name in names)}
    assert pl.read_parquet_metadata(files["person_level/person_level.parquet"])["key"] == "word"


def test_persons_only_when_asked_for(tmp_path, program, frame):
    out = tmp_path / "out"
    run(out, program, frame, persons=True)
    table = pl.read_parquet(out / "person_level" / "person_level.parquet")
    assert table.height == 100
    assert table["person_id"][0] == "PLANTED-0"
    run(out, program, frame)
    assert not (out / "person_level").exists()
