"""The verdict over a deck."""

from pathlib import Path

from vbpmeasure.diagnostics import Diagnostic, Span
from vbpmeasure.testing.report_model import CaseReport, Criterion, DeckReport

FOUND = Diagnostic("VBM720", "b: w30_6: expected met, got open", span=Span("cases.yaml", 7, 1, 7, 6))
GOOD = CaseReport("a", "", ())
BAD = CaseReport("b", "", (FOUND,))
CRITERIA = (
    Criterion("visits", "w30_6, numerator", seen_true=True, seen_false=True),
    Criterion("died", "w30_6, exclusion deceased", seen_true=False, seen_false=True),
    Criterion("born", "w30_6, population step 1", seen_true=True, seen_false=False),
)


def report(*cases, criteria=CRITERIA):
    return DeckReport("w30", Path("w30/cases.yaml"), cases, criteria)


def test_zero_cases_is_a_failure():
    assert not report().passed
    assert report(GOOD).passed
    assert not report(GOOD, BAD).passed
    assert report(GOOD, BAD).findings == (FOUND,)


def test_what_was_never_seen():
    assert [c.label for c in report(GOOD).never_true] == ["died"]
    assert [c.label for c in report(GOOD).never_false] == ["born"]
