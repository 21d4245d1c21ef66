"""Few examples and always the same ones, or many random ones with VBPMEASURE_FUZZ_EXAMPLES (see `effort.py`)."""

from hypothesis import HealthCheck, Phase, settings

from generative.effort import LONG

UNHURRIED = {
    "deadline": None,
    "database": None,
    "suppress_health_check": (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
}

# Shrinking takes minutes, so only the long run does it; disagreements of engines are reduced by `reduce.py` anyway.
settings.register_profile("ci", derandomize=True, phases=[Phase.explicit, Phase.generate], **UNHURRIED)
settings.register_profile("long", **UNHURRIED)
settings.load_profile("long" if LONG else "ci")
