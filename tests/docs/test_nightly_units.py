"""The units, the cron line and the workflow of `docs/nightly.md` are read by what would read them."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from cron_descriptor import get_description

from support.pages import ROOT
from vbpmeasure.config.models import RunSection
from vbpmeasure.diagnostics import model

PAGE = (ROOT / "docs" / "nightly.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    service, timer = blocks("ini")
    for name, text in (("vbpmeasure.service", service), ("vbpmeasure.timer", timer)):
        (tmp_path / name).write_text(text)
    verify = ["systemd-analyze", "verify", "--man=no", *(str(p) for p in sorted(tmp_path.iterdir()))]
    done = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    ours = [line for line in done.stderr.splitlines() if "vbpmeasure" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr
    when = re.search(r"^OnCalendar=(.*)$", timer, re.MULTILINE)
    assert when is not None
    calendar = subprocess.run(["systemd-analyze", "calendar", when[1]], capture_output=True, text=True, check=True)
    assert "02:00:00" in calendar.stdout


def test_every_exit_code_has_its_line() -> None:
    """Those of the program, and what the system makes of an abort (128 + 6) and of a kill (128 + 9)."""
    table = PAGE.partition("## Exit codes")[2].partition("## Limits")[0]
    told = [int(code) for cell in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for code in cell.split(", ")]
    ours = [value for name, value in vars(model).items() if name.startswith("EXIT_")]
    assert told == sorted([*ours, 128 + signal.SIGABRT, 128 + signal.SIGKILL])


def test_the_cron_line_runs_at_two_in_the_night() -> None:
    (line,) = blocks("crontab")
    fields = line.split(maxsplit=5)
    assert get_description(" ".join(fields[:5])) == "At 02:00 AM"
    assert "%" not in fields[5]  # cron would end the command there
    assert subprocess.run(["bash", "-n", "-c", fields[5]], check=False).returncode == 0


def test_the_workflow_and_the_alerts() -> None:
    alerts, workflow = (yaml.load(text, Loader=yaml.BaseLoader) for text in blocks("yaml"))
    assert get_description(workflow["on"]["schedule"][0]["cron"]) == "At 02:00 AM"
    steps = workflow["jobs"]["rates"]["steps"]
    assert all(set(step) in ({"uses"}, {"run"}) for step in steps)
    assert steps[-1]["run"].startswith("vbpmeasure run")
    told = (ROOT / "src/vbpmeasure/monitoring/metrics.py").read_text(encoding="utf-8")
    for rule in alerts["groups"][0]["rules"]:
        names = re.findall(r"vbpmeasure_\w+", rule["expr"])
        assert names
        assert [name for name in names if f'"{name}"' not in told] == []


def test_the_settings_are_those_of_the_configuration() -> None:
    (text,) = blocks("toml")
    RunSection.model_validate(tomllib.loads(text)["run"])
