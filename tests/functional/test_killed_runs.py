"""`kill -9` at drawn moments: the results of one night or the other stand there whole, and the next run is good.

VBPMEASURE_KILLS says how often (default: 3); VBPMEASURE_KILLS_SEED draws other moments.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.commands import DataFolder, environment

KILLS = int(os.environ.get("VBPMEASURE_KILLS", "3"))
SEED = os.environ.get("VBPMEASURE_KILLS_SEED", "1")


def test_killed_runs(small_data: DataFolder, tmp_path: Path) -> None:
    tests = Path(__file__).resolve().parents[1]
    environ = environment()
    environ["PYTHONPATH"] += os.pathsep + str(tests)
    done = subprocess.run(
        [sys.executable, "-m", "support.kills", small_data.path, tmp_path / "place", str(KILLS), SEED, "lsc"],
        capture_output=True,
        text=True,
        env=environ,
        cwd=tmp_path,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{KILLS} kills")
