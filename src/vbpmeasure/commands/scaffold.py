"""`init`: a working folder with a configuration, a measure to change, its deck, schemas and synthetic data."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vbpmeasure.catalog.roots import DECK_FILE, MEASURE_FILE, SHARED
from vbpmeasure.catalog.shipped import measures_root
from vbpmeasure.commands.definitions import write_schemas
from vbpmeasure.config.load import FILE_NAME
from vbpmeasure.diagnostics.model import Diagnostic, Failure
from vbpmeasure.disk.errors import output_failure
from vbpmeasure.disk.folder import PRIVATE_FOLDER, PUBLIC_FOLDER
from vbpmeasure.spec.load import load_measure

TEMPLATE = Path(__file__).resolve().parent.parent / "config" / "scaffold.toml"
SHIPPED, OWN = "wcv", "my_wcv"
PEOPLE, SEED, YEAR = 200, 1, 2025

_NAMED = "DIR"  # the folder, as the help of `init` calls it
_MEASURES, _DATA, _IGNORE = "measures", "data", ".gitignore"
# The configuration comes last: where it stands, everything stands.
_PLACES = (_MEASURES, _DATA, FILE_NAME)
_IGNORED = "# Data of people and results do not belong into version control.\n/data/\n/results/\n"


def scaffold(folder: Path) -> tuple[Path, ...]:
    """Write a working folder and return what was made in it; ``folder`` is made when it is missing.

    The measure is a copy of a shipped one under another id, with the fragments that it uses; value sets stay those of
    the installation, because a copy would replace them for all measures. Nothing is ever overwritten; a .gitignore that
    is there stays. Raises ``Failure``: VBM503 when something of that name is there, VBM505 a file instead of a folder,
    VBM502, VBM506, VBM507 when it cannot be written; then nothing is left behind.
    """
    _check(folder)
    try:
        with _staging(folder) as staging:
            _write(staging)
            return _move(staging, folder)
    except OSError as error:
        raise output_failure(error, folder, _NAMED) from None


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Failure(Diagnostic("VBM505", "a folder is needed, and this is a file", where=str(folder)))
    _check_free(_PLACES, folder)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a folder inside ``folder`` to work in; at the end remove it, and ``folder`` when it is new and empty."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".vbpmeasure-init-", dir=folder))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()


def _write(staging: Path) -> None:
    from vbpmeasure.sample import write_sample  # noqa: PLC0415  numpy and pyarrow

    shipped = measures_root()
    own = staging / _MEASURES / OWN
    own.mkdir(parents=True)
    for name in (MEASURE_FILE, DECK_FILE):
        text = (shipped / SHIPPED / name).read_text(encoding="utf-8")
        (own / name).write_text(_renamed(text), encoding="utf-8")
    shared = staging / _MEASURES / SHARED
    shared.mkdir()
    for word in load_measure(shipped / SHIPPED / MEASURE_FILE).model.use:
        (shared / f"{word}.yaml").write_bytes((shipped / SHARED / f"{word}.yaml").read_bytes())
    list(write_schemas(staging / _MEASURES / "schema", _NAMED))
    write_sample(staging / _DATA, people=PEOPLE, seed=SEED, year=YEAR)
    # Real members may come here one day.
    (staging / _DATA).chmod(PRIVATE_FOLDER)
    (staging / _MEASURES).chmod(PUBLIC_FOLDER)
    (staging / _IGNORE).write_text(_IGNORED, encoding="utf-8")
    template = TEMPLATE.read_text(encoding="utf-8")
    (staging / FILE_NAME).write_text(template.replace("{measure}", OWN), encoding="utf-8")


def _renamed(text: str) -> str:
    """Give a definition or a deck the id of the copy."""
    text = re.sub(rf"^(id|measure): {SHIPPED}$", rf"\1: {OWN}", text, count=1, flags=re.MULTILINE)
    return re.sub(r"^(title: .*)$", r"\1 (our copy)", text, count=1, flags=re.MULTILINE)


def _move(staging: Path, folder: Path) -> tuple[Path, ...]:
    """Move what was made into its place, one after the other, or nothing of it."""
    kept = _is_there(folder / _IGNORE)  # version control of the folder is its owner's business
    moved: list[Path] = []
    try:
        for name in _PLACES if kept else (_IGNORE, *_PLACES):
            # Somebody may have made it in the meantime; a rename would replace a file in silence.
            _check_free([name], folder)
            (staging / name).rename(folder / name)
            moved.append(folder / name)
    except BaseException:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    return tuple(moved)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _check_free(names: Sequence[str], folder: Path) -> None:
    there = [name for name in names if _is_there(folder / name)]
    if there:
        raise Failure(
            Diagnostic(
                "VBM503",
                f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already, and nothing is overwritten",
                where=str(folder),
                hint="name a new folder: `vbpmeasure init DIR`",
            )
        )
