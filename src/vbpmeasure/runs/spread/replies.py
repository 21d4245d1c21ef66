"""What workers answer: the content that was asked for, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.runs.spread import codec
from vbpmeasure.runs.spread.job import OtherProgramError

_CONTENT, _FAILED, _OTHER_PROGRAM = b"C", b"F", b"P"


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no content."""

    diagnostics: tuple[Diagnostic, ...]


def answered(make: Callable[[], bytes]) -> bytes:
    """Return the answer with what ``make`` makes, or with its failure.

    Nothing is raised but what the engine may try again: a lack of memory, and the end of the process. Engines write the
    texts of errors to their logs, and those of libraries quote cells.
    """
    try:
        return _CONTENT + make()
    except OtherProgramError:
        return _OTHER_PROGRAM
    except Failure as failure:
        return _FAILED + codec.to_bytes(Failed(failure.diagnostics))
    except MemoryError:
        raise MemoryError from None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  a panic of Polars is a BaseException and no Exception
        return _FAILED + codec.to_bytes(Failed((_bug(error),)))


def is_content(answer: bytes) -> bool:
    """Return whether an answer holds what was asked for."""
    return answer[:1] == _CONTENT


def content_of(answer: bytes) -> bytes:
    """Return the content of an answer.

    Raises ``Failure`` with the diagnostics of the worker, VBM467 when another program answered.
    """
    if is_content(answer):
        return answer[1:]
    if answer[:1] == _FAILED:
        failed: Failed = codec.from_bytes(answer[1:])
        raise Failure(failed.diagnostics)
    raise Failure(
        Diagnostic(
            "VBM467",
            "a worker runs another version of vbpmeasure or of Polars than this process",
            hint="install the same versions on every machine; the counts of two versions are never added",
        )
    )


def _bug(error: BaseException) -> Diagnostic:
    return Diagnostic(
        "VBM901",
        f"a bug of vbpmeasure: {type(error).__name__} in a worker",
        hint="please report it with the command; without --executor the place of the error is told",
    )
