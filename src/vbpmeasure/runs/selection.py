"""Which measures are asked for, with which parameters, and which of the catalog they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.terminology.user_sets import NO_USER_SETS, UserSets

if TYPE_CHECKING:
    from vbpmeasure.catalog.catalog import Catalog

Overrides = Mapping[str, Mapping[str, str]]

# A measure that its author has not finished or has withdrawn runs only when it is named.
_RUN_WHEN_NAMED = ("draft", "retired")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which measures, from which folders, with which value sets before the others, with which parameters.

    ``overrides`` were asked for and must meet a selected measure; ``standing`` ones come from the configuration or the
    environment and hold for those of its measures that are selected.
    """

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    value_sets: UserSets = NO_USER_SETS
    overrides: Overrides = field(default_factory=dict)
    standing: Overrides = field(default_factory=dict)

    def overrides_for(self, ids: Iterable[str], known: Iterable[str]) -> Overrides:
        """Return the parameters for a run of these measures; standing ones of the other ``known`` measures rest."""
        resting = set(known) - set(ids)
        standing = {name: values for name, values in self.standing.items() if name not in resting}
        return {
            name: {**standing.get(name, {}), **self.overrides.get(name, {})} for name in {**standing, **self.overrides}
        }


def selected(catalog: Catalog, selection: Selection) -> tuple[str, ...]:
    """Return the measure ids of a selection in catalog order: what is selected, or all in use, less what is excluded.

    Raises :class:`Failure` for unknown names (VBM240, VBM241), unreadable definitions, and when nothing is left
    (VBM403).
    """
    if selection.select:
        ids = catalog.select(selection.select)
    else:
        ids = tuple(id for id in catalog.ids() if catalog.info(id).status not in _RUN_WHEN_NAMED)
    out = set(catalog.select(selection.exclude))
    left = tuple(id for id in ids if id not in out)
    if not left:
        raise Failure(
            Diagnostic(
                "VBM403",
                "no measure is selected: everything that was selected is excluded" if ids else "no measure is selected",
                hint="`vbpmeasure list` shows the measures and their tags",
            )
        )
    return left
