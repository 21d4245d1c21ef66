"""Few examples and always the same ones, or many random ones with VBPMEASURE_FUZZ_EXAMPLES."""

import os

from hypothesis import HealthCheck, Phase, settings

_SHARED = {
    "deadline": None,
    "database": None,
    "suppress_health_check": (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
}

settings.register_profile(
    "readers", derandomize=True, max_examples=5, phases=[Phase.explicit, Phase.generate], **_SHARED
)
settings.register_profile("readers-long", max_examples=int(os.environ.get("VBPMEASURE_FUZZ_EXAMPLES", "1")), **_SHARED)
