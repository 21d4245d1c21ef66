"""A partial result as bytes, to send it from one process to another or to keep it: Arrow tables and plain values.

The bytes are those of one version of the program: who reads them has to be of the version that wrote them.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from vbpmeasure import __version__
from vbpmeasure.data.errors import library_errors
from vbpmeasure.diagnostics.model import Diagnostic, Severity, Span
from vbpmeasure.plan.measures import Period
from vbpmeasure.results.attribution.attribute import Attribution
from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame
from vbpmeasure.results.knowledge import Relations
from vbpmeasure.results.partial.counts import Counts
from vbpmeasure.results.partial.labels import LabeledDimension, Labels, Universe
from vbpmeasure.results.partial.partial import Partial
from vbpmeasure.results.supplemental import twice

_COUNTED = ("cells", "persons", "sums", "stages", "paths", "external", "told")
_OF_PEOPLE = ("changes", "present", "links", "told_by_people")
_KEY_TUPLES = ("steps", "members")

# What bytes of another shape can raise on their way, beside errors of the libraries.
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def to_bytes(partial: Partial) -> bytes:
    """Return a partial result as bytes."""
    frames: dict[str, pl.DataFrame] = {name: getattr(partial, name) for name in _OF_PEOPLE}
    for name, counts in _judgements(partial):
        frames |= {f"{name}.{each}": getattr(counts, each) for each in _COUNTED}
        frames[f"{name}.behind"] = counts.relations.behind
    if partial.frame is not None:
        frames |= {"frame.rows": partial.frame.rows, "frame.people": partial.frame.people}
        frames |= {"frame.external": partial.frame.external}
    packed = {name: _packed(frame) for name, frame in frames.items()}
    # Keys in their own order: that of the dimensions is that in which they were asked for.
    head = json.dumps(
        {"version": __version__, "said": _plain(partial), "frames": {n: len(b) for n, b in packed.items()}},
        default=str,
    ).encode()
    ordered = (packed[name] for name in sorted(packed))
    return len(head).to_bytes(8, "big") + head + b"".join(ordered)


def from_bytes(content: bytes) -> Partial:
    """Return the partial result behind the bytes of `to_bytes`.

    Raises ``ValueError`` for those of another version, and for bytes that are no partial result at all.
    """
    try:
        return _unpacked(content)
    except _unreadable():
        raise ValueError("no partial result of this version") from None


def _unreadable() -> tuple[type[BaseException], ...]:
    return (*library_errors(), *_UNREADABLE)


def _unpacked(content: bytes) -> Partial:
    size = int.from_bytes(content[:8], "big")
    head = json.loads(content[8 : 8 + size])
    if head["version"] != __version__:
        raise ValueError("a partial result of another version")
    frames: dict[str, pl.DataFrame] = {}
    start = 8 + size
    for name in sorted(head["frames"]):
        end = start + head["frames"][name]
        frames[name] = pl.read_ipc(io.BytesIO(content[start:end]))
        start = end
    return _partial(head["said"], frames)


def _packed(frame: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.rechunk().write_ipc(content)
    return content.getvalue()


def _judgements(partial: Partial) -> Iterator[tuple[str, Counts]]:
    for name in ("shown", "beside", "as_one"):
        if (counts := getattr(partial, name)) is not None:
            yield name, counts


def _plain(partial: Partial) -> dict[str, Any]:
    attribution = partial.attribution
    return {
        "period": [partial.period.start.isoformat(), partial.period.end.isoformat()],
        "people": partial.people,
        "dimensions": [asdict(one) for one in partial.labels.dimensions],
        "universes": {name: asdict(one) for name, one in (partial.labels.universes or {}).items()},
        "rates": [asdict(key) for key in partial.shown.rates],
        "of_events": {name: sorted(counts.of_events) for name, counts in _judgements(partial)},
        "pairs": {
            name: [[*pair, *bits] for pair, bits in counts.relations.pairs.items()]
            for name, counts in _judgements(partial)
        },
        "counters": dict(partial.counters),
        "peaks": {name: list(numbers) for name, numbers in partial.peaks.items()},
        "unmapped": dict(partial.unmapped),
        "absent": list(partial.absent),
        "attribution": None
        if attribution is None
        else {
            "rule": attribution.rule,
            "on": attribution.on.isoformat(),
            "record": dict(attribution.record),
            "counters": dict(attribution.counters),
        },
        "failed": {name: [asdict(d) for d in reasons] for name, reasons in partial.failed.items()},
    }


def _partial(said: Mapping[str, Any], frames: Mapping[str, pl.DataFrame]) -> Partial:
    start, end = (dt.date.fromisoformat(day) for day in said["period"])
    rates = tuple(_key(one) for one in said["rates"])

    def counts(name: str) -> Counts | None:
        if name not in said["of_events"]:
            return None
        pairs = {(i, o): (outside, there, more) for i, o, outside, there, more in said["pairs"][name]}
        return Counts(
            twice(rates) if name == "as_one" else rates,
            frozenset(said["of_events"][name]),
            **{each: frames[f"{name}.{each}"] for each in _COUNTED},
            relations=Relations(pairs, frames[f"{name}.behind"]),
        )

    shown = counts("shown")
    assert shown is not None
    told = said["attribution"]
    dimensions = tuple(
        LabeledDimension(tuple(one["components"]), tuple(tuple(label) for label in one["labels"]), one["fixed"])
        for one in said["dimensions"]
    )
    universes = {
        name: Universe(tuple(one["labels"]), one["is_open"], one["untabulated"])
        for name, one in said["universes"].items()
    }
    period = Period(start, end)
    frame = None
    if "frame.rows" in frames:
        frame = ResultFrame(
            period, rates, frames["frame.rows"], frames["frame.people"], external=frames["frame.external"]
        )
    return Partial(
        period=period,
        people=said["people"],
        labels=Labels(dimensions, universes),
        shown=shown,
        beside=counts("beside"),
        as_one=counts("as_one"),
        **{name: frames[name] for name in _OF_PEOPLE},
        counters=said["counters"],
        peaks={name: tuple(numbers) for name, numbers in said["peaks"].items()},
        unmapped=said["unmapped"],
        absent=tuple(said["absent"]),
        attribution=None
        if told is None
        else Attribution(
            pl.DataFrame(), told["rule"], dt.date.fromisoformat(told["on"]), told["record"], told["counters"]
        ),
        failed={name: tuple(_diagnostic(d) for d in reasons) for name, reasons in said["failed"].items()},
        frame=frame,
    )


def _key(said: Mapping[str, Any]) -> RateKey:
    pairs = {name: tuple(tuple(pair) for pair in said[name]) for name in ("exclusions", "components")}
    texts = {name: tuple(said[name]) for name in _KEY_TUPLES}
    return RateKey(**{**said, **pairs, **texts, "kind": RateKind(said["kind"])})


def _diagnostic(said: Mapping[str, Any]) -> Diagnostic:
    span = None if said["span"] is None else Span(**said["span"])
    return Diagnostic(**{**said, "span": span, "severity": Severity(said["severity"])})
