"""Codes of the 3xx family: object stores, and tables that have versions."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM372": CodeInfo(
        "An object store refuses",
        "There are no credentials for the address, they are not valid, or they do not allow listing and reading. The "
        "words of the service are not shown: they can hold keys.",
        "Set the environment variables of the service, or name them under [storage]; `docs/remote.md` lists both.",
    ),
    "VBM376": CodeInfo(
        "A bucket is not there",
        "The service answers, and knows no bucket or container of this name.",
        "Check the name, and with a service of your own the endpoint.",
    ),
    "VBM377": CodeInfo(
        "An object store cannot be reached",
        "There is no connection to the service, it did not answer in time, or its answer was not understood.",
        "Check the network, the endpoint and the region. Nothing was computed; run again.",
    ),
    "VBM378": CodeInfo(
        "A version of a table is not there",
        "The Delta version or Iceberg snapshot asked for does not exist, or files that it needs were removed.",
        "The message names the versions there are. Tables keep old versions until `vacuum` or snapshot expiry.",
    ),
    "VBM398": CodeInfo(
        "An input cannot be recognized again",
        "A table is read from an address of which neither fingerprints nor a version are known, such as https. Changes "
        "while it is read are not noticed, `--cache` keeps nothing of the run, and `--previous` links nothing to it.",
        "Copy the table to a disk or an object store.",
    ),
    "VBM399": CodeInfo(
        "A table uses what is not read",
        "A Delta table asks for column mapping, type widening or a protocol that is not known here, or an Iceberg "
        "table has equality deletes. Rows would be read wrongly. (Deletion vectors and position deletes are read.)",
        "Let the writer of the table rewrite it without the feature, or export it to Parquet.",
    ),
    "VBM379": CodeInfo(
        "The log of a table cannot be read",
        "A Delta log or Iceberg metadata is damaged, incomplete, ambiguous, or of a kind not known here. Reading the "
        "files of such a table without its log would count rows that were deleted.",
        "Restore the log, name the metadata file of the version that you mean, or write the table again.",
    ),
}
