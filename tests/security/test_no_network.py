"""No command opens a connection: Python's sockets are watched everywhere, and the kernel forbids all where it can."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from support.commands import command, environment, files_below, write_small_data
from support.stories import WORLD, tell

# Run in every Python that starts with it: any use of the network ends the process with a line of its own.
WATCH = """
import os, sys

def forbid(event, args):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, f"NETWORK {event}\\n".encode())
        os._exit(99)

sys.addaudithook(forbid)
"""
SMALL = ("--data", "DATA", "--year", "2025")
WATCHED = (
    *("--cache", "--cache-dir", "OUT/cache", "--log-format", "json", "--fail-under", "wcv_total=1"),
    *("--metrics-file", "OUT/night.prom", "--openlineage", "OUT/lineage.json"),
)
COMMANDS = {
    "run": ("run", "w30", "wcv", *SMALL, "--by", "race,ethnicity", "--out", "OUT/run"),
    "run of the year before": ("run", "wcv", "--data", "OLD", "--year", "2024", "--by", "race", "--out", "OUT/old"),
    "equity": ("equity", "OUT/run", "--previous", "OUT/old", "--out", "OUT/equity"),
    "report": ("report", "OUT/run", "--previous", "OUT/old", "--out", "OUT/report.html"),
    "compare": ("compare", "OUT/old", "OUT/run", "--out", "OUT/compare"),
    "export": ("export", "OUT/run", "--to", "fhir", "--out", "OUT/fhir.json"),
    "gaps": ("gaps", "w30", *SMALL, "--as-of", "2025-06-01", "--format", "csv,html", "--out", "OUT/gaps"),
    "validate": ("validate", *SMALL),
    "explain": ("explain", "w30", *SMALL, "--person", "nobody"),
    "test": ("test", "lsc"),
    "sample": ("sample", "OUT/sample", "--people", "50", "--year", "2025"),
    "doctor": ("doctor",),
    "bucket": ("bucket", "DATA", "OUT/laid", "--buckets", "2"),
    "night": (
        *("run", "wcv", "--data", "OUT/laid", "--year", "2025", "--buckets", "2", "--out", "OUT/night"),
        *WATCHED,
    ),
    "cache show": ("cache", "show", "--cache-dir", "OUT/cache"),
    "cache clear": ("cache", "clear", "--cache-dir", "OUT/cache"),
    "a mistake": ("run", "w31", *SMALL),
}
CODES = {"validate": {0, 1}, "explain": {3}, "a mistake": {2}}


@dataclass
class Story:
    """What came of all commands in one process: with a kernel that forbids the network where there is one."""

    codes: dict[str, int]
    said: str
    isolated: bool
    world: list[str]
    place: Path


def watched(folder: Path) -> dict[str, str]:
    """Return an environment in which every Python watches its sockets."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCH)
    plain = environment()
    return {**plain, "PYTHONPATH": f"{folder}:{plain['PYTHONPATH']}"}


def without_network() -> list[str]:
    """Return the words that start a command without any network, or none where the system does not allow it."""
    found = shutil.which("unshare")
    words = [found, "--map-root-user", "--net"] if found else []
    allowed = words and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    return words if allowed else []


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    place = tmp_path_factory.mktemp("network")
    data = write_small_data(place / "data")
    old = write_small_data(place / "data-of-2024")
    old.write("medical_claim", old.table("medical_claim").with_columns(pl.col("claim_start_date").dt.offset_by("-1y")))
    places = {"DATA": str(data.path), "OLD": str(old.path), "OUT": str(place / "out")}
    lines = {
        name: ["/".join(places.get(part, part) for part in word.split("/")) for word in line]
        for name, line in COMMANDS.items()
    }
    start = without_network()
    told, said = tell(place / "story", lines, watched(place / "watch"), start)
    world = json.loads((place / "story" / WORLD).read_text())
    return Story({name: ran[0] for name, ran in told.items()}, said, bool(start), world, place / "out")


def test_the_watch_sees_a_connection(tmp_path: Path) -> None:
    ask = "import socket; socket.create_connection(('127.0.0.1', 9))"
    env = watched(tmp_path / "watch")
    done = subprocess.run([command()[0], "-c", ask], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 99
    assert done.stderr == "NETWORK socket.getaddrinfo\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_opens_a_socket(name: str, story: Story) -> None:
    # A socket ends the process: its command and all after it have no exit code.
    assert name in story.codes, story.said
    assert story.codes[name] in CODES.get(name, {0})


def test_all_of_it_ran_in_a_world_without_a_network(story: Story) -> None:
    """The libraries below Python are not seen by its hooks; the kernel sees them."""
    if not story.isolated:
        pytest.skip("this system starts no process without a network (unshare --net)")
    assert story.world == ["lo"]
    made = {name.split("/")[0] for name in files_below(story.place) if name.endswith(("_SUCCESS", ".html", ".json"))}
    assert {"run", "old", "equity", "compare", "gaps", "report.html", "fhir.json", "night", "lineage.json"} <= made
    assert (story.place / "night.prom").is_file()
    assert (story.place / "laid" / "bucket_layout.json").is_file()
