"""Generated definitions as files of a catalog, and the program that is built from them."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from generative import pool
from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.diagnostics import Failure
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.terminology.value_sets import load_value_sets

# What chance may write and the checks rightly refuse: windows that end before they start, filters that contradict
# each other, rates of which nothing is left. Anything else is a mistake of the generator or of the checks.
REFUSED = {"VBM220", "VBM232", "VBM233", "VBM274"}


# Written by the C library where there is one: the text is the same, and comes ten times faster.
class _NoAliases(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """Writes repeated parts in full: the language has no aliases."""

    def ignore_aliases(self, data):
        return True


def text_of(definition):
    """Return a definition as YAML text."""
    return yaml.dump(definition, Dumper=_NoAliases, sort_keys=False, default_flow_style=None)


def write_value_sets(folder: Path):
    """Write the value sets of the pool as a root of the catalog."""
    (folder / "value_sets").mkdir(parents=True)
    for code_set in pool.VALUE_SETS.values():
        body = {
            "name": code_set.name,
            "title": code_set.name,
            "source": "made for tests",
            "licence": "codes only",
            "confidence": "high",
            "codes": {system: sorted(codes) for system, codes in code_set.codes.items()},
        }
        (folder / "value_sets" / f"{code_set.name}.yaml").write_text(text_of(body), encoding="utf-8")
    return folder


def write_measures(folder: Path, definitions, fragment):
    """Write definitions and their fragment as a root of the catalog."""
    (folder / "shared").mkdir(parents=True)
    (folder / "shared" / "common.yaml").write_text(text_of(fragment), encoding="utf-8")
    for definition in definitions:
        (folder / definition["id"]).mkdir()
        (folder / definition["id"] / "measure.yaml").write_text(text_of(definition), encoding="utf-8")
    return folder


@cache
def _library(value_sets):
    """Return the value sets of the pool, read once."""
    return load_value_sets([value_sets / "value_sets"])


def program_of(value_sets, definitions, asked, fragment, year):
    """Return the program of the definitions, or None when the checks refuse them for a reason of ``REFUSED``."""
    with TemporaryDirectory() as folder:
        root = write_measures(Path(folder) / "measures", definitions, fragment)
        catalog = Catalog.open([value_sets, root], shipped=False)
        catalog.value_sets = _library(value_sets)
        try:
            return catalog.program(asked, calendar_year(year))
        except Failure as failure:
            unexpected = [d for d in failure.diagnostics if d.code not in REFUSED and d.severity == "error"]
            assert not unexpected, unexpected
            return None
