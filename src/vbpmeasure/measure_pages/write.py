"""All pages of the shipped measures, by file name."""

from __future__ import annotations

from pathlib import Path

from vbpmeasure.catalog.catalog import Catalog
from vbpmeasure.measure_pages.facts import facts_of
from vbpmeasure.measure_pages.index_page import index_page
from vbpmeasure.measure_pages.page import measure_page


def pages(catalog: Catalog | None = None) -> dict[str, str]:
    """Return the pages by file name: one per measure of the catalog (default: the shipped ones), and ``README.md``.

    Raises ``Failure`` when a definition, a value set or a deck cannot be read.
    """
    known = Catalog.open() if catalog is None else catalog
    found = {f"{id}.md": measure_page(facts_of(known, id)) for id in known.ids()}
    return {"README.md": index_page([known.info(id) for id in known.ids()]), **found}


def write_pages(folder: Path) -> None:
    """Write the pages into the folder and remove pages of measures that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
