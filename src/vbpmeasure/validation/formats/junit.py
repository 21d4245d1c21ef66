"""JUnit XML: a test suite per table, a test case per result, as every CI system reads it."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as ET

from vbpmeasure.diagnostics.printable import one_line
from vbpmeasure.validation.model import CheckResult, Report, Status

_RED = (Status.FAIL,)


def report_junit(report: Report) -> str:
    """Return the report as JUnit XML. Warnings are passed cases with their text as output; nothing carries a time."""
    root = ET.Element("testsuites", {"name": "vbpmeasure validate", **_counts(report.results)})
    for table, group in groupby(report.results, key=lambda r: r.table or "data"):
        results = tuple(group)
        suite = ET.SubElement(root, "testsuite", {"name": table, **_counts(results)})
        for result in results:
            suite.append(_case(result))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(results: tuple[CheckResult, ...]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(r.status in _RED for r in results)),
        "errors": str(sum(r.status is Status.ERROR for r in results)),
        "skipped": str(sum(r.status is Status.NOT_APPLICABLE for r in results)),
    }


def _case(result: CheckResult) -> ET.Element:
    name = f"{result.id} {result.name} {one_line(result.place)}"
    case = ET.Element("testcase", classname=f"vbpmeasure.{result.table or 'data'}", name=name)
    text = one_line(result.text)
    if result.status is Status.FAIL:
        ET.SubElement(case, "failure", message=text, type=result.code or result.id).text = text
    elif result.status is Status.ERROR:
        ET.SubElement(case, "error", message=text, type=result.code or result.id).text = text
    elif result.status is Status.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message=text)
    elif result.status is not Status.PASS:
        ET.SubElement(case, "system-out").text = f"{result.status.value}: {text}"
    return case
