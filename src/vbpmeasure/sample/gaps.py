"""Which differences between groups a sample has: those of `disparities`, none, or those that the user writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vbpmeasure.diagnostics.model import Diagnostic, Failure

DOMAINS = ("well", "vaccine", "lead", "dev", "dental", "followup", "behavior")
RACE_GROUPS = ("white", "black", "asian", "aian", "nhpi", "other", "two")
GROUPS = (*RACE_GROUPS, "hispanic", "spanish", "other_language")
DEFAULT, NONE = "default", "none"
MOST_POINTS = 40.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Percentage points added to a child's own probability, by topic and group; they add up over the groups.

    ``text`` is how it was written, for the record that goes with a sample.
    """

    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    text: str = NONE

    def of(self, domain: str, group: str) -> float:
        """Return the points of a group in a topic; 0 where nothing is planted."""
        return self.points.get(domain, {}).get(group, 0)


def parse_gaps(text: str) -> Gaps | None:
    """Read ``none``, ``default`` (None is returned) or ``well:black=-10,lead:hispanic=-8``.

    Raises ``Failure`` VBM410 with everything that is wrong.
    """
    plain = text.strip()
    if plain == DEFAULT:
        return None
    if plain == NONE:
        return Gaps()
    points: dict[str, dict[str, float]] = {}
    wrong: list[Diagnostic] = []
    for part in (p.strip() for p in plain.split(",")):
        where, _, number = part.partition("=")
        domain, _, group = (word.strip() for word in where.partition(":"))
        value = _number(number)
        if domain not in DOMAINS:
            wrong.append(_bad(f"`{part}` names no topic", f"topics: {', '.join(DOMAINS)}"))
        elif group not in GROUPS:
            wrong.append(_bad(f"`{part}` names no group", f"groups: {', '.join(GROUPS)}"))
        elif value is None:
            wrong.append(_bad(f"`{part}` has no points", f"points lie between -{MOST_POINTS:g} and {MOST_POINTS:g}"))
        elif group in points.setdefault(domain, {}):
            wrong.append(_bad(f"`{domain}:{group}` is given twice", "give every group of a topic once"))
        else:
            points[domain][group] = value
    if wrong:
        raise Failure(wrong)
    return Gaps(points, plain)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -MOST_POINTS <= value <= MOST_POINTS else None


def _bad(message: str, hint: str) -> Diagnostic:
    return Diagnostic("VBM410", message, where="--gaps", hint=f"{hint}; write `well:black=-10,lead:hispanic=-8`")
