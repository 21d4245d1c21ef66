"""Where the shipped measures and the sample data lie: in the wheel, or beside the source checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_IN_WHEEL = _PACKAGE / "_shipped"
_CHECKOUT = _PACKAGE.parent.parent


def measures_root() -> Path:
    """Return the folder of the shipped measures (measure folders, `shared`, `value_sets`, `crosswalks`).

    Raises `FileNotFoundError` when the installation is incomplete.
    """
    return _root("measures")


def sample_root() -> Path:
    """Return the folder of the small synthetic sample; raises `FileNotFoundError` when it is not there."""
    return _root("sample_data")


def _root(name: str) -> Path:
    for folder in (_IN_WHEEL / name, _CHECKOUT / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder `{name}` is missing from this installation")
