"""Codes of the 4xx family: settings and options of `vbpmeasure validate`."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM430": CodeInfo(
        "No such setting of the validation",
        "The `[validate]` table of the configuration has a key that nothing reads, or a check that does not exist.",
        "Follow the hint; `docs/validation.md` lists the keys, `vbpmeasure rule` the checks.",
    ),
    "VBM431": CodeInfo(
        "A setting of the validation has a wrong value",
        "Thresholds are shares from 0 to 1 or the text off; severities are error, warning or info.",
        "Follow the hint.",
    ),
    "VBM432": CodeInfo(
        "No such check",
        "`--select` and `--ignore` take ids such as VBC202 or names such as key_duplicate.",
        "Follow the hint; `vbpmeasure rule` lists the checks.",
    ),
    "VBM433": CodeInfo(
        "The baseline cannot be used",
        "`--baseline` takes a report that `vbpmeasure validate --format json` wrote, of the same schema version.",
        "Write a new baseline from data that is known to be good.",
    ),
}
