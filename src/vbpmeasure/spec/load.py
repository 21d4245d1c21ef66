"""Reading definition files: text, tree, model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.diagnostics.source import attach_source_lines
from vbpmeasure.spec.models.measure import Fragment, Measure
from vbpmeasure.spec.problems import problems
from vbpmeasure.spec.tree import Node, parse_yaml, read_text
from vbpmeasure.spec.words import located

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Definition(Generic[M]):
    """One definition file: its path, its text, the tree of the text, and the model."""

    path: Path
    text: str
    tree: Node
    model: M

    @property
    def digest(self) -> str:
        """The SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


MeasureFile = Definition[Measure]
FragmentFile = Definition[Fragment]


def load_measure(path: Path) -> MeasureFile:
    """Read a measure.yaml; raises `Failure` with every finding of the file."""
    return _load(path, Measure)


def load_fragment(path: Path) -> FragmentFile:
    """Read a fragment of `shared/`; raises `Failure` with every finding of the file."""
    return _load(path, Fragment)


def parse_definition(text: str, path: Path, model: type[M]) -> Definition[M]:
    """Parse a definition from its text; ``path`` names it in diagnostics. Raises `Failure` with every finding."""
    tree = parse_yaml(text, str(path))
    try:
        return Definition(path, text, tree, model.model_validate(located(tree)))
    except ValidationError as error:
        raise Failure(attach_source_lines(problems(error, tree, model), {str(path): text})) from None


def _load(path: Path, model: type[M]) -> Definition[M]:
    return parse_definition(read_text(path), path, model)
