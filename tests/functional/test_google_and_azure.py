"""Data on Google Cloud Storage and on Azure gives what the same files give; asked of emulators that somebody runs.

VBPMEASURE_TEST_AZURE is the endpoint of an Azurite (`http://127.0.0.1:10000/devstoreaccount1`), VBPMEASURE_TEST_GOOGLE
that of a fake-gcs-server (`http://127.0.0.1:4443`). Neither is a package that can be locked with the others.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.commands import DataFolder, write_small_data
from support.inside import run_inside
from support.stores import free_port
from vbpmeasure.cli.asked import configured
from vbpmeasure.data.bound import BoundData
from vbpmeasure.data.buckets.opening import open_data
from vbpmeasure.data.steady import look, refuse_change
from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.request import data_place

# The one key that an Azurite knows; anybody may read it in its manual.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
RESULTS = ("results.csv", "results.json", "results.parquet", "waterfall.csv")


@dataclass
class Place:
    """A container of an emulator: how PyArrow writes there, and how the configuration reaches it."""

    scheme: str
    filesystem: Any
    section: str

    def put(self, folder: Path, prefix: str) -> str:
        for file in (f for f in sorted(folder.rglob("*")) if f.is_file()):
            self.write(f"{prefix}/{file.relative_to(folder)}", file.read_bytes())
        return f"{self.scheme}://claims/{prefix}"

    def write(self, key: str, content: bytes) -> None:
        with self.filesystem.open_output_stream(f"claims/{key}") as stream:
            stream.write(content)

    def config(self, folder: Path, more: str = "", section: str | None = None) -> Path:
        file = folder / "remote.toml"
        file.write_text(f"[storage.{self.scheme}]\n{section or self.section}\n{more}")
        return file


def azure(endpoint: str) -> Place:
    from pyarrow import fs

    host = urlsplit(endpoint).netloc
    system = fs.AzureFileSystem(
        "devstoreaccount1",
        account_key=KEY,
        blob_storage_authority=host,
        dfs_storage_authority=host,
        blob_storage_scheme="http",
        dfs_storage_scheme="http",
    )
    system.create_dir("claims")
    return Place("az", system, f'endpoint = "{endpoint}"\naccount_key = {{ env = "VBPMEASURE_SECRET" }}')


def google(endpoint: str) -> Place:
    from pyarrow import fs

    made = urllib.request.Request(
        f"{endpoint}/storage/v1/b?project=x", json.dumps({"name": "claims"}).encode(), {"Content-Type": "text/json"}
    )
    with suppress(urllib.error.HTTPError):  # it is there already
        urllib.request.urlopen(made).close()
    system = fs.GcsFileSystem(anonymous=True, endpoint_override=urlsplit(endpoint).netloc, scheme="http")
    return Place("gs", system, f'endpoint = "{endpoint}"\nanonymous = true')


@pytest.fixture(scope="module", params=[("VBPMEASURE_TEST_AZURE", azure), ("VBPMEASURE_TEST_GOOGLE", google)])
def there(request: pytest.FixtureRequest) -> Place:
    variable, made = request.param
    if variable not in os.environ:
        pytest.skip(f"{variable} names no emulator")
    place: Place = made(os.environ[variable])
    return place


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBPMEASURE_SECRET", KEY)


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return write_small_data(tmp_path / "data")


def bound_at(place: object, config: Path | None = None, *versions: str) -> BoundData:
    found = configured.settings(config or "none", data=str(place), as_of_version=versions)
    bound, _ = open_data(data_place(str(place), found.tables), sources=found.tables, access=found.access)
    return bound


def claims(bound: BoundData) -> list[tuple[object, ...]]:
    frame = bound.tables["medical_claim"].frame
    return sorted(frame.select(sorted(frame.collect_schema().names())).collect().rows())


def refusal(place: object, config: Path) -> str:
    with pytest.raises(Failure) as caught:
        bound_at(place, config)
    said = repr(caught.value.diagnostics)
    assert KEY not in said
    return said


def test_objects_give_the_bytes_of_files(there: Place, data: DataFolder, tmp_path: Path) -> None:
    words = ["run", "wcv", "--year", "2025", "--by", "race"]
    assert run_inside(*words, "--data", str(data.path), "--out", str(tmp_path / "files")).code == 0
    parts = tmp_path / "parts"
    (parts / "medical_claim").mkdir(parents=True)
    table = data.table("medical_claim")
    table.head(20).write_parquet(parts / "medical_claim" / "part-0.parquet")
    table.tail(10).write_parquet(parts / "medical_claim" / "part-1.parquet")
    shutil.copy(data.file("eligibility"), parts)
    uri = there.put(parts, "parts")
    more = ["--data", uri, "--config", str(there.config(tmp_path)), "--cache", "--cache-dir", str(tmp_path / "kept")]
    for name, carried in (("objects", []), ("again", ["wcv"])):
        out = tmp_path / name
        ran = run_inside(*words, *more, "--buckets", "3", "--out", str(out), env={"VBPMEASURE_SECRET": KEY})
        assert ran.code == 0, ran.stderr
        for result in RESULTS:
            assert (out / result).read_bytes() == (tmp_path / "files" / result).read_bytes()
        text = (out / "manifest.json").read_text()
        assert KEY not in text
        assert json.loads(text).get("carried_over", []) == carried


def test_an_object_that_changes_and_versions_of_a_delta_table(there: Place, data: DataFolder, tmp_path: Path) -> None:
    pytest.importorskip("deltalake", reason="the extra delta is not installed")
    rows = data.table("medical_claim")
    lake = tmp_path / "lake"
    lake.mkdir()
    shutil.copy(data.file("eligibility"), lake)
    rows.head(12).write_delta(lake / "medical_claim")
    rows.write_delta(lake / "medical_claim", mode="overwrite")
    uri, config = there.put(lake, "lake"), there.config(tmp_path)
    bound = bound_at(uri, config)
    seen = look(bound)
    assert claims(bound) == claims(bound_at(data.path))
    assert len(claims(bound_at(uri, config, "medical_claim=0"))) == 12
    refuse_change(bound, seen)
    # Other rows in a file of the same size and schema: neither size nor footer need tell.
    changed = bytearray(data.file("eligibility").read_bytes())
    changed[100] ^= 1
    there.write("lake/eligibility.parquet", bytes(changed))
    with pytest.raises(Failure, match="VBM345"):
        refuse_change(bound, seen)


def test_what_is_refused_has_a_code(
    there: Place, data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = there.config(tmp_path)
    uri = there.put(data.path, "plain")
    assert "VBM376" in refusal(f"{there.scheme}://nobody/x", config)
    assert "VBM302" in refusal(f"{there.scheme}://claims/nothing", config)
    if there.scheme == "az":
        monkeypatch.setenv("VBPMEASURE_SECRET", base64.b64encode(b"another key").decode())
        assert "VBM372" in refusal(uri, config)
        monkeypatch.setenv("VBPMEASURE_SECRET", KEY)
    with free_port() as held:
        port = held.getsockname()[1]
        nobody = there.section.replace(there.section.split('"')[1], f"http://127.0.0.1:{port}/devstoreaccount1")
        if there.scheme == "gs":
            nobody = nobody.replace("/devstoreaccount1", "")
        assert "VBM377" in refusal(uri, there.config(tmp_path, section=nobody))
