"""The conditions on a row as one integer of bits, computed while the table is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from vbpmeasure.data.contract import MODIFIER_COLUMNS
from vbpmeasure.engines.polars.literals import bits_literal
from vbpmeasure.engines.polars.lookup import text_bits
from vbpmeasure.engines.polars.result_texts import result_holds
from vbpmeasure.engines.polars.sheet import RECORD_KINDS, Attributes
from vbpmeasure.plan.events import UNKNOWN_STATUS, ResultTest
from vbpmeasure.plan.measures import CodeSet

KNOWN = 1 << 63  # the provider has a taxonomy, whatever it is

_PROVIDER = ("provider", "provider or unknown", "provider barred")
_SIDES = {"rendering": "rendering bits", "billing": "billing bits"}


def claim_bits(
    attributes: Attributes,
    present: Collection[str],
    value_sets: Mapping[str, CodeSet],
) -> pl.Expr:
    """Return the bits of a claim row that carries the columns of :func:`side_bits`."""
    parts: list[pl.Expr] = []
    places = _bits_of_codes(attributes, ("place",), "POS", value_sets)
    if "place_of_service_code" in present and places:
        parts.append(text_bits(pl.col("place_of_service_code").cast(pl.String), places))
    modifiers = _bits_of_codes(attributes, ("modifier",), "MODIFIER", value_sets)
    if modifiers:
        parts += [text_bits(pl.col(c).cast(pl.String), modifiers) for c in MODIFIER_COLUMNS if c in present]
    teeth = _bits_of_texts(attributes, "tooth")
    if "tooth_number" in present and teeth:
        tooth = pl.col("tooth_number").cast(pl.String).str.strip_chars(" ").str.strip_chars_start("0")
        parts.append(text_bits(tooth, teeth))
    statuses = {str(name): bit for name, bit in attributes.of("status")}
    if "claim_status" in present and statuses:
        parts.append(text_bits(pl.col("claim_status").cast(pl.String).str.to_lowercase(), statuses))
    if wants_provider(attributes):
        rendering, billing = pl.col(_SIDES["rendering"]), pl.col(_SIDES["billing"])
        unknown = bits_literal(unknown_provider_bits(attributes))
        billing_or_unknown = pl.when(billing != 0).then(billing).otherwise(unknown)
        parts.append(pl.when(rendering != 0).then(rendering).otherwise(billing_or_unknown))
    return _union(parts)


def side_bits(
    attributes: Attributes,
    present: Collection[str],
    value_sets: Mapping[str, CodeSet],
    practitioners: Mapping[str, int],
) -> list[pl.Expr]:
    """Return the columns of the rendering and the billing provider's bits; none when no condition looks at providers.

    They are made in a step of their own, because the choice between them reads each more than once.
    ``practitioners`` as from :func:`practitioner_bits`.
    """
    if not wants_provider(attributes):
        return []
    taxonomies = _bits_of_codes(attributes, _PROVIDER, "NUCC", value_sets)
    return [_side_bits(side, present, taxonomies, practitioners).alias(name) for side, name in _SIDES.items()]


def record_bits(
    attributes: Attributes,
    present: Collection[str],
    status_column: str | None,
    value_sets: Mapping[str, CodeSet],
) -> pl.Expr:
    """Return the bits of a record row: its status, encounter and result; its provider is not known."""
    parts: list[pl.Expr] = [bits_literal(unknown_provider_bits(attributes))]
    columns = (status_column or "", "encounter_class", "encounter_type")
    for kind, column in zip(RECORD_KINDS, columns, strict=True):
        bits = _bits_of_texts(attributes, kind)
        if column in present and bits:
            parts.append(text_bits(pl.col(column).cast(pl.String).str.to_lowercase().fill_null(""), bits))
        elif "" in bits:
            parts.append(bits_literal(bits[""]))
    if "result" in present:
        for test, bit in attributes.of("result"):
            assert isinstance(test, ResultTest)
            holds = result_holds(test, present, value_sets)
            parts.append(pl.when(holds).then(bits_literal(bit)).otherwise(bits_literal(0)))
    return _union(parts)


def _bits_of_texts(attributes: Attributes, kind: str) -> dict[str, int]:
    """Return the bits of each text that conditions of the kind name; an unknown status is also that of no text."""
    bits: dict[str, int] = {}
    for texts, bit in attributes.of(kind):
        assert isinstance(texts, tuple)
        unknown = kind == RECORD_KINDS[0] and UNKNOWN_STATUS in texts
        for text in (*texts, *(("",) if unknown else ())):
            bits[text] = bits.get(text, 0) | bit
    return bits


def wants_provider(attributes: Attributes) -> bool:
    """Return whether any condition looks at the provider."""
    return any(True for kind in (*_PROVIDER, "provider unknown") for _ in attributes.of(kind))


def unknown_provider_bits(attributes: Attributes) -> int:
    """Return the bits of a row whose provider is not known."""
    bits = 0
    for kind in ("provider or unknown", "provider unknown"):
        for _, bit in attributes.of(kind):
            bits |= bit
    return bits


def practitioner_bits(
    taxonomies_by_npi: Iterable[tuple[str, str]], attributes: Attributes, value_sets: Mapping[str, CodeSet]
) -> dict[str, int]:
    """Return the bits of each NPI: those of all its taxonomies, given as pairs of NPI and taxonomy."""
    taxonomies = _bits_of_codes(attributes, _PROVIDER, "NUCC", value_sets)
    bits: dict[str, int] = {}
    for npi, taxonomy in taxonomies_by_npi:
        bits[npi] = bits.get(npi, KNOWN) | taxonomies.get(taxonomy, 0)
    return bits


def _bits_of_codes(
    attributes: Attributes, kinds: Iterable[str], system: str, value_sets: Mapping[str, CodeSet]
) -> dict[str, int]:
    """Return the bits of each code: of every condition of these kinds whose value sets hold it."""
    bits: dict[str, int] = {}
    for kind in kinds:
        for names, bit in attributes.of(kind):
            assert isinstance(names, tuple)
            for code in {c for name in names for c in value_sets[name].codes.get(system, ())}:
                bits[code] = bits.get(code, 0) | bit
    return bits


def _side_bits(
    side: str, present: Collection[str], taxonomies: Mapping[str, int], practitioners: Mapping[str, int]
) -> pl.Expr:
    """Return the bits of the rendering or billing provider, 0 when no taxonomy of it is known."""
    parts = []
    if f"{side}_taxonomy" in present:
        taxonomy = pl.col(f"{side}_taxonomy").cast(pl.String)
        known = pl.when(taxonomy.is_not_null()).then(bits_literal(KNOWN)).otherwise(bits_literal(0))
        parts.append(text_bits(taxonomy, taxonomies) | known)
    if f"{side}_npi" in present and practitioners:
        parts.append(text_bits(pl.col(f"{side}_npi").cast(pl.String), practitioners))
    return _union(parts)


def _union(parts: list[pl.Expr]) -> pl.Expr:
    whole = bits_literal(0)
    for part in parts:
        whole = whole | part
    return whole
