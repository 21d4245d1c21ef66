"""Links between the pages resolve; every diagnostic code that the program can report has its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vbpmeasure.diagnostics.codes import CODES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"VBM\d{3}")
NO_CODE = {"VBM000", "VBM999"}  # what examples of an unknown code use


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in LINK.findall(text):
        if "://" in target or target.startswith(("#", "mailto:")):
            continue
        path = (page.parent / target.split("#", maxsplit=1)[0]).resolve()
        assert path.exists(), f"{page.name} links to {target}"
        assert path.is_relative_to(ROOT)


def test_every_code_in_the_sources_is_registered() -> None:
    used = {
        (code, file.relative_to(ROOT))
        for file in (ROOT / "src").rglob("*.py")
        for code in CODE.findall(file.read_text(encoding="utf-8"))
        if code not in NO_CODE
    }
    assert used
    assert sorted(str(u) for u in used if u[0] not in CODES) == []


def test_every_registered_code_is_used() -> None:
    sources = [f for f in (ROOT / "src").rglob("*.py") if not f.name.startswith("family_")]
    used = {code for file in sources for code in CODE.findall(file.read_text(encoding="utf-8"))}
    assert sorted(set(CODES) - used) == []


def test_every_code_in_the_documentation_is_registered() -> None:
    named = {code for page in PAGES for code in CODE.findall(page.read_text(encoding="utf-8"))}
    assert not NO_CODE & set(CODES)
    assert sorted(named - set(CODES) - NO_CODE) == []


def test_code_pages_are_whole_sentences() -> None:
    for code, info in CODES.items():
        assert info.title, code
        assert not info.title.endswith("."), code
        assert info.explanation.endswith((".", ".)")), code
        assert info.mend.endswith((".", ".)")), code
