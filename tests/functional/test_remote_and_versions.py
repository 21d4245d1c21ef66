"""Data on an object store, Delta tables and Iceberg tables: the results are those of the plain folder."""

from __future__ import annotations

import json
import os
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.commands import Cli, DataFolder, Ran, write_small_data

RESULTS = ("results.csv", "results.json", "results.parquet", "waterfall.csv")
KEY, SECRET = "PLANTEDMEMBERKEY", "PLANTEDMEMBERSECRET"  # the fixture `cli` refuses output with these words
SECRETS = {"VBPMEASURE_KEY": KEY, "VBPMEASURE_SECRET": SECRET}


@dataclass
class Bucket:
    """A bucket of a server on this machine."""

    port: int
    filesystem: Any

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, folder: Path, prefix: str) -> str:
        for file in (f for f in sorted(folder.rglob("*")) if f.is_file()):
            with self.filesystem.open_output_stream(f"claims/{prefix}/{file.relative_to(folder)}") as stream:
                stream.write(file.read_bytes())
        return f"s3://claims/{prefix}"

    def config(self, folder: Path, more: str = "") -> Path:
        file = folder / "remote.toml"
        file.write_text(
            f'[storage.s3]\nendpoint = "{self.endpoint}"\naccess_key_id = {{ env = "VBPMEASURE_KEY" }}\n'
            f'secret_access_key = {{ env = "VBPMEASURE_SECRET" }}\n{more}'
        )
        return file


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    server = pytest.importorskip("moto.server", reason="the development extra is not installed: moto")
    from pyarrow import fs

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    _, port = running.get_host_and_port()
    system = fs.S3FileSystem(
        access_key=KEY,
        secret_key=SECRET,
        endpoint_override=f"http://127.0.0.1:{port}",
        region="us-east-1",
        allow_bucket_creation=True,
        request_timeout=120,
    )
    system.create_dir("claims")
    yield Bucket(port, system)
    running.stop()


def keys_from_request(bucket: Bucket, number: bytes) -> None:
    """Let the server look at keys from this request on."""
    address = f"{bucket.endpoint}/moto-api/reset-auth"
    ask = urllib.request.Request(address, data=number, method="POST", headers={"Content-Type": "text/plain"})
    urllib.request.urlopen(ask).close()


def run(cli: Cli, data: object, out: Path, *more: object, **env: str) -> Ran:
    words = ["run", "wcv", "--year", "2025", "--by", "race", "--out", str(out)]
    named = ["--data", str(data)] if data is not None else []
    return cli(*words, *named, *map(str, more), env={**SECRETS, **env})


def results(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in RESULTS}


def manifest(out: Path) -> dict[str, Any]:
    found = json.loads((out / "manifest.json").read_text())
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, DataFolder]:
    """Return the small data, and the same with a third of its claims: an earlier state."""
    place = tmp_path_factory.mktemp("worlds")
    new, old = write_small_data(place / "new"), write_small_data(place / "old")
    old.write("medical_claim", new.table("medical_claim").head(12))
    return new, old


def test_objects_give_the_bytes_and_fingerprints_of_files(
    cli: Cli, bucket: Bucket, worlds: tuple[DataFolder, DataFolder], tmp_path: Path
) -> None:
    plain = worlds[0]
    parts = tmp_path / "parts"
    (parts / "medical_claim").mkdir(parents=True)
    claims = plain.table("medical_claim")
    claims.head(20).write_parquet(parts / "medical_claim" / "part-0.parquet")
    claims.tail(10).write_parquet(parts / "medical_claim" / "part-1.parquet")
    (parts / "medical_claim" / "_SUCCESS").touch()
    plain.table("eligibility").write_parquet(parts / "eligibility.parquet")
    assert run(cli, parts, tmp_path / "a").code == 0
    config = bucket.config(tmp_path)
    uri = bucket.put(parts, "parts")
    there = run(cli, uri, tmp_path / "b", "--config", config)
    assert there.code == 0, there.stderr
    assert results(tmp_path / "a") == results(tmp_path / "b")
    assert manifest(tmp_path / "a")["inputs"] == manifest(tmp_path / "b")["inputs"]
    glob = f'[tables.medical_claim]\npath = "{uri}/medical_*/part-*.parquet"\n'
    glob += f'[tables.eligibility]\npath = "{uri}/eligibility.parquet"\n'
    placed = run(cli, None, tmp_path / "c", "--config", bucket.config(tmp_path, glob))
    assert placed.code == 0, placed.stderr
    assert results(tmp_path / "a") == results(tmp_path / "c")
    for out in ("b", "c"):
        text = (tmp_path / out / "manifest.json").read_text()
        assert KEY not in text
        assert SECRET not in text
    checked = cli("validate", "--data", uri, "--year", "2025", "--config", config, env=SECRETS)
    assert checked.code in (0, 1), checked.stderr
    looked = cli("doctor", "--data", uri, "--config", config, env=SECRETS)
    assert "data: medical_claim" in looked.stdout
    assert "2 files" in looked.stdout


def write_delta(old: DataFolder, new: DataFolder, folder: Path) -> Path:
    """Write the claims as a Delta table of two versions; the files of the first stay below the second."""
    folder.mkdir()
    new.table("eligibility").write_parquet(folder / "eligibility.parquet")
    old.table("medical_claim").write_delta(folder / "medical_claim")
    new.table("medical_claim").write_delta(folder / "medical_claim", mode="overwrite")
    return folder


def test_a_delta_table_is_read_at_its_newest_and_at_older_versions(
    cli: Cli, bucket: Bucket, worlds: tuple[DataFolder, DataFolder], tmp_path: Path
) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    new, old = worlds
    data = write_delta(old, new, tmp_path / "data")
    assert run(cli, new.path, tmp_path / "new").code == 0
    assert run(cli, old.path, tmp_path / "old").code == 0
    assert results(tmp_path / "new") != results(tmp_path / "old")
    uri = bucket.put(data, "delta")
    config = bucket.config(tmp_path)
    for place, name in ((data, "here"), (uri, "there")):
        newest = run(cli, place, tmp_path / f"{name}-1", "--config", config)
        assert newest.code == 0, newest.stderr
        assert results(tmp_path / f"{name}-1") == results(tmp_path / "new")
        older = run(cli, place, tmp_path / f"{name}-0", "--config", config, "--as-of-version", "medical_claim=0")
        assert older.code == 0, older.stderr
        assert results(tmp_path / f"{name}-0") == results(tmp_path / "old")
        versions = [
            one
            for out in (f"{name}-1", f"{name}-0")
            for one in manifest(tmp_path / out)["inputs"]
            if one["table"] == "medical_claim"
        ]
        assert [(v["format"], v["version"], v["rows"]) for v in versions] == [("delta", "1", 30), ("delta", "0", 12)]
        assert versions[0]["table_id"] == versions[1]["table_id"]
        missing = run(cli, place, tmp_path / "none", "--config", config, "--as-of-version", "medical_claim=7")
        assert missing.code == 3
        assert "VBM378" in missing.stderr
        assert "no version 7; there are 0, 1" in missing.stderr
    table = f'[tables.medical_claim]\npath = "delta+{uri}/medical_claim"\nversion = 0\n'
    table += f'[tables.eligibility]\npath = "{uri}/eligibility.parquet"\n'
    placed = run(cli, None, tmp_path / "placed", "--config", bucket.config(tmp_path, table))
    assert placed.code == 0, placed.stderr
    assert results(tmp_path / "placed") == results(tmp_path / "old")
    assert manifest(tmp_path / "placed")["sources"]["medical_claim"][0]["version"] == "0"
    # A number for all tables needs tables that all have versions.
    plain = run(cli, data, tmp_path / "none", "--as-of-version", "0")
    assert (plain.code, "VBM411" in plain.stderr, "eligibility" in plain.stderr) == (2, True, True)


def test_a_delta_log_that_is_broken_and_files_that_were_vacuumed(
    cli: Cli, worlds: tuple[DataFolder, DataFolder], tmp_path: Path
) -> None:
    deltalake = pytest.importorskip("deltalake", reason="the extra delta is not installed")
    data = write_delta(worlds[1], worlds[0], tmp_path / "data")
    table = data / "medical_claim"
    first = deltalake.DeltaTable(str(table), version=0).file_uris()
    Path(first[0]).unlink()
    gone = run(cli, data, tmp_path / "out", "--as-of-version", "medical_claim=0")
    assert (gone.code, "VBM378" in gone.stderr) == (3, True)
    log = table / "_delta_log" / "00000000000000000001.json"
    log.write_text(log.read_text()[:300])
    broken = run(cli, data, tmp_path / "out")
    assert (broken.code, "VBM379" in broken.stderr) == (3, True), broken.stderr
    checked = cli("validate", "--data", str(data), "--year", "2025")
    assert (checked.code, "VBM379" in checked.stdout) == (3, True), checked.stdout


def test_an_iceberg_table_by_folder_metadata_and_catalog(
    cli: Cli, worlds: tuple[DataFolder, DataFolder], tmp_path: Path
) -> None:
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
    new.table("eligibility").write_parquet(tmp_path / "data" / "eligibility.parquet")
    assert run(cli, new.path, tmp_path / "new").code == 0
    assert run(cli, old.path, tmp_path / "old").code == 0

    found = run(cli, tmp_path / "data", tmp_path / "folder")
    assert found.code == 0, found.stderr
    assert results(tmp_path / "folder") == results(tmp_path / "new")
    pinned = next(i for i in manifest(tmp_path / "folder")["inputs"] if i["table"] == "medical_claim")
    assert (pinned["format"], pinned["version"]) == ("iceberg", str(last))
    older = run(cli, tmp_path / "data", tmp_path / "older", "--as-of-version", f"medical_claim={first}")
    assert older.code == 0, older.stderr
    assert results(tmp_path / "older") == results(tmp_path / "old")
    missing = run(cli, tmp_path / "data", tmp_path / "none", "--as-of-version", "medical_claim=7")
    assert (missing.code, "VBM378" in missing.stderr) == (3, True)
    assert str(first) in missing.stderr

    eligibility = f'[tables.eligibility]\npath = "{tmp_path}/data/eligibility.parquet"\n'
    for text in (
        f'[tables.medical_claim]\npath = "{table.metadata_location}"\nformat = "iceberg"\n',
        '[tables.medical_claim]\npath = "health.claims"\ncatalog = "clinic"\n'
        f'[catalogs.clinic]\ntype = "sql"\nuri = "{uri}"\nwarehouse = "{warehouse}"\n',
    ):
        (tmp_path / "v.toml").write_text(eligibility + text)
        placed = run(cli, None, tmp_path / "placed", "--config", tmp_path / "v.toml")
        assert placed.code == 0, placed.stderr
        assert results(tmp_path / "placed") == results(tmp_path / "new")
    (tmp_path / "v.toml").write_text(eligibility + text.replace("health.claims", "health.other"))
    absent = run(cli, None, tmp_path / "placed", "--config", tmp_path / "v.toml")
    assert (absent.code, "VBM379" in absent.stderr) == (3, True), absent.stderr


def test_what_a_store_refuses_has_a_code_and_shows_no_secret(cli: Cli, bucket: Bucket, tmp_path: Path) -> None:
    config = bucket.config(tmp_path)
    for uri, code in (("s3://nobody/x", "VBM376"), ("s3://claims/nothing", "VBM302"), ("ftp://claims/x", "VBM402")):
        ran = run(cli, uri, tmp_path / "out", "--config", config)
        assert (ran.code, code in ran.stderr) == (2 if code == "VBM402" else 3, True), ran.stderr
    login = run(cli, f"s3://{KEY}:{SECRET}@claims/x", tmp_path / "out")
    assert (login.code, "VBM131" in login.stderr) == (2, True), login.stderr
    unset = run(cli, "s3://claims/parts", tmp_path / "out", "--config", config, VBPMEASURE_KEY="")
    assert (unset.code, "VBM130" in unset.stderr) == (2, True), unset.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = bucket.config(tmp_path).read_text().replace(str(bucket.port), str(free.getsockname()[1]))
        config.write_text(nobody)
        ran = run(cli, "s3://claims/parts", tmp_path / "out", "--config", config)
    assert (ran.code, "VBM377" in ran.stderr) == (3, True), ran.stderr
    # From here on the server looks at keys, and it knows none.
    keys_from_request(bucket, b"0")
    try:
        ran = run(cli, "s3://claims/parts", tmp_path / "out", "--config", bucket.config(tmp_path))
        assert (ran.code, "VBM372" in ran.stderr) == (3, True), ran.stderr
    finally:
        keys_from_request(bucket, b"Infinity")
    assert not os.path.lexists(tmp_path / "out" / "manifest.json")


@pytest.mark.parametrize(
    "text",
    [
        f'[storage.s3]\nsecret_access_key = "{SECRET}"\n',
        f'[storage.s3]\nsecret_acess_key = "{SECRET}"\n',
        f'[storage.az]\naccount_key = {{ env = "{SECRET}-" }}\n',
        f'[catalogs.clinic]\nuri = "postgresql://{KEY}:{SECRET}@host/db"\n',
    ],
)
def test_a_secret_in_the_configuration_is_refused_unseen(cli: Cli, tmp_path: Path, text: str) -> None:
    (tmp_path / "v.toml").write_text(text)
    ran = cli("run", "wcv", "--data", "sample", "--year", "2025", "--config", tmp_path / "v.toml")
    assert ran.code == 2
    assert "v.toml:2" in ran.stderr


@pytest.mark.parametrize("text", ["x", "medical_claim=", "=3", "medical_clam=3", "medical_claim=-1"])
def test_versions_that_cannot_be_asked_for(cli: Cli, small_data: DataFolder, tmp_path: Path, text: str) -> None:
    ran = run(cli, small_data.path, tmp_path / "out", "--as-of-version", text)
    assert (ran.code, "VBM411" in ran.stderr) == (2, True), ran.stderr
