"""VBM225, VBM226: a definition and its parameter values say where they come from."""

from __future__ import annotations

from collections.abc import Iterator

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.spec.checks.found import error, parts, warning
from vbpmeasure.spec.namespace import Namespace


def check(names: Namespace) -> Iterator[Diagnostic]:
    """Yield an error (a warning for a draft) for a file without references and for values without a source."""
    report = warning if names.measure.model.status == "draft" else error
    for model in parts(names):
        if not model.references:
            hint = "add `references: [{title: ...}]`; a draft may do without"
            yield report("VBM225", f"`{model.id}` names no references", model.id.span, hint)
        for name, parameter in model.parameters.items():
            for value in parameter.values:
                if value.source is None:
                    message = f"the value of `{name}` from {value.from_} on has no source"
                    yield report("VBM226", message, value.value.span or value.span, "add `source: TAG`")
