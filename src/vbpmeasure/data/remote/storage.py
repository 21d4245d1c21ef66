"""The options of one object store in the words of each library that reads it.

What `[storage]` does not say is taken from the environment variables of the service. Keys that are said are given to
every library alike; otherwise each looks where the service says (profiles, service accounts, instance roles).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vbpmeasure.data.remote.access import FromEnvironment, Option
from vbpmeasure.data.remote.endpoint import AzureEndpoint, Endpoint

if TYPE_CHECKING:
    import pyarrow.fs as pafs

_CONNECT_SECONDS = 10
_REQUEST_SECONDS = 60
_RETRY_SECONDS = 20
_ATTEMPTS = 3

# What each option is called in the environment, the first that is set wins.
_ENVIRONMENT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "s3": {
        "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
        "access_key_id": ("AWS_ACCESS_KEY_ID",),
        "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
        "session_token": ("AWS_SESSION_TOKEN",),
    },
    "gs": {"service_account": ("GOOGLE_APPLICATION_CREDENTIALS",)},
    "az": {
        "endpoint": ("AZURE_STORAGE_ENDPOINT",),
        "account": ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"),
        "account_key": ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY"),
        "sas_token": ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"),
        "tenant_id": ("AZURE_TENANT_ID",),
        "client_id": ("AZURE_CLIENT_ID",),
        "client_secret": ("AZURE_CLIENT_SECRET",),
    },
}
# The keys of the `object_store` library, which Polars and deltalake read through.
_OBJECT_STORE: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "endpoint": "aws_endpoint_url",
        "region": "aws_region",
        "access_key_id": "aws_access_key_id",
        "secret_access_key": "aws_secret_access_key",
        "session_token": "aws_session_token",
        "anonymous": "aws_skip_signature",
    },
    "gs": {"service_account": "google_service_account", "anonymous": "google_skip_signature"},
    "az": {
        "account": "azure_storage_account_name",
        "account_key": "azure_storage_account_key",
        "sas_token": "azure_storage_sas_token",
        "tenant_id": "azure_storage_tenant_id",
        "client_id": "azure_storage_client_id",
        "client_secret": "azure_storage_client_secret",
        "anonymous": "azure_skip_signature",
    },
}
_ICEBERG: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "endpoint": "s3.endpoint",
        "region": "s3.region",
        "access_key_id": "s3.access-key-id",
        "secret_access_key": "s3.secret-access-key",
        "session_token": "s3.session-token",
        "anonymous": "s3.anonymous",
    },
    "gs": {},
    "az": {
        "account": "adls.account-name",
        "account_key": "adls.account-key",
        "sas_token": "adls.sas-token",
        "tenant_id": "adls.tenant-id",
        "client_id": "adls.client-id",
        "client_secret": "adls.client-secret",
    },
}
_SECRETS = ("access_key_id", "account_key", "sas_token", "client_secret", "service_account")


@dataclass(frozen=True, slots=True)
class Storage:
    """The options of one service as plain texts, secrets included: never print or store it."""

    service: str
    options: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, service: str, said: Mapping[str, Option]) -> Storage:
        """Lay what the configuration says over the environment. Raises ``Failure`` VBM130 for an unset secret."""
        found: dict[str, str] = {}
        for name, variables in _ENVIRONMENT[service].items():
            value = next((os.environ[v] for v in variables if os.environ.get(v)), None)
            if value is not None:
                found[name] = value
        for name, option in said.items():
            if isinstance(option, FromEnvironment):
                found[name] = option.text()
            elif isinstance(option, bool):
                found[name] = "true" if option else "false"
            else:
                found[name] = option
        if found.get("anonymous") == "true":
            for name in ("access_key_id", "secret_access_key", "session_token", *_SECRETS):
                found.pop(name, None)
        if service == "s3" and found.get("endpoint"):
            # A store of one's own has no regions, and the libraries insist on one.
            found.setdefault("region", "us-east-1")
        return cls(service, found)

    def object_store(self) -> dict[str, str]:
        """Return the options for Polars and deltalake."""
        names = _OBJECT_STORE[self.service]
        found = {names[k]: v for k, v in self.options.items() if k in names}
        if self.service == "s3":
            if self.options.get("endpoint", "").startswith("http://"):
                found["aws_allow_http"] = "true"
            if self._virtual_hosts:
                found["aws_virtual_hosted_style_request"] = "true"
        if self.service == "gs" and self._endpoint is not None:
            found["google_base_url"] = self._endpoint.text
        if self.service == "az" and self._azure is not None:
            found |= {
                "azure_storage_account_name": self._azure.account,
                "azure_storage_endpoint": self._azure.base.text,
            }
        if self.service != "s3" and self._endpoint is not None and self._endpoint.is_open:
            found["allow_http"] = "true"
        return found

    def polars(self) -> dict[str, Any]:
        """Return the keyword arguments of Polars' scanners."""
        # Said keys are used as they are; without any, Polars looks for the provider of the service.
        known = self.options.get("anonymous") == "true" or any(name in self.options for name in _SECRETS)
        provider = None if known else "auto"
        return {"storage_options": self.object_store(), "credential_provider": provider}

    def iceberg(self) -> dict[str, str]:
        """Return the properties for pyiceberg."""
        names = _ICEBERG[self.service]
        found = {names[k]: v for k, v in self.options.items() if k in names}
        if self.service == "gs" and self._endpoint is not None:
            found["gcs.service.host"] = self._endpoint.text
        if self.service == "az" and self._azure is not None:
            found["adls.account-name"] = self._azure.account
            found |= {f"adls.{name.replace('_', '-')}": value for name, value in _authorities(self._azure).items()}
        return found

    @property
    def _endpoint(self) -> Endpoint | None:
        said = self.options.get("endpoint")
        return None if said is None else Endpoint.of(said)

    @property
    def _azure(self) -> AzureEndpoint | None:
        said = self.options.get("endpoint")
        return None if said is None else AzureEndpoint.of(said, self.options.get("account", ""))

    @property
    def _virtual_hosts(self) -> bool:
        return self.options.get("virtual_hosts") == "true"

    def filesystem(self, host: str) -> pafs.FileSystem:
        """Return PyArrow's file system of the service; ``host`` is what stands between ``://`` and the next slash."""
        if self.service == "s3":
            return self._s3()
        return self._gs() if self.service == "gs" else self._az(host)

    def _s3(self) -> pafs.FileSystem:
        from pyarrow import fs  # noqa: PLC0415  half a second that local data does not need

        said = self.options
        keys = {}
        if "access_key_id" in said and "secret_access_key" in said:
            keys = {"access_key": said["access_key_id"], "secret_key": said["secret_access_key"]}
            if "session_token" in said:
                keys["session_token"] = said["session_token"]
        return fs.S3FileSystem(
            **keys,
            anonymous=said.get("anonymous") == "true",
            region=said.get("region"),
            endpoint_override=said.get("endpoint"),
            force_virtual_addressing=self._virtual_hosts,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_REQUEST_SECONDS,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        )

    def _gs(self) -> pafs.FileSystem:
        import datetime as dt  # noqa: PLC0415

        from pyarrow import fs  # noqa: PLC0415

        # The library takes the service account from its own variable alone.
        account = self.options.get("service_account")
        if account is not None:
            os.environ.setdefault("GOOGLE_APPLICATION_CREDENTIALS", account)
        place = self._endpoint
        return fs.GcsFileSystem(
            anonymous=self.options.get("anonymous") == "true",
            **({} if place is None else {"endpoint_override": place.host, "scheme": place.scheme}),
            retry_time_limit=dt.timedelta(seconds=_RETRY_SECONDS),
        )

    def _az(self, host: str) -> pafs.FileSystem:
        from pyarrow import fs  # noqa: PLC0415

        said = self.options
        place = self._azure
        account = host.partition("@")[2].partition(".")[0] or (
            said.get("account", "") if place is None else place.account
        )
        client = ("tenant_id", "client_id", "client_secret")
        # PyArrow takes one kind of credential, the others are then not looked at.
        kinds = (client, ("account_key",), ("sas_token",))
        chosen = next((kind for kind in kinds if all(name in said for name in kind)), ())
        words = {} if place is None else _authorities(place)
        return fs.AzureFileSystem(account, **{name: said[name] for name in chosen}, **words)


def _authorities(place: AzureEndpoint) -> dict[str, str]:
    """Return where the two services of an account are, in PyArrow's words."""
    return {
        "blob_storage_authority": place.blobs,
        "dfs_storage_authority": place.files,
        "blob_storage_scheme": place.base.scheme,
        "dfs_storage_scheme": place.base.scheme,
    }
