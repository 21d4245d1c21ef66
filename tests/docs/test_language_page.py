"""The reference page of the language: its example is a sound measure, and it names everything there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.plan.measures import calendar_year
from vbpmeasure.spec.models import amounts, criteria, events, index, measure, rates
from vbpmeasure.spec.models.base import SpecModel
from vbpmeasure.spec.models.criteria import VERBS
from vbpmeasure.spec.models.window import Windowed

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLE = next(block for block in re.findall("```yaml\n(.*?)```", PAGE, re.DOTALL) if "rates:" in block)


def test_the_example_is_a_sound_measure(tmp_path: Path) -> None:
    file = tmp_path / "example" / "measure.yaml"
    file.parent.mkdir()
    file.write_text(EXAMPLE.replace("id: w30 ", "id: example ", 1), encoding="utf-8")
    catalog = Catalog.open([file])
    assert catalog.check(["example"]) == []
    assert catalog.program(["example"], calendar_year(2025)).measures[0].rates[0].id == "w30_6"


def keys_of(model: type[SpecModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    "model",
    [
        measure.Measure,
        measure.Fragment,
        rates.Rate,
        rates.Total,
        rates.PerThousand,
        rates.CompositeRate,
        rates.IndicatorRate,
        index.IndexBody,
        index.MemberMonthsBody,
        amounts.CoveredBody,
        amounts.ReadingBody,
        amounts.DroppedBody,
        events.ResultBody,
        measure.Parameter,
        measure.ParameterValue,
        measure.Reference,
        rates.StepBody,
        rates.ExclusionBody,
        measure.FirstBody,
        events.Event,
        criteria.EnrolledBody,
        criteria.Count,
        criteria.AgeBody,
        criteria.ChooseBody,
        Windowed,
    ],
)
def test_every_key_is_on_the_page(model: type[SpecModel]) -> None:
    text = PAGE.replace("`", " ")
    missing = {key for key in keys_of(model) if not re.search(rf"(?<![a-z_]){key}(?![a-z_])", text)}
    assert missing == set()


def test_every_verb_has_a_row() -> None:
    rows = set(re.findall("`([a-z_]+)`", " ".join(re.findall(r"^\|([^|]*)\|", PAGE, re.MULTILINE))))
    assert set(VERBS) <= rows
