"""Complementary suppression: partners for hidden small counts, as few as a greedy search finds.

A hidden small count is in danger when its value, or an interval shorter than the policy's, follows from a sum by simple
subtraction, or when all shown numbers taken together determine it. It then gets a partner: the shown part with the
smallest denominator (ties by order) among those that cost the least elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from vbpmeasure.results.disclosure.cells import SumRule
from vbpmeasure.results.disclosure.facts import Form, World
from vbpmeasure.results.disclosure.policy import Status
from vbpmeasure.results.disclosure.state import State, Target

_OF_RATE = ("numerator", "misses", "denominator")
_OF_POOL = ("excluded", "population")
_COMPLEMENT = Status.SUPPRESSED_COMPLEMENTARY


def hide_complements(state: State, world: World) -> None:
    """Hide further cells until neither a simple subtraction nor any other arithmetic gives a small count away."""
    asked = state.targets(world)
    changed = True
    while changed:
        if _sweep_followers(state, world) or _sweep_sums(state, world):
            continue
        # What the numbers do not determine they never will while more is hidden: it is not asked again.
        arithmetic = state.arithmetic(world)
        asked = [(target, form) for target, form in asked if arithmetic.determines(form)]
        changed = _hide_for_each(state, asked)


def _sweep_followers(state: State, world: World) -> bool:
    changed = False
    for i in world.cells:
        for member, composite in state.follows.get(i, ()):
            if composite == i and not state.shows_numerator(member) and state.can_hide(composite):
                state.hide(composite, _COMPLEMENT, protects=member)
                changed = True
    return changed


# Simple subtraction


def _sweep_sums(state: State, world: World) -> bool:
    changed = False
    dirty = state.dirty[world.number]
    while dirty:
        position = min(dirty)
        dirty.discard(position)
        rule = world.rules[position]
        for names, hide in ((_OF_RATE, _hide_partner), (_OF_POOL, _hide_pool_partner)):
            while True:
                tight = tight_part(state, rule, names)
                if tight is None or not hide(state, rule, tight):
                    break
                changed = True
        dirty.discard(position)
    return changed


def tight_part(state: State, rule: SumRule, names: Iterable[str]) -> int | None:
    """Return a part of the sum of which a small count has too little room, None when all have enough."""
    for name in names:
        found = _tight_count(state, rule, name)
        if found is not None:
            return found
    return None


def _tight_count(state: State, rule: SumRule, name: str) -> int | None:
    sheet = state.sheet(rule, name)
    if not sheet.small or not state.knows(state.facts.form(rule.parent, name)):
        return None
    facts, cells, shown = state.facts, state.cells, state.shown
    small = [i for i in sheet.small if not state.knows(facts.form(i, name))]
    if not small:
        return None
    # Sums can have hundreds of parts and are asked again and again: nothing is computed here that can be looked up.
    count = {i: size for i, one, other, size in sheet.parts if shown[one] <= 0 or shown[other] <= 0}
    total = sum(count.values())
    sizes = (total,) if sheet.of_persons else rule.together((cells[i] for i in count), name)
    if len(count) == 1 or state.policy.any_small(sizes):
        return small[0]
    if name not in _OF_RATE:  # nothing is known of the excluded beyond their sum
        return small[0] if total < state.policy.min_interval else None
    bounded = [cells[i].denominator for i in count if shown[facts.denominator[i]] > 0]
    least = dict.fromkeys(count, 0) if name != "denominator" else {i: state.least(i, name) for i in count}
    sum_least, sum_most = sum(least.values()), sum(bounded)
    for i in small:
        high = total - (sum_least - least[i])
        own = cells[i].denominator if state.known(facts.denominator[i]) else None
        high = high if own is None else min(high, own)
        others = len(bounded) - (own is not None)
        low = least[i]
        if others == len(count) - 1:
            low = max(low, total - (sum_most - (own or 0)))
        if high - low < state.policy.min_interval:
            return i
    return None


def _hide_partner(state: State, rule: SumRule, tight: int) -> bool:
    """Hide the cheapest shown part that gives enough room, or the total when no part is left."""
    parts = sorted((i for i in rule.children if state.can_hide(i)), key=lambda i: (_cost(state, rule, i), i))
    chosen = None
    for part in parts[:12]:
        marks = state.rate[part], state.pool[part]
        state.hide(part, _COMPLEMENT)
        enough = tight_part(state, rule, _OF_RATE) is None
        state.set(part, *marks)
        if enough:
            chosen = part
            break
    if chosen is None:
        if parts:
            chosen = parts[0]
        elif state.can_hide(rule.parent):
            chosen = rule.parent
        else:
            return False
    state.hide(chosen, _COMPLEMENT, protects=tight)
    return True


def _cost(state: State, rule: SumRule, part: int) -> tuple[int, int]:
    """Return the number of other sums in which the part would stand hidden alone, and its denominator."""
    alone = 0
    for other in state.rules_of[part]:
        if other is rule or other.parent == part or not state.shows_denominator(other.parent):
            continue
        alone += all(i == part or state.shows_denominator(i) for i in other.children)
    return alone, state.cells[part].denominator


def _hide_pool_partner(state: State, rule: SumRule, tight: int) -> bool:
    parts = [i for i in rule.children if state.can_hide_pool(i) and state.cells[i].excluded > 0]
    partner = min(parts, key=lambda i: (state.cells[i].excluded, i), default=rule.parent)
    if not state.can_hide_pool(partner):
        return False
    state.hide_pool(partner, _COMPLEMENT, protects=tight)
    return True


# All arithmetic


def targets_of(state: State, world: World) -> Iterator[tuple[Target, dict[int, int]]]:
    """Yield the small counts of a world with what is unknown of each."""
    for target, form in state.targets(world):
        yield target, state.unknown_part(form)


def _hide_for_each(state: State, determined: Sequence[tuple[Target, Form]]) -> bool:
    """Hide a partner for every small count that the shown numbers, all taken together, determine."""
    given_away: dict[tuple[int, int | None], list[tuple[str, Form]]] = {}
    for (i, name, outer), form in determined:
        given_away.setdefault((i, outer), []).append((name, form))
    touched: set[int] = set()
    changed = False
    for (i, outer), found in given_away.items():
        # One partner for a neighborhood per sweep: it may protect the others too.
        if touched & _neighbors(state, i):
            continue
        partners = _partners(state, i, outer, found)
        for partner in partners:
            touched |= {partner, *_neighbors(state, partner)}
        changed |= bool(partners)
    return changed


def hide_for(state: State, targets: Iterable[Target], forms: Mapping[Target, Form]) -> None:
    """Hide a partner for each of the small counts that an audit found too narrow, neighbors once."""
    touched: set[int] = set()
    for target in targets:
        i, name, outer = target
        if touched & _neighbors(state, i):
            continue
        for partner in _partners(state, i, outer, [(name, forms[target])]):
            touched |= {partner, *_neighbors(state, partner)}


def hide_around(state: State, targets: Iterable[Target]) -> None:
    """Hide the nearest rows that can be hidden, for when partners one by one did not help.

    Near is what shares a sum with one of the small counts, then what shares a sum with those, and so on.
    """
    ring = {cell for i, _, outer in targets for cell in ((i,) if outer is None else (i, outer))}
    seen: set[int] = set()
    while ring - seen:
        seen |= ring
        ring = {other for cell in ring for other in _neighbors(state, cell)}
        found = sorted(cell for cell in ring if state.can_hide(cell))
        for cell in found:
            state.hide(cell, _COMPLEMENT)
        if found:
            return


def _neighbors(state: State, i: int) -> set[int]:
    found = {i}
    for variable in state.facts.variables(i):
        found.update(state.twins[variable])
    for rule in state.rules_of[i]:
        found |= {rule.parent, *rule.children}
    return found


def _partners(state: State, i: int, outer: int | None, found: list[tuple[str, Form]]) -> list[int]:
    """Hide what protects a small count (or the difference of two cells), and return the cells that it took."""
    for _, form in found:
        if state.knows(form):
            return _hide_a_variable(state, form, i)
    pool_only = all(name in _OF_POOL for name, _ in found)
    for cell in (i,) if outer is None else (i, outer):
        partner = _partner(state, cell, pool_only=pool_only)
        if partner is not None:
            return [partner]
    return []


def _hide_a_variable(state: State, form: Form, protects: int) -> list[int]:
    """Hide every row that shows one of the counts of the form: that which costs the fewest rows."""
    choices = []
    for variable in sorted(form):
        rows = [i for i in state.twins[variable] if state.gives(i, variable)]
        whole = [i for i in rows if not state.gives_in_pool_only(i, variable)]
        free = all(state.can_hide(i) if i in whole else state.can_hide_pool(i) for i in rows)
        if rows and free:
            choices.append((len(whole), len(rows), state.facts.value[variable], variable, rows, whole))
    if not choices:
        return []
    *_, rows, whole = min(choices)
    for i in rows:
        if i in whole:
            state.hide(i, _COMPLEMENT, protects=protects)
        else:
            state.hide_pool(i, _COMPLEMENT, protects=protects)
    return rows


def _partner(state: State, i: int, *, pool_only: bool) -> int | None:
    twins = sorted({t for v in state.facts.variables(i) for t in state.twins[v]} - {i})
    rules = state.rules_of[i]
    circles: list[Collection[int]] = [
        [c for rule in rules if rule.parent != i for c in rule.children],
        twins,
        [rule.parent for rule in rules if rule.parent != i],
        [c for rule in rules for c in rule.children],
        sorted({c for t in twins for c in _neighbors(state, t)}),
    ]
    if pool_only:
        # A population is the cheapest thing to hide: no rate goes with it. A twin without exclusions shows the
        # population twice, as its denominator too; without the one nobody knows that the two are the same.
        with_exclusions = [[c for c in circle if state.cells[c].excluded > 0] for circle in circles]
        for circle in (*with_exclusions, twins, circles[-1]):
            found = [c for c in circle if state.can_hide_pool(c)]
            if found:
                partner = min(found, key=lambda c: (state.cells[c].excluded, c))
                state.hide_pool(partner, _COMPLEMENT, protects=i)
                return partner
    for circle in (*circles, state.facts.world_of[i].cells):
        found = [c for c in circle if state.can_hide(c)]
        if found:
            partner = min(found, key=lambda c: (state.cells[c].denominator, c))
            state.hide(partner, _COMPLEMENT, protects=i)
            return partner
    return None
