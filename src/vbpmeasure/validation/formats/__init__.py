"""A report as text: one format a module, chosen here by name."""

from __future__ import annotations

from collections.abc import Callable

from vbpmeasure.validation.formats.github import report_github
from vbpmeasure.validation.formats.json import report_json
from vbpmeasure.validation.formats.junit import report_junit
from vbpmeasure.validation.formats.table import report_table
from vbpmeasure.validation.model import Report

RENDERERS: dict[str, Callable[[Report], str]] = {
    "table": report_table,
    "json": report_json,
    "junit": report_junit,
    "github": report_github,
}
