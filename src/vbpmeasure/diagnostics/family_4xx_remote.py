"""Codes of the 4xx family: addresses and versions on the command line."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM402": CodeInfo(
        "An address that no data folder can have",
        "Data folders are read from this machine and from s3://, gs:// and az:// (also abfss://).",
        "Name the folder that holds the tables: s3://BUCKET/FOLDER. A single table's address goes into [tables].",
    ),
    "VBM411": CodeInfo(
        "A version that cannot be asked for",
        "`--as-of-version` takes TABLE=VERSION, or one number for all tables when every table is Delta or Iceberg. "
        "Plain Parquet files have no versions, and a table of several sources has one for each.",
        "Name the tables that have versions; give sources their `version` in vbpmeasure.toml.",
    ),
}
