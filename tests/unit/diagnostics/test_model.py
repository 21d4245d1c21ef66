"""With which exit code a failure ends a command."""

import pytest

from vbpmeasure.diagnostics.model import Diagnostic, Failure, Severity


@pytest.mark.parametrize(
    ("codes", "exit_code"),
    [
        (["VBM120"], 2),
        (["VBM203"], 2),
        (["VBM305"], 3),
        (["VBM414"], 2),
        (["VBM506"], 5),
        (["VBM540"], 3),
        (["VBM541"], 3),
        (["VBM542"], 3),
        (["VBM543"], 3),
        (["VBM545"], 5),
        (["VBM550"], 3),
        (["VBM552"], 5),
        (["VBM901"], 70),
        (["VBM305", "VBM405"], 3),
        (["VBM405", "VBM542", "VBM506"], 5),
    ],
)
def test_the_gravest_code_decides(codes: list[str], exit_code: int) -> None:
    assert Failure([Diagnostic(code, "wrong") for code in codes]).exit_code == exit_code


def test_warnings_have_no_say_beside_errors() -> None:
    found = [Diagnostic("VBM506", "full", Severity.WARNING), Diagnostic("VBM540", "gone")]
    assert Failure(found).exit_code == 3
