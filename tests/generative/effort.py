"""How many examples a test gets: few in every test run, VBPMEASURE_FUZZ_EXAMPLES in all for `make fuzz`."""

import os

from hypothesis import Phase, settings

LONG = "VBPMEASURE_FUZZ_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("VBPMEASURE_FUZZ_EXAMPLES", "40"))


def share(part, *, batch=1, shrink=True):
    """Return the settings of a test that gets this part of the examples, ``batch`` of them at once.

    Without ``shrink`` a failing example is shown as it was drawn: where `reduce.py` makes it small, hypothesis would
    only spend minutes on the same.
    """
    examples = max(4 if batch > 1 else 6, round(EXAMPLES * part / batch))
    return settings(max_examples=examples) if shrink else settings(max_examples=examples, phases=UNSHRUNK)


UNSHRUNK = (Phase.explicit, Phase.generate)
