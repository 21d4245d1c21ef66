"""`[storage]` and `[catalogs]` of the configuration: options, and the names of variables that hold secrets."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from vbpmeasure.config.document import TomlDocument
from vbpmeasure.config.models import EnvironmentSecret, Secret, StorageSection
from vbpmeasure.data.remote.access import Access, FromEnvironment, Option
from vbpmeasure.diagnostics.model import Diagnostic

_SECRETS = ("access_key_id", "secret_access_key", "session_token", "account_key", "sas_token", "client_secret")
# A property of a catalog whose name has one of these words is a secret.
_SECRET_WORDS = ("secret", "token", "password", "credential", "key", "sas")


def access_of(
    storage: StorageSection,
    catalogs: Mapping[str, Mapping[str, Secret]],
    document: TomlDocument,
    found: list[Diagnostic],
) -> Access:
    """Return how stores and catalogs are reached; secrets in plain text are added to ``found`` (VBM131)."""
    services: dict[str, dict[str, Option]] = {}
    for service in type(storage).model_fields:
        section: BaseModel = getattr(storage, service)
        said = {name: getattr(section, name) for name in section.model_fields_set}
        exposed = [name for name, value in said.items() if name in _SECRETS and isinstance(value, str)]
        found.extend(_plain(name, document, "storage", service, name) for name in exposed)
        services[service] = {name: _option(value) for name, value in said.items() if value is not None}
    for catalog, properties in catalogs.items():
        for name, value in properties.items():
            login = isinstance(value, str) and "://" in value and "@" in value
            if isinstance(value, str) and (login or any(word in name.lower() for word in _SECRET_WORDS)):
                found.append(_plain(name, document, "catalogs", catalog, name))
    known = {name: {k: _option(v) for k, v in said.items()} for name, said in catalogs.items()}
    return Access({name: said for name, said in services.items() if said}, known)


def _option(value: object) -> Option:
    if isinstance(value, EnvironmentSecret):
        return FromEnvironment(value.env)
    return value if isinstance(value, bool) else str(value)


def _plain(name: str, document: TomlDocument, *path: str) -> Diagnostic:
    span = document.key(*path)
    return Diagnostic(
        "VBM131",
        f"`{name}` holds credentials, and a configuration is no place for them",
        # No span: the line would be printed.
        where=None if span is None else f"{span.path}:{span.line}",
        hint=f'name the environment variable that holds them: `{name} = {{ env = "NAME" }}`',
    )
