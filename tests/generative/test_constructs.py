"""What the generators never draw is never compared: every construct must come up, and a new one must be taught."""

from typing import get_args

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from generative.constructs import keys_in, keys_of_the_language, nodes_in, nodes_of_the_plan
from generative.definition_files import program_of, text_of, write_value_sets
from generative.definitions import catalogs, fragments
from generative.programs import programs
from vbpmeasure.plan.measures import Rate
from vbpmeasure.spec.load import parse_definition
from vbpmeasure.spec.models.measure import Fragment, Measure

BATCH, BATCHES = 20, 24
ALL = tuple(HealthCheck)

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
# What the builder notes for readers and for the lock, and the direction, which no engine asks for.
OF_DEFINITIONS = {
    *(f"MeasurePlan.{name}" for name in ("digest", "parameters", "support", "tags", "value_sets")),
    *(f"{rate.__name__}.lower_is_better" for rate in get_args(Rate)),
}


def left_out(strategy, constructs_of, needed):
    """Return the needed constructs that no example of any batch has; stops when all have come up."""
    missing = set(needed)
    for number in range(BATCHES):

        @seed(number)
        @settings(max_examples=BATCH, phases=(Phase.generate,), deadline=None, database=None, suppress_health_check=ALL)
        @given(strategy)
        def draw(example):
            missing.difference_update(constructs_of(example))

        draw()
        if not missing:
            break
    return sorted(missing)


def test_every_key_of_the_language_is_drawn(tmp_path):
    """Only definitions that pass the checks count, for what is always refused is never compared."""
    value_sets = write_value_sets(tmp_path / "value_sets")

    def constructs_of(example):
        (definitions, asked), fragment = example
        program = program_of(value_sets, definitions, asked, fragment, 2025)
        if program is None:
            return
        yield from nodes_in(program)
        for model, definition in ((Fragment, fragment), *((Measure, one) for one in definitions)):
            yield from keys_in(parse_definition(text_of(definition), tmp_path, model).model)

    needed = keys_of_the_language() | nodes_of_the_plan()
    assert left_out(st.tuples(catalogs(), fragments()), constructs_of, needed - FOR_READERS - SETTINGS) == []


def test_every_node_of_the_plan_is_drawn():
    """Programs at plan level say what no definition can, such as filters in any combination."""
    assert left_out(programs(), nodes_in, nodes_of_the_plan() - SETTINGS - OF_DEFINITIONS) == []
