"""Words that every output carries: what the numbers are, and what they are not."""

from __future__ import annotations

from vbpmeasure import __version__
from vbpmeasure.results.disclosure.published import PublishedTable

SCHEMA_VERSION = "1"
NOTICE = "Unaudited, HEDIS-like rates. Not certified HEDIS results."


def metadata(table: PublishedTable) -> dict[str, str]:
    """Return what a results file says about itself, as texts, in a fixed order."""
    words = {
        "schema_version": SCHEMA_VERSION,
        "tool": "vbpmeasure",
        "version": __version__,
        "notice": NOTICE,
        "period_start": table.period.start.isoformat(),
        "period_end": table.period.end.isoformat(),
        "suppression_profile": table.policy.profile,
    }
    if table.categories:
        words["categories"] = "; ".join(f"{name}: {by}" for name, by in table.categories.items())
    if table.overlapping:
        words["overlapping_strata"] = ", ".join(table.overlapping)
    return words if table.banner is None else {**words, "banner": table.banner}
