"""The result of an Observation or of a component, as text with its unit."""

from __future__ import annotations

from vbpmeasure.adapters.fhir.codings import first_code, words
from vbpmeasure.adapters.fhir.json_values import Json, mapping, text


def result(observed: Json) -> dict[str, str | None]:
    """Return the columns ``result`` and ``source_units``; null when there is no value.

    A quantity is its number as written, after a comparator when it has one (``<2``); its unit is the UCUM code, else
    the unit in words. A coded value is its first code. A ratio is ``1:128``, a range ``2-4``.
    """
    if isinstance(quantity := observed.get("valueQuantity"), dict):
        unit = text(quantity.get("code")) or text(quantity.get("unit"))
        return {"result": _quantity(quantity), "source_units": unit}
    return {"result": _plain(observed), "source_units": None}


def _plain(observed: Json) -> str | None:
    for field in ("valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime"):
        if (value := observed.get(field)) is not None:
            return _text(value)
    if (concept := observed.get("valueCodeableConcept")) is not None:
        return first_code(concept) or next(words(concept), None)
    if isinstance(ratio := observed.get("valueRatio"), dict):
        return _joined(":", ratio.get("numerator"), ratio.get("denominator"))
    if isinstance(span := observed.get("valueRange"), dict):
        return _joined("-", span.get("low"), span.get("high"))
    return None


def _quantity(quantity: Json) -> str | None:
    value = _text(quantity.get("value"))
    return f"{text(quantity.get('comparator')) or ''}{value}" if value is not None else None


def _joined(mark: str, first: object, second: object) -> str | None:
    parts = [_quantity(mapping(first)), _quantity(mapping(second))]
    return mark.join(p or "" for p in parts) if any(parts) else None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value) if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else None
