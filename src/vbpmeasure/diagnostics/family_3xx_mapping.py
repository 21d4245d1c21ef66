"""Codes of the 3xx family: where a user's mapping meets the data."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM330": CodeInfo(
        "Date texts that cannot be read",
        "Some texts of a column do not follow the format that the configuration gives for it. They are counted and "
        "never shown; taking them for nulls would change rates in silence. Years before 1800 count as unread, and "
        "packed formats such as `%Y%m%d` need all their digits.",
        "Mend the format under `dates`, or the extract. Empty texts are nulls.",
    ),
    "VBM331": CodeInfo(
        "A mapped column is not in the data",
        "The configuration names a column of the source that the source does not have.",
        "Mend the name, or remove the entry when the column is not delivered. Letter case does not matter.",
    ),
    "VBM332": CodeInfo(
        "Values that the configuration does not list",
        'A column under `values` holds other texts, and `unmapped = "error"` refuses them. They are counted and never '
        "shown. Empty texts and nulls pass.",
        'List them, or choose `unmapped = "keep"` or `"null"` for the column.',
    ),
    "VBM333": CodeInfo(
        "A library for this table format is missing",
        "Delta and Iceberg tables are read through libraries that are installed only when asked for.",
        "Install `vbpmeasure[delta]` or `vbpmeasure[iceberg]`.",
    ),
    "VBM334": CodeInfo(
        "A table cannot be opened at this address",
        "A Delta, Iceberg or remote table is not there, is of another format, or may not be read. The texts of the "
        "libraries are not shown: they can hold credentials.",
        "Check the address and the format. Credentials come from the environment, as the storage service defines it.",
    ),
    "VBM335": CodeInfo(
        "A source column of a type that the mapping cannot read",
        "Date formats read texts and integers; translations read texts, integers and booleans.",
        "Remove the entry when the column needs none, or change the type in the extract.",
    ),
    "VBM336": CodeInfo(
        "A mapped table lies nowhere",
        "The configuration maps a table without saying where it is, and the data folder does not have it.",
        "Give the table a `path`, or put it into the data folder.",
    ),
    "VBM337": CodeInfo(
        "A Delta, Iceberg or Hudi table is read as plain files",
        "Files or a pattern were named that lie inside a table with a log of its own, or a folder holds such a table "
        "among its files. Its Parquet files hold rows of older versions too, deleted ones among them; which files "
        "count is told by the log alone.",
        "Name the folder of the Delta or Iceberg table itself. Hudi tables are not read: export them to Parquet.",
    ),
}
