"""VBM273: a record status that no kind of FHIR record has is probably misspelled."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import parts, warning
from vbpmeasure.spec.models.events import Filters
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.spec.uses import models

# FHIR R4: Encounter, Procedure, Immunization, Observation, Condition (clinical), ServiceRequest, MedicationRequest,
# MedicationDispense and MedicationAdministration, but for the void ones.
_KNOWN = frozenset(
    [
        "active",
        "amended",
        "arrived",
        "completed",
        "corrected",
        "draft",
        "final",
        "finished",
        "in-progress",
        "inactive",
        "on-hold",
        "onleave",
        "planned",
        "preliminary",
        "preparation",
        "recurrence",
        "registered",
        "relapse",
        "remission",
        "resolved",
        "stopped",
        "triaged",
        "unknown",
    ]
)


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield a warning for every record status that is no usual one."""
    for model in parts(names):
        for node in models(model):
            for status in (node.record_status or ()) if isinstance(node, Filters) else ():
                if status.strip().lower() not in _KNOWN:
                    message = f"no kind of record usually has the status `{status}`"
                    yield warning("VBM273", message, status.span, suggestion(status.lower(), _KNOWN))
