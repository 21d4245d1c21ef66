"""The bill of materials and the page of licenses speak of exactly what is locked."""

from __future__ import annotations

import json
import uuid
from importlib.metadata import distributions
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from tools.supply_chain.extras import direct_dependencies, program_version, purposes, reached
from tools.supply_chain.facts import Fact, facts
from tools.supply_chain.licenses import not_allowed, page, rows
from tools.supply_chain.locked import DEVELOPMENT, ROOT, RUNTIME, Locked, LockError, read_lock
from vbpmeasure import __version__

PAGE = rows(ROOT / "docs" / "licenses.md")
BILL: dict[str, Any] = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))
RENEW = "the locks changed: make sbom"


def test_the_bill_is_the_runtime_lock() -> None:
    locked = read_lock(RUNTIME)
    parts = {part["name"]: part for part in BILL["components"]}
    assert {name: part["version"] for name, part in parts.items()} == {p.name: p.version for p in locked.values()}, (
        RENEW
    )
    for name, part in parts.items():
        (files,) = part["externalReferences"]
        assert tuple(sorted(h["content"] for h in files["hashes"])) == locked[name].hashes, RENEW
        assert {h["alg"] for h in files["hashes"]} == {"SHA-256"}
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"


def test_the_bill_and_the_page_agree_on_licenses() -> None:
    for part in BILL["components"]:
        (told,) = part["licenses"]
        assert told.get("expression", told.get("license", {}).get("id")) == PAGE[part["name"]][1]


def test_the_bill_is_of_this_program_and_reaches_every_component() -> None:
    program = BILL["metadata"]["component"]
    assert (program["name"], program["version"]) == ("vbpmeasure", __version__), "make sbom"
    assert program_version() == __version__
    needs = {one["ref"]: set(one.get("dependsOn", ())) for one in BILL["dependencies"]}
    assert {ref.partition("@")[0] for ref in needs[program["bom-ref"]]} == direct_dependencies()
    found, waiting = set(), [program["bom-ref"]]
    while waiting:
        new = needs[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    assert found == {part["bom-ref"] for part in BILL["components"]}


def test_the_bill_has_nothing_of_a_moment_or_a_machine() -> None:
    assert set(BILL) == {
        "$schema",
        "bomFormat",
        "components",
        "dependencies",
        "metadata",
        "serialNumber",
        "specVersion",
        "version",
    }
    assert set(BILL["metadata"]) == {"component"}
    content = {name: value for name, value in BILL.items() if name != "serialNumber"}
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    assert BILL["serialNumber"] == f"urn:uuid:{number}"
    assert str(ROOT) not in json.dumps(BILL)


def test_the_page_has_exactly_the_locked_packages() -> None:
    assert {name: row[0] for name, row in PAGE.items()} == {
        p.name: p.version for p in read_lock(DEVELOPMENT).values()
    }, RENEW
    assert {name for name, row in PAGE.items() if "runtime" in row[2]} == set(read_lock(RUNTIME)), RENEW


def test_users_get_no_license_outside_the_list() -> None:
    for_users = {name: row[1] for name, row in PAGE.items() if row[2] != ("dev",)}
    assert {"deltalake", "jinja2", "openpyxl", "polars"} <= set(for_users)
    assert {name: not_allowed(license_) for name, license_ in for_users.items() if not_allowed(license_)} == {}


@pytest.mark.parametrize(
    ("license_", "refused"),
    [
        ("MIT", set()),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", set()),
        ("GPL-3.0-or-later", {"GPL-3.0-or-later"}),
        ("MIT OR LGPL-2.1+", {"LGPL-2.1+"}),
        ("unknown", {"unknown"}),
        ("BSD", {"BSD"}),
        ("Apache-2.0 WITH LLVM-exception", {"WITH", "LLVM-exception"}),
    ],
)
def test_what_is_not_on_the_list_is_seen(license_: str, refused: set[str]) -> None:
    assert not_allowed(license_) == refused


def test_the_page_says_what_the_installed_packages_say() -> None:
    installed = {canonicalize_name(d.metadata["Name"]): d.version for d in distributions()}
    same = {name: p for name, p in read_lock(DEVELOPMENT).items() if installed.get(name) == p.version}
    assert len(same) > 50
    assert {name: fact.license for name, fact in facts(same).items()} == {name: PAGE[name][1] for name in same}, RENEW


def test_facts_are_of_the_locked_version_alone() -> None:
    with pytest.raises(LockError, match=r"\(polars\): make setup"):
        facts({"polars": Locked("polars", "0.1", ("0" * 64,), here=True)})


def test_why_a_package_is_there() -> None:
    """Behind the report stands jinja2, behind that what it needs; what an extra needs, only when it is asked."""
    known = {
        "polars": Fact("polars", "1", "MIT", ("polars-runtime-32==1", "big ; extra == 'all'")),
        "polars-runtime-32": Fact("polars-runtime-32", "1", "MIT", ()),
        "big": Fact("big", "1", "MIT", ()),
        "jinja2": Fact("jinja2", "3", "MIT", ("MarkupSafe>=2", "win ; sys_platform == 'win32'")),
        "vl-convert-python": Fact("vl-convert-python", "1", "MIT", ("polars",)),
        "markupsafe": Fact("markupsafe", "3", "MIT", ()),
        "win": Fact("win", "3", "MIT", ()),
        "pytest": Fact("pytest", "3", "MIT", ()),
    }
    assert reached(["polars[all]>=1"], known) == {"polars", "polars-runtime-32", "big"}
    why = purposes(known)
    assert [name for name in known if why[name] == ("runtime",)] == ["polars", "polars-runtime-32"]
    assert [name for name in known if why[name] == ("report",)] == ["jinja2", "vl-convert-python", "markupsafe", "win"]
    assert [name for name in known if why[name] == ("dev",)] == ["big", "pytest"]
    assert "| win | 3 | MIT | report |\n" in page(known)
