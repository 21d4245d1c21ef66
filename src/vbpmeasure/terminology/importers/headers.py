"""Which column of a table of codes means what."""

from __future__ import annotations

from collections.abc import Sequence

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.terminology.importers.rows import Place, error
from vbpmeasure.terminology.systems import normal_type

# Role -> spellings in lower case letters and digits. Columns that are none of these (definitions, descriptors,
# versions of the code systems) are never kept.
_SPELLINGS = {
    "name": ("name", "valueset", "valuesetname", "valuesettitle", "set", "setname"),
    "oid": ("oid", "valuesetoid", "setoid", "valuesetid"),
    "version": ("version", "valuesetversion", "setversion", "definitionversion", "valuesetdefinitionversion"),
    "code": ("code", "codevalue", "conceptcode"),
    "system": (
        "system",
        "codesystem",
        "codesystemname",
        "codesystemoid",
        "codetype",
        "codingsystem",
        "vocabulary",
        "terminology",
    ),
}
_NEEDED = ("code", "system")
_WORDS = {"code": "code", "system": "code system"}


def columns_of(header: Sequence[str], place: Place) -> dict[str, int]:
    """Return the position of each role's column: ``code`` and ``system`` always, ``name``, ``oid``, ``version`` if any.

    Where a role has several spellings in the header the first spelling of our list wins (a code system's name before
    its OID). Raises `Failure` VBM251 for needed columns that are missing and for one spelling that stands twice.
    """
    names = [normal_type(cell) for cell in header]
    found: dict[str, int] = {}
    problems: list[Diagnostic] = []
    for role, spellings in _SPELLINGS.items():
        present = [spelling for spelling in spellings if spelling in names]
        if present:
            if names.count(present[0]) > 1:
                problems.append(error("VBM251", f"the column `{header[names.index(present[0])]}` stands twice", place))
            found[role] = names.index(present[0])
        elif role in _NEEDED:
            hint = f"spellings that are known: {', '.join(spellings)} (in any case, with or without blanks)"
            problems.append(error("VBM251", f"no column holds the {_WORDS[role]}", place, hint))
    if problems:
        raise Failure(problems)
    return found
