"""Suppression of the waterfall: a chain of remaining counts in which no shown difference may be a small count.

Shown are nodes (what remains after a stage); a removed count is shown exactly when the nodes on both sides are. So all
that a reader can learn is the nodes and the differences between neighboring shown nodes, and those are checked.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vbpmeasure.results.policy import SuppressionPolicy
from vbpmeasure.results.waterfall import Waterfall

Row = tuple[str, str, int, str, str, int | None, int | None]

_START = "start"


@dataclass(slots=True)
class _Node:
    """One remaining count of a chain. ``key`` is the same for nodes of several rates that mean the same units."""

    key: Hashable
    count: int
    shown: bool
    fixed: bool  # the rate table shows it (or hides it): not ours to decide


def shown_stages(
    policy: SuppressionPolicy,
    waterfalls: Sequence[Waterfall],
    population: Sequence[bool],
    denominator: Sequence[bool],
    numerator: Sequence[bool],
) -> tuple[list[Row], bool]:
    """Return the rows of the published waterfall, and whether the number of all people may be shown.

    The three lists say what the total row of each rate shows in the rate table; the waterfall shows no more.
    """
    chains = [_chain(w, population[w.rate], denominator[w.rate], numerator[w.rate]) for w in waterfalls]
    if policy.is_public:
        _hide(policy, waterfalls, chains)
    rows: list[Row] = []
    for waterfall, chain in zip(waterfalls, chains, strict=True):
        rows += _rows(waterfall, chain)
    start_shown = all(chain[0].shown for chain in chains if chain[0].key == _START)
    return rows, start_shown


def _chain(waterfall: Waterfall, population: bool, denominator: bool, numerator: bool) -> list[_Node]:
    """Return one node per stage. The last step is the population; the stages after it follow the table's verdict."""
    stages = waterfall.stages
    last_step = max(i for i, s in enumerate(stages) if s.kind == "step")
    nodes: list[_Node] = []
    words: tuple[str, ...] = ()
    for i, stage in enumerate(stages):
        words = (*words, stage.label)
        key: Hashable = _START if stage.kind == "start" else (waterfall.key.measure, words, stage.remaining)
        if stage.kind in ("denominator", "numerator"):
            nodes.append(_Node((waterfall.rate, stage.kind), stage.remaining, denominator, fixed=True))
            nodes[-1].shown = denominator if stage.kind == "denominator" else numerator
        elif i == last_step:
            nodes.append(_Node(key, stage.remaining, population, fixed=True))
        elif stage.kind == "exclusion":
            nodes.append(_Node(key, stage.remaining, population and denominator, fixed=False))
        else:
            nodes.append(_Node(key, stage.remaining, shown=True, fixed=False))
    return nodes


def _hide(policy: SuppressionPolicy, waterfalls: Sequence[Waterfall], chains: list[list[_Node]]) -> None:
    """Hide nodes until no difference of neighbors is small, over all rates together."""
    changed = True
    while changed:
        hidden = {n.key for chain in chains for n in chain if not n.shown and not n.fixed}
        known = {n.key for chain in chains for n in chain if n.shown}
        changed = False
        for chain in chains:
            for node in chain:
                if node.shown and not node.fixed and (node.key in hidden or policy.is_small(node.count)):
                    node.shown, changed = False, True
            changed |= _hide_small_difference(policy, chain, known)
        changed |= _hide_in_totals(waterfalls, chains)


def _hide_small_difference(policy: SuppressionPolicy, chain: list[_Node], known: set[Hashable]) -> bool:
    """Hide one node next to the first small difference; a node that another rate shows counts as known here too."""
    visible = [n for n in chain if n.shown or n.key in known]
    for before, after in pairwise(visible):
        if policy.is_small(before.count - after.count):
            free = [n for n in (after, before) if n.shown and not n.fixed]
            # The start goes last: every rate and the manifest name it.
            victim = min(free, key=lambda n: n.key == _START, default=None)
            if victim is not None:
                victim.shown = False
                return True
    return False


def _hide_in_totals(waterfalls: Sequence[Waterfall], chains: list[list[_Node]]) -> bool:
    """Hide in a total what any of its members hides at that stage: else the member follows by subtraction."""
    changed = False
    by_rate = {(w.key.measure, w.key.rate): chain for w, chain in zip(waterfalls, chains, strict=True)}
    for waterfall, chain in zip(waterfalls, chains, strict=True):
        names = [(waterfall.key.measure, m) for m in waterfall.key.members]
        members = [by_rate[name] for name in names if name in by_rate]
        for i, node in enumerate(chain):
            free = node.shown and not node.fixed and node.key != _START
            if free and not all(i < len(m) and m[i].shown for m in members):
                node.shown, changed = False, True
    return changed


def _rows(waterfall: Waterfall, chain: list[_Node]) -> list[Row]:
    rows: list[Row] = []
    for i, (stage, node) in enumerate(zip(waterfall.stages, chain, strict=True)):
        before_shown = i > 0 and chain[i - 1].shown
        removed = stage.removed if before_shown and node.shown else None
        remaining = stage.remaining if node.shown else None
        rows.append((waterfall.key.measure, waterfall.key.rate, i, stage.kind, stage.label, removed, remaining))
    return rows
