"""A mandate put in the place of settings that nobody gave, and what of it a run does not follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.mandates import Mandate, MandateFile, load_mandates, mandate_called
from vbpmeasure.config.settings import Origin, Setting, Settings, Value
from vbpmeasure.diagnostics.model import Diagnostic, Severity

__all__ = ["Mandated", "mandate_called", "mandates", "with_mandate"]


@dataclass(frozen=True, slots=True)
class Mandated:
    """The mandate behind a run.

    ``missing`` are its measures that are not in the catalog, ``changed`` the settings in which the run differs from it.
    """

    mandate: Mandate
    digest: str
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def record(self) -> dict[str, object]:
        """Return the mandate for the manifest."""
        return {
            "id": self.mandate.id,
            "program": self.mandate.program,
            "year": self.mandate.year,
            "confidence": self.mandate.confidence,
            "sha256": self.digest,
            "not_in_catalog": list(self.missing),
            "differs_in": list(self.changed),
        }

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return a warning each for measures that are not there and for settings that differ."""
        where = f"mandate {self.mandate.id}"
        found = []
        if self.missing:
            message = f"{len(self.missing)} measures of the mandate are not in the catalog: {', '.join(self.missing)}"
            found.append(Diagnostic("VBM473", message, severity=Severity.WARNING, where=where))
        if self.changed:
            message = f"the run differs from the mandate in {', '.join(self.changed)}"
            hint = "leave these settings out to follow the mandate"
            found.append(Diagnostic("VBM474", message, severity=Severity.WARNING, where=where, hint=hint))
        return tuple(found)


def mandates(roots: tuple[Path, ...]) -> tuple[Mapping[str, MandateFile], tuple[str, ...]]:
    """Return the mandates of the shipped folder and of these, and the ids of the catalog."""
    catalog = Catalog.open(roots)
    return load_mandates(root.folder for root in catalog.roots), catalog.ids()


def with_mandate(found: Settings) -> tuple[Settings, Mandated | None]:
    """Return the settings with those of the mandate in the place of weaker ones, and the mandate, None without one.

    What stands at the same place as the mandate or at a stronger one stays: a flag wins over a mandate that a flag
    names. Raises `Failure` VBM472 for an unknown mandate, VBM276 for a broken file.
    """
    name = found.text("mandate")
    if name is None:
        return found, None
    known, ids = mandates(found.roots)
    file = mandate_called(name, known)
    mandate = file.mandate
    there, missing = file.split(ids)
    origin = found.found["mandate"].origin
    wanted: dict[str, Value] = {
        "measures": there,
        "by": mandate.by,
        "year": mandate.year,
        "race_standard": mandate.race_standard,
        "tabulation": mandate.tabulation,
    }
    settings = dict(found.found)
    for key, value in wanted.items():
        if value is not None and _weaker(settings[key].origin, origin):
            settings[key] = Setting(key, value, origin, f"mandate {mandate.id}")
    changed = tuple(key for key, value in wanted.items() if settings[key].value != value)
    return replace(found, found=settings), Mandated(mandate, file.digest, missing, changed)


def _weaker(one: Origin, other: Origin) -> bool:
    order = list(Origin)
    return order.index(one) > order.index(other)
