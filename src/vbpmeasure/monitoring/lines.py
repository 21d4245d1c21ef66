"""Log lines: one record a line, as JSON or as text, from a closed list of keys."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.diagnostics.printable import one_line

# Every key that a line may have, with what it means. Nothing else is ever written: a fact with another key is a bug.
KEYS: Mapping[str, str] = {
    "time": "when the line was written, UTC",
    "level": "debug, info, warning or error",
    "run": "the run id, a UUID: the same on all lines of a command, in the metrics and in the lineage",
    "event": "started, stage, counts, diagnostic, remark, limit or finished",
    "command": "the command",
    "version": "the version of vbpmeasure",
    "stage": "the stage that ended, or in which the command stopped: definitions, inputs, engine, results, write",
    "seconds": "how long the stage or the command took",
    "files": "input files",
    "rows": "their rows; absent when they would tell a small number of people",
    "people": "people in the data; absent when there are too few to say",
    "measures": "measures in the results",
    "failed": "measures that failed",
    "rates": "rates in the results",
    "cells": "cells of the results: rates by stratum",
    "hidden": "cells that disclosure control hid",
    "code": "the code of a diagnostic; `vbpmeasure rule CODE` explains it",
    "message": "what a person should read",
    "where": "the file, table or column that a diagnostic is about",
    "hint": "how to mend it",
    "rate": "the rate that a limit is about, MEASURE.RATE",
    "value": "the rate as the results show it; absent when they do not",
    "limit": "the limit, such as `>= 40`",
    "verdict": "met, not met, or cannot tell",
    "exit_code": "with what the command left",
}
LEVELS = ("debug", "info", "warning", "error")


def json_line(record: Mapping[str, object]) -> str:
    """Return the record as one JSON object on one line, keys in the order of `KEYS`; ASCII only."""
    return json.dumps(_allowed(record), ensure_ascii=True, allow_nan=False)


def text_line(record: Mapping[str, object]) -> str:
    """Return the record as ``TIME LEVEL RUN EVENT key=value ...``; values with spaces are quoted."""
    facts = _allowed(record)
    head = [str(facts.pop(name)) for name in ("time", "level", "run", "event")]
    head[1] = head[1].upper().ljust(7)
    head[2] = head[2][:8]
    return " ".join([*head, *(f"{name}={_word(value)}" for name, value in facts.items())])


def stamp(now: dt.datetime) -> str:
    """Return a moment as a line has it: UTC, milliseconds."""
    return now.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def diagnostic_facts(found: Diagnostic) -> dict[str, object]:
    """Return what a line says of a diagnostic; a place in a text file is `where`."""
    where = found.where if found.span is None else f"{found.span.path}:{found.span.line}:{found.span.column}"
    facts = {"code": found.code, "message": found.message, "where": where, "hint": found.hint}
    return {name: value for name, value in facts.items() if value is not None}


def _allowed(record: Mapping[str, object]) -> dict[str, object]:
    unknown = sorted(set(record) - set(KEYS))
    if unknown:
        raise ValueError(f"no log line has the key {unknown[0]!r}")
    return {name: record[name] for name in KEYS if name in record}


def _word(value: object) -> str:
    text = one_line(str(value))
    plain = text and not any(c in ' "=' for c in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
