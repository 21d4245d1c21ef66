"""VBM210, VBM212, VBM213, VBM215: every name is declared, and VBM203 for columns that no span has."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.data.contract import ELIGIBILITY
from vbpmeasure.data.contract import Kind as ColumnKind
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.plan.builder.constants import CONSTANTS
from vbpmeasure.spec.checks.found import all_uses, error, parts
from vbpmeasure.spec.models.criteria import VERBS, FlaggedBody
from vbpmeasure.spec.models.index import NO_INDEX
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.spec.uses import PARAMETER_KINDS, PIECE_KINDS, Kind, Use, models, piece_kind

FLAG_COLUMNS = tuple(column.name for column in ELIGIBILITY.columns if column.kind is ColumnKind.FLAG)
_ANCHORS = ("birth", "birthday", "death", "period start", "period end", "index", "index start", "index end")


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every name that nothing declares."""
    for use in all_uses(names):
        yield from _known(use, names)
    for model in parts(names):
        for node in models(model):
            if isinstance(node, FlaggedBody) and node.column not in FLAG_COLUMNS:
                hint = suggestion_or_list(node.column, FLAG_COLUMNS, "flag columns of eligibility")
                yield error("VBM203", f"`{node.column}` is no flag column of eligibility", node.column.span, hint)


def _known(use: Use, names: Namespace) -> Iterator[Diagnostic]:
    name = str(use.name)
    if use.kind in (Kind.RATE, Kind.MEMBER):
        measure, dot, rate = name.rpartition(".")
        if dot and measure != names.measure.model.id:
            return  # a rate of another measure: the catalog knows those
        if rate not in names.rates:
            hint = suggestion_or_list(rate, names.rates, "rates")
            yield error("VBM213", f"no rate of this measure is called `{rate}`", use.name.span, hint)
    elif use.kind is Kind.EXCLUSION:
        known = {*names.exclusions, *_named(names, Kind.CRITERION)}
        if name not in names.exclusions and name not in names.pieces:
            hint = suggestion_or_list(name, known, "exclusions")
            yield error("VBM215", f"no exclusion is called `{name}`", use.name.span, hint)
    elif use.kind in PARAMETER_KINDS:
        if name not in names.parameters and not (use.kind is Kind.VERDICT and name in ("include", "exclude")):
            known = {*names.parameters, *(("include", "exclude") if use.kind is Kind.VERDICT else ())}
            hint = suggestion_or_list(name, known, "parameters")
            yield error("VBM212", f"no parameter is called `{name}`", use.name.span, hint)
    elif (use.kind is Kind.CRITERION and name in CONSTANTS) or (use.kind is Kind.INDEX and name == NO_INDEX):
        return
    elif use.kind in PIECE_KINDS and name not in names.pieces:
        kinds = "index events" if use.kind is Kind.INDEX else f"{use.kind}s"
        hint = suggestion_or_list(name, _candidates(use.kind, names), kinds)
        if use.kind is Kind.CRITERION and name in VERBS:
            hint = f"`{name}` is a verb: write `{name}: ...`"
        what = {Kind.DATE: "date or anchor", Kind.INDEX: "definition of index events"}.get(use.kind, use.kind.value)
        yield error("VBM210", f"no {what} is called `{name}`", use.name.span, hint)


def _named(names: Namespace, kind: Kind) -> set[str]:
    known = {name for name, declared in names.pieces.items() if piece_kind(declared.model) is kind}
    return known | set(CONSTANTS) if kind is Kind.CRITERION else known


def _candidates(kind: Kind, names: Namespace) -> set[str]:
    return _named(names, kind) | (set(_ANCHORS) if kind is Kind.DATE else set())
