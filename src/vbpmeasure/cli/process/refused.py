"""What the system says of a path that no part of a command was ready for."""

from __future__ import annotations

import errno
import os

from vbpmeasure.diagnostics.model import Diagnostic, Failure

_NOT_A_PATH = {
    errno.ENAMETOOLONG: "its name is longer than the system takes",
    errno.ELOOP: "its links lead round in a circle",
}
_REFUSED = {
    errno.EACCES: "it is not allowed",
    errno.EPERM: "it is not allowed",
    errno.EIO: "the disk fails",
    errno.ESTALE: "the network folder that it is in has changed",
    errno.EMFILE: "this process has too many open files",
    errno.ENFILE: "the machine has too many open files",
}


def refused(error: BaseException) -> Failure | None:
    """Return the failure that an error of the system is, None when it is none, or has no path: that is a bug of ours.

    VBM413 for what cannot be a path at all, VBM516 for a file that the system does not hand over.
    """
    if not isinstance(error, OSError) or not isinstance(error.filename, str | bytes):
        return None
    where = os.fsdecode(error.filename)
    if error.errno in _NOT_A_PATH:
        why = f"no file or folder can be looked for here: {_NOT_A_PATH[error.errno]}"
        return Failure(Diagnostic("VBM413", why, where=where, hint="look at the path that the command was given"))
    if error.errno in _REFUSED:
        return Failure(Diagnostic("VBM516", f"the system refuses a file: {_REFUSED[error.errno]}", where=where))
    return None
