"""Which race standard, which tabulation, which roll-up of languages: the choices of a run among category systems."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vbpmeasure.diagnostics import Diagnostic, Failure
from vbpmeasure.results.categories import DEFAULT_STANDARD
from vbpmeasure.results.categories.code_tables import CodeTarget, read_rows
from vbpmeasure.results.categories.crosswalks import CategorySystem
from vbpmeasure.results.categories.rollup import base_language
from vbpmeasure.spec.suggest import suggestion_or_list

LANGUAGE_TABLE_FOLDER = "language_tables"

# Rows that a table of languages need not name.
_LANGUAGE_ROWS = ("Other", "Declined", "Unknown")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for; ``tabulation`` None is the standard's own default, ``languages`` None the shipped roll-up."""

    standard: str = DEFAULT_STANDARD
    tabulation: str | None = None
    languages: Path | None = None


@dataclass(frozen=True, slots=True)
class Systems:
    """The category systems of a run by dimension, and what other names mean: ``race`` is ``race_ethnicity`` in SPD-15.

    ``elsewhere`` are the dimensions of other standards, for messages: dimension to standard.
    """

    by_dimension: Mapping[str, CategorySystem]
    aliases: Mapping[str, str]
    elsewhere: Mapping[str, str]


def choose(systems: Mapping[str, CategorySystem], choice: Choice) -> Systems:
    """Return the systems of the standard asked for, with its tabulation, beside those of no standard.

    Raises `Failure`: VBM470 for a standard that no system is of, VBM471 for a tabulation that it does not have, VBM275
    for a table of languages that cannot be used.
    """
    standards = {system.standard for system in systems.values() if system.standard is not None}
    if choice.standard not in standards:
        hint = suggestion_or_list(choice.standard, standards, "standards")
        raise Failure(
            Diagnostic("VBM470", f"no race standard is called `{choice.standard}`", where="--race-standard", hint=hint)
        )
    chosen = {name: s for name, s in systems.items() if s.standard in (None, choice.standard)}
    if choice.tabulation is not None:
        chosen = _tabulated(chosen, choice)
    if choice.languages is not None:
        chosen = {name: _spoken(s, choice.languages) if s.languages else s for name, s in chosen.items()}
    aliases = {other: name for name, s in chosen.items() for other in s.stands_for if other not in chosen}
    elsewhere = {name: str(s.standard) for name, s in systems.items() if name not in chosen}
    return Systems(chosen, aliases, elsewhere)


def _tabulated(chosen: Mapping[str, CategorySystem], choice: Choice) -> dict[str, CategorySystem]:
    known = {name for s in chosen.values() for name in s.tabulations}
    if choice.tabulation not in known:
        hint = (
            suggestion_or_list(str(choice.tabulation), known, "tabulations")
            if known
            else "`--race-standard spd15` has tabulations; in the categories of 1997 nobody is in several"
        )
        message = f"the race standard `{choice.standard}` has no tabulation `{choice.tabulation}`"
        raise Failure(Diagnostic("VBM471", message, where="--tabulation", hint=hint))
    return {
        name: replace(s, tabulation=choice.tabulation) if choice.tabulation in s.tabulations else s
        for name, s in chosen.items()
    }


def _spoken(system: CategorySystem, table: Path) -> CategorySystem:
    """Return a language system with the roll-up of a table: ``code`` (in any known spelling) and ``category``.

    Categories come in the order of the table; Other, Declined and Unknown are added behind where it does not have them.
    What the shipped table says of no answer (declined, unknown, null flavors) stays.
    """
    rows = read_rows(table, ("code", "category"))
    rolled: dict[str, CodeTarget] = {}
    for number, row in enumerate(rows, start=2):
        base = base_language(system, row["code"])
        if base is None or not row["category"]:
            what = "a language that is not known" if base is None else "no category"
            raise Failure(
                Diagnostic(
                    "VBM275",
                    f"the table of languages cannot be used: row {number} has {what}",
                    where=str(table),
                    hint="give `code` (such as es, spa or Spanish) and `category` in every row",
                )
            )
        rolled[base] = CodeTarget(row["category"])
    named = list(dict.fromkeys(row["category"] for row in rows if row["category"] not in _LANGUAGE_ROWS))
    no_answer = (*_LANGUAGE_ROWS, system.declined, system.unknown, system.rest)
    return replace(
        system,
        id=f"{system.id} by {table.name}",
        categories=(*named, *_LANGUAGE_ROWS),
        codes=_kept(system.codes, no_answer),
        of_languages={**_kept(system.of_languages, no_answer), **rolled},
        digest=_joined(system.digest, table),
    )


def _kept(targets: Mapping[str, CodeTarget], categories: Container[str | None]) -> dict[str, CodeTarget]:
    return {code: target for code, target in targets.items() if target.category in categories}


def _joined(digest: str, table: Path) -> str:
    return hashlib.sha256(digest.encode() + table.read_bytes()).hexdigest()
