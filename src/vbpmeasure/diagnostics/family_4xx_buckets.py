"""Codes of the 4xx family: options of `vbpmeasure bucket`, and buckets, cache and earlier runs of `vbpmeasure run`."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM453": CodeInfo(
        "No such number of buckets",
        "People are divided into 1 to 4,096 buckets by a hash of their id. `auto` lets a run choose by the memory "
        "there is. The results are the same whatever the number.",
        "Give a number in that range, or `auto`.",
    ),
    "VBM454": CodeInfo(
        "The layout would lie inside its own input",
        "`vbpmeasure bucket SRC OUT` writes contract tables. Below SRC a later run could take them for tables of SRC.",
        "Choose another OUT.",
    ),
}
