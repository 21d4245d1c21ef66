"""Codes of the 4xx family: the engines whose workers judge buckets of people."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM462": CodeInfo(
        "The engine is not installed",
        "`--executor spark`, `ray` and `dask` need the Python package of the engine, which is not installed with "
        "vbpmeasure: it is large, and most runs need none.",
        "Install the extra of that name, `pip install 'vbpmeasure[spark]'`, or the version that the cluster runs.",
    ),
    "VBM463": CodeInfo(
        "The engine cannot be reached",
        "The session could not be started, or nothing answered at the address of `--master`. The kind of the engine's "
        "error is named, its text is not: it can hold credentials.",
        "Check the address, that the cluster runs, and that its version is that of the package here. Spark needs Java "
        "17 or newer on the driver. `VBPMEASURE_TRACEBACK=1` shows the engine's own words.",
    ),
    "VBM464": CodeInfo(
        "A worker lacks vbpmeasure",
        "Workers run the same program as this process. One of them could not import it.",
        "Install vbpmeasure, in the same version and with the same Polars, for the Python that the workers run.",
    ),
    "VBM465": CodeInfo(
        "The engine gave up",
        "The engine tried to judge a bucket as often as it is set to, and its worker ended each time; most often for "
        "lack of memory. Nothing was written.",
        "Use more buckets, or workers with more memory. The logs of the engine tell what ended its workers. Spark's "
        "`local[N]` tries once; `local[N,4]` tries four times.",
    ),
    "VBM466": CodeInfo(
        "Options of the executor that do not go together",
        "`--executor` is one of local, spark, ray and dask, and `--master` is where the engine is: it means nothing "
        "without one. Tables that only Spark reads (`--data spark:...`) are judged by Spark's workers, come in the "
        "names of the contract, and nothing is kept of them with `--cache`.",
        "Name an engine, or leave `--master` out; give tables of Spark the names of the contract by a view.",
    ),
    "VBM467": CodeInfo(
        "A worker runs another program",
        "Version, source text and the version of Polars are compared before a worker reads anything: the counts of two "
        "programs are never added.",
        "Install the same versions on every machine.",
    ),
    "VBM468": CodeInfo(
        "Spark cannot read what `--data` names",
        "`--data spark:CATALOG.SCHEMA` names a schema of Spark's catalog. Spark does not know it or one of its tables, "
        "or this user may not read it. The condition that Spark names is told, its words are not.",
        "Check the name, and that `SHOW TABLES IN CATALOG.SCHEMA` answers this user.",
    ),
    "VBM469": CodeInfo(
        "The schema holds no contract table",
        "Tables and views of the schema are found by their names, those of the data contract: eligibility, "
        "medical_claim and so on. There is none.",
        "Name another schema, or make views there with the names and columns of the contract.",
    ),
}
