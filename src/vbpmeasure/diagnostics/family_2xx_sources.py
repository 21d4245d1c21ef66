"""Codes of the 2xx family: what a definition asks of tables, records and encounters."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM271": CodeInfo(
        "An unknown source",
        "`source` names tables of events (`medical_claim`, `immunization` ...) or groups of them (`claims`, "
        "`registry`, `clinical`, `orders`).",
        "Use the suggested name. `docs/language.md` says which tables a group holds.",
    ),
    "VBM272": CodeInfo(
        "A record status that is never evidence",
        "Records that were entered in error, not done, cancelled, revoked, declined or refuted are left out of every "
        "event, whatever a definition asks for.",
        "Take the status out of `record_status`.",
    ),
    "VBM273": CodeInfo(
        "An unfamiliar record status",
        "No kind of FHIR record has this status. It may be one of your own extract; it may also be a spelling mistake, "
        "and then the event never occurs.",
        "Correct the spelling, or leave it when your data writes it so.",
    ),
    "VBM274": CodeInfo(
        "An encounter asked for together with what no encounter has",
        "`encounter_class` and `encounter_type` hold for rows of the `encounter` table alone. These have no place of "
        "service, no modifier, no provider taxonomy and no claim, so the event could never occur.",
        "Give encounters an event of their own under `any`, with `encounter` among its sources.",
    ),
}
