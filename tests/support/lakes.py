"""Delta and Iceberg tables with rows that are deleted beside their files, written by the words of the two formats.

The Python writers of both formats rewrite files instead; Spark and the services do not, so tables of this kind are met.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl


def delete_by_vector(table: Path, rows: Sequence[int]) -> None:
    """Commit a deletion vector to a Delta table of one file: its rows of these numbers (from 0) are gone."""
    log = table / "_delta_log"
    (file,) = [json.loads(line)["add"] for line in _lines(log, 0) if '"add"' in line]
    vector = {
        "storageType": "i",
        "pathOrInlineDv": _z85(_bitmap(rows)),
        "sizeInBytes": len(_bitmap(rows)),
        "cardinality": len(rows),
    }
    features = ["deletionVectors"]
    stamped = {"dataChange": True, "deletionTimestamp": 1, "extendedFileMetadata": True}
    actions: list[dict[str, Any]] = [
        {"protocol": _protocol(features)},
        {"remove": {k: file[k] for k in ("path", "partitionValues", "size")} | stamped},
        {"add": file | {"deletionVector": vector}},
    ]
    newest = max(int(one.stem) for one in log.glob("*.json"))
    (log / f"{newest + 1:020d}.json").write_text("".join(json.dumps(one) + "\n" for one in actions))


def ask_of_readers(table: Path, features: Sequence[str], reader: int = 3) -> None:
    """Rewrite the protocol of a Delta table of one version: what it asks of those who read it."""
    first = table / "_delta_log" / f"{0:020d}.json"
    asked = _protocol(features) if reader == 3 else {"minReaderVersion": reader, "minWriterVersion": 5}
    lines = [json.dumps({"protocol": asked}) if '"protocol"' in one else one for one in _lines(first.parent, 0)]
    first.write_text("\n".join(lines) + "\n")


def _protocol(features: Sequence[str]) -> dict[str, Any]:
    named = {"readerFeatures": list(features), "writerFeatures": list(features)}
    return {"minReaderVersion": 3, "minWriterVersion": 7, **named}


def _lines(log: Path, version: int) -> list[str]:
    return (log / f"{version:020d}.json").read_text().splitlines()


def _bitmap(rows: Sequence[int]) -> bytes:
    """Return row numbers below 65,536 as a roaring bitmap array in Delta's portable form."""
    values = b"".join(struct.pack("<H", row) for row in sorted(rows))
    one_container = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16)
    found = struct.pack("<iqI", 1681511377, 1, 0) + one_container + values
    return found + b"\0" * (-len(found) % 4)


def _z85(content: bytes) -> str:
    """Return Z85 text: base 85 with the letters of ZeroMQ in the place of Python's."""
    ours = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
    theirs = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    return base64.b85encode(content).decode().translate(str.maketrans(ours, theirs))


def delete_beside(table: Any, rows: Sequence[int] = (), ids: Sequence[int] = ()) -> None:
    """Commit a delete file to an Iceberg table of one data file.

    ``rows`` are the numbers of rows that are gone (position deletes); with ``ids``, the ids of fields, rows are gone
    that have the values of the file in these fields (equality deletes).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyiceberg.manifest import DataFile, DataFileContent, FileFormat, ManifestContent, ManifestWriterV2
    from pyiceberg.table.snapshots import Operation
    from pyiceberg.table.update.snapshot import _FastAppendFiles
    from pyiceberg.typedef import Record

    class Deletes(ManifestWriterV2):
        def content(self) -> Any:
            return ManifestContent.DELETES

        @property
        def _meta(self) -> dict[str, str]:
            return {**super()._meta, "content": "deletes"}

    class Commit(_FastAppendFiles):  # type: ignore[misc]
        def new_manifest_writer(self, spec: Any) -> Any:
            output = self.new_manifest_output()
            return Deletes(
                spec, self._transaction.table_metadata.schema(), output, self._snapshot_id, self._compression
            )

    ((task),) = table.scan().plan_files()
    place = f"{table.location()}/data/deletes-{len(rows)}-{len(ids)}.parquet"
    fields = [
        pa.field("file_path", pa.string(), nullable=False, metadata={b"PARQUET:field_id": b"2147483546"}),
        pa.field("pos", pa.int64(), nullable=False, metadata={b"PARQUET:field_id": b"2147483545"}),
    ]
    columns: list[Any] = [[task.file.file_path] * len(rows), list(rows)]
    content = pa.table(columns, schema=pa.schema(fields))
    if ids:
        first = pl.read_parquet(task.file.file_path.removeprefix("file://")).head(1).to_arrow()
        content = first.select([table.schema().find_column_name(one) for one in ids])
    path = Path(place.removeprefix("file://"))
    pq.write_table(content, path)
    deletes = DataFile.from_args(
        content=DataFileContent.EQUALITY_DELETES if ids else DataFileContent.POSITION_DELETES,
        file_path=place,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=content.num_rows,
        file_size_in_bytes=path.stat().st_size,
        equality_ids=list(ids) or None,
        lower_bounds={2147483546: task.file.file_path.encode()},
        upper_bounds={2147483546: task.file.file_path.encode()},
    )
    deletes.spec_id = table.spec().spec_id
    with table.transaction() as transaction, Commit(Operation.DELETE, transaction, table.io) as commit:
        commit.append_data_file(deletes)
