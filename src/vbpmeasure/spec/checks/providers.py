"""VBM236: what becomes of unknown providers is said beside the provider that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error, parts
from vbpmeasure.spec.models.events import Filters
from vbpmeasure.spec.namespace import Namespace
from vbpmeasure.spec.uses import models


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error for every `unknown_provider` without a `provider`, of which it would be open what it narrows.

    Under `unless` or `any` such a word looks as if it changed the filters around it, which only add up.
    """
    for model in parts(names):
        for node in models(model):
            if isinstance(node, Filters) and node.unknown_provider is not None and node.provider is None:
                message = "`unknown_provider` stands without the `provider` that it belongs to"
                hint = "write it beside `provider`; a choice parameter there can decide by year or run"
                yield error("VBM236", message, node.unknown_provider.span, hint)
