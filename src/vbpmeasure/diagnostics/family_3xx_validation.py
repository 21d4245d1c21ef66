"""Codes of the 3xx family: files that do not match their checksums, and the list of age limits."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM340": CodeInfo(
        "Damaged pages in a Parquet file",
        "`validate --checksums` decoded every page again, and one does not match its checksum or cannot be decoded.",
        "Write the file again from its source, or fetch it again.",
    ),
    "VBM341": CodeInfo(
        "A file differs from SHA256SUMS",
        "The digest of an input file is not the one that SHA256SUMS names: the file was damaged, or changed after the "
        "digests were taken.",
        "Fetch the file again, or renew SHA256SUMS at the source when the change was meant.",
    ),
    "VBM342": CodeInfo(
        "A file is not named in SHA256SUMS",
        "The data folder has a SHA256SUMS file that does not name every input file: an unnamed file could be anything.",
        "Renew SHA256SUMS at the source, or remove the file that does not belong there.",
    ),
    "VBM343": CodeInfo(
        "SHA256SUMS cannot be read",
        "A line is not of the form that sha256sum writes: 64 hexadecimal digits, a blank, a blank or a star, a name.",
        "Write it with `sha256sum *.parquet > SHA256SUMS`.",
    ),
    "VBM344": CodeInfo(
        "The list of age limits cannot be used",
        "`measures/validation/age_limits.yaml` names a value set that does not exist, or has another form.",
        "Restore the file from the installation.",
    ),
}
