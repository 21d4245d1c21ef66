"""Errors of the file system, as diagnostics."""

from __future__ import annotations

import errno
from pathlib import Path

from vbpmeasure.diagnostics import Diagnostic, Failure

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


def output_failure(error: OSError, where: Path, named: str = "--out") -> Failure:
    """Return what an `OSError` means for the user: VBM506 disk full, VBM502 not writable, VBM507 anything else.

    ``named`` is what says the place on the command line, an option or an argument as the help calls it: another place
    is named with it.
    """
    place = str(where)
    if error.errno in _FULL:
        hint = f"free space or choose another {named}; the previous results are still whole"
        return Failure(Diagnostic("VBM506", "the disk is full, nothing was written", where=place, hint=hint))
    reason = (error.strerror or type(error).__name__).lower()
    if error.errno in _NOT_ALLOWED:
        hint = f"choose another {named}, or ask for the right to write there"
        return Failure(Diagnostic("VBM502", f"cannot write here: {reason}", where=place, hint=hint))
    return Failure(Diagnostic("VBM507", f"writing failed, nothing was changed: {reason}", where=place))
