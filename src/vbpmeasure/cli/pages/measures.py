"""The pages of `list` and `show`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from vbpmeasure.catalog.info import CLAIMS_WORDS, MeasureInfo
from vbpmeasure.cli.pages.text import WIDTH, folded, section
from vbpmeasure.commands.definitions import MeasureOverview
from vbpmeasure.terminology.value_set import ValueSet


def measure_list(found: Sequence[MeasureInfo], form: str) -> str:
    """Return one line (or JSON object) per measure; lines stand by family, and long titles are cut to 100 columns."""
    if form == "json":
        brief = [
            {
                "id": info.id,
                "title": info.title,
                "edition": info.edition,
                "status": info.status,
                "established": info.established,
                "claims": info.claims,
                "family": info.family,
                "tags": list(info.tags),
                "rates": [rate.id for rate in info.rates],
            }
            for info in found
        ]
        return json.dumps(brief, indent=2, ensure_ascii=False)
    families: dict[str, list[MeasureInfo]] = {}
    for info in sorted(found, key=lambda info: info.family):
        families.setdefault(info.family, []).append(info)
    header = ("measure", "title", "status", "estab.", "claims", "edition", "rates")
    rows = {family: [_listed(info) for info in own] for family, own in families.items()}
    every = [header, *(row for own in rows.values() for row in own)]
    widths = [max(len(row[i]) for row in every) for i in range(len(header))]
    widths[1] = min(widths[1], WIDTH - sum(widths) + widths[1] - 2 * (len(widths) - 1))
    lines = [_aligned(header, widths), _aligned(["-" * width for width in widths], widths)]
    for family, own in rows.items():
        lines += ["", family, *(_aligned(row, widths) for row in own)]
    return "\n".join(lines)


def _listed(info: MeasureInfo) -> tuple[str, ...]:
    established = "yes" if info.established else "no"
    return (info.id, info.title, info.status, established, info.claims, info.edition, str(len(info.rates)))


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    cut = (c if len(c) <= width else c[: width - 3].rstrip() + "..." for c, width in zip(cells, widths, strict=True))
    return "  ".join(cell.ljust(width) for cell, width in zip(cut, widths, strict=True)).rstrip()


def measure_page(found: MeasureOverview, form: str) -> str:
    """Return everything that is known about a measure, without running it."""
    if form == "json":
        return json.dumps(_as_dict(found), indent=2, ensure_ascii=False)
    info = found.info
    established = "" if info.established else "; no steward publishes this measure"
    head = [
        f"{info.id}: {info.title}",
        f"edition {info.edition}, {info.status}, {info.basis}{f' {info.steward}' if info.steward else ''}{established}",
        f"{CLAIMS_WORDS.get(info.claims, info.claims)}; results are unaudited and HEDIS-like",
    ]
    blocks = [
        "\n".join(head),
        section("Rates", _rates(info)),
        section("Parameters", _parameters(found)),
        section("Value sets", _value_sets(found)),
        section("Shared parts", list(info.fragments)),
        section("Caveats", folded(info.notes) if info.notes else []),
        section("References", _references(info)),
        section("Files", [str(info.path), *([str(info.deck)] if info.deck else ["no test deck"])]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _rates(info: MeasureInfo) -> list[str]:
    width = max(len(rate.id) for rate in info.rates)
    lines = []
    for rate in info.rates:
        total = f" (total of {', '.join(rate.total_of)})" if rate.total_of else ""
        if rate.composite is not None:
            total = f" ({rate.composite.replace('_', ' ')} composite of {', '.join(rate.components)})"
        lower = " (lower is better)" if rate.lower_is_better else ""
        lines.append(f"{rate.id.ljust(width)}  {rate.title}{total}{lower}")
    return lines


def _parameters(found: MeasureOverview) -> list[str]:
    lines: list[str] = []
    for name, parameter in found.info.parameters.items():
        kind = "/".join(str(option) for option in parameter.options) if parameter.options else parameter.type
        mark = ", unverified" if parameter.unverified else ""
        lines.append(f"{name} ({kind}{mark}): {' '.join(parameter.about.split())}")
        for value in parameter.values:
            source = ", ".join(part for part in (value.source, value.confidence) if part)
            in_force = "  <- in force" if found.in_force.get(name) == int(value.from_) else ""
            lines.append(f"  from {value.from_}: {value.value}{f' [{source}]' if source else ''}{in_force}")
    return lines


def _value_sets(found: MeasureOverview) -> list[str]:
    if not found.value_sets:
        return []
    rows = [(s.name, str(s.size), ", ".join(sorted(s.codes)), s.confidence, _origin(s)) for s in found.value_sets]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return [
        "  ".join([name.ljust(widths[0]), size.rjust(widths[1]), systems.ljust(widths[2]), confidence, source]).rstrip()
        for name, size, systems, confidence, source in rows
    ]


def _origin(value_set: ValueSet) -> str:
    return f"{value_set.taken_from}: {value_set.source}" if value_set.taken_from else value_set.source


def _references(info: MeasureInfo) -> list[str]:
    lines: list[str] = []
    for reference in info.references:
        parts = (
            f"[{reference.tag}]" if reference.tag else "",
            reference.title,
            f"({reference.confidence})" if reference.confidence else "",
            reference.url or "",
        )
        lines.extend(folded(" ".join(part for part in parts if part), indent="  "))
    return lines


def _as_dict(found: MeasureOverview) -> dict[str, Any]:
    info = found.info
    return {
        "id": info.id,
        "title": info.title,
        "edition": info.edition,
        "status": info.status,
        "basis": info.basis,
        "steward": info.steward,
        "established": info.established,
        "claims": info.claims,
        "tags": list(info.tags),
        "notes": info.notes,
        "fragments": list(info.fragments),
        "rates": [
            {"id": r.id, "title": r.title, "total_of": list(r.total_of), "lower_is_better": r.lower_is_better}
            for r in info.rates
        ],
        "parameters": {
            name: parameter.model_dump(mode="json", by_alias=True, exclude_none=True)
            for name, parameter in info.parameters.items()
        },
        "value_sets": [
            {
                "name": s.name,
                "codes": s.size,
                "systems": sorted(s.codes),
                "confidence": s.confidence,
                "source": s.source,
                "oid": s.oid,
                "version": s.version,
                "digest": s.digest,
                "taken_from": s.taken_from,
            }
            for s in found.value_sets
        ],
        "references": [r.model_dump(mode="json", exclude_none=True) for r in info.references],
    }
