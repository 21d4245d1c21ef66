"""Find the objects of the contract tables on an object store; the same rules as for folders of this machine."""

from __future__ import annotations

from collections.abc import Iterable

from vbpmeasure.data.formats.recognize import ICEBERG_DATA, ICEBERG_METADATA, format_by_names, log_by_names, refused
from vbpmeasure.data.found import Findings, place
from vbpmeasure.data.locate import PARQUET_SUFFIXES, Location, bookkeeping, nothing_here, table_of
from vbpmeasure.data.remote.address import Address, RemoteFolder, parse
from vbpmeasure.data.remote.store import RemotePath, Store, Stores
from vbpmeasure.diagnostics.model import Diagnostic, Failure


def locate_remote(root: RemoteFolder, names: Iterable[str], stores: Stores) -> dict[str, Location]:
    """Return where each of the named tables is below an address; tables that are not there are left out.

    Raises ``Failure``: VBM302 (nothing below the address), VBM301, VBM303 and VBM310 as ``locate.locate``, VBM372,
    VBM376 and VBM377 (the store refuses, has no such bucket, cannot be reached).
    """
    address = parse(root.uri)
    assert address is not None
    store = stores.of(address)
    try:
        entries = [e for e in store.entries(address.rest) if not e[0].startswith((".", "_"))]
    except FileNotFoundError:
        raise Failure(
            Diagnostic("VBM302", "nothing lies at the address of the data", where=str(root), hint="check the address")
        ) from None
    found: dict[str, list[RemotePath]] = {}
    for name, is_folder, path in entries:
        table = table_of(name, folder=lambda is_folder=is_folder: is_folder)  # type: ignore[misc]
        if table is not None:
            found.setdefault(table, []).append(path)
    if not found:
        raise Failure(nothing_here(str(root), [name for name, _, _ in entries]))
    folders = {path for _, is_folder, path in entries if is_folder}
    findings = Findings()
    located: dict[str, Location] = {}
    for name in names:
        candidates = found.get(name, [])
        if len(candidates) > 1:
            findings.error(
                "VBM310",
                f"table {name} is there more than once: {', '.join(c.name for c in candidates)}",
                where=str(root),
                hint="keep one of them; which one is meant is never guessed",
            )
        elif candidates:
            path = candidates[0]
            try:
                located[name] = _folder(name, path, store) if path in folders else _one(name, path)
            except Failure as failure:
                findings.take(failure)
    findings.raise_if_any()
    return located


def at_address(table: str, address: Address, stores: Stores) -> Location:
    """Return the location of a table given as the address of an object, a folder or a glob.

    Raises ``Failure``: VBM316 when nothing is there, VBM303 when a folder holds no Parquet, and those of the store.
    """
    store = stores.of(address)
    rest = address.rest.rstrip("/")
    try:
        if any(letter in rest for letter in "*?["):
            files = _parquet(store.matching(rest))
            if files:
                for file in {one.parent: one for one in files}.values():
                    _refuse_logged(table, file, store)
                return Location(table, files, _base(store, rest))
        elif (found := store.file(rest)) is not None:
            _refuse_logged(table, found, store)
            return _one(table, found)
        else:
            return _folder(table, RemotePath.listed(address.text.rstrip("/"), store), store)
    except FileNotFoundError:
        pass
    where = place(table, file=address.text)
    raise Failure(Diagnostic("VBM316", f"table {table}: nothing lies at this address", where=where))


def _one(table: str, file: RemotePath) -> Location:
    return Location(table, (file,), file.parent)


def _folder(table: str, folder: RemotePath, store: Store) -> Location:
    below = store.files(str(folder).partition("://")[2])
    kind = format_by_names(str(folder), [str(path) for path in below])
    if kind != "parquet":
        return Location(table, (), folder, kind)
    if (log := log_by_names([path.relative_to(folder).as_posix() for path in below])) is not None:
        raise refused(table, folder, log)
    files = _parquet(below, folder)
    if not files:
        raise Failure(
            Diagnostic(
                "VBM303",
                f"the folder of table {table} holds no Parquet file",
                where=place(table, file=folder),
                hint=f"files are found by their ending: {', '.join(PARQUET_SUFFIXES)}",
            )
        )
    return Location(table, files, folder)


def _refuse_logged(table: str, file: RemotePath, store: Store) -> None:
    """Refuse an object that lies in a table with a log (``Failure`` VBM337), partition folders between them or not."""
    folder = file.parent
    while "=" in folder.name:
        folder = folder.parent
    # The bucket itself lies in no table.
    inside = folder.name == ICEBERG_DATA and "/" in _rest(folder)
    for home in (folder, folder.parent) if inside else (folder,):
        names = [f"{name}/" for name, is_folder, _ in store.entries(_rest(home)) if is_folder]
        if f"{ICEBERG_METADATA}/" in names:
            below = store.entries(f"{_rest(home)}/{ICEBERG_METADATA}")
            names += [f"{ICEBERG_METADATA}/{name}" for name, _, _ in below]
        if (kind := log_by_names(names)) is not None:
            raise refused(table, file, kind)


def _rest(folder: RemotePath) -> str:
    return str(folder).partition("://")[2]


def _parquet(found: Iterable[RemotePath], below: RemotePath | None = None) -> tuple[RemotePath, ...]:
    """Return the Parquet objects; names of bookkeeping count from the folder on that the user named."""
    return tuple(
        path
        for path in found
        if path.name.lower().endswith(PARQUET_SUFFIXES)
        and not any(bookkeeping(part) for part in (path if below is None else path.relative_to(below)).parts)
    )


def _base(store: Store, rest: str) -> RemotePath:
    plain: list[str] = []
    for part in rest.split("/")[:-1]:
        if any(letter in part for letter in "*?["):
            break
        plain.append(part)
    return RemotePath.listed(f"{store.scheme}://{'/'.join(plain)}", store)
