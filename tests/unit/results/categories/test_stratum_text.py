"""Texts of strata of crossings: each stratum has one of its own, and is found again from it."""

from __future__ import annotations

from itertools import product

import pytest

from vbpmeasure.results.categories.stratum_text import earlier_text_of, names_of, text_of

# Whatever the data may call a stratum: all that could be taken for what stands between two, or for a quotation mark.
STRANGE = ("A", "A * B", "B * C", "* C", "A *", "*", "**", '"', '"A"', '"A" * B', 'A" * "B', '""', "A*B", " * ", "A * ")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("White",), "White"),
        (("North * South",), "North * South"),  # nothing is joined to it
        (("North", "White"), "North * White"),
        (("North * South", "White"), '"North * South" * White'),
        (("White", "North * South"), 'White * "North * South"'),
        (("North *", "White"), '"North *" * White'),
        (('"North"', "White"), '"""North""" * White'),
        (('The "North"', "White"), 'The "North" * White'),
        (("North*South", "White", "F"), "North*South * White * F"),
    ],
)
def test_only_names_that_could_be_taken_for_two_are_quoted(names: tuple[str, ...], text: str) -> None:
    assert text_of(names) == text
    assert names_of(text, len(names)) == names


@pytest.mark.parametrize("components", [1, 2, 3])
def test_no_two_strata_have_one_text_and_each_is_found_again(components: int) -> None:
    strata = list(product(STRANGE, repeat=components))
    texts = [text_of(names) for names in strata]
    assert len(set(texts)) == len(strata)
    assert [names_of(text, components) for text in texts] == strata


def test_two_strata_could_have_one_text_before() -> None:
    assert earlier_text_of(("A * B", "C")) == earlier_text_of(("A", "B * C")) == "A * B * C"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("North * South * White", ("North", "South", "White")),  # nobody knows which belong together
        ('"North * White', ('"North', "White")),
        ('"North * South" * White * F', ('"North', 'South"', "White", "F")),
        ("White", ("White",)),
    ],
)
def test_texts_of_earlier_versions_are_taken_apart_where_that_is_possible(text: str, names: tuple[str, ...]) -> None:
    assert names_of(text, 2) == names
