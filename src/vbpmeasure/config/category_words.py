"""Settings whose words come from category systems: which there are depends on the folders of measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vbpmeasure.config.document import TomlDocument
from vbpmeasure.diagnostics.model import Diagnostic
from vbpmeasure.results.categories import CROSSWALKS, STANDARDS, TABULATIONS

WORDS: Mapping[str, tuple[str, ...]] = {"race_standard": STANDARDS, "tabulation": TABULATIONS}


def may_have_others(measure_folders: Iterable[Path]) -> bool:
    """Return whether category systems of the user's own are beside the shipped ones: only a run reads their words."""
    try:
        return any(((path if path.is_dir() else path.parent) / CROSSWALKS).is_dir() for path in measure_folders)
    except (OSError, ValueError):  # the run says what is wrong with the path
        return True


def unknown_words(said: Mapping[str, object], document: TomlDocument) -> Iterator[Diagnostic]:
    """Yield one VBM122 for each setting of `[run]` that has a word of no shipped category system."""
    for name, words in WORDS.items():
        if name in said and said[name] not in words:
            listed = f"{', '.join(f'`{word}`' for word in words[:-1])} or `{words[-1]}`"
            yield Diagnostic("VBM122", f"`{name}` takes {listed}", span=document.value("run", name))
