"""A mandate put in the place of settings that nobody gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.catalog.mandates import MandateFile, load_mandates, mandate_called
from vbpmeasure.config.settings import Origin, Setting, Settings, Value
from vbpmeasure.runs.mandated import Mandated

__all__ = ["mandate_called", "mandates", "with_mandate"]


def mandates(roots: tuple[Path, ...]) -> tuple[Mapping[str, MandateFile], tuple[str, ...]]:
    """Return the mandates of the shipped folder and of these, and the ids of the catalog."""
    catalog = Catalog.open(roots)
    return load_mandates(root.folder for root in catalog.roots), catalog.ids()


def with_mandate(found: Settings) -> tuple[Settings, Mandated | None]:
    """Return the settings with those of the mandate in the place of weaker ones, and the mandate, None without one.

    What stands at the same place as the mandate or at a stronger one stays: a flag wins over a mandate that a flag
    names. Raises `Failure` VBM472 for an unknown mandate, VBM276 for a broken file.
    """
    name = found.text("mandate")
    if name is None:
        return found, None
    known, ids = mandates(found.roots)
    file = mandate_called(name, known)
    mandate = file.mandate
    there, missing = file.split(ids)
    origin = found.found["mandate"].origin
    wanted: dict[str, Value] = {
        "measures": there,
        "by": mandate.by,
        "year": mandate.year,
        "race_standard": mandate.race_standard,
        "tabulation": mandate.tabulation,
    }
    settings = dict(found.found)
    for key, value in wanted.items():
        if value is not None and _weaker(settings[key].origin, origin):
            settings[key] = Setting(key, value, origin, f"mandate {mandate.id}")
    changed = tuple(key for key, value in wanted.items() if settings[key].value != value)
    return replace(found, found=settings), Mandated(mandate, file.digest, missing, changed)


def _weaker(one: Origin, other: Origin) -> bool:
    order = list(Origin)
    return order.index(one) > order.index(other)
