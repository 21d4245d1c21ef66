"""How many examples a test gets: few in every test run, VBPMEASURE_FUZZ_EXAMPLES in all for `make fuzz`."""

import os

from hypothesis import settings

LONG = "VBPMEASURE_FUZZ_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("VBPMEASURE_FUZZ_EXAMPLES", "40"))


def share(part):
    """Return the settings of a test that gets this part of the examples."""
    return settings(max_examples=max(6, round(EXAMPLES * part)))
