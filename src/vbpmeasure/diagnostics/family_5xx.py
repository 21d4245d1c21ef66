"""Codes of the 5xx family: output folders, locks, the disk."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM501": CodeInfo(
        "Another run holds the output folder",
        "A lock file beside the folder names a process that still runs, or one on another host, which cannot be "
        "asked. The message says which, since when and for how long. Two runs that write one folder would mix their "
        "results.",
        "Wait for the other run to end, or write to another folder. When a process of another host is gone for "
        "certain, delete the lock file; of this host a lock that is stale is taken over without being asked.",
    ),
    "VBM502": CodeInfo(
        "The output place cannot be written to",
        "The run may not create files there. Results are written beside the output folder and then swapped in, so the "
        "folder above it must be writable too.",
        "Write to another place, or ask for the right to write there.",
    ),
    "VBM503": CodeInfo(
        "The output folder holds something else",
        "A run replaces its output folder as a whole. It does so only when the folder is empty or holds exactly "
        "the files that the "
        "manifest of an earlier run names; anything else would be deleted without having been asked for.",
        "Write to another folder, or move the other files away.",
    ),
    "VBM504": CodeInfo(
        "The output folder is a symbolic link",
        "Replacing a link, or what it points to, is easily not what was meant, and lets others redirect the output.",
        "Name the folder itself.",
    ),
    "VBM505": CodeInfo(
        "The output folder is a file",
        "There is a file where the run should put its folder. It is not touched.",
        "Write to another folder, or move the file away.",
    ),
    "VBM506": CodeInfo(
        "The disk is full",
        "Writing stopped for want of space. What was written so far is removed, and earlier results in the "
        "folder are still whole.",
        "Free space, or write to another disk.",
    ),
    "VBM507": CodeInfo(
        "Writing failed",
        "The file system reported an error other than a full disk or a missing right. Earlier results are still whole.",
        "The message says what the system reported; mend that, or write to another place.",
    ),
    "VBM510": CodeInfo(
        "A lock of a dead run was taken over",
        "The lock file named a process that no longer runs, or that ran before the host was started again, so an "
        "earlier run was killed. What it left is removed. A warning: this run goes on.",
        "Nothing has to be done. If it happens often, look for what kills the runs (memory, time limits).",
    ),
    "VBM511": CodeInfo(
        "Results of a killed run were put in order",
        "An earlier run died in the moment in which it replaced the old results with the new ones. One whole set "
        "was put in place.",
        "Nothing has to be done: this run replaces it in any case.",
    ),
}
