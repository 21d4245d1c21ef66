"""The roll-up: from the raw values of one person to the stratum (equity page B2, rules 1 to 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vbpmeasure.results.categories.code_tables import CodeTarget, normalize_code
from vbpmeasure.results.categories.crosswalks import CategorySystem

_SEPARATORS = re.compile(r"[|;,^]")
# Between words these may belong to one answer ("Hispanic/Latino"): they only part what is not known as a whole.
_WORD_SEPARATORS = re.compile(r"[/&+]")
# The qualifier before a CDC code in an 834 file (DMG05, composite C056).
_QUALIFIER = re.compile(r"^:?ret:", re.IGNORECASE)
# A language tag (BCP 47) with its subtags: extended language, script, region, variants that hold a digit, extensions.
# `normalize_code` has turned the underscore of `en_US` into a space.
_TAG = re.compile(
    r"([a-z]{2,3})(?:-[a-z]{3})?(?:-[a-z]{4})?(?:[- ](?:[a-z]{2}|\d{3}))?"
    r"(?:-(?=[a-z]*\d)[a-z0-9]{4,8})*(?:-[a-z0-9]-.*)?"
)


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The stratum of a raw value; ``ethnicity`` when a code named one; ``unmapped`` when a code was not understood.

    ``parts`` are the real categories behind it, in the order of the system: none when nothing was told, one, or
    several, which ``category`` may fold into one.
    """

    category: str
    ethnicity: str | None = None
    unmapped: bool = False
    parts: tuple[str, ...] = ()


def roll_up(system: CategorySystem, raw: str | None, also: str | None = None) -> RolledUp:
    """Sort one raw value, possibly several codes separated by ``|``, ``;``, ``,`` or ``^``, into its stratum.

    Codes that say nothing (unknown, declined) yield to real ones; several real categories are settled by the
    system's policy; only declined gives the declined stratum, nothing or only unknown the unknown one.
    A code that the table does not know, or reads in two ways, adds nothing and sets ``unmapped``.
    ``also`` is the raw value of the second column, for systems that have one.
    """
    found, unmapped = _targets(system, raw or "")
    ethnicities = {t.ethnicity for t in found if t.ethnicity is not None}
    ethnicity = _settle_ethnicity(ethnicities)
    told = [t.category for t in found if t.category is not None]
    # Where ethnicity is no item of its own, "Hispanic" is an answer like the others.
    told += [name for name in (ethnicity,) if name in system.categories]
    if system.also is not None:
        second = roll_up(system.also, also)
        told += [name for name in (second.category,) if name in system.categories]
        unmapped = unmapped or second.unmapped
    categories = list(dict.fromkeys(told))
    real = [c for c in categories if c not in (system.declined, system.unknown)]
    if system.other_policy == "ignore" and len(real) > 1:
        real = [c for c in real if c != system.other]
    if real:
        parts = tuple(sorted(real, key=system.categories.index))
        return RolledUp(_settle(system, real), ethnicity, unmapped, parts)
    if system.declined is not None and system.declined in categories:
        return RolledUp(system.declined, ethnicity, unmapped)
    return RolledUp(system.unknown, ethnicity, unmapped)


def fill_ethnicity(system: CategorySystem, own: RolledUp, from_race: RolledUp) -> RolledUp:
    """Return the ethnicity with rule 7 applied: a code in the race column counts when there is no value of its own.

    Declining to answer is a value: only the unknown stratum is filled.
    """
    if own.category != system.unknown or from_race.ethnicity not in system.categories:
        return own
    filled = str(from_race.ethnicity)
    return RolledUp(filled, unmapped=own.unmapped, parts=(filled,))


def _targets(system: CategorySystem, raw: str) -> tuple[list[CodeTarget], bool]:
    # The whole value first: words such as "Hispanic, Latino or Spanish origin" hold a separator themselves.
    whole = _lookup(system, raw)
    if whole is not None:
        return [whole], False
    found: list[CodeTarget] = []
    unmapped = False
    for token in _SEPARATORS.split(raw):
        if not token.strip():
            continue
        own = _lookup(system, _QUALIFIER.sub("", token.strip()))
        parts = [own] if own is not None else [_lookup(system, part) for part in _WORD_SEPARATORS.split(token)]
        known = [target for target in parts if target is not None]
        # A token that is only half understood is not understood.
        if len(known) == len(parts):
            found += known
        else:
            unmapped = True
    return found, unmapped


def base_language(system: CategorySystem, token: str) -> str | None:
    """Return the base language (ISO 639-3) of a code, a tag or a name; None for what is no language."""
    code = normalize_code(token)
    tag = _TAG.fullmatch(code)
    return system.languages.get(code) or (system.languages.get(tag[1]) if tag else None)


def _lookup(system: CategorySystem, token: str) -> CodeTarget | None:
    target = system.codes.get(normalize_code(token))
    if not system.languages or (target is not None and not _is_lower_code(token)):
        return target
    base = base_language(system, token)
    if base is None:
        return target
    return system.of_languages.get(base) or (CodeTarget(system.rest) if system.rest is not None else target)


def _is_lower_code(token: str) -> bool:
    # `nav` is Navajo and `NAV` a null flavor: language codes are written small, null flavors in capitals.
    text = token.strip()
    return len(text) == 3 and text.isalpha() and text.islower()


def _settle(system: CategorySystem, real: list[str]) -> str:
    if len(real) == 1 or system.when_several == "first":
        return real[0]
    if system.when_several == "combine" and system.several is not None:
        return system.several
    return min(real, key=system.categories.index)


def _settle_ethnicity(found: set[str]) -> str | None:
    # "Hispanic" beside "not Hispanic" is Hispanic: one positive answer is an answer (as in `when_several: precedence`).
    positive = {e for e in found if not e.casefold().startswith("not ")}
    return min(positive or found, default=None)
