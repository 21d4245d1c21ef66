"""References between resources: relative, absolute, `urn:uuid:`, contained, conditional, or only an identifier."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol
from urllib.parse import unquote

from vbpmeasure.adapters.fhir.codings import identifier_key
from vbpmeasure.adapters.fhir.json_values import Json, items, mapping, text
from vbpmeasure.adapters.fhir.source import Resource

NPI = "http://hl7.org/fhir/sid/us-npi"

_TYPE = re.compile("[A-Z][A-Za-z]+")
_CONDITIONAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)\?(?:.*&)?identifier=([^&]+)")


class Target(NamedTuple):
    """What a reference points at: its type ("" when the reference does not tell) and id."""

    type: str
    id: str


class Identifiers(Protocol):
    """What knows the ids of resources by their identifiers."""

    def by_identifier(self, type_: str, key: str) -> str | None:
        """Return the id of the resource of a type with the identifier ``system|value``."""


def target(reference: object, resource: Resource, known: Identifiers, *types: str) -> Target | None:
    """Return what a Reference points at when it can be of one of the types; None otherwise.

    ``resource`` is where the reference stands: addresses of its bundle are looked up first. The target itself may be
    missing from the input. A reference by identifier alone, or conditional, is answered only when ``known`` has it.
    """
    value = mapping(reference)
    address = text(value.get("reference"))
    if address is None:
        key = identifier_key(value.get("identifier"))
        return _identified(types, key, known) if key else None
    if address.startswith("#"):
        return None
    if conditional := _CONDITIONAL.fullmatch(address):
        named = conditional[1]
        return _identified((named,), unquote(conditional[2]), known) if named in types else None
    found = _parse(resource.addresses.get(address, address))
    return found if found is not None and (not found.type or found.type in types) else None


def _identified(types: tuple[str, ...], key: str, known: Identifiers) -> Target | None:
    for type_ in types:
        if (found := known.by_identifier(type_, key)) is not None:
            return Target(type_, found)
    return None


def _parse(address: str) -> Target | None:
    if address.startswith(("urn:uuid:", "urn:oid:")):
        return Target("", address.split(":", 2)[2])
    parts = address.split("/_history/", 1)[0].rstrip("/").split("/")
    if len(parts) < 2 or not parts[-1] or _TYPE.fullmatch(parts[-2]) is None:
        return None
    return Target(parts[-2], parts[-1])


def pending(reference: object, resource: Resource, *types: str) -> str | None:
    """Return what a reference points at before all identifiers are known: an id, or ``?system|value``.

    `Index.settled` makes an id of it between the passes and after.
    """
    value = mapping(reference)
    address = text(value.get("reference"))
    if address is None:
        key = identifier_key(value.get("identifier"))
        return f"?{key}" if key else None
    if conditional := _CONDITIONAL.fullmatch(address):
        return f"?{unquote(conditional[2])}" if conditional[1] in types else None
    found = None if address.startswith("#") else _parse(resource.addresses.get(address, address))
    return found.id if found is not None and (not found.type or found.type in types) else None


def contained(reference: object, resource: Resource) -> Json | None:
    """Return the contained resource that a reference of the form `#id` points at."""
    address = text(mapping(reference).get("reference"))
    if address is None or not address.startswith("#"):
        return None
    return next((c for c in items(resource.body.get("contained")) if text(c.get("id")) == address[1:]), None)


def npi_of_reference(reference: object) -> str | None:
    """Return the NPI that a reference itself carries, as its identifier or as a conditional search."""
    value = mapping(reference)
    one = mapping(value.get("identifier"))
    if text(one.get("system")) == NPI:
        return text(one.get("value"))
    conditional = _CONDITIONAL.fullmatch(text(value.get("reference")) or "")
    system, bar, code = unquote(conditional[2]).partition("|") if conditional else ("", "", "")
    return code or None if bar and system == NPI else None
