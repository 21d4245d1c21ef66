"""Practitioners, their roles and organizations: NPI and provider taxonomy."""

from __future__ import annotations

from dataclasses import dataclass

from vbpmeasure.adapters.crosswalk import Crosswalk
from vbpmeasure.adapters.fhir.codings import codings, identifier, words
from vbpmeasure.adapters.fhir.index import Index, Provider
from vbpmeasure.adapters.fhir.json_values import Json, items, text
from vbpmeasure.adapters.fhir.references import NPI, contained, npi_of_reference, pending, target
from vbpmeasure.adapters.fhir.source import Resource

PROVIDERS = ("Practitioner", "PractitionerRole", "Organization", "Location")


@dataclass(frozen=True, slots=True)
class Named:
    """A provider as a row names it: NPI, and the taxonomy when there is exactly one."""

    npi: str | None = None
    taxonomy: str | None = None
    practitioner_id: str | None = None


def taxonomies(concepts: object, crosswalk: Crosswalk) -> tuple[str, ...]:
    """Return the taxonomy codes of coded specialties or qualifications; words go through the crosswalk."""
    coded = [c.code for c in codings(concepts) if c.system == "NUCC"]
    if not coded:
        coded = [found for w in words(concepts) if (found := crosswalk.taxonomy(w)) is not None]
    return tuple(dict.fromkeys(coded))


def specialty(concepts: object) -> str | None:
    """Return the first specialty in words."""
    return next(words(concepts), None)


def put_practitioner(index: Index, id_: str, body: Json, crosswalk: Crosswalk) -> None:
    """Add a Practitioner to the index."""
    concepts = [q.get("code") for q in items(body.get("qualification"))]
    found = taxonomies(concepts, crosswalk)
    index.put("provider", id_, "Practitioner", identifier(body, NPI), None, specialty(concepts), found)


def put_role(index: Index, id_: str, resource: Resource, crosswalk: Crosswalk) -> None:
    """Add a PractitionerRole to the index; its practitioner is looked up between the passes."""
    body = resource.body
    practitioner = pending(body.get("practitioner"), resource, "Practitioner")
    found = taxonomies(body.get("specialty"), crosswalk) or taxonomies(body.get("code"), crosswalk)
    index.put("role", id_, practitioner, specialty(body.get("specialty")), found)


def put_organization(index: Index, type_: str, id_: str, body: Json) -> None:
    """Add an Organization or a Location to the index."""
    coded = tuple(c.code for c in codings(body.get("type")) if c.system == "NUCC")
    index.put("provider", id_, type_, identifier(body, NPI), text(body.get("name")), None, coded)


def named(reference: object, resource: Resource, index: Index) -> Named | None:
    """Return the provider of a reference; None when it names nobody that is known."""
    inside = contained(reference, resource)
    if inside is not None:
        return Named(identifier(inside, NPI))
    found = target(reference, resource, index, *PROVIDERS)
    npi = npi_of_reference(reference)
    if found is None:
        return Named(npi) if npi else None
    id_, types = found.id, (found.type,) if found.type else PROVIDERS
    if "PractitionerRole" in types and (practitioner := index.practitioner_of_role(id_)) is not None:
        id_, types = practitioner, ("Practitioner",)
    for type_ in types:
        if (provider := index.provider(type_, id_)) is not None:
            return _named(provider, npi, id_ if type_ == "Practitioner" else None)
    return Named(npi, None, id_ if types == ("Practitioner",) else None)


def _named(provider: Provider, npi: str | None, practitioner_id: str | None) -> Named:
    only = provider.taxonomies[0] if len(provider.taxonomies) == 1 else None
    return Named(provider.npi or npi, only, practitioner_id)
