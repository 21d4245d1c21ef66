"""`python -m fuzz.atheris_run TARGET --seconds N` (from `tests`): one target, guided by the coverage of our code.

Each break of the contract is kept once, by its kind, as a file in the folder of findings, and the run goes on. The last
line of the output is JSON: executions, coverage (edges), what was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import atheris  # the extra `fuzz`; Linux alone has it

from fuzz.code import code_of

# Before anything of ours is imported, and never ended: much of it is imported when it is first needed. YAML and
# JSON are read by C, which is not seen.
atheris.instrument_imports(include=[part for name in sys.argv[1:2] for part in code_of(name)]).__enter__()

from fuzz.contract import Broken, Target, hold  # noqa: E402
from fuzz.edits import MOST_BYTES, edited  # noqa: E402
from fuzz.targets import targets  # noqa: E402

HUNG = 600  # seconds on the wall after which one input is a hang; the contract itself counts CPU time


class _Run:
    """The state of one run: what is counted, what was found."""

    def __init__(self, target: Target, findings: Path) -> None:
        self.target, self.findings = target, findings
        self.outcomes: Counter[str] = Counter()
        self.broken: dict[str, str] = {}
        self.begun = time.process_time()

    def once(self, content: bytes) -> None:
        try:
            self.outcomes[hold(self.target, content)] += 1
        except Broken as broken:
            self.outcomes["broken"] += 1
            if broken.signature not in self.broken:
                digest = hashlib.sha256(broken.signature.encode()).hexdigest()[:12]
                file = self.findings / f"{self.target.name}-{digest}"
                self.findings.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                self.broken[broken.signature] = file.name
                cause = repr(broken.__cause__)[:300]
                sys.stderr.write(f"BROKEN {broken.signature}: {file}: {cause}\n")
                sys.stderr.flush()

    def mutate(self, content: bytes, most: int, seed: int) -> bytes:
        """Change the file as libFuzzer would, or as something that knows what kind of file it is."""
        draw = random.Random(seed)
        if draw.random() < 0.3:
            return bytes(atheris.Mutate(content, most))
        edits = [tuple(draw.getrandbits(30) for _ in range(3)) for _ in range(draw.randint(1, 3))]
        target = self.target
        return edited(content, edits, target.kind, target.seeds, target.words)[:most]  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=sorted(targets()))
    parser.add_argument("--seconds", type=int, default=60, help="of CPU time, start not counted")
    parser.add_argument("--seed", type=int, default=0, help="0 draws one")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--corpus", type=Path, default=None, help="kept from run to run; in memory without it")
    asked = parser.parse_args()
    target = targets()[asked.target]
    run = _Run(target, asked.findings)
    corpus = asked.corpus / target.name if asked.corpus else Path(tempfile.mkdtemp(prefix="corpus-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    asked.findings.mkdir(parents=True, exist_ok=True)
    options = [
        sys.argv[0], str(corpus), f"-max_len={MOST_BYTES // 10}",
        f"-timeout={HUNG}", "-rss_limit_mb=3000", "-print_final_stats=1",
        f"-seed={asked.seed}", "-len_control=0", "-reload=0",
        f"-artifact_prefix={asked.findings}/{target.name}-", "-verbosity=1",
    ]  # fmt: skip

    def one(content: bytes) -> None:
        run.once(content)
        if time.process_time() > run.begun + asked.seconds:
            tell(run)
            sys.stderr.flush()
            os._exit(0)  # libFuzzer knows the clock on the wall alone
        if run.outcomes.total() % 50 == 0:
            tell(run)

    atheris.Setup(options, one, custom_mutator=run.mutate)
    atheris.Fuzz()


def tell(run: _Run) -> None:
    """Write how it stands beside the findings: libFuzzer ends the process when it is done."""
    said = {
        "target": run.target.name,
        "executions": run.outcomes.total(),
        "read": run.outcomes["read"],
        "outcomes": len(run.outcomes),
        "cpu": round(time.process_time() - run.begun, 1),
        "broken": run.broken,
    }
    (run.findings / f"{run.target.name}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main()
