"""VBM211, VBM223, VBM224: value sets exist, hold codes, and hold such codes as their role looks at."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic, Severity
from vbpmeasure.spec.checks.found import all_uses, error, warning
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.suggest import suggestion
from vbpmeasure.spec.uses import VALUE_SET_KINDS, Kind, Use
from vbpmeasure.terminology.systems import SYSTEMS
from vbpmeasure.terminology.value_sets import ValueSetLibrary

# Systems whose codes stand in columns of their own (place, modifier, taxonomy), or in no event row at all.
_NOT_ON_ROWS = frozenset({"POS", "MODIFIER", "NUCC", "CDCREC", "HL7NULL", "BCP47"})
_ON_ROWS = frozenset(SYSTEMS) - _NOT_ON_ROWS
_ON_CLAIMS = frozenset({"CPT", "HCPCS", "CDT", "CDT_PREFIX", "ICD10CM", "ICD10PCS", "UBREV", "UBTOB_PREFIX", "UBDISP"})
_SYSTEMS = {
    Kind.CODES: _ON_ROWS,
    Kind.DIAGNOSES: frozenset({"ICD10CM", "SNOMEDCT"}),  # claims, and condition records
    Kind.PRINCIPAL: frozenset({"ICD10CM"}),
    Kind.PLACES: frozenset({"POS"}),
    Kind.MODIFIERS: frozenset({"MODIFIER"}),
    Kind.PROVIDERS: frozenset({"NUCC"}),
    Kind.CLAIM_CODES: _ON_CLAIMS,
    Kind.CLAIM_DIAGNOSES: frozenset({"ICD10CM"}),
    Kind.RESULTS: frozenset(SYSTEMS),
}
_WORDS = {
    Kind.CODES: "codes that rows of events carry",
    Kind.DIAGNOSES: "diagnosis codes (ICD10CM, SNOMEDCT)",
    Kind.PRINCIPAL: "diagnosis codes of claims (ICD10CM)",
    Kind.PLACES: "place-of-service codes (POS)",
    Kind.MODIFIERS: "modifiers (MODIFIER)",
    Kind.PROVIDERS: "provider taxonomies (NUCC)",
    Kind.CLAIM_CODES: "codes that claims carry",
    Kind.CLAIM_DIAGNOSES: "diagnosis codes of claims (ICD10CM)",
    Kind.RESULTS: "codes of any system",
}


def check(names: Namespace, library: ValueSetLibrary) -> Iterator[Diagnostic]:
    """Yield what is wrong with the value sets that the measure names, the findings of their own files included."""
    used = [use for use in all_uses(names) if use.kind in VALUE_SET_KINDS]
    for use in used:
        if str(use.name) not in library:
            hint = suggestion(str(use.name), library.names())
            yield error("VBM211", f"no value set is called `{use.name}`", use.name.span, hint)
    broken = set()
    for name in sorted({str(use.name) for use in used if str(use.name) in library}):
        found = library.diagnostics_of([name])
        yield from found
        if any(d.severity is Severity.ERROR for d in found):
            broken.add(name)
    for use in used:
        if str(use.name) not in broken and str(use.name) in library:
            yield from _fits(use, library)


def _fits(use: Use, library: ValueSetLibrary) -> Iterator[Diagnostic]:
    value_set = library.get(str(use.name))
    if value_set is None or not value_set.size:
        yield error("VBM223", f"the value set `{use.name}` has no codes", use.name.span)
        return
    systems = {system for system, codes in value_set.codes.items() if codes}
    looked_at = _SYSTEMS[use.kind]
    if not systems & looked_at:
        message = f"`{use.name}` has no {_WORDS[use.kind]}, so `{use.kind}` can never match"
        yield error("VBM224", message, use.name.span, f"its codes are {', '.join(sorted(systems))}")
    elif systems - looked_at:
        others = ", ".join(sorted(systems - looked_at))
        message = f"`{use.kind}` never looks at the {others} codes of `{use.name}`"
        yield warning("VBM224", message, use.name.span)
