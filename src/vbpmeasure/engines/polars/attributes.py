"""The conditions on a row as one integer of bits, computed while the table is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from vbpmeasure.data.contract import MODIFIER_COLUMNS
from vbpmeasure.engines.polars.sheet import Attributes
from vbpmeasure.plan.measures import CodeSet

BITS = pl.UInt64
KNOWN = 1 << 63  # the provider has a taxonomy, whatever it is


def codes_of(names: object, system: str, value_sets: Mapping[str, CodeSet]) -> list[str]:
    """Return the codes of a system in the named value sets, sorted."""
    assert isinstance(names, tuple)
    return sorted({code for name in names for code in value_sets[name].codes.get(system, ())})


def claim_bits(attributes: Attributes, present: Collection[str], value_sets: Mapping[str, CodeSet]) -> pl.Expr:
    """Return the bits of a claim row.

    Providers known by NPI come in as the columns `rendering_bits` and `billing_bits`.
    """
    parts: list[pl.Expr] = []
    if "place_of_service_code" in present:
        for names, bit in attributes.of("place"):
            parts.append(_bit(pl.col("place_of_service_code").is_in(codes_of(names, "POS", value_sets)), bit))
    modifiers = [c for c in MODIFIER_COLUMNS if c in present]
    if modifiers:
        for names, bit in attributes.of("modifier"):
            codes = codes_of(names, "MODIFIER", value_sets)
            parts.append(_bit(pl.any_horizontal([pl.col(c).is_in(codes) for c in modifiers]), bit))
    if "claim_status" in present:
        status = pl.col("claim_status").cast(pl.String).str.to_lowercase()
        parts += [_bit(status == pl.lit(str(name)), bit) for name, bit in attributes.of("status")]
    if wants_provider(attributes):
        rendering = _taxonomy_bits(attributes, "rendering", present, value_sets)
        billing = _taxonomy_bits(attributes, "billing", present, value_sets)
        provider = pl.when(rendering != 0).then(rendering).otherwise(billing)
        parts.append(provider | _bit(provider == 0, unknown_provider_bits(attributes)))
    return _union(parts)


def wants_provider(attributes: Attributes) -> bool:
    """Return whether any condition looks at the provider."""
    kinds = ("provider", "provider or unknown", "provider unknown")
    return any(True for kind in kinds for _ in attributes.of(kind))


def unknown_provider_bits(attributes: Attributes) -> int:
    """Return the bits of a row whose provider is not known."""
    bits = 0
    for kind in ("provider or unknown", "provider unknown"):
        for _, bit in attributes.of(kind):
            bits |= bit
    return bits


def provider_bits(taxonomy: pl.Expr, attributes: Attributes, value_sets: Mapping[str, CodeSet]) -> pl.Expr:
    """Return the bits that one taxonomy gives its provider, 0 when it is null."""
    parts = [_bit(taxonomy.is_not_null(), KNOWN)]
    for kind in ("provider", "provider or unknown"):
        for names, bit in attributes.of(kind):
            parts.append(_bit(taxonomy.is_in(codes_of(names, "NUCC", value_sets)), bit))
    return _union(parts)


def _taxonomy_bits(
    attributes: Attributes, side: str, present: Collection[str], value_sets: Mapping[str, CodeSet]
) -> pl.Expr:
    parts = []
    if f"{side}_taxonomy" in present:
        parts.append(provider_bits(pl.col(f"{side}_taxonomy").cast(pl.String), attributes, value_sets))
    if f"{side}_bits" in present:
        parts.append(pl.col(f"{side}_bits").fill_null(0))
    return _union(parts)


def _bit(holds: pl.Expr, bit: int) -> pl.Expr:
    return pl.when(holds).then(pl.lit(bit, dtype=BITS)).otherwise(pl.lit(0, dtype=BITS))


def _union(parts: list[pl.Expr]) -> pl.Expr:
    whole = pl.lit(0, dtype=BITS)
    for part in parts:
        whole = whole | part
    return whole
