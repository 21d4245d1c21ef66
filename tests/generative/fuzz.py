"""Compare the engines for hours: chunk by chunk, saying how far it is, and stopping at the first disagreement.

Run it from the folder of the tests:  python -m generative.fuzz --examples 20000 --seed 1

An example is one definition judged for one deck of people by both engines. Half of them are programs at plan level,
half went through YAML, checks and builder. A chunk is a hypothesis run with a seed of its own: the same seed gives
the same chunk, so a run goes on where another one ended with `--seed`.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from generative.agree import BATCHES, compare_definitions, compare_programs
from generative.constructs import kinds_in
from generative.definition_files import write_value_sets

CHUNK = 12  # batches: about a hundred definitions
kinds: Counter = Counter()
UNHURRIED = settings(
    max_examples=CHUNK,
    phases=(Phase.generate,),
    deadline=None,
    database=None,
    suppress_health_check=tuple(HealthCheck),
    print_blob=False,
)


def say(text):
    """Write a line at once, for those who watch the log."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def count(counted, compared, people):
    """Add what a batch compared."""
    counted["examples"] += compared.definitions
    counted["batches"] += 1
    counted["rates"] += sum(len(plan.rates) for plan in compared.program.measures)
    counted["people"] += people
    counted["rows"] += compared.verdicts
    counted["refused"] += compared.refused
    kinds.update(kinds_in(compared.program))


def run_programs(number, counted):
    """Compare one chunk of programs at plan level."""

    @seed(number)
    @UNHURRIED
    @given(batch=BATCHES, numbers=st.booleans())
    def chunk(batch, numbers):
        count(counted, compare_programs(**batch, numbers=numbers), len(batch["people"]))

    chunk()


def run_definitions(value_sets, number, counted):
    """Compare one chunk of definitions."""

    @seed(number)
    @UNHURRIED
    @given(batch=BATCHES)
    def chunk(batch):
        compared = compare_definitions(value_sets, **batch)
        assume(compared is not None)
        count(counted, compared, len(batch["people"]))

    chunk()


def main():
    """Run chunks until the examples are reached; ends with 1 at a disagreement, which it prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=20000, help="definitions to compare in all")
    parser.add_argument("--seed", type=int, default=1, help="the first chunk")
    parser.add_argument("--stop-file", type=Path, help="end after the chunk in progress when this file exists")
    asked = parser.parse_args()
    counted: Counter = Counter()
    number = asked.seed
    with TemporaryDirectory() as folder:
        value_sets = write_value_sets(Path(folder) / "pool")
        while counted["examples"] < asked.examples and not (asked.stop_file and asked.stop_file.exists()):
            try:
                run_programs(number, counted)
                run_definitions(value_sets, number, counted)
            except Exception as error:  # noqa: BLE001  whatever breaks is what is looked for
                say(f"seed {number}: after {counted['examples']} examples")
                say("\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]))
                return 1
            said = ", ".join(f"{counted[name]} {name}" for name in ("examples", "batches", "rates", "rows", "refused"))
            say(f"seed {number} done: {said}, {time.process_time():.0f} CPU s")
            number += 1
    say("no disagreement; batches with: " + ", ".join(f"{name} {n}" for name, n in sorted(kinds.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
