"""The mandate behind a run: what the manifest says of it, and what of it the run does not follow."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.catalog.mandates import Mandate
from vbpmeasure.diagnostics.model import Diagnostic, Severity


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
