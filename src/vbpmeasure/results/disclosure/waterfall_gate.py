"""Suppression of the waterfall: a chain of remaining counts in which no shown difference may be a small count.

Shown are nodes (what remains after a stage); a removed count is shown exactly when the nodes on both sides are. So all
that a reader can learn is the nodes and the differences between neighboring shown nodes, and those are checked.

Rates of index events have two chains, events and the distinct persons left. In the first a difference is also small
when few persons had the events; in the second nodes are hidden further until no difference of persons is small.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vbpmeasure.results.disclosure.policy import SuppressionPolicy
from vbpmeasure.results.waterfall import EVENTS, Waterfall

Row = tuple[str, str, int, str, str, str, int | None, int | None, int | None]

_START = "start"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the table of rates shows of a rate in total; the waterfall shows no more.

    ``fixed`` says that the three counts themselves stand there (or are hidden there): they are not ours to decide.
    """

    population: bool
    denominator: bool
    numerator: bool
    fixed: bool = True


@dataclass(slots=True)
class _Node:
    """One remaining count of a chain. ``key`` is the same for nodes of several rates that mean the same units."""

    stage: int
    key: Hashable
    count: int
    persons: int
    shown: bool
    fixed: bool


@dataclass(slots=True)
class _Chain:
    waterfall: Waterfall
    nodes: list[_Node]
    of_persons: bool = False  # the second chain of a rate of index events

    def sizes(self, before: _Node, after: _Node) -> tuple[int, ...]:
        """Return the difference of two nodes and, where events are counted, the persons who had those events."""
        difference = before.count - after.count
        if self.of_persons:
            return (difference,)
        return (difference, self.waterfall.persons_removed(before.stage, after.stage))


def shown_stages(
    policy: SuppressionPolicy, waterfalls: Sequence[Waterfall], verdicts: Mapping[tuple[str, str], Verdict]
) -> tuple[list[Row], bool]:
    """Return the rows of the published waterfall, and whether the number of all people may be shown.

    ``verdicts`` by (measure, rate). A row: measure, rate, number of the stage, kind, label, unit, and as they may be
    shown removed, remaining, and persons remaining.
    """
    chains = [_chain(w, verdicts[w.key.measure, w.key.rate]) for w in waterfalls]
    if policy.is_public:
        _hide(policy, chains)
    start_shown = all(chain.nodes[0].shown for chain in chains if chain.nodes[0].key == _START)
    behind = [_persons_chain(chain, start_shown=start_shown) for chain in chains]
    if policy.is_public:
        _hide(policy, [chain for chain in behind if chain.of_persons])
    rows: list[Row] = []
    for chain, persons in zip(chains, behind, strict=True):
        rows += _rows(chain, persons)
    return rows, start_shown


def _chain(waterfall: Waterfall, verdict: Verdict) -> _Chain:
    """Return one node per stage. The last step is the population; the stages after it follow the table's verdict."""
    stages = waterfall.stages
    last_step = max(i for i, s in enumerate(stages) if s.kind == "step")
    nodes: list[_Node] = []
    for i, (stage, key) in enumerate(zip(stages, _keys(waterfall), strict=True)):
        fixed = False
        if stage.kind == "denominator":
            shown, fixed = verdict.denominator, verdict.fixed
        elif stage.kind == "numerator":
            shown, fixed = verdict.numerator, verdict.fixed
        elif i == last_step:
            shown, fixed = verdict.population, verdict.fixed
        else:
            shown = verdict.population and verdict.denominator if stage.kind == "exclusion" else True
        own = (waterfall.rate, stage.kind) if fixed and i != last_step else key
        nodes.append(_Node(i, own, stage.remaining, stage.persons, shown, fixed))
    return _Chain(waterfall, nodes)


def _keys(waterfall: Waterfall) -> list[Hashable]:
    """Return a key per stage: rates of a measure with the same words and counts up to there mean the same units."""
    keys: list[Hashable] = []
    words: tuple[str, ...] = ()
    for stage in waterfall.stages:
        words = (*words, stage.label)
        if stage.kind == "start":
            keys.append(_START)
        elif stage.kind == "numerator":
            keys.append((waterfall.rate, stage.kind))
        else:
            keys.append((waterfall.key.measure, waterfall.unit, words, stage.remaining, stage.persons))
    return keys


def _persons_chain(chain: _Chain, *, start_shown: bool) -> _Chain:
    """Return the chain of persons: that of the events, or for rates of persons the one that there is.

    It starts with all people where their number is shown: those without an index event may be few.
    """
    waterfall = chain.waterfall
    if waterfall.unit != EVENTS:
        return chain
    start = _Node(-1, _START, waterfall.people, waterfall.people, start_shown, fixed=True)
    nodes = [
        _Node(node.stage, key, node.persons, node.persons, node.shown, fixed=False)
        for node, key in zip(chain.nodes, _keys(waterfall), strict=True)
    ]
    return _Chain(waterfall, [start, *nodes], of_persons=True)


def _hide(policy: SuppressionPolicy, chains: list[_Chain]) -> None:
    """Hide nodes until no difference of neighbors is small, over all rates together."""
    changed = True
    while changed:
        hidden = {n.key for chain in chains for n in chain.nodes if not n.shown and not n.fixed}
        known = {n.key for chain in chains for n in chain.nodes if n.shown}
        changed = False
        for chain in chains:
            for node in chain.nodes:
                small = policy.any_small((node.count, node.persons))
                if node.shown and not node.fixed and (node.key in hidden or small):
                    node.shown, changed = False, True
            changed |= _hide_small_difference(policy, chain, known)
        changed |= _hide_in_totals(chains)


def _hide_small_difference(policy: SuppressionPolicy, chain: _Chain, known: set[Hashable]) -> bool:
    """Hide one node next to the first small difference; a node that another rate shows counts as known here too."""
    visible = [n for n in chain.nodes if n.shown or n.key in known]
    for before, after in pairwise(visible):
        if policy.any_small(chain.sizes(before, after)):
            free = [n for n in (after, before) if n.shown and not n.fixed]
            # The start goes last: every rate and the manifest name it.
            victim = min(free, key=lambda n: n.key == _START, default=None)
            if victim is not None:
                victim.shown = False
                return True
    return False


def _hide_in_totals(chains: list[_Chain]) -> bool:
    """Hide in a total what any of its members hides at that stage: else the member follows by subtraction."""
    changed = False
    by_rate = {(c.waterfall.key.measure, c.waterfall.key.rate): c for c in chains}
    for chain in chains:
        key = chain.waterfall.key
        names = [(key.measure, member) for member in key.members]
        members = [by_rate[name].nodes for name in names if name in by_rate]
        for i, node in enumerate(chain.nodes):
            free = node.shown and not node.fixed and node.key != _START
            if free and not all(i < len(m) and m[i].shown for m in members):
                node.shown, changed = False, True
    return changed


def _rows(chain: _Chain, persons: _Chain) -> list[Row]:
    waterfall = chain.waterfall
    behind = {node.stage: node for node in persons.nodes}
    rows: list[Row] = []
    for i, (stage, node) in enumerate(zip(waterfall.stages, chain.nodes, strict=True)):
        before_shown = i > 0 and chain.nodes[i - 1].shown
        removed = stage.removed if before_shown and node.shown else None
        remaining = stage.remaining if node.shown else None
        left = stage.persons if behind[i].shown else None
        name = (waterfall.key.measure, waterfall.key.rate)
        rows.append((*name, i, stage.kind, stage.label, waterfall.unit, removed, remaining, left))
    return rows
