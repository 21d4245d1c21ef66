"""Both engines must give the same result frame, whatever the programs and the people."""

from hypothesis import event, given
from hypothesis import strategies as st

from generative.agree import BATCHES, MEAN, compare_programs
from generative.constructs import kinds_in
from generative.effort import share


@share(0.5, batch=MEAN, shrink=False)
@given(batch=BATCHES, numbers=st.booleans())
def test_engines_agree_on_generated_programs(batch, numbers):
    for kind in kinds_in(compare_programs(**batch, numbers=numbers).program):
        event(kind)
