"""The index of the measure pages: by family, then by tag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from vbpmeasure.catalog.info import MeasureInfo

_WRITTEN = "<!-- Written from the definitions by `make docs`; do not edit. -->"


def index_page(measures: Sequence[MeasureInfo]) -> str:
    """Return the index as Markdown: one table per family, then a line per tag."""
    families: dict[str, list[MeasureInfo]] = defaultdict(list)
    tags: dict[str, list[MeasureInfo]] = defaultdict(list)
    for info in measures:
        families[info.family].append(info)
        for tag in info.tags:
            tags[tag].append(info)
    blocks = [
        f"{_WRITTEN}\n\n# Measures\n\nOne page each, written from the definitions. `established` says whether a "
        "steward publishes the measure, `claims` how well claims can see it (direct, proxy, or external data alone)."
    ]
    for family in sorted(families):
        rows = [
            f"| [{info.title}]({info.id}.md) | `{info.id}` | {info.status} | {'yes' if info.established else 'no'} "
            f"| {info.claims} | {len(info.rates)} |"
            for info in sorted(families[family], key=lambda info: info.id)
        ]
        head = ["| measure | id | status | established | claims | rates |", "|---|---|---|---|---|---|"]
        blocks.append("\n".join([f"## {family}", "", *head, *rows]))
    lines = [
        f"- **{tag}**: " + ", ".join(f"[{info.id}]({info.id}.md)" for info in sorted(tags[tag], key=lambda i: i.id))
        for tag in sorted(tags)
    ]
    blocks.append("\n".join(["## By tag", "", *lines]))
    return "\n\n".join(blocks) + "\n"
