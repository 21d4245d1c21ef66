"""How many examples: few and always the same ones, or VBPMEASURE_FUZZ_EXAMPLES random ones (`make fuzz`)."""

import os

from hypothesis import HealthCheck, Phase, settings

EXAMPLES = os.environ.get("VBPMEASURE_FUZZ_EXAMPLES")
UNHURRIED = {
    "deadline": None,
    "database": None,
    "suppress_health_check": (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
}

# Shrinking takes minutes, so only the long run does it; disagreements of engines are reduced by `reduce.py` anyway.
settings.register_profile("ci", max_examples=20, derandomize=True, phases=[Phase.explicit, Phase.generate], **UNHURRIED)
settings.register_profile("long", max_examples=int(EXAMPLES or 20), **UNHURRIED)
settings.load_profile("long" if EXAMPLES else "ci")
