"""What lies in a data folder beside its tables, on this machine or on an object store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vbpmeasure.data.remote.address import RemoteFolder, parse
from vbpmeasure.data.remote.store import File, Store, Stores


def beside(folder: Path | RemoteFolder | None, name: str, stores: Stores) -> bytes | None:
    """Return the content of a small file of a data folder, None when there is none.

    Raises `OSError` of the disk, ``Failure`` of the object store.
    """
    if isinstance(folder, RemoteFolder):
        store, rest = _reached(folder, stores)
        return store.read(f"{rest}/{name}")
    return (folder / name).read_bytes() if folder is not None and (folder / name).is_file() else None


def files_below(folder: Path | RemoteFolder, stores: Stores) -> Callable[[str], File | None]:
    """Return what finds a file by its name below the folder. Raises ``Failure`` of the object store."""
    if isinstance(folder, Path):
        return lambda name: folder / name
    store, rest = _reached(folder, stores)
    found = {str(path): path for path in store.files(rest)}
    return lambda name: found.get(f"{store.scheme}://{rest}/{name}")


def _reached(folder: RemoteFolder, stores: Stores) -> tuple[Store, str]:
    address = parse(folder.uri)
    assert address is not None
    return stores.of(address), address.rest.rstrip("/")
