"""What every resource of the second pass needs: the index, the output, and the rules that all rows share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.fhir import reasons
from vbpmeasure.adapters.fhir.index import Index
from vbpmeasure.adapters.fhir.json_values import first_day, text
from vbpmeasure.adapters.fhir.references import target
from vbpmeasure.adapters.fhir.source import Resource
from vbpmeasure.adapters.folder import ConversionFolder
from vbpmeasure.adapters.report import Reason, Report


@dataclass(slots=True)
class Work:
    """One conversion under way. ``latest``: the last day of a service so far."""

    index: Index
    folder: ConversionFolder
    report: Report
    crosswalk: Crosswalk
    data_source: str
    latest: dt.date | None = field(default=None)

    def tell(self, reason: Reason, resource: Resource) -> None:
        """Count a case of a reason at the place of a resource."""
        self.report.skip(reason, resource.file, resource.line, what=resource.type)

    def person_of(self, reference: object, resource: Resource) -> str | None:
        """Return the id of the patient of a resource; None, told, when it names none."""
        found = target(reference, resource, self.index, "Patient")
        if found is None:
            self.tell(reasons.NO_SUBJECT, resource)
            return None
        if not self.index.has_patient(found.id):
            self.tell(reasons.UNKNOWN_PATIENT, resource)
        return found.id

    def encounter_of(self, resource: Resource, reference: object | None = None) -> str | None:
        """Return the id of the encounter of a resource."""
        found = target(reference or resource.body.get("encounter"), resource, self.index, "Encounter")
        return found.id if found else None

    def day_of(self, resource: Resource, *fields: str) -> dt.date | None:
        """Return the day of the first field that is there; a spoiled one is told."""
        found, spoiled = first_day(resource.body, *fields)
        if spoiled:
            self.tell(reasons.BAD_DATE, resource)
        return found

    def served(self, on: dt.date | None) -> None:
        """Note the day of a service."""
        if on is not None and (self.latest is None or on > self.latest):
            self.latest = on

    def id_of(self, resource: Resource) -> str | None:
        """Return the id of a resource."""
        return text(resource.body.get("id"))
