"""Two partial results that should be the same."""

from __future__ import annotations

from polars.testing import assert_frame_equal

from vbpmeasure.results.partial.partial import Partial


def assert_same(one: Partial, two: Partial) -> None:
    """Compare everything that is counted, and the rows of persons where they are kept."""
    assert (one.people, one.labels, one.counters, one.peaks) == (two.people, two.labels, two.counters, two.peaks)
    assert (one.unmapped, one.absent, one.failed) == (two.unmapped, two.absent, two.failed)
    for name in ("changes", "present", "links", "told_by_people"):
        assert_frame_equal(getattr(one, name), getattr(two, name))
    assert (one.beside is None) == (two.beside is None)
    for ours, theirs in ((one.shown, two.shown), (one.beside, two.beside)):
        if ours is None or theirs is None:
            continue
        assert (ours.rates, ours.of_events) == (theirs.rates, theirs.of_events)
        assert ours.relations.pairs == theirs.relations.pairs
        assert_frame_equal(ours.relations.behind, theirs.relations.behind)
        for name in ("cells", "persons", "sums", "stages", "paths", "external", "told"):
            assert_frame_equal(getattr(ours, name), getattr(theirs, name))
    assert (one.frame is None) == (two.frame is None)
    if one.frame is not None and two.frame is not None:
        for name in ("rows", "people", "external"):
            assert_frame_equal(getattr(one.frame, name), getattr(two.frame, name))
