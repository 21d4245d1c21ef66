"""Addresses of data that lies on an object store. No Polars and no network here: everybody may ask."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vbpmeasure.diagnostics.model import Diagnostic, Failure

# The service behind each scheme; the sections of `[storage]` have the same names.
SERVICES = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gs",
    "gcs": "gs",
    "az": "az",
    "abfs": "az",
    "abfss": "az",
}
TABLE_FORMATS = ("delta", "iceberg")

_SCHEME = re.compile(r"(?:(?P<format>[a-z]+)\+)?(?P<scheme>[a-z][a-z0-9]*)://(?P<rest>.*)", re.DOTALL)
# `container@account.dfs.core.windows.net` is the usual form on Azure; elsewhere a name before `@` is a login.
_AZURE_HOST = re.compile(r"[a-z0-9$-]+@[a-z0-9]+\.(dfs|blob)\.core\.windows\.net", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An address: ``scheme`` without what the user put before it, ``format`` what stood there (``delta+s3://``)."""

    scheme: str
    rest: str
    format: str | None = None

    @property
    def text(self) -> str:
        """The address without the format."""
        return f"{self.scheme}://{self.rest}"

    @property
    def service(self) -> str | None:
        """The object store that serves it: s3, gs or az; None for any other scheme."""
        return SERVICES.get(self.scheme)

    @property
    def holds_credentials(self) -> bool:
        """Whether a user, a password or a signed query stands in it."""
        host = self.rest.split("/", 1)[0]
        if self.service == "az" and _AZURE_HOST.fullmatch(host):
            host = ""
        # `?` is also a glob's letter; a signed query has `=` behind it.
        query = self.rest.partition("?")[2] if self.service else ""
        signed = "=" in query.split("/", 1)[0] if self.service else "?" in self.rest
        return "@" in host or signed


def parse(text: str) -> Address | None:
    """Return the address that a text is, None for a path of this machine (``file://`` is one)."""
    match = _SCHEME.fullmatch(text)
    if match is None or match["scheme"] == "file":
        return None
    return Address(match["scheme"], match["rest"], match["format"])


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A data folder on an object store."""

    uri: str

    def __str__(self) -> str:
        """Return the address."""
        return self.uri


def remote_folder(text: str) -> RemoteFolder | None:
    """Return the data folder that an address names, None for a path of this machine.

    Raises ``Failure``: VBM131 for an address with credentials in it, VBM402 for one that is read by nobody.
    """
    address = parse(text)
    if address is None:
        return None
    if address.holds_credentials:
        raise Failure(
            Diagnostic(
                "VBM131",
                "the address of the data holds credentials, and a command line is no place for them",
                where="--data",
                hint="write the plain address; credentials come from the environment",
            )
        )
    if address.format is not None or address.service is None or not address.rest.strip("/"):
        raise Failure(
            Diagnostic(
                "VBM402",
                "the address of the data is none that a data folder can have",
                where="--data",
                hint="s3://BUCKET/FOLDER, gs://BUCKET/FOLDER or az://CONTAINER/FOLDER with the tables in it; "
                "`delta+` and `iceberg+` belong to the `path` of one table in vbpmeasure.toml",
            )
        )
    return RemoteFolder(address.text.rstrip("/"))
