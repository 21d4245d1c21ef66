"""Data on an object store, Delta tables and Iceberg tables: the rows and results are those of the plain folder."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from support.commands import DataFolder, Ran, write_small_data
from support.inside import run_inside
from support.stores import KEY, SECRET, SECRETS, Bucket, free_port
from vbpmeasure.cli.asked import configured
from vbpmeasure.commands import explaining
from vbpmeasure.data import opened
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.opening import open_data
from vbpmeasure.data.fingerprint import fingerprints
from vbpmeasure.data.remote.versions import versions
from vbpmeasure.data.steady import look, refuse_change
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.request import data_place

RESULTS = ("results.csv", "results.json", "results.parquet", "waterfall.csv")
Worlds = tuple[DataFolder, DataFolder]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """Return the small data, and the same with a third of its claims: an earlier state."""
    place = tmp_path_factory.mktemp("worlds")
    new, old = write_small_data(place / "new"), write_small_data(place / "old")
    old.write("medical_claim", new.table("medical_claim").head(12))
    return new, old


def run(data: object, out: Path, *more: object, **env: str) -> Ran:
    named = ["--data", str(data)] if data is not None else []
    words = ["run", "wcv", "--year", "2025", "--by", "race", "--out", str(out)]
    return run_inside(*words, *named, *map(str, more), env={**SECRETS, **env})


def results(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in RESULTS}


def manifest(out: Path) -> dict[str, Any]:
    found = json.loads((out / "manifest.json").read_text())
    assert isinstance(found, dict)
    return found


def shows_no_secret(out: Path) -> None:
    text = (out / "manifest.json").read_text()
    assert KEY not in text
    assert SECRET not in text


def bound_at(place: object, config: Path | None = None, *versions: str) -> BoundData:
    """Return the data as every command opens it."""
    text = None if place is None else str(place)
    found = configured.settings(config or "none", data=text, as_of_version=versions)
    bound, _ = open_data(data_place(text, found.tables), sources=found.tables, access=found.access)
    return bound


def claims(bound: BoundData) -> list[tuple[object, ...]]:
    """Return the rows of the claims, sorted: versions of a table have no order of their own."""
    frame = bound.tables["medical_claim"].frame
    return sorted(frame.select(sorted(frame.collect_schema().names())).collect().rows())


def refusal(place: object, config: Path | None = None, *versions: str) -> str:
    """Return what is said of data that is refused, and see that no secret is."""
    with pytest.raises(Failure) as caught:
        bound_at(place, config, *versions)
    said = "\n".join(repr(d) for d in caught.value.diagnostics)
    assert KEY not in said
    assert SECRET not in said
    return said


@pytest.fixture(scope="module")
def plain_run(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run on the small data."""
    out = tmp_path_factory.mktemp("plain") / "run"
    assert run(worlds[0].path, out).code == 0
    return out


def test_objects_give_the_bytes_and_fingerprints_of_files(
    bucket: Bucket, worlds: Worlds, plain_run: Path, tmp_path: Path
) -> None:
    parts = tmp_path / "parts"
    (parts / "medical_claim").mkdir(parents=True)
    table = worlds[0].table("medical_claim")
    table.head(20).write_parquet(parts / "medical_claim" / "part-0.parquet")
    table.tail(10).write_parquet(parts / "medical_claim" / "part-1.parquet")
    (parts / "medical_claim" / "_SUCCESS").touch()
    shutil.copy(worlds[0].file("eligibility"), parts)
    config = bucket.config(tmp_path)
    uri = bucket.put(parts, "parts")
    more = ("--cache", "--cache-dir", tmp_path / "kept", "--config", config)
    there = run(uri, tmp_path / "b", *more, "--buckets", "3", "--openlineage", tmp_path / "events")
    assert there.code == 0, there.stderr
    assert results(tmp_path / "b") == results(plain_run)
    here = bound_at(parts)
    assert manifest(tmp_path / "b")["inputs"] == [asdict(one) for one in fingerprints(here)]
    assert claims(bound_at(uri, config)) == claims(here)
    (*_, ended) = map(json.loads, (tmp_path / "events").read_text().splitlines())
    named = {(one["namespace"], one["name"]) for one in ended["inputs"]}
    assert named == {("s3://claims", "parts/eligibility.parquet"), ("s3://claims", "parts/medical_claim")}
    again = run(uri, tmp_path / "again", *more, "--previous", tmp_path / "b")
    assert again.code == 0, again.stderr
    assert "VBM631" not in again.stderr, "the earlier run has the same input"
    assert manifest(tmp_path / "again")["carried_over"] == ["wcv"]

    glob = f'[tables.medical_claim]\npath = "{uri}/medical_*/part-*.parquet"\n'
    glob += f'[tables.eligibility]\npath = "{uri}/eligibility.parquet"\n'
    placed = bound_at(None, bucket.config(tmp_path, glob))
    assert claims(placed) == claims(here)
    assert [one.footer_sha256 for one in fingerprints(placed)] == [one.footer_sha256 for one in fingerprints(here)]
    shows_no_secret(tmp_path / "b")
    looked = run_inside("doctor", "--data", uri, "--config", bucket.config(tmp_path), env=SECRETS)
    assert "data: medical_claim" in looked.stdout
    assert "2 files" in looked.stdout


def test_the_other_commands_read_objects_too(bucket: Bucket, worlds: Worlds, plain_run: Path, tmp_path: Path) -> None:
    uri = bucket.put(worlds[0].path, "commands")
    config = bucket.config(tmp_path)
    at = ("--data", uri, "--config", config)
    checked = run_inside("validate", "--year", "2025", *at, env=SECRETS)
    assert checked.code in (0, 1), checked.stderr
    listed = run_inside("gaps", "wcv", "--year", "2025", "--out", tmp_path / "gaps", *at, env=SECRETS)
    assert listed.code == 0, listed.stderr
    gaps = (tmp_path / "gaps" / "gaps.csv").read_text()
    assert (gaps.count("PLANTEDMEMBER"), gaps.count(",closed,")) == (60, 30)
    question = explaining.Question("wcv", 2025)
    found = configured.settings(config)
    answers = {
        explaining.person(question, explaining.inputs(str(place), found.tables, found.access), "PLANTEDMEMBER007")
        for place in (uri, worlds[0].path)
    }
    assert len(answers) == 1
    layout = tmp_path / "layout"
    laid = run_inside("bucket", uri, layout, "--buckets", "2", "--config", config, env=SECRETS)
    assert laid.code == 0, laid.stderr
    assert claims(bound_at(layout)) == claims(bound_at(worlds[0].path))
    moved = bucket.put(layout, "layout")
    assert run(moved, tmp_path / "moved", "--config", config, "--buckets", "2").code == 0
    assert results(tmp_path / "moved") == results(plain_run)
    assert manifest(tmp_path / "moved")["inputs"] == manifest(plain_run)["inputs"]
    first = next((layout / "medical_claim").iterdir())
    bucket.write(f"layout/medical_claim/{first.name}", first.read_bytes()[:-8] + b"12345678")
    assert "VBM346" in refusal(moved, config)


def test_an_address_that_only_polars_reads_keeps_no_counts(
    worlds: Worlds, plain_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There is no network: what Polars would fetch is read here, and all else is as for the address.
    real, here = opened._scanned, str(worlds[0].file("medical_claim"))
    monkeypatch.setattr(opened, "_scanned", lambda source: real(replace(source, path=here)))
    (tmp_path / "web.toml").write_text(
        f'[tables.eligibility]\npath = "{worlds[0].file("eligibility")}"\n'
        '[tables.medical_claim]\npath = "https://data.example/medical_claim.parquet"\n'
    )
    ran = run(None, tmp_path / "a", "--config", tmp_path / "web.toml", "--cache", "--cache-dir", tmp_path / "kept")
    assert (ran.code, ran.stderr.count("VBM398")) == (0, 1), ran.stderr
    assert results(tmp_path / "a") == results(plain_run)
    assert not list((tmp_path / "kept").rglob("*.*"))
    (known,) = [one for one in manifest(tmp_path / "a")["inputs"] if one["table"] == "medical_claim"]
    assert (known["name"], known["rows"], known["footer_sha256"]) == ("medical_claim.parquet", 30, None)
    compared = run_inside("compare", tmp_path / "a", plain_run)
    assert "30 rows (not known)" in compared.stdout


def test_objects_that_change_while_they_are_read(bucket: Bucket, worlds: Worlds, tmp_path: Path) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    new, old = worlds
    config = bucket.config(tmp_path)
    uri = bucket.put(write_delta(old, new, tmp_path / "delta"), "changing")
    bound = bound_at(uri, config)
    seen = look(bound)
    assert claims(bound) == claims(bound_at(new.path))
    refuse_change(bound, seen)
    # Other rows in a file of the same size and schema: neither size nor footer need tell.
    changed = bytearray(new.file("eligibility").read_bytes())
    changed[100] ^= 1
    bucket.write("changing/eligibility.parquet", bytes(changed))
    with pytest.raises(Failure, match="VBM345") as caught:
        refuse_change(bound, seen)
    assert "changing/eligibility.parquet" in str(caught.value.diagnostics[0].where)
    assert look(bound_at(uri, config)).stamps != seen.stamps, "nor may counts of the other be taken from the cache"
    bucket.write("changing/eligibility.parquet", new.file("eligibility").read_bytes())
    refuse_change(bound, seen)
    bucket.filesystem.delete_file("claims/changing/medical_claim/_delta_log/00000000000000000001.json")
    with pytest.raises(Failure, match="VBM345"):
        refuse_change(bound, seen)
    assert claims(bound_at(uri, config)) == claims(bound_at(old.path))


def write_delta(old: DataFolder, new: DataFolder, folder: Path) -> Path:
    """Write the claims as a Delta table of two versions; the files of the first stay below the second."""
    folder.mkdir()
    shutil.copy(new.file("eligibility"), folder)
    old.table("medical_claim").write_delta(folder / "medical_claim")
    new.table("medical_claim").write_delta(folder / "medical_claim", mode="overwrite")
    return folder


def test_a_delta_table_is_read_at_its_newest_and_at_older_versions(
    bucket: Bucket, worlds: Worlds, tmp_path: Path
) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    new, old = worlds
    data = write_delta(old, new, tmp_path / "data")
    newest, earlier = claims(bound_at(new.path)), claims(bound_at(old.path))
    assert newest != earlier
    uri = bucket.put(data, "delta")
    config = bucket.config(tmp_path)
    for place in (data, uri):
        states = [bound_at(place, config), bound_at(place, config, "medical_claim=0")]
        assert [claims(one) for one in states] == [newest, earlier]
        pinned = [one.tables["medical_claim"].versions[0] for one in states]
        assert [(v.format, v.version, v.rows) for v in pinned] == [("delta", "1", 30), ("delta", "0", 12)]
        assert pinned[0].table_id == pinned[1].table_id
        missing = refusal(place, config, "medical_claim=7")
        assert "VBM378" in missing
        assert "no version 7; there are 0, 1" in missing
    table = f'[tables.medical_claim]\npath = "delta+{uri}/medical_claim"\nversion = 0\n'
    table += f'[tables.eligibility]\npath = "{uri}/eligibility.parquet"\n'
    placed = run(None, tmp_path / "placed", "--config", bucket.config(tmp_path, table))
    assert placed.code == 0, placed.stderr
    assert claims(bound_at(None, config)) == earlier
    shows_no_secret(tmp_path / "placed")
    told = manifest(tmp_path / "placed")
    assert told["sources"]["medical_claim"][0]["version"] == "0"
    version = next(one for one in told["inputs"] if one["table"] == "medical_claim")
    assert (version["format"], version["version"], version["rows"]) == ("delta", "0", 12)
    # A number for all tables needs tables that all have versions.
    plain = run(data, tmp_path / "none", "--as-of-version", "0")
    assert (plain.code, "VBM411" in plain.stderr, "eligibility" in plain.stderr) == (2, True, True)


def test_a_layout_made_from_a_version_of_a_table(worlds: Worlds, tmp_path: Path) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    new, old = worlds
    data = write_delta(old, new, tmp_path / "data")
    config = tmp_path / "v.toml"
    config.write_text(
        '[run]\nas_of_version = "medical_claim=0"\n'.replace('"medical_claim=0"', "{ medical_claim = 0 }")
    )
    laid = run_inside("bucket", data, tmp_path / "layout", "--buckets", "2", "--config", config)
    assert laid.code == 0, laid.stderr
    there, source = bound_at(tmp_path / "layout"), bound_at(data, None, "medical_claim=0")
    assert claims(there) == claims(source)
    record = json.loads((tmp_path / "layout" / "bucket_layout.json").read_text())
    (version,) = [one for one in record["inputs"] if one["table"] == "medical_claim"]
    assert (version["format"], version["version"]) == ("delta", "0")


def test_a_delta_log_that_is_broken_and_files_that_were_vacuumed(worlds: Worlds, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="the extra delta is not installed")
    data = write_delta(worlds[1], worlds[0], tmp_path / "data")
    table = data / "medical_claim"
    first = deltalake.DeltaTable(str(table), version=0).file_uris()
    Path(first[0]).unlink()
    assert "VBM378" in refusal(data, None, "medical_claim=0")
    log = table / "_delta_log" / "00000000000000000001.json"
    log.write_text(log.read_text()[:300])
    broken = run(data, tmp_path / "out")
    assert (broken.code, "VBM379" in broken.stderr) == (3, True), broken.stderr
    checked = run_inside("validate", "--data", str(data), "--year", "2025")
    assert (checked.code, "VBM379" in checked.stdout) == (3, True), checked.stdout


def test_an_iceberg_table_by_folder_metadata_and_catalog(worlds: Worlds, plain_run: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyiceberg", reason="the extra iceberg is not installed")
    pytest.importorskip("sqlalchemy", reason="the development extra is not installed: sqlalchemy")
    from pyiceberg.catalog.sql import SqlCatalog

    new, old = worlds
    uri, warehouse = f"sqlite:///{tmp_path}/catalog.db", f"file://{tmp_path}/lake"
    catalog = SqlCatalog("clinic", uri=uri, warehouse=warehouse)
    catalog.create_namespace("health")
    place = f"file://{tmp_path}/data/medical_claim"
    rows = new.table("medical_claim").to_arrow()
    table = catalog.create_table("health.claims", schema=rows.schema, location=place)
    table.append(old.table("medical_claim").to_arrow())
    table.overwrite(rows)
    snapshots = [one.snapshot_id for one in table.snapshots()]
    first, last = snapshots[0], table.current_snapshot().snapshot_id
    shutil.copy(new.file("eligibility"), tmp_path / "data")
    newest = claims(bound_at(new.path))

    found = run(tmp_path / "data", tmp_path / "folder")
    assert found.code == 0, found.stderr
    assert results(tmp_path / "folder") == results(plain_run)
    pinned = next(i for i in manifest(tmp_path / "folder")["inputs"] if i["table"] == "medical_claim")
    assert (pinned["format"], pinned["version"]) == ("iceberg", str(last))
    assert claims(bound_at(tmp_path / "data", None, f"medical_claim={first}")) == claims(bound_at(old.path))
    missing = refusal(tmp_path / "data", None, "medical_claim=7")
    assert "VBM378" in missing
    assert str(first) in missing

    eligibility = f'[tables.eligibility]\npath = "{tmp_path}/data/eligibility.parquet"\n'
    for text in (
        f'[tables.medical_claim]\npath = "{table.metadata_location}"\nformat = "iceberg"\n',
        '[tables.medical_claim]\npath = "health.claims"\ncatalog = "clinic"\n'
        f'[catalogs.clinic]\ntype = "sql"\nuri = "{uri}"\nwarehouse = "{warehouse}"\n',
    ):
        (tmp_path / "v.toml").write_text(eligibility + text)
        assert claims(bound_at(None, tmp_path / "v.toml")) == newest
    (tmp_path / "v.toml").write_text(eligibility + text.replace("health.claims", "health.other"))
    assert "VBM379" in refusal(None, tmp_path / "v.toml")
    # A snapshot that comes while another is read changes nothing; a table that goes away does.
    (tmp_path / "v.toml").write_text(eligibility + text)
    bound = bound_at(None, tmp_path / "v.toml")
    seen = look(bound)
    table.append(old.table("medical_claim").to_arrow())
    refuse_change(bound, seen)
    assert claims(bound) == newest
    assert fingerprints(bound_at(None, tmp_path / "v.toml")) != seen.files
    catalog.drop_table("health.claims")
    with pytest.raises(Failure, match="VBM345"):
        refuse_change(bound, seen)


def test_an_iceberg_table_on_an_object_store(bucket: Bucket, worlds: Worlds, tmp_path: Path) -> None:
    pytest.importorskip("pyiceberg", reason="the extra iceberg is not installed")
    pytest.importorskip("sqlalchemy", reason="the development extra is not installed: sqlalchemy")
    from pyiceberg.catalog.sql import SqlCatalog

    uri = f"sqlite:///{tmp_path}/catalog.db"
    reached = {"s3.endpoint": bucket.endpoint, "s3.access-key-id": KEY, "s3.secret-access-key": SECRET}
    catalog = SqlCatalog("clinic", uri=uri, warehouse="s3://claims/lake", **reached, **{"s3.region": "us-east-1"})
    catalog.create_namespace("health")
    rows = worlds[0].table("medical_claim").to_arrow()
    table = catalog.create_table("health.claims", schema=rows.schema, location="s3://claims/ice/medical_claim")
    table.append(rows.slice(0, 12))
    table.append(rows.slice(12))
    bucket.write("ice/eligibility.parquet", worlds[0].file("eligibility").read_bytes())
    config = bucket.config(tmp_path)
    newest = claims(bound_at(worlds[0].path))
    assert claims(bound_at("s3://claims/ice", config)) == newest
    first = table.snapshots()[0].snapshot_id
    assert claims(bound_at("s3://claims/ice", config, f"medical_claim={first}")) == claims(bound_at(worlds[1].path))
    # The keys of [storage] serve the catalog, too.
    placed = '[tables.eligibility]\npath = "s3://claims/ice/eligibility.parquet"\n'
    placed += '[tables.medical_claim]\npath = "health.claims"\ncatalog = "clinic"\n'
    placed += f'[catalogs.clinic]\ntype = "sql"\nuri = "{uri}"\nwarehouse = "s3://claims/lake"\n'
    bound = bound_at(None, bucket.config(tmp_path, placed))
    seen = look(bound)
    assert claims(bound) == newest
    refuse_change(bound, seen)
    bucket.filesystem.delete_file(table.current_snapshot().manifest_list.removeprefix("s3://"))
    with pytest.raises(Failure, match="VBM345"):
        refuse_change(bound, seen)


def test_what_a_store_refuses_has_a_code_and_shows_no_secret(bucket: Bucket, worlds: Worlds, tmp_path: Path) -> None:
    config = bucket.config(tmp_path)
    bucket.put(worlds[0].path, "plain")
    for uri, code in (("s3://nobody/x", "VBM376"), ("s3://claims/nothing", "VBM302"), ("ftp://claims/x", "VBM402")):
        assert code in refusal(uri, config)
    ran = run("ftp://claims/x", tmp_path / "out", "--config", config)
    assert (ran.code, "VBM402" in ran.stderr) == (2, True), ran.stderr
    ran = run("s3://nobody/x", tmp_path / "out", "--config", config)
    assert (ran.code, "VBM376" in ran.stderr) == (3, True), ran.stderr
    login = run(f"s3://{KEY}:{SECRET}@claims/x", tmp_path / "out")
    assert (login.code, "VBM131" in login.stderr) == (2, True), login.stderr
    unset = run("s3://claims/plain", tmp_path / "out", "--config", config, VBPMEASURE_KEY="")
    assert (unset.code, "VBM130" in unset.stderr) == (2, True), unset.stderr
    with free_port() as held:
        nobody = bucket.config(tmp_path, port=held.getsockname()[1])
        assert "VBM377" in refusal("s3://claims/plain", nobody)
    with bucket.refusing():
        ran = run("s3://claims/plain", tmp_path / "out", "--config", bucket.config(tmp_path))
        assert (ran.code, "VBM372" in ran.stderr) == (3, True), ran.stderr
        placed = '[tables.eligibility]\npath = "s3://claims/plain/eligib*"\n'
        placed += '[tables.medical_claim]\npath = "s3://claims/plain/medical_claim.parquet"\n'
        assert "VBM372" in refusal(None, bucket.config(tmp_path, placed))
    assert not os.path.lexists(tmp_path / "out" / "manifest.json")


def test_secrets_in_the_configuration_are_refused_unseen(tmp_path: Path) -> None:
    misspelled = f'[storage.s3]\nsecret_acess_key = "{SECRET}"\n[storage.az]\naccount_key = {{ env = "{SECRET}-" }}\n'
    written = f'[storage.s3]\nsecret_access_key = "{SECRET}"\n[catalogs.c]\nuri = "postgresql://{KEY}:{SECRET}@h/db"\n'
    for text in (misspelled, written):
        (tmp_path / "v.toml").write_text(text)
        ran = run_inside("run", "wcv", "--data", "sample", "--year", "2025", "--config", tmp_path / "v.toml")
        assert ran.code == 2
        assert [f"v.toml:{line}" in ran.stderr for line in (2, 4)] == [True, True], ran.stderr


def test_versions_that_cannot_be_asked_for(worlds: Worlds, tmp_path: Path) -> None:
    wrong = ("x", "medical_claim=", "=3", "medical_clam=3", "medical_claim=-1")
    for text in wrong:
        with pytest.raises(Failure) as caught:
            versions([text])
        assert [d.code for d in caught.value.diagnostics] == ["VBM411"]
    more = [word for text in wrong for word in ("--as-of-version", text)]
    ran = run(worlds[0].path, tmp_path / "out", *more)
    assert (ran.code, ran.stderr.count("VBM411")) == (2, len(wrong)), ran.stderr
