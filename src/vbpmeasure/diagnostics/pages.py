"""The pages that `vbpmeasure rule` prints: one code, or the list of all."""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Mapping

from vbpmeasure.diagnostics.codes import CODES
from vbpmeasure.diagnostics.codes_model import CodeInfo
from vbpmeasure.diagnostics.model import Diagnostic, Failure

_WIDTH = 100


def rule_page(code: str, form: str = "table", checks: Mapping[str, CodeInfo] | None = None) -> str:
    """Return what is known about a code as text, or as one JSON object when ``form`` is json.

    ``checks`` are the pages of data checks by id, which are explained like codes.

    Raises :class:`Failure` (VBM408) for a code that no one registered.
    """
    wanted = code.strip().upper()
    wanted = wanted if wanted.startswith(("VBM", "VBC")) else f"VBM{wanted}"
    known = {**CODES, **(checks or {})}
    info = known.get(wanted)
    if info is None:
        close = difflib.get_close_matches(wanted, known, n=1)
        raise Failure(
            Diagnostic(
                "VBM408",
                "no diagnostic has this code",
                hint=f"did you mean `{close[0]}`?" if close else "`vbpmeasure rule` lists all codes",
            )
        )
    if form == "json":
        return json.dumps(_as_dict(wanted, info), indent=2)
    return "\n\n".join([f"{wanted}: {info.title}", _fold(info.explanation), _fold(f"To mend it: {info.mend}")])


def rule_list(form: str = "table", checks: Mapping[str, CodeInfo] | None = None) -> str:
    """Return all codes with their titles, in order, one a line, then the checks; as a JSON array for json."""
    known = {**dict(sorted(CODES.items())), **(checks or {})}
    if form == "json":
        return json.dumps([_as_dict(code, info) for code, info in known.items()], indent=2)
    return "\n".join(f"{code}  {info.title}" for code, info in known.items())


def _as_dict(code: str, info: CodeInfo) -> dict[str, str]:
    return {"code": code, "title": info.title, "explanation": info.explanation, "mend": info.mend}


def _fold(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
