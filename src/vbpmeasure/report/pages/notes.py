"""The notes: what the numbers are, how they were made, and what they cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vbpmeasure.report.numbers import one
from vbpmeasure.report.pages.common import Material, Table, benchmark_words, joined, rate_words

_DIGESTS = ("sha256", "digest")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes at the end."""

    facts: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]
    benchmarks: Table | None
    not_run: str


def notes(material: Material) -> Notes:
    """Return the notes."""
    not_run = material.benchmarks.not_run(rate.info.measure for rate in material.now.rates)
    words = (
        f"Benchmarks of measures that are not in this run: {joined([m.upper() for m in not_run])}." if not_run else ""
    )
    return Notes(tuple(_facts(material)), tuple(_caveats(material)), _benchmarks(material), words)


def _facts(material: Material) -> Iterator[tuple[str, str]]:
    manifest, run = material.now.run.manifest, material.now.run
    yield "Measurement period", f"{run.period.start} to {run.period.end}"
    if material.earlier:
        yield "Compared with", joined([str(past.year) for past in material.earlier])
    yield "Made by", f"vbpmeasure {manifest.get('version', '')}"
    people = manifest.get("people")
    yield "People in the data", f"{people:,}" if isinstance(people, int) else "hidden"
    yield "Strata", joined(list(run.dimensions)) or "none"
    for name in ("category_systems", "mandate"):
        if manifest.get(name):
            yield name.replace("_", " ").capitalize(), _words(manifest[name])
    policy = run.suppression
    if run.is_public:
        least = int(policy.get("suppress_below", 1)) - 1
        yield (
            "Small cells",
            f"profile {policy.get('profile')}: counts of 1 to {least} and what gives them away are hidden",
        )
    else:
        yield "Small cells", "NOT hidden; internal use only"
    yield "Least denominator of a rate", str(policy.get("min_denominator", ""))
    attribution = manifest.get("attribution")
    if isinstance(attribution, dict):
        yield "Attribution", _words(attribution)
    supplemental = manifest.get("supplemental")
    if isinstance(supplemental, dict):
        yield "Supplemental evidence", str(supplemental.get("shown", ""))


def _words(value: object) -> str:
    if isinstance(value, dict):
        told = [(key, item) for key, item in sorted(value.items()) if key not in _DIGESTS]
        return "; ".join(f"{key.replace('_', ' ')}: {_words(item)}" for key, item in told)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _caveats(material: Material) -> Iterator[str]:
    lost = material.now.run.manifest.get("evidence_lost", [])
    yield from (f"Evidence that the data did not have: {text}." for text in lost if isinstance(text, str))
    if material.earlier:
        yield (
            "Years share members: the intervals of changes between years take the years as independent, and would "
            "be others with the people matched."
        )
    editions = {m["id"]: m.get("edition") for m in material.now.run.manifest.get("measures", [])}
    for past in material.earlier:
        changed = [
            m["id"].upper()
            for m in past.run.manifest.get("measures", [])
            if m["id"] in editions and m.get("edition") != editions[m["id"]]
        ]
        if changed:
            yield f"The definition of {joined(changed)} had another edition in {past.year}."


def _benchmarks(material: Material) -> Table | None:
    shown = []
    for rate in material.now.rates:
        for mark in material.benchmarks.of(*rate.key):
            chosen = material.benchmark(rate) is mark
            shown.append(
                (
                    rate_words(rate),
                    benchmark_words(mark) + (", shown" if chosen else ""),
                    str(mark.source),
                    str(mark.confidence),
                    str(mark.caveat or ""),
                    one(mark.figure),
                )
            )
    if not shown:
        return None
    heads = ("Rate", "Benchmark", "Source", "Confidence", "Caveat", "Value")
    return Table("; ".join(material.benchmarks.titles), heads, tuple(shown), words=5)
