"""`vbpmeasure equity` from outside: streams, exit codes, warnings; `tests/unit/equity` looks at the numbers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from support.commands import Cli, files_below
from support.run_folders import Stated, write_stated_run

RACE = {"White": (612, 900), "Black": (330, 600), "Asian": (118, 160), "Other": (9, 18), "Two": (4, 30)}
CROSSED = "practice*race"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_stated_run(tmp_path / "run", [Stated("wcv", {"race": RACE})])
    return tmp_path / "run"


def test_results_on_stdout_and_remarks_on_stderr(cli: Cli, run: Path, tmp_path: Path) -> None:
    config = tmp_path / "vbpmeasure.toml"
    config.write_text('[equity.named]\nrace = "White"\n[equity.benchmarks]\nzzz = 5\n')
    ran = cli("equity", run, "--out", tmp_path / "equity", "--config", config)
    assert ran.code == 0
    assert "Black" in ran.stdout
    assert "-13.0" in ran.stdout
    assert "warning[VBM484]" in ran.stderr
    assert "wrote" in ran.stderr
    assert "pairwise.csv" in files_below(tmp_path / "equity")
    flags = cli("equity", run, "--config", config, "--alpha", "0.2", "--format", "json", "--reference", "overall")
    settings = flags.json()["settings"]
    assert (settings["alpha"], settings["reference"], settings["named"]) == (0.2, "overall", {"race": "White"})


def test_mistakes_have_codes(cli: Cli, run: Path) -> None:
    unknown = cli("equity", run, "--by", "rase")
    assert (unknown.code, unknown.stdout) == (2, "")
    assert "VBM481" in unknown.stderr
    (run / "_SUCCESS").unlink()
    unfinished = cli("equity", run)
    assert (unfinished.code, unfinished.stdout) == (3, "")
    assert "VBM540" in unfinished.stderr


def by_practice(measure: str, **black: int) -> Stated:
    """A rate of three practices: so many of 100 Black children in each, and of 400 White ones always 200."""
    crossed = {
        f"{name} * {race}": counts
        for name, count in black.items()
        for race, counts in (("Black", (count, 100)), ("White", (200, 400)))
    }
    return Stated(measure, {"race": {"Black": (sum(black.values()), 300), "White": (600, 1200)}, CROSSED: crossed})


def test_the_configuration_says_how_organizations_are_scored(cli: Cli, tmp_path: Path) -> None:
    now, before = tmp_path / "now", tmp_path / "before"
    rates = [by_practice("wcv", North=60, East=50, South=40), by_practice("lsc", North=40, East=50, South=60)]
    write_stated_run(now, rates)
    write_stated_run(before, [by_practice("wcv", North=50, East=50, South=40)], year=2024)
    config = tmp_path / "vbpmeasure.toml"
    config.write_text(
        '[equity.composites]\nentity = "practice"\nat_risk = ["Black"]\nweights = [0.6, 0.2, 0.2]\n'
        "min_members = 100\nmin_measures = 0.75\nreward_cap = 2.0\n"
        "[equity.composites.measures]\nwcv = 3\nlsc = 1\n"
        "[equity.composites.reference]\nwcv = { mean = 55.0, sd = 10.0 }\n"
    )

    def scored(*more: str | Path) -> dict[tuple[str, str], dict[str, str]]:
        out = tmp_path / f"equity-{len(more)}"
        ran = cli("equity", now, "--previous", before, "--out", out, *more)
        assert ran.code == 0, ran.stderr
        with (out / "composites.csv").open(encoding="utf-8", newline="") as file:
            return {(row["entity"], row["stratum"]): row for row in csv.DictReader(file)}

    found = scored("--config", config)
    assert set(found) == {(name, "Black") for name in ("North", "East", "South")}
    # Level: (60 - 55) / 10, and so on. Changes: 10, 0, 0 points, 10/3 in the mean. The earlier run has no lsc, so the
    # score is that of wcv alone, which has 3 of 4 parts of the weight: just enough.
    level = {"North": 0.5, "East": -0.5, "South": -1.5}
    improvement = {"North": 1.0, "East": 0.0, "South": 0.0}
    benchmarked = {"North": 2 / 3, "East": -1 / 3, "South": -1 / 3}
    # Best and last third in wcv (weight 3), last and best in lsc (weight 1): (3 - 1) / 4.
    index = {"North": 0.5, "East": 0.0, "South": -0.5}
    for (name, _), row in found.items():
        assert (row["members"], row["hess_rates"], row["thirds_rates"]) == ("100", "1", "2")
        assert float(row["hess_level"]) == pytest.approx(level[name])
        assert float(row["hess_improvement"]) == pytest.approx(improvement[name])
        assert float(row["hess_benchmarked"]) == pytest.approx(benchmarked[name])
        score = 0.6 * level[name] + 0.2 * improvement[name] + 0.2 * benchmarked[name]
        assert float(row["hess_like"]) == pytest.approx(score)
        assert float(row["thirds_index"]) == pytest.approx(index[name])
        assert float(row["thirds_reward"]) == pytest.approx(2 * max(index[name], 0))
    # Without the file White children are scored, too, and 100 members are too few for the one score.
    plain = scored("--config", "none", "--quiet")
    assert len(plain) == 6
    assert plain["North", "Black"]["hess_reason"] == "fewer than 500 members at risk"
    assert float(plain["North", "Black"]["thirds_index"]) == 0
