"""The run folder: written beside its place, made durable, swapped in whole.

Beside the folder ``NAME`` stand, while a run lasts: ``.NAME.lock`` and ``.NAME.new`` (the results being written). The
two folders change places in one step, so that there is no moment without results. Where the file system cannot do that,
the previous results stand in ``.NAME.old`` for the moment of the swap, and after a crash the next run finds what is
left and completes or undoes it. One whole set of results survives at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from vbpmeasure.diagnostics import Diagnostic, Failure, Severity
from vbpmeasure.disk.durable import exchange, make_folders, sync_folder, write_durably
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.lock import RunLock
from vbpmeasure.spec.json_text import read_json

SUCCESS = "_SUCCESS"
MANIFEST = "manifest.json"
TOOL = "vbpmeasure"

PUBLIC_FILE, PRIVATE_FILE = 0o644, 0o600
PUBLIC_FOLDER, PRIVATE_FOLDER = 0o755, 0o700


class RunFolder:
    """One run's output folder; a context manager that holds the lock from its start to its end.

    `add` files, then `commit`. Leaving the block without a commit, by an error or Ctrl-C, removes what was
    written and leaves the previous results as they were.
    """

    def __init__(
        self,
        target: Path,
        warn: Callable[[Diagnostic], None] | None = None,
        *,
        manifest: str = MANIFEST,
        private: bool = False,
        resumable: bool = False,
        named: str = "--out",
    ) -> None:
        """Name the folder; nothing is touched before the block is entered. ``warn`` gets remarks about earlier runs.

        ``manifest`` names the file that says what the folder is and which files in it are ours
        (`conversion_report.json` for converted tables). A ``private`` folder is for its owner alone, files and all.
        What a failure leaves of a ``resumable`` one stays for the next, beside the place; else it is removed.
        ``named`` is what says the folder on the command line, an option or an argument.
        """
        # Not `resolve`: a symbolic link in the last place must be seen, not followed.
        self.target = Path(os.path.abspath(target))  # noqa: PTH100
        if not self.target.name:
            raise Failure(Diagnostic("VBM503", "the root folder cannot hold a run", where=str(self.target)))
        self._new = self.target.with_name(f".{self.target.name}.new")
        self._old = self.target.with_name(f".{self.target.name}.old")
        self._warn = warn or (lambda _: None)
        self._manifest = manifest
        self._private = private
        self._resumable = resumable
        self._named = named
        self._lock = RunLock(self.target, self._warn, named)
        self._files: list[str] = []

    def __enter__(self) -> RunFolder:
        """Check the place, take the lock, clear what a dead run left, start an empty folder beside the place.

        Raises `Failure`: VBM501 another run, VBM502 not writable, VBM503 the folder holds something else, VBM504
        a symbolic link, VBM505 a file of that name, VBM506 disk full, VBM507 other errors of the file system.
        """
        self._check_target()
        try:
            make_folders(self.target.parent)
        except OSError as error:
            raise output_failure(error, self.target.parent, self._named) from None
        self._lock.acquire()
        try:
            self._recover()
            self._check_target()
            self._new.mkdir(mode=PRIVATE_FOLDER if self._private else PUBLIC_FOLDER, exist_ok=self._resumable)
            for name in (self._manifest, SUCCESS):
                (self._new / name).unlink(missing_ok=True)
        except OSError as error:
            self._lock.release()
            raise output_failure(error, self.target, self._named) from None
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the unfinished folder, if any, and give the lock back."""
        try:
            if not self._resumable:
                shutil.rmtree(self._new, ignore_errors=True)
        finally:
            self._lock.release()

    def add(self, name: str, content: bytes, *, private: bool = False) -> None:
        """Write one file and make it durable; a private one is readable by its owner only, like the folder around it.

        ``name`` is relative, with at most one folder. Raises `Failure` VBM502, VBM506, VBM507.
        """
        private = private or self._private
        path = self._inside(name)
        try:
            if path.parent != self._new:
                path.parent.mkdir(mode=PRIVATE_FOLDER if private else PUBLIC_FOLDER, exist_ok=True)
            write_durably(path, content, PRIVATE_FILE if private else PUBLIC_FILE)
        except OSError as error:
            raise output_failure(error, self.target, self._named) from None
        self._files.append(name)

    @property
    def unfinished(self) -> Path:
        """The folder in which the results grow; what is in it and was neither added nor kept goes with a failure."""
        return self._new

    def keep(self, name: str) -> None:
        """Count a file that was written to `unfinished` by other hands, and make it durable.

        Raises `Failure` VBM502, VBM506, VBM507.
        """
        path = self._inside(name)
        try:
            with path.open("rb") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise output_failure(error, self.target, self._named) from None
        self._files.append(name)

    def _inside(self, name: str) -> Path:
        parts = Path(name).parts
        if Path(name).is_absolute() or not 1 <= len(parts) <= 2 or ".." in parts:
            raise ValueError("the name of an output file must stay inside the run folder")
        return self._new / name

    def commit(self, manifest: Mapping[str, object]) -> None:
        """Write the manifest and `_SUCCESS`, then put the folder in its place. Raises `Failure` as `add` does."""
        self.add(self._manifest, manifest_bytes({**manifest, "files": sorted(self._files)}))
        self.add(SUCCESS, b"")
        try:
            for folder in sorted({(self._new / name).parent for name in self._files}, reverse=True):
                sync_folder(folder)
            self._swap()
        except OSError as error:
            raise output_failure(error, self.target, self._named) from None

    def _swap(self) -> None:
        parent = self.target.parent
        if not self.target.exists():
            self._new.rename(self.target)
            sync_folder(parent)
        elif exchange(self._new, self.target):
            sync_folder(parent)
            with contextlib.suppress(OSError):
                _discard(self._new)
        else:
            self.target.rename(self._old)
            try:
                self._new.rename(self.target)
            except BaseException:
                self._old.rename(self.target)
                raise
            sync_folder(parent)
            with contextlib.suppress(OSError):
                _discard(self._old)

    def _recover(self) -> None:
        """Bring what a dead run left to one whole set of results: finish its swap, or undo it."""
        if not self.target.exists() and self._old.is_dir():
            whole = self._new if (self._new / SUCCESS).is_file() else self._old
            whole.rename(self.target)
            self._warn(
                Diagnostic(
                    "VBM511",
                    "an earlier run died while it replaced the results; a whole set was put back in place",
                    severity=Severity.WARNING,
                    where=str(self.target),
                )
            )
        for leftover in (self._old,) if self._resumable else (self._new, self._old):
            if leftover.is_dir() and not leftover.is_symlink():
                _discard(leftover)

    def _check_target(self) -> None:
        place = str(self.target)
        if self.target.is_symlink():
            hint = "name the folder it points to"
            raise Failure(Diagnostic("VBM504", "the output folder is a symbolic link", where=place, hint=hint))
        try:
            if not self.target.exists():
                return
            if not self.target.is_dir():
                raise Failure(Diagnostic("VBM505", "there is a file where the output folder should be", where=place))
            self._check_content(place)
        except OSError as error:
            raise output_failure(error, self.target, self._named) from None

    def _check_content(self, place: str) -> None:
        """Refuse to replace anything that a run of ours did not write."""
        inside = [p for p in self.target.rglob("*") if p.is_symlink() or not p.is_dir()]
        found = {p.relative_to(self.target).as_posix() for p in inside}
        if not found:
            return
        foreign = found - _files_of_a_run(self.target, self._manifest)
        if foreign:
            raise Failure(
                Diagnostic(
                    "VBM503",
                    "the output folder holds files that no run wrote, and replacing it would delete them",
                    where=place,
                    hint=f"choose another {self._named}, or move them away",
                )
            )


def _discard(folder: Path) -> None:
    """Remove a folder of results, its mark of success first: half of a set never looks like a whole one."""
    (folder / SUCCESS).unlink(missing_ok=True)
    shutil.rmtree(folder)


def manifest_bytes(manifest: Mapping[str, object]) -> bytes:
    """Return the manifest as JSON with sorted keys; the same manifest gives the same bytes."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _files_of_a_run(folder: Path, name: str) -> set[str]:
    """Return the files that the manifest in the folder claims; empty when there is no manifest of ours."""
    try:
        manifest = read_json((folder / name).read_bytes())
    except (OSError, ValueError):
        return set()
    if not isinstance(manifest, dict) or manifest.get("tool") != TOOL or not isinstance(manifest.get("files"), list):
        return set()
    return {name, SUCCESS, *(file for file in manifest["files"] if isinstance(file, str))}
