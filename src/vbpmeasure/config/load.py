"""Find, read and check the configuration file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vbpmeasure.config.document import TomlDocument, read_toml
from vbpmeasure.config.toml_places import KeyPath, Place
from vbpmeasure.data.mapping import TableSources
from vbpmeasure.data.remote.access import NO_ACCESS, Access
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.plan.supplemental import SUPPLEMENTAL_TABLES, Supplemental
from vbpmeasure.results.completeness.limits import DIRECT, UNKNOWN, CompletenessLimits

if TYPE_CHECKING:
    from vbpmeasure.equity.settings import EquitySettings

FILE_NAME = "vbpmeasure.toml"
NO_FILE = "none"
ENVIRONMENT = "VBPMEASURE_CONFIG"


@dataclass(frozen=True, slots=True)
class Config:
    """A checked configuration; without a file (``document`` is None) everything is empty.

    ``run`` holds the settings of `[run]` that the file has; ``tables`` the sources by contract table;
    ``access`` how object stores and catalogs are reached.
    """

    document: TomlDocument | None = None
    run: Mapping[str, Any] = field(default_factory=dict)
    tables: TableSources = field(default_factory=dict)
    access: Access = NO_ACCESS

    @property
    def folder(self) -> Path:
        """The folder at which relative paths of the file start."""
        return Path() if self.document is None else self.document.path.parent

    def validate_table(self) -> tuple[Mapping[str, Any], Mapping[KeyPath, Place]]:
        """Return the raw `[validate]` table, and the places of its keys by their path below it."""
        return self._raw("validate")

    def value_sets_table(self) -> tuple[Mapping[str, Any], Mapping[KeyPath, Place]]:
        """Return the raw `[value_sets]` table, and the places of its keys by their path below it."""
        return self._raw("value_sets")

    @property
    def supplemental(self) -> Supplemental:
        """What the file says is supplemental evidence, the default without a word."""
        said = {} if self.document is None else self.document.values.get("supplemental", {})
        tables = tuple(str(name) for name in said.get("tables", SUPPLEMENTAL_TABLES))
        return Supplemental(tables, tuple(str(name).strip() for name in said.get("data_sources", ())))

    @property
    def completeness(self) -> CompletenessLimits:
        """From where on the file wants to be warned of missing answers, the defaults without a word."""
        said = {} if self.document is None else self.document.values.get("completeness", {})
        direct, unknown = float(said.get("direct", DIRECT)), float(said.get("unknown", UNKNOWN))
        own = {
            name: (float(limits.get("direct", direct)), float(limits.get("unknown", unknown)))
            for name, limits in said.get("fields", {}).items()
        }
        return CompletenessLimits(direct, unknown, own, float(said.get("score", DIRECT)))

    @property
    def equity(self) -> EquitySettings:
        """What the file says of comparisons between groups, the defaults where it says nothing."""
        from vbpmeasure.equity.settings import EquitySettings  # noqa: PLC0415  few commands compare groups

        said = {} if self.document is None else self.document.values.get("equity", {})
        return EquitySettings().with_changes(said)

    def _raw(self, section: str) -> tuple[Mapping[str, Any], Mapping[KeyPath, Place]]:
        if self.document is None:
            return {}, {}
        below = {path[1:]: place for path, place in self.document.places.items() if path[0] == section}
        return self.document.values.get(section, {}), below


def load_config(named: str | None = None) -> Config:
    """Return the configuration: the file ``named``, else that of VBPMEASURE_CONFIG, else the nearest one.

    The nearest is `vbpmeasure.toml` in the working folder or the closest folder above it. `none` as a name means no
    file at all. Raises ``Failure`` with every finding of the file: VBM101 to VBM103, VBM120 to VBM129.
    """
    wanted = named if named is not None else os.environ.get(ENVIRONMENT) or None
    if wanted == NO_FILE:
        return Config()
    path = find_config() if wanted is None else Path(wanted)
    if path is None:
        return Config()
    if wanted is not None and not path.is_file():
        raise Failure(
            Diagnostic(
                "VBM129",
                "the configuration file is not there",
                where=str(path),
                hint=f"name a file, or `{NO_FILE}` to use no configuration",
            )
        )
    return read_config(path)


def find_config(start: Path | None = None) -> Path | None:
    """Return the nearest `vbpmeasure.toml` at or above a folder (default: the working folder), or None.

    The path is relative when the working folder is where the search starts, so that messages stay short.
    """
    folder = Path.cwd() if start is None else start.resolve()
    for above in (folder, *folder.parents):
        try:
            if (above / FILE_NAME).is_file():
                return Path(os.path.relpath(above / FILE_NAME)) if start is None else above / FILE_NAME
        except OSError:  # a folder that may not be read holds no configuration for us
            continue
    return None


def read_config(path: Path) -> Config:
    """Read and check one configuration file; raises ``Failure`` as ``load_config`` does."""
    from pydantic import ValidationError  # noqa: PLC0415  most commands run without a file

    from vbpmeasure.config.models import ConfigFile  # noqa: PLC0415
    from vbpmeasure.config.problems import problems  # noqa: PLC0415
    from vbpmeasure.config.sources import table_sources  # noqa: PLC0415
    from vbpmeasure.config.storage import access_of  # noqa: PLC0415

    document = read_toml(path)
    try:
        model = ConfigFile.model_validate(dict(document.values))
    except ValidationError as error:
        raise document.failure(list(problems(error, document))) from None
    found: list[Diagnostic] = []
    tables = table_sources(model.tables, document, path.parent, found)
    access = access_of(model.storage, model.catalogs, document, found)
    if found:
        raise document.failure(found)
    said = {name: getattr(model.run, name) for name in model.run.model_fields_set}
    return Config(document, said, tables, access)
