"""Write the software bill of materials (CycloneDX) of the runtime lock, and the page of licenses.

Nothing in them depends on the clock, the machine or the Python that writes them: the lock decides what is a component.
"""

from __future__ import annotations

import argparse
import json
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tools.supply_chain.extras import direct_dependencies, program_version
from tools.supply_chain.facts import Fact, facts
from tools.supply_chain.licenses import page
from tools.supply_chain.locked import DEVELOPMENT, ROOT, RUNTIME, Locked, LockError, read_lock

OUT = ROOT / "sbom.cdx.json"
PAGE = ROOT / "docs" / "licenses.md"


def bill(packages: Mapping[str, Locked], known: Mapping[str, Fact], version: str, direct: set[str]) -> str:
    """Return the bill as JSON: one component per locked package with license, hashes of all its files, dependencies."""
    licenses = LicenseFactory()
    parts = {
        name: Component(
            name=name,
            version=package.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{name}@{package.version}",
            purl=PackageURL("pypi", None, name, package.version),
            licenses=[licenses.make_from_string(known[name].license)],
            external_references=[_files(package)],
        )
        for name, package in packages.items()
    }
    program = Component(
        name="vbpmeasure",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="vbpmeasure",
        licenses=[licenses.make_from_string("Apache-2.0")],
    )
    made = Bom(components=parts.values())
    made.metadata.component = program
    made.register_dependency(program, [parts[name] for name in sorted(direct)])
    for name, part in parts.items():
        made.register_dependency(part, [parts[n] for n in sorted(known[name].needs()) if n in parts and n != name])
    return _without_chance(JsonV1Dot6(made).output_as_string())


def _files(package: Locked) -> ExternalReference:
    """Return the hashes of all files of a release: the lock does not say which is of which."""
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(PackageURL("pypi", None, package.name, package.version))),
        comment="the files of this release that the lock allows",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.hashes],
    )


def _without_chance(text: str) -> str:
    told = json.loads(text)
    told["metadata"].pop("timestamp")
    # One number for one content, as the format asks for.
    told.pop("serialNumber")
    content = json.dumps(told, sort_keys=True)
    told["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}"
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Write both files; 1 when the lock or the environment is not what it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, help="the site-packages folder of the locked environment")
    site: Path | None = parser.parse_args().site
    try:
        known = facts(read_lock(DEVELOPMENT), site)
        packages = read_lock(RUNTIME)
    except LockError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    text = bill(packages, {name: known[name] for name in packages}, program_version(), direct_dependencies())
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.stderr.write(f"the bill does not keep its schema: {wrong}\n")
        return 1
    OUT.write_text(text, encoding="utf-8")
    PAGE.write_text(page(known), encoding="utf-8")
    sys.stderr.write(f"{OUT.name}: {len(packages)} components; {PAGE.name}: {len(known)} packages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
