"""Codes of the 4xx family: the provider to whom a child belongs."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM440": CodeInfo(
        "Attribution rows for months without enrollment",
        "Rows of `provider_attribution` name a month in which the person has no enrollment span. They are not used: "
        "the latest month with enrollment decides.",
        "Ask the sender of the table whether months were shifted or retroactive disenrollments are missing in it.",
    ),
    "VBM441": CodeInfo(
        "Several providers in the month of attribution",
        "Persons have rows with different providers in the month that decides. The lowest id (as text) is taken.",
        "Send one row per person and month, or the rows of one payer only.",
    ),
    "VBM442": CodeInfo(
        "Attribution rows without a readable month",
        "`year_month` is a month as six digits, `202503`; with a dash or with a day after it is read too.",
        "Mend the column, or map another one in `vbpmeasure.toml`.",
    ),
    "VBM443": CodeInfo(
        "The attribution rule cannot be used",
        "A file of the folder `attribution` lacks a key, has a wrong value, or names a value set that is not there.",
        "Follow the hint; `docs/attribution.md` lists the keys.",
    ),
    "VBM444": CodeInfo(
        "Nobody can be attributed to a provider",
        "The data has no table `provider_attribution`, and its claims have no provider column that the rule could use.",
        "Bring `rendering_npi` or `billing_npi` in `medical_claim`, or the table `provider_attribution`.",
    ),
}
