"""The record of a layout as a strict model: the file may be damaged, or written by somebody else."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vbpmeasure.data.buckets import MOST


def _inside(name: str) -> str:
    """Return the name of a file when it lies in the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or not name.isprintable():
        raise ValueError("no file of the layout")
    return name


Count = Annotated[int, Field(ge=0, lt=2**63)]
Name = Annotated[str, AfterValidator(_inside)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class LaidFileRecord(_Part):
    """One file: `layout.LaidFile`."""

    name: Name
    bucket: Annotated[int, Field(ge=0, lt=MOST)] | None
    rows: Count
    bytes: Count
    footer_sha256: str


class InputRecord(_Part):
    """One input file: `fingerprint.FileFingerprint`."""

    table: str
    name: str
    bytes: Count
    rows: Count
    footer_sha256: str | None
    sha256: str | None = None


class VersionRecord(_Part):
    """One version of a Delta or Iceberg table: `bound.TableVersion`."""

    table: str
    name: str
    format: str
    version: str | None
    table_id: str
    bytes: Count
    rows: Count


class LayoutRecord(_Part):
    """The whole record; what it says beside is for people."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    tool: Literal["vbpmeasure"]
    kind: Literal["buckets"]
    format: Literal[1]
    buckets: Annotated[int, Field(ge=1, le=MOST)]
    tables: dict[str, list[LaidFileRecord]]
    inputs: list[InputRecord | VersionRecord]
    sources: dict[str, list[dict[str, Any]]]
