"""What the generators never draw is never compared: every construct must come up, and a new one must be taught."""

from pathlib import Path
from typing import get_args

from generative import chance as st
from generative.constructs import keys_in, keys_of_the_language, nodes_in, nodes_of_the_plan
from generative.definition_files import text_of
from generative.definitions import catalogs, fragments
from generative.programs import programs
from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.builder.measure import build_measure
from vbpmeasure.plan.measures import Program, Rate, calendar_year
from vbpmeasure.spec.load import parse_definition
from vbpmeasure.spec.models.measure import Fragment, Measure
from vbpmeasure.spec.namespace import namespace

EXAMPLES = 1600

# Words for readers that change no result.
FOR_READERS = {
    *(f"Measure.{name}" for name in ("status", "steward", "established", "claims", "tags", "notes")),
    *(f"Measure.status={word}" for word in ("active", "draft", "proposed", "retired")),
    *(f"Measure.claims={word}" for word in ("direct", "proxy", "external")),
    "Fragment.notes",
    *(f"Reference.{name}" for name in ("tag", "url", "confidence", "note")),
    *(f"Reference.confidence={word}" for word in "HML"),
    *(f"ParameterValue.{name}" for name in ("confidence", "note")),
    *(f"ParameterValue.confidence={word}" for word in "HML"),
    "Parameter.unverified",
}

# What a run sets, no definition.
SETTINGS = {"Program.enrollment_key", "MeasurePlan.tags"}
# What a catalog adds when a composite has members of a measure that nobody asked for.
OF_CATALOGS = {"MeasurePlan.support"}
# What the builder notes for readers and for the lock, and the direction, which no engine asks for.
OF_DEFINITIONS = {
    *(f"MeasurePlan.{name}" for name in ("digest", "parameters", "support", "tags", "value_sets")),
    *(f"{rate.__name__}.lower_is_better" for rate in get_args(Rate)),
}


def left_out(strategy, constructs_of, needed):
    """Return the needed constructs that none of many examples has; stops when all have come up."""
    missing = set(needed)
    for seed in range(EXAMPLES):
        if not missing:
            break
        missing.difference_update(constructs_of(strategy.made(seed)))
    return sorted(missing)


def built(example):
    """Yield the parsed files of a generated catalog and its plans; nothing of definitions that cannot be built."""
    (definitions, _), fragment = example
    try:
        common = parse_definition(text_of(fragment), Path("common.yaml"), Fragment)
        files = [parse_definition(text_of(one), Path("measure.yaml"), Measure) for one in definitions]
        plans = [build_measure(namespace(file, {"common": common}), 2025) for file in files]
    except Failure:
        return
    yield from nodes_in(Program(tuple(plans), calendar_year(2025), {}))
    for file in (common, *files):
        yield from keys_in(file.model)


def test_every_key_of_the_language_is_drawn():
    """Only definitions that make a plan count, for what is always refused is never compared."""
    needed = (keys_of_the_language() | nodes_of_the_plan()) - FOR_READERS - SETTINGS - OF_CATALOGS
    assert left_out(st.tuples(catalogs(), fragments()), built, needed) == []


def test_every_node_of_the_plan_is_drawn():
    """Programs at plan level say what no definition can, such as filters in any combination."""
    assert left_out(programs(), nodes_in, nodes_of_the_plan() - SETTINGS - OF_DEFINITIONS) == []
