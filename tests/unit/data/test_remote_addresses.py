"""Addresses, remote paths and globs, as words: no store is asked."""

from __future__ import annotations

import pytest

from vbpmeasure.data.remote.access import FromEnvironment
from vbpmeasure.data.remote.address import parse, remote_folder
from vbpmeasure.data.remote.endpoint import AzureEndpoint
from vbpmeasure.data.remote.storage import Storage
from vbpmeasure.data.remote.store import RemotePath, _glob
from vbpmeasure.diagnostics.model import Failure


@pytest.mark.parametrize(
    ("text", "service", "kind", "credentials"),
    [
        ("s3://b/x?.parquet", "s3", None, False),
        ("s3://b/a@b.parquet", "s3", None, False),
        ("s3://user:word@b/x", "s3", None, True),
        ("s3://b/x?X-Amz-Signature=ab", "s3", None, True),
        ("az://c/p?sv=1&sig=2", "az", None, True),
        ("abfss://c@account.dfs.core.windows.net/p", "az", None, False),
        ("abfss://user:word@elsewhere/p", "az", None, True),
        ("https://host/x?sig=1", None, None, True),
        ("delta+gs://b/t", "gs", "delta", False),
    ],
)
def test_an_address(text: str, service: str | None, kind: str | None, credentials: bool) -> None:
    address = parse(text)
    assert address is not None
    assert (address.service, address.format, address.holds_credentials) == (service, kind, credentials)


def test_a_path_is_no_address() -> None:
    assert [parse(text) for text in ("data", "/data/x", "file:///data", "C:/data", "a?b=c@d")] == [None] * 5


@pytest.mark.parametrize("text", ["ftp://h/x", "https://h/x", "delta+s3://b/x", "s3://", "s3:///"])
def test_no_data_folder(text: str) -> None:
    with pytest.raises(Failure) as caught:
        remote_folder(text)
    assert [d.code for d in caught.value.diagnostics] == ["VBM402"]


def test_a_remote_path_keeps_its_two_slashes() -> None:
    path = RemotePath("s3://b/k/y=1/f.parquet")
    assert (str(path), str(path.parent), path.name) == ("s3://b/k/y=1/f.parquet", "s3://b/k/y=1", "f.parquet")
    assert str(path.relative_to(RemotePath("s3://b/k"))) == "y=1/f.parquet"
    assert str(RemotePath("y=1/f.parquet")) == "y=1/f.parquet"


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("s3://b/k/part-*.parquet", "s3://b/k/part-1.parquet", "s3://b/k/x/part-1.parquet"),
        ("s3://b/**/p*.parquet", "s3://b/p1.parquet", "s3://b/k/q1.parquet"),
        ("s3://b/**/p*.parquet", "s3://b/k/x/p1.parquet", "s3://b/k/p1.csv"),
        ("s3://b/k/**", "s3://b/k/a/b.parquet", "s3://b/l/a"),
        ("s3://b/y=[12]/f?.x", "s3://b/y=1/f3.x", "s3://b/y=3/f3.x"),
        ("s3://b/y=[!12]/f?.x", "s3://b/y=3/f3.x", "s3://b/y=1/f3.x"),
        ("s3://b/f?.x", "s3://b/f1.x", "s3://b/f/.x"),
        ("s3://b/*.x", "s3://b/a.x", "s3://b/a_x"),
    ],
)
def test_a_glob(pattern: str, yes: str, no: str) -> None:
    assert _glob(pattern).fullmatch(yes)
    assert not _glob(pattern).fullmatch(no)


def test_what_the_configuration_says_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "theirs")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-one")
    monkeypatch.setenv("MINE", "hidden-two")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    said = {"endpoint": "http://127.0.0.1:9", "secret_access_key": FromEnvironment("MINE")}
    storage = Storage.of("s3", said)
    assert storage.object_store() == {
        "aws_endpoint_url": "http://127.0.0.1:9",
        "aws_region": "us-east-1",
        "aws_access_key_id": "theirs",
        "aws_secret_access_key": "hidden-two",
        "aws_allow_http": "true",
    }
    assert "hidden" not in repr(storage)
    nobody = Storage.of("s3", {"anonymous": True})
    assert nobody.object_store() == {"aws_skip_signature": "true"}
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "clinic")
    assert Storage.of("az", {}).object_store() == {"azure_storage_account_name": "clinic"}


@pytest.mark.parametrize(
    ("endpoint", "account", "base", "services"),
    [
        (
            "https://clinic.blob.core.usgovcloudapi.net/",
            "clinic",
            "https://clinic.blob.core.usgovcloudapi.net",
            (".blob.core.usgovcloudapi.net", ".dfs.core.usgovcloudapi.net"),
        ),
        (
            "clinic.dfs.core.usgovcloudapi.net",
            "",
            "https://clinic.blob.core.usgovcloudapi.net",
            (".blob.core.usgovcloudapi.net", ".dfs.core.usgovcloudapi.net"),
        ),
        (
            "http://127.0.0.1:10000/clinic",
            "",
            "http://127.0.0.1:10000/clinic",
            ("127.0.0.1:10000", "127.0.0.1:10000"),
        ),
        (
            "http://127.0.0.1:10000",
            "clinic",
            "http://127.0.0.1:10000/clinic",
            ("127.0.0.1:10000", "127.0.0.1:10000"),
        ),
    ],
)
def test_an_endpoint_of_azure(endpoint: str, account: str, base: str, services: tuple[str, str]) -> None:
    found = AzureEndpoint.of(endpoint, account)
    assert (found.account, found.base.text, (found.blobs, found.files)) == ("clinic", base, services)


def test_endpoints_reach_every_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    cloud = Storage.of("az", {"endpoint": "https://clinic.blob.core.usgovcloudapi.net"})
    assert cloud.object_store() == {
        "azure_storage_account_name": "clinic",
        "azure_storage_endpoint": "https://clinic.blob.core.usgovcloudapi.net",
    }
    assert cloud.iceberg() == {
        "adls.account-name": "clinic",
        "adls.blob-storage-authority": ".blob.core.usgovcloudapi.net",
        "adls.dfs-storage-authority": ".dfs.core.usgovcloudapi.net",
        "adls.blob-storage-scheme": "https",
        "adls.dfs-storage-scheme": "https",
    }
    near = Storage.of("gs", {"endpoint": "http://127.0.0.1:4443", "anonymous": True})
    assert near.object_store() == {
        "google_skip_signature": "true",
        "google_base_url": "http://127.0.0.1:4443",
        "allow_http": "true",
    }
    assert near.iceberg() == {"gcs.service.host": "http://127.0.0.1:4443"}
