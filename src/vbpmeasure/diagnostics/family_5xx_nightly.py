"""Codes of the 5xx family: what a nightly run finds in its results, and what it writes for machines."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM513": CodeInfo(
        "The memory ran out",
        "An allocation failed, or the process that does the work was killed, which is what a system or a container "
        "does whose memory is used up (`dmesg` or the container's log tell for certain). A library that reads Parquet "
        "may end the process, too, at an input file whose footer is damaged; it says so on standard error. Nothing was "
        "written; earlier results in the folder are still whole, and the next run removes what this one left.",
        "Ask a run for more buckets: `--buckets 16` judges people in 16 parts, one after the other, with the same "
        "results in less memory, faster when the data was laid out by `vbpmeasure bucket`. `vbpmeasure doctor` shows "
        "how much memory there is.",
    ),
    "VBM514": CodeInfo(
        "Rows could not be kept",
        "With `--cache` a run writes the rows that it looks at into the cache folder, for the next run. That failed: "
        "the disk is full, or the folder is not to be written. A warning: the results are whole, and the next run "
        "reads the input again.",
        "Free space, choose another `--cache-dir`, or clear the cache with `vbpmeasure cache clear`.",
    ),
    "VBM515": CodeInfo(
        "Kept rows could not be used",
        "A run with rows of the cache did not succeed, and without them it did: another process may have cleared the "
        "cache meanwhile. A warning: the results are those of the input.",
        "Nothing has to be done once. When it is told again, clear the cache with `vbpmeasure cache clear` and report "
        "it.",
    ),
    "VBM560": CodeInfo(
        "A rate does not keep its limit",
        "The results show the rate below its `--fail-under`, or over its `--fail-over`, wherever that is said (an "
        "option, a variable, a line of the configuration). They were written all the same; the exit code is 1.",
        "Look at what changed with `vbpmeasure compare`; move the limit when the change was meant.",
    ),
    "VBM561": CodeInfo(
        "Nobody can tell whether a rate keeps its limit",
        "The results do not show the rate: disclosure control hides it, its denominator is too small, or its measure "
        "failed. Limits are never compared with what is hidden, for whoever moves a limit would learn it. The exit "
        "code is 1, because a gate that cannot see must not say that all is well.",
        "Put the limit on a rate that is shown, such as a total.",
    ),
    "VBM562": CodeInfo(
        "Drift was not judged",
        "There are no earlier results yet, or they are of another measurement period, so a difference says nothing "
        "about the data. A warning: nothing failed because of it.",
        "Nothing has to be done on the first night, nor when the year has changed: `vbpmeasure compare` is for years.",
    ),
    "VBM564": CodeInfo(
        "The library of the metrics is missing",
        "Metrics are written with the client library of Prometheus, which comes as an extra.",
        "Install it with `pip install 'vbpmeasure[metrics]'`.",
    ),
    "VBM566": CodeInfo(
        "Metrics under a name that nobody reads",
        "The textfile collector of node_exporter reads the files of its folder whose names end in `.prom`, and passes "
        "others by without a word. A warning: the file is written, and the run goes on.",
        "Let the name end in `.prom`. Where something else reads the file, nothing has to be done.",
    ),
    "VBM565": CodeInfo(
        "Two runs name people in different ways",
        "One run has ids where the other has pseudonyms, or their pseudonyms were made with different keys. Nobody "
        "would be found again, and everybody would seem to have moved.",
        "Run one of them again, with the same `--pseudonymize` for both.",
    ),
    "VBM516": CodeInfo(
        "The system refuses a file",
        "A file or folder is there, and the system does not hand it over: it is not allowed, a disk or network folder "
        "fails, or too many files are open. What was written before is whole.",
        "Look at who may read and write the path, at the disk, or at `ulimit -n`, and run again.",
    ),
}
