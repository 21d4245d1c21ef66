"""The endpoint of an object store, taken apart: the libraries that read there ask for different parts of it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint: ``scheme`` (https where none is said), ``host`` with its port, ``path`` without slashes around."""

    scheme: str
    host: str
    path: str

    @classmethod
    def of(cls, text: str) -> Endpoint:
        """Take an endpoint apart."""
        parts = urlsplit(text if "://" in text else f"https://{text}")
        return cls(parts.scheme, parts.netloc, parts.path.strip("/"))

    @property
    def is_open(self) -> bool:
        """Whether it is spoken to without encryption."""
        return self.scheme == "http"

    @property
    def text(self) -> str:
        """The endpoint as an address without a slash at its end."""
        return f"{self.scheme}://{self.host}" + (f"/{self.path}" if self.path else "")


@dataclass(frozen=True, slots=True)
class AzureEndpoint:
    """The endpoint of an Azure account, which stands at the front of the host or alone in the path (emulators).

    ``blobs`` and ``files`` are the two services of the account as PyArrow calls them: with a dot in front where the
    account comes first, and as they are where it is in the path.
    """

    account: str
    base: Endpoint
    blobs: str
    files: str

    @classmethod
    def of(cls, text: str, account: str) -> AzureEndpoint:
        """Take an endpoint apart; ``account`` is looked at only where the endpoint does not name it."""
        base = Endpoint.of(text)
        named, _, rest = base.host.partition(".")
        kind, _, rest = rest.partition(".")
        if kind in ("blob", "dfs") and not base.path:
            return cls(named, Endpoint(base.scheme, f"{named}.blob.{rest}", ""), f".blob.{rest}", f".dfs.{rest}")
        named = base.path or account
        return cls(named, Endpoint(base.scheme, base.host, named), base.host, base.host)
