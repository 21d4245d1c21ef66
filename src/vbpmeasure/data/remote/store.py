"""One object store, and paths in it: what lies at an address, and the footers of its Parquet files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from vbpmeasure.data.found import place
from vbpmeasure.data.remote.access import Access
from vbpmeasure.data.remote.address import Address
from vbpmeasure.data.remote.refusals import explained, no_bucket
from vbpmeasure.data.remote.storage import Storage
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.fs as pafs

# What tells that a file is still the same: numbers and words, compared as they are.
Stamp = tuple[int | str, ...]

_TAIL = 1 << 16  # holds the footers of most files whole
_END = 8  # four bytes of footer length, four of magic


class RemotePath(PurePosixPath):
    """An object, or a folder of objects: ``s3://bucket/key``. Only paths that a store listed can be read."""

    store: Store | None = None
    size: int = 0

    @classmethod
    def listed(cls, uri: str, store: Store, size: int = 0) -> RemotePath:
        """Return the path of an object that the store has."""
        path = cls(uri)
        path.store, path.size = store, size
        return path

    def __str__(self) -> str:
        """Return the address; the path itself holds one slash after the scheme."""
        plain = super().__str__()
        head, colon, rest = plain.partition(":/")
        return f"{head}://{rest}" if colon and "/" not in head else plain

    def __fspath__(self) -> str:
        """Return the address."""
        return str(self)

    def reached(self) -> Store:
        """Return the store behind the path (`ValueError` for a path that none listed)."""
        if self.store is None:
            raise ValueError("a path that no store listed")
        return self.store


File = Path | RemotePath


class Stores:
    """The stores of one command, each opened once."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self.access = access
        self._known: dict[tuple[str, str], Store] = {}

    @classmethod
    def behind(cls, access: Access | Stores) -> Stores:
        """Return the stores of an access; those of a command that has opened some already are kept."""
        return access if isinstance(access, Stores) else cls(access)

    def of(self, address: Address) -> Store:
        """Return the store behind an address that has a service; raises ``Failure`` VBM130 as ``Store``."""
        name = (address.scheme, address.rest.split("/", 1)[0])
        if name not in self._known:
            self._known[name] = Store(address, self.access)
        return self._known[name]


class Store:
    """A bucket or container as one command reaches it."""

    def __init__(self, address: Address, access: Access) -> None:
        """Read the options; nothing is opened yet. Raises ``Failure`` VBM130 for a secret that is not set."""
        assert address.service is not None
        self.scheme, self.service = address.scheme, address.service
        self.host = address.rest.split("/", 1)[0]
        self.storage = Storage.of(self.service, access.storage.get(self.service, {}))
        self._tails: dict[str, tuple[bytes, Stamp]] = {}

    @cached_property
    def filesystem(self) -> pafs.FileSystem:
        """PyArrow's file system."""
        return self.storage.filesystem(self.host)

    @property
    def polars(self) -> dict[str, Any]:
        """The keyword arguments with which Polars reads here."""
        return self.storage.polars()

    def key(self, rest: str) -> str:
        """Return what PyArrow calls the address behind ``://``."""
        container = self.host.partition("@")[0]
        return "/".join((container, *rest.split("/")[1:])).rstrip("/")

    def uri(self, key: str) -> str:
        """Return the address of what PyArrow calls so."""
        return f"{self.scheme}://{self.host}/{key.partition('/')[2]}"

    @contextmanager
    def told(self, where: str | None, span: Span | None = None) -> Iterator[None]:
        """Turn errors of the service into findings; a missing path stays ``FileNotFoundError``."""
        import pyarrow as pa  # noqa: PLC0415

        try:
            yield
        except (FileNotFoundError, MemoryError):
            raise
        except (OSError, pa.ArrowException) as error:
            raise Failure(explained(str(error), where, span)) from None

    def entries(self, rest: str) -> list[tuple[str, bool, RemotePath]]:
        """Return what lies in a folder, by name: the name, whether it is a folder, the path.

        Raises ``FileNotFoundError`` when nothing does, ``Failure`` as ``told``.
        """
        if self.service == "gs":
            return self._entries_of_all(rest)
        return sorted(
            (info.base_name, info.type.name == "Directory", self._path(info)) for info in self._infos(rest, deep=False)
        )

    def _entries_of_all(self, rest: str) -> list[tuple[str, bool, RemotePath]]:
        """Return what `entries` does, told from all objects below: PyArrow lists no folder of Google's by itself.

        It knows only those for which somebody wrote an empty object, and a table in any other would not be seen.
        """
        base = self.key(rest)
        found: dict[str, tuple[bool, int]] = {}
        for info in self._infos(rest, deep=True):
            name, _, deeper = info.path.removeprefix(f"{base}/").partition("/")
            if deeper or info.type.name == "Directory":
                found[name] = (True, 0)
            else:
                found.setdefault(name, (False, info.size or 0))
        return sorted(
            (name, is_folder, RemotePath.listed(self.uri(f"{base}/{name}"), self, size))
            for name, (is_folder, size) in found.items()
        )

    def files(self, rest: str) -> list[RemotePath]:
        """Return all objects below a folder, in any depth; raises as ``entries``."""
        return sorted(self._path(info) for info in self._infos(rest, deep=True) if info.type.name == "File")

    def file(self, rest: str) -> RemotePath | None:
        """Return one object, None when there is none at the address; raises as ``told``."""
        with self.told(f"{self.scheme}://{rest}"):
            info = self.filesystem.get_file_info(self.key(rest))
        return self._path(info) if info.type.name == "File" else None

    def matching(self, rest: str) -> list[RemotePath]:
        """Return the objects that a glob matches (``**`` goes through folders); raises as ``entries``."""
        plain: list[str] = []
        for part in rest.split("/"):
            if any(letter in part for letter in "*?["):
                break
            plain.append(part)
        wanted = _glob(self.uri(self.key(rest)))
        return [path for path in self.files("/".join(plain)) if wanted.fullmatch(str(path))]

    def _infos(self, rest: str, *, deep: bool) -> list[pafs.FileInfo]:
        from pyarrow import fs  # noqa: PLC0415

        where = f"{self.scheme}://{rest}"
        with self.told(where):
            try:
                found = self.filesystem.get_file_info(fs.FileSelector(self.key(rest), recursive=deep))
            except OSError as error:
                # Of a folder that is not there Google's says so in words alone.
                if not isinstance(error, FileNotFoundError) and "No such file" not in str(error):
                    raise
                # S3 alone says by itself that there is not even a bucket.
                container = self.host.partition("@")[0]
                if self.filesystem.get_file_info(container).type == fs.FileType.NotFound:
                    raise Failure(no_bucket(where)) from None
                raise FileNotFoundError from None
        return list(found)

    def _path(self, info: pafs.FileInfo) -> RemotePath:
        return RemotePath.listed(self.uri(info.path), self, info.size or 0)

    def tail(self, path: RemotePath) -> bytes:
        """Return the footer of a Parquet object with the eight bytes behind it; each is fetched once.

        Raises what PyArrow raises. Less comes back when the object is shorter than it says, or no Parquet at all.
        """
        return self._first_seen(path)[0]

    def stamp(self, path: RemotePath, *, now: bool) -> Stamp:
        """Return what tells that an object is still the same: size, and ETag or else time of change.

        As it was when its footer was fetched, or as it is ``now``. Raises as ``told``.
        """
        with self.told(str(path)):
            if not now:
                return self._first_seen(path)[1]
            return self._stamp_now(path)

    def _stamp_now(self, path: RemotePath) -> Stamp:
        with self.filesystem.open_input_file(self._key_of(path)) as stream:
            return _stamp(stream)

    def _first_seen(self, path: RemotePath) -> tuple[bytes, Stamp]:
        name = str(path)
        if name not in self._tails:
            with self.filesystem.open_input_file(self._key_of(path)) as stream:
                size = stream.size()
                tail = stream.read_at(min(_TAIL, size), max(size - _TAIL, 0))
                length = int.from_bytes(tail[-_END:-4], "little") + _END
                if length > len(tail) and tail.endswith(b"PAR1"):
                    tail = stream.read_at(min(length, size), max(size - length, 0))
                stamp = _stamp(stream)
            self._tails[name] = (tail[-length:] if tail.endswith(b"PAR1") else tail, stamp)
        return self._tails[name]

    def _key_of(self, path: RemotePath) -> str:
        return self.key(str(path).partition("://")[2])

    def read(self, rest: str) -> bytes | None:
        """Return a small object whole, None when there is none at the address; raises as ``told``."""
        with self.told(f"{self.scheme}://{rest}"):
            try:
                with self.filesystem.open_input_file(self.key(rest)) as stream:
                    return bytes(stream.read())
            except FileNotFoundError:
                return None

    def damage(self, path: RemotePath, table: str | None) -> Diagnostic | None:
        """Return why an object cannot be read any more when the store says so, else None."""
        try:
            rest = str(path).partition("://")[2]
            if self.file(rest) is not None:
                return None
        except Failure as failure:
            return failure.diagnostics[0]
        return Diagnostic("VBM303", "an input file went away", where=place(table, file=path))


def _stamp(stream: pa.NativeFile) -> Stamp:
    """Return the size of an object and what its store says of this writing of it."""
    said = {k.lower(): v for k, v in _words(stream.metadata())}
    return (stream.size(), said.get("etag") or said.get("generation") or said.get("last-modified", ""))


def _words(metadata: dict[bytes | str, bytes | str] | None) -> Iterator[tuple[str, str]]:
    for each in (metadata or {}).items():
        key, value = (part.decode(errors="replace") if isinstance(part, bytes) else part for part in each)
        yield key, value


def _glob(pattern: str) -> re.Pattern[str]:
    """Return the pattern of a glob: a star does not go over a slash, and two of them are folders in any depth."""
    *folders, name = ["(?:[^/]+/)*" if part == "**" else _part(part) + "/" for part in pattern.split("/")]
    return re.compile("".join(folders) + ("(?:[^/]+/)*[^/]+" if name.startswith("(?:") else name.removesuffix("/")))


def _part(text: str) -> str:
    """Return the pattern of one part of a glob: `*`, `?`, `[abc]`, `[!abc]`."""
    found = re.split(r"(\*|\?|\[!?[^\]]+\])", text)
    known = {"*": "[^/]*", "?": "[^/]"}
    return "".join(
        known.get(piece) or ("[" + piece[1:].replace("!", "^", 1) if number % 2 else re.escape(piece))
        for number, piece in enumerate(found)
    )
