"""The record of the disclosure control: what was hidden, why, and by what proof it cannot be worked out.

It says nothing that the published rows do not say: no counts of people, no values of hidden cells, and the room they
have as a class only. A hidden row names the rows it protects where those are marked as small themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.disclosure.audit import LINEAR_PROGRAM
from vbpmeasure.results.disclosure.cells import CellSystem
from vbpmeasure.results.disclosure.policy import Status, SuppressionPolicy
from vbpmeasure.results.disclosure.suppression import Marks
from vbpmeasure.results.frame import RateKey
from vbpmeasure.results.rates import RateTable, name_columns

SCHEMA_VERSION = "1"
_HIDDEN = (Status.SUPPRESSED_PRIMARY, Status.SUPPRESSED_COMPLEMENTARY)


def audit_record(
    policy: SuppressionPolicy,
    table: RateTable,
    system: CellSystem,
    marks: Marks,
    amounts: tuple[tuple[RateKey, ...], Sequence[Amount]] | None = None,
    withheld: Sequence[str] = (),
) -> dict[str, object]:
    """Return the record as it is written to ``suppression_audit.json``; ``withheld`` are dimensions without any row."""
    names = _names(table, system, amounts)
    hidden = []
    for i, (measure, rate, dimension, stratum) in names.items():
        if not system.cells[i].listed:
            continue
        row, pool = marks.rate[i] in _HIDDEN, marks.population[i] in _HIDDEN
        if not row and not pool:
            continue
        status = marks.rate[i] if row else marks.population[i]
        primary = status is Status.SUPPRESSED_PRIMARY
        why = "primary" if primary else "audit" if i in marks.by_audit else "complementary"
        protects = [] if primary else [names[j] for j in marks.why.get(i, ()) if j in names and _is_primary(marks, j)]
        hidden.append(
            {
                "measure": measure,
                "rate": rate,
                "dimension": dimension,
                "stratum": stratum,
                "hidden": "rate" if row else "population",
                "why": why,
                **({"protects": [".".join(p[:2]) + f" {p[2]}: {p[3]}" for p in sorted(protects)]} if protects else {}),
            }
        )
    return {
        "schema_version": SCHEMA_VERSION,
        "policy": policy.as_record(),
        **({"withheld_dimensions": list(withheld)} if withheld else {}),
        "hidden_by_reason": dict(sorted(Counter(f"{h['hidden']}, {h['why']}" for h in hidden).items())),
        "proof": _proof(policy, marks),
        "hidden": hidden,
    }


def _is_primary(marks: Marks, i: int) -> bool:
    return Status.SUPPRESSED_PRIMARY in (marks.rate[i], marks.population[i])


def _proof(policy: SuppressionPolicy, marks: Marks) -> dict[str, object]:
    found = marks.audit
    if found is None:
        return {"method": "none", "words": "nothing was hidden for the sake of other cells under this profile"}
    solved = found.method == LINEAR_PROGRAM
    proven = {
        "method": found.method,
        "hidden_variables": found.variables,
        "equations": found.equations,
        "inequalities": found.inequalities,
        "protected_counts": found.targets,
        "checked_counts": found.checked,
    }
    if not solved:
        words = (
            "no protected count is determined by the published numbers (rank test); the intervals were not solved: "
            "install the extra `audit` for that"
        )
        return {**proven, "words": words}
    if found.checked < found.targets:
        words = (
            "no protected count is determined by the published numbers (rank test), and those counted under "
            "checked_counts were proven to have no interval shorter than narrowest_interval; the others are in parts "
            "of the table that are too large for the usual audit: `--full-audit` solves all"
        )
    else:
        words = "given everything published, no protected count has an interval shorter than narrowest_interval"
    return {**proven, "narrowest_interval": f"at least {policy.min_interval}", "words": words}


def _names(
    table: RateTable, system: CellSystem, amounts: tuple[tuple[RateKey, ...], Sequence[Amount]] | None
) -> dict[int, tuple[str, str, str, str]]:
    names = dict(enumerate(name_columns(table.rates, table.dimensions, table.counts).iter_rows()))
    for position, cell in (system.amounts or {}).items():
        assert amounts is not None
        amount = amounts[1][position]
        key = amounts[0][amount.rate]
        names[cell] = (key.measure, key.rate, amount.dimension, amount.stratum)
    return names
