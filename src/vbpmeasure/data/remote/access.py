"""How object stores and catalogs are reached, and which versions of tables are read, as the user says it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from vbpmeasure.diagnostics.model import Diagnostic, Failure


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A secret: the configuration holds the name of an environment variable, never the text."""

    variable: str

    def text(self) -> str:
        """Return the secret; raises ``Failure`` VBM130 when the variable is not set."""
        found = os.environ.get(self.variable, "")
        if not found:
            raise Failure(
                Diagnostic(
                    "VBM130",
                    f"the environment variable {self.variable} is not set, and the configuration names it for storage",
                    where=self.variable,
                    hint="set it, or remove the entry",
                )
            )
        return found


Option = str | bool | FromEnvironment


@dataclass(frozen=True, slots=True)
class Versions:
    """Which versions are read: by table, or ``every`` for all of them; None and missing: the newest."""

    every: int | None = None
    tables: Mapping[str, int] = field(default_factory=dict)

    def of(self, table: str) -> int | None:
        """Return the version asked for, None for the newest."""
        return self.tables.get(table, self.every)

    def __bool__(self) -> bool:
        """Return whether any version was asked for."""
        return self.every is not None or bool(self.tables)


@dataclass(frozen=True, slots=True)
class Access:
    """What opening a source needs beside its address.

    ``storage`` maps a service (s3, gs, az) to options of `[storage]`, ``catalogs`` an Iceberg catalog to its
    properties; both may name secrets, so neither is ever printed or written.
    """

    storage: Mapping[str, Mapping[str, Option]] = field(default_factory=dict, repr=False)
    catalogs: Mapping[str, Mapping[str, Option]] = field(default_factory=dict, repr=False)
    versions: Versions = field(default_factory=Versions)


NO_ACCESS = Access()
