"""The real command in a subprocess, and a small data folder to break."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import vbpmeasure

# Planted in every data folder that `small_data` makes: none may ever appear on a stream or in an aggregate file.
PLANTED = ("PLANTEDMEMBER", "PLANTEDCLAIM", "PLANTEDSUBSCRIBER")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """Return stdout read as JSON."""
        return json.loads(self.stdout)


Cli = Callable[..., Ran]


def command(*args: str | Path) -> list[str]:
    """Return the command line of vbpmeasure under this Python."""
    return [sys.executable, "-m", "vbpmeasure", *map(str, args)]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what would change the output, and with the changes."""
    env = {
        k: v for k, v in os.environ.items() if not k.startswith("VBPMEASURE_") and k not in {"NO_COLOR", "FORCE_COLOR"}
    }
    # The same package as the tests import, from whatever folder the command runs in.
    package = Path(vbpmeasure.__file__).resolve().parents[1]
    return {**env, "PYTHONPATH": str(package), "POLARS_MAX_THREADS": "1", **(changes or {})}


@dataclass
class DataFolder:
    """A data folder whose tables can be replaced before a command reads them."""

    path: Path

    def table(self, name: str) -> pl.DataFrame:
        """Return a table as it stands."""
        return pl.read_parquet(self.path / f"{name}.parquet")

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Replace a table."""
        frame.write_parquet(self.path / f"{name}.parquet")

    def file(self, name: str) -> Path:
        """Return the file of a table."""
        return self.path / f"{name}.parquet"


def files_below(folder: Path) -> list[str]:
    """Return every file below a folder, relative, sorted; nothing when the folder does not exist."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Return what is in every file below a folder, by its relative path."""
    return {name: (folder / name).read_bytes() for name in files_below(folder)}


def write_small_data(folder: Path) -> DataFolder:
    """Return 60 children of three to eleven, enrolled in 2025, half of them with a well-care visit then."""
    folder.mkdir(parents=True)
    people = [f"PLANTEDMEMBER{i:03d}" for i in range(60)]
    pl.DataFrame(
        {
            "person_id": people,
            "birth_date": [dt.date(2014 + i % 8, 1 + i % 12, 1 + i % 28) for i in range(60)],
            "gender": ["female" if i % 2 else "male" for i in range(60)],
            "enrollment_start_date": [dt.date(2022, 1, 1)] * 60,
            "enrollment_end_date": [dt.date(2025, 12, 31)] * 60,
            "payer": ["medicaid"] * 60,
            "subscriber_id": [f"PLANTEDSUBSCRIBER{i}" for i in range(60)],
            "race": [("White", "Black or African American", "Asian")[i % 3] for i in range(60)],
            "ethnicity": ["Hispanic or Latino" if i % 4 else "Not Hispanic or Latino" for i in range(60)],
            "language": ["en" if i % 3 else "es" for i in range(60)],
        }
    ).write_parquet(folder / "eligibility.parquet")
    seen = [p for i, p in enumerate(people) if i % 2]
    pl.DataFrame(
        {
            "claim_id": [f"PLANTEDCLAIM{i}" for i in range(len(seen))],
            "claim_line_number": [1] * len(seen),
            "person_id": seen,
            "claim_start_date": [dt.date(2025, 1 + i % 12, 10) for i in range(len(seen))],
            "hcpcs_code": ["99393"] * len(seen),
            "diagnosis_code_1": ["Z00.129"] * len(seen),
            "place_of_service_code": ["11"] * len(seen),
            "rendering_taxonomy": ["208000000X"] * len(seen),
            "claim_status": ["paid"] * len(seen),
        }
    ).write_parquet(folder / "medical_claim.parquet")
    return DataFolder(folder)
