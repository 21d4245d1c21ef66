"""Which packages of ours are behind a target: what the guided fuzzer watches. To watch everything takes it too long."""

from __future__ import annotations

_READING = ("vbpmeasure.spec", "vbpmeasure.diagnostics.source", "vbpmeasure.diagnostics.render_full")
_SETS = (*_READING, "vbpmeasure.terminology")
_ADAPTERS = ("vbpmeasure.adapters", "vbpmeasure.disk.folder")
_RUNS = ("vbpmeasure.runs.reading", "vbpmeasure.runs.previous", "vbpmeasure.comparison")
_CODE: dict[str, tuple[str, ...]] = {
    "measure": (*_READING, "vbpmeasure.catalog", "vbpmeasure.plan.builder"),
    "deck": (*_READING, "vbpmeasure.testing"),
    "value_sets": _SETS,
    "categories": (*_READING, "vbpmeasure.results.categories"),
    "languages": ("vbpmeasure.results.categories",),
    "benchmarks": (*_READING, "vbpmeasure.benchmarks"),
    "mandate": (*_READING, "vbpmeasure.catalog"),
    "core_set": (*_READING, "vbpmeasure.exports.core_set"),
    "attribution": (*_READING, "vbpmeasure.results.attribution"),
    "source_codes": (*_READING, "vbpmeasure.adapters.crosswalk"),
    "configuration": ("tomllib", "vbpmeasure.config", "vbpmeasure.validation.settings", "vbpmeasure.runs.request"),
    "fhir": _ADAPTERS,
    "fhir_bundle": _ADAPTERS,
    "synthea": _ADAPTERS,
    "import_csv": _SETS,
    "import_fhir": _SETS,
    "import_workbook": (*_SETS, "openpyxl"),
    "run_folder": _RUNS,
    "counts": ("vbpmeasure.results.partial", "vbpmeasure.runs.cache"),
    "bucket_layout": ("vbpmeasure.data",),
    "lock": ("vbpmeasure.disk.lock", "vbpmeasure.disk.folder"),
    "conversion_report": ("vbpmeasure.runs.conversion",),
    "baseline": ("vbpmeasure.validation.formats",),
    "checksums": ("vbpmeasure.validation.checks.checksums",),
    "parquet": ("vbpmeasure.data",),
    "results": (
        "vbpmeasure.runs.reading",
        "vbpmeasure.report",
        "vbpmeasure.equity",
        "vbpmeasure.exports",
        "vbpmeasure.runs.cells",
        *_RUNS,
    ),
    "pseudonym_key": ("vbpmeasure.runs.pseudonyms",),
}


def code_of(target: str) -> list[str]:
    """Return the packages and modules behind a target."""
    return list(_CODE.get(target, _READING))
