"""The one gate: what may be shown. Every output takes a `PublishedTable`, and only this module can make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from vbpmeasure.plan.measures import Period
from vbpmeasure.results.amounts import Amount
from vbpmeasure.results.disclosure.cells import CellSystem
from vbpmeasure.results.disclosure.earlier import Earlier
from vbpmeasure.results.disclosure.entity import Own
from vbpmeasure.results.disclosure.policy import INTERNAL_BANNER, Status, SuppressionPolicy
from vbpmeasure.results.disclosure.record import audit_record
from vbpmeasure.results.disclosure.suppression import Marks, decide
from vbpmeasure.results.disclosure.system import cell_system
from vbpmeasure.results.disclosure.waterfall_gate import Verdict, shown_stages
from vbpmeasure.results.disclosure.withheld import settle
from vbpmeasure.results.frame import RateKey, RateKind, ResultFrame
from vbpmeasure.results.rates import TOTAL, RateTable, name_columns
from vbpmeasure.results.shown_amounts import ShownAmount, hide, shown_amounts
from vbpmeasure.results.stats import percent_of_counts, percent_of_share, wilson
from vbpmeasure.results.waterfall import Waterfall

RESULT_SCHEMA = pl.Schema(
    {
        "measure": pl.String,
        "rate": pl.String,
        "dimension": pl.String,
        "stratum": pl.String,
        "population": pl.Int64,
        "excluded": pl.Int64,
        "denominator": pl.Int64,
        "numerator": pl.Int64,
        "percent": pl.Float64,
        "percent_low": pl.Float64,
        "percent_high": pl.Float64,
        "status": pl.String,
        "population_status": pl.String,
    }
)
WATERFALL_SCHEMA = pl.Schema(
    {
        "measure": pl.String,
        "rate": pl.String,
        "stage": pl.Int64,
        "kind": pl.String,
        "label": pl.String,
        "unit": pl.String,  # what removed and remaining count: persons or events
        "removed": pl.Int64,
        "remaining": pl.Int64,
        "persons": pl.Int64,  # the distinct persons among those that remain
    }
)

_HIDDEN = [Status.SUPPRESSED_PRIMARY.value, Status.SUPPRESSED_COMPLEMENTARY.value]


CellName = tuple[str, str, str, str]  # measure, rate, dimension, stratum


@dataclass(frozen=True, slots=True)
class AlsoHidden:
    """Cells that are hidden although the table alone would show them: their rates, or their populations only.

    Of ``dimensions`` there are no rows at all.
    """

    rates: frozenset[CellName] = frozenset()
    populations: frozenset[CellName] = frozenset()
    dimensions: tuple[str, ...] = ()

    def __or__(self, other: AlsoHidden) -> AlsoHidden:
        """Return what either hides."""
        dimensions = tuple(dict.fromkeys((*self.dimensions, *other.dimensions)))
        return AlsoHidden(self.rates | other.rates, self.populations | other.populations, dimensions)


_NOTHING_MORE = AlsoHidden()
_NOTHING_EARLIER = Earlier()


class PublishedTable:
    """Rates and waterfall after the suppression policy; hidden numbers are null and are not kept anywhere.

    ``results`` follows ``RESULT_SCHEMA``: one row per rate, dimension and stratum in the order of the definition.
    Percentages have two decimals, half up; the interval is Wilson's at 95 %. ``waterfall`` follows
    ``WATERFALL_SCHEMA``: one row per rate and stage. ``amounts`` are the cells of the rates that are no share of units
    (`amounts.amounts`), ``rates`` the keys of the shares. ``people`` is the number of persons, null when it may not be
    shown.
    """

    __slots__ = (
        "_amounts",
        "_audit",
        "_categories",
        "_keys",
        "_overlapping",
        "_people",
        "_period",
        "_policy",
        "_rates",
        "_results",
        "_unmapped",
        "_waterfall",
        "_withheld",
    )

    def __init__(
        self,
        table: RateTable,
        policy: SuppressionPolicy,
        waterfalls: tuple[Waterfall, ...] = (),
        unmapped: Mapping[str, int] | None = None,
        others: tuple[ResultFrame, Sequence[Amount]] | None = None,
        also_hidden: AlsoHidden = _NOTHING_MORE,
        *,
        full_audit: bool = False,
        earlier: Earlier = _NOTHING_EARLIER,
    ) -> None:
        """Apply the policy.

        ``unmapped`` as in `StrataSet`; ``others`` are the reported frame and the cells of its rates with amounts.
        ``earlier`` is what was published before; dimensions that only that had are protected and not shown.
        """
        amounts = None if others is None else (others[0].rates, others[1])
        own = Own.of(policy, table, () if others is None else others[1])

        def system_without(gone: frozenset[str]) -> CellSystem:
            def listed(key: RateKey, dimension: str, stratum: str) -> bool:
                return dimension not in (gone | earlier.dimensions) and own.listed(key, dimension, stratum)

            return cell_system(table, amounts, listed, own.knows, earlier)

        def decided(system: CellSystem) -> Marks:
            hidden = _positions(system, table, amounts, also_hidden)
            return decide(policy, system, *hidden, full_audit=full_audit)

        names = [d.name for d in table.dimensions] + [a.dimension for a in (amounts[1] if amounts is not None else ())]
        shown = [name for name in dict.fromkeys(names) if name not in earlier.dimensions]
        settled = settle(shown, system_without, decided, also_hidden.dimensions)
        system, self._withheld = settled.system, settled.withheld
        marks = own.marked(settled.marks, system)
        self._policy = policy
        self._period = table.period
        self._rates = table.rates
        absent = frozenset(self._withheld) | earlier.dimensions
        components = {c for d in table.dimensions if d.name not in absent for c in d.components}
        self._categories = {k: v for k, v in table.categories.items() if not earlier.dimensions or k in components}
        self._overlapping = tuple(d.name for d in table.dimensions if d.overlapping and d.name not in absent)
        results = own.rows_of(_results(policy, table, marks))
        self._results = results.filter(~pl.col("dimension").is_in(sorted(absent))) if absent else results
        self._keys = table.rates if others is None else others[0].rates
        unseen = _unseen(self._results)
        statuses = {position: marks.rate[cell] for position, cell in (system.amounts or {}).items()}
        cells = shown_amounts(others[0], list(others[1]), policy, unseen, statuses) if others is not None else []
        cells = [c for c in cells if c.dimension not in absent and own.listed(c.key, c.dimension, c.stratum)]
        self._amounts = tuple(hide(cell) if _name(cell) in also_hidden.rates else cell for cell in cells)
        self._audit = audit_record(policy, table, system, marks, amounts, self._withheld)
        verdicts = {**_totals_shown(table, marks), **_amounts_shown(self._amounts, unseen)}
        stages, start_shown = shown_stages(policy, waterfalls, verdicts)
        counts = [[_rounded(policy, count) for count in row[6:]] for row in stages]
        rows = [(*row[:6], *shown) for row, shown in zip(stages, counts, strict=True)]
        self._waterfall = pl.DataFrame(rows, schema=WATERFALL_SCHEMA, orient="row")
        people = table.people if start_shown and not policy.is_small(table.people) else None
        self._people = _rounded(policy, people)
        self._unmapped = {name: policy.shown(count) for name, count in (unmapped or {}).items() if count}

    @property
    def policy(self) -> SuppressionPolicy:
        """The policy that was applied."""
        return self._policy

    @property
    def period(self) -> Period:
        """The measurement period."""
        return self._period

    @property
    def rates(self) -> tuple[RateKey, ...]:
        """The rates that are shares, in the order of the table."""
        return self._rates

    @property
    def categories(self) -> Mapping[str, str]:
        """By dimension, the category system that people were sorted by, with its tabulation."""
        return self._categories

    @property
    def overlapping(self) -> tuple[str, ...]:
        """The dimensions in which a person may be in several strata: their rows add up to more than the total."""
        return self._overlapping

    @property
    def keys(self) -> tuple[RateKey, ...]:
        """All rates that are reported, with those that are no shares, in the order of the definitions."""
        return self._keys

    @property
    def withheld(self) -> tuple[str, ...]:
        """The dimensions that are not published, because nothing else made the table safe."""
        return self._withheld

    @property
    def results(self) -> pl.DataFrame:
        """The rates by stratum, hidden numbers null."""
        return self._results

    @property
    def waterfall(self) -> pl.DataFrame:
        """The waterfall of every rate, hidden numbers null."""
        return self._waterfall

    @property
    def amounts(self) -> tuple[ShownAmount, ...]:
        """The cells of the rates that are no share of units, hidden numbers None."""
        return self._amounts

    @property
    def hidden(self) -> AlsoHidden:
        """The cells that this table hides, by name: what another table of the same units must hide too."""
        names = ("measure", "rate", "dimension", "stratum")
        rates = self._results.filter(pl.col("status").is_in(_HIDDEN)).select(names).rows()
        populations = self._results.filter(pl.col("population_status").is_in(_HIDDEN)).select(names).rows()
        cells = {_name(cell) for cell in self._amounts if cell.status.value in _HIDDEN}
        return AlsoHidden(frozenset({*rates, *cells}), frozenset(populations), self._withheld)

    @property
    def audit(self) -> Mapping[str, object]:
        """What was hidden, why, and the proof that it cannot be worked out (`record.audit_record`)."""
        return self._audit

    @property
    def people(self) -> int | None:
        """The number of persons in the input, null when it may not be shown."""
        return self._people

    @property
    def unmapped(self) -> Mapping[str, int | str]:
        """People by stratifier with a code that no table knows, as may be shown; no entry where there are none."""
        return self._unmapped

    @property
    def banner(self) -> str | None:
        """The words that must stand over unsuppressed output."""
        return None if self._policy.is_public else INTERNAL_BANNER


def _rounded(policy: SuppressionPolicy, count: int | None) -> int | None:
    return None if count is None else policy.rounded(count)


def _results(policy: SuppressionPolicy, table: RateTable, marks: Marks) -> pl.DataFrame:
    names = name_columns(table.rates, table.dimensions, table.counts)
    counts = table.counts.select("population", "excluded", "denominator", "numerator")
    statuses = pl.DataFrame(
        {
            "status": [s.value for s in marks.rate[: table.counts.height]],
            "population_status": [s.value for s in marks.population[: table.counts.height]],
        },
        schema={"status": pl.String, "population_status": pl.String},
    )
    status = pl.col("status")
    denominator_shown = ~status.is_in(_HIDDEN)
    rate_shown = denominator_shown & (status != Status.NA_SMALL_DENOM.value)
    pool_shown = denominator_shown & ~pl.col("population_status").is_in(_HIDDEN)
    # Hide first, compute after: a rate that was never computed cannot leak.
    shown = pl.concat([names, counts, statuses], how="horizontal").with_columns(
        pl.when(pool_shown).then("population").alias("population"),
        pl.when(pool_shown).then("excluded").alias("excluded"),
        pl.when(denominator_shown).then("denominator").alias("denominator"),
        pl.when(rate_shown).then("numerator").alias("numerator"),
    )
    if policy.round_to > 1:  # rates come from the rounded counts, so that they say no more than those
        shown = shown.with_columns(
            pl.col("population", "excluded", "denominator", "numerator").map_elements(
                policy.rounded, return_dtype=pl.Int64
            )
        )
    low, high = wilson(pl.col("numerator"), pl.col("denominator"))
    return shown.with_columns(
        percent_of_counts(pl.col("numerator"), pl.col("denominator")).alias("percent"),
        pl.when(rate_shown).then(percent_of_share(low)).alias("percent_low"),
        pl.when(rate_shown).then(percent_of_share(high)).alias("percent_high"),
    ).select(RESULT_SCHEMA.names())


def _name(cell: ShownAmount) -> CellName:
    return (cell.key.measure, cell.key.rate, cell.dimension, cell.stratum)


def _positions(
    system: CellSystem,
    table: RateTable,
    amounts: tuple[tuple[RateKey, ...], Sequence[Amount]] | None,
    also: AlsoHidden,
) -> tuple[list[int], list[int]]:
    """Return the cells whose rates, and those whose populations, are hidden in any case."""
    if not (also.rates or also.populations):
        return [], []
    names: dict[CellName, int] = {
        name: i for i, name in enumerate(name_columns(table.rates, table.dimensions, table.counts).iter_rows())
    }
    for position, cell in (system.amounts or {}).items():
        assert amounts is not None
        amount = amounts[1][position]
        key = amounts[0][amount.rate]
        names[key.measure, key.rate, amount.dimension, amount.stratum] = cell
    both = also.rates | also.populations
    return (
        sorted(names[name] for name in also.rates if name in names),
        sorted(names[name] for name in both if name in names),
    )


def _totals_shown(table: RateTable, marks: Marks) -> dict[tuple[str, str], Verdict]:
    """Return, per rate, whether its total row shows population, denominator and numerator."""
    found = {}
    for row, (rate, dimension) in enumerate(table.counts.select("rate", "dimension").iter_rows()):
        if dimension == 0:
            key = table.rates[rate]
            shown = marks.rate[row].value not in _HIDDEN
            found[key.measure, key.rate] = Verdict(
                population=shown and marks.population[row].value not in _HIDDEN,
                denominator=shown,
                numerator=shown and marks.rate[row] is not Status.NA_SMALL_DENOM,
            )
    return found


def _unseen(results: pl.DataFrame) -> set[tuple[str, str, str, str]]:
    """Return the cells whose numerator is not shown: (measure, rate, dimension, stratum)."""
    hidden = results.filter(pl.col("numerator").is_null())
    return set(hidden.select("measure", "rate", "dimension", "stratum").iter_rows())


def _amounts_shown(
    cells: Sequence[ShownAmount], unseen: set[tuple[str, str, str, str]]
) -> dict[tuple[str, str], Verdict]:
    """Return, per rate with amounts, whether the waterfall may go on to its population.

    The counts of the waterfall are persons, which the cells do not show. It stops short when the total is hidden, and
    for a composite of persons when a share of the same measure is: both kinds may have the same rows.
    """
    found = {}
    for cell in cells:
        if cell.dimension == TOTAL:
            key = cell.key
            shown = cell.status.value not in _HIDDEN and not any(
                measure == key.measure and dimension == TOTAL and key.kind is RateKind.OPPORTUNITY
                for measure, _, dimension, _ in unseen
            )
            numerator = shown and cell.status is not Status.NA_SMALL_DENOM
            found[key.measure, key.rate] = Verdict(shown, shown, numerator, fixed=False)
    return found
