"""Attribution by visits: the provider of the plurality of a child's primary-care visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import polars as pl

from vbpmeasure.plan.events import CLAIM_STATUSES
from vbpmeasure.plan.measures import CodeSet
from vbpmeasure.plan.offsets import shifted
from vbpmeasure.results.attribution.rule import VisitRule
from vbpmeasure.results.categories.dimensions import ATTRIBUTED
from vbpmeasure.terminology.systems import family_of, spellings

# Columns of a claim line that can say which visit it was, with the family of their codes.
_CODE_COLUMNS = (("hcpcs_code", "HCPCS"), ("revenue_center_code", "UBREV"))
_DATES = ("claim_line_start_date", "claim_start_date")


def by_visits(
    claims: pl.LazyFrame,
    practitioners: pl.LazyFrame | None,
    rule: VisitRule,
    value_sets: Mapping[str, CodeSet],
    on: dt.date,
) -> pl.LazyFrame:
    """Return one row per attributed person: ``person_id``, ``provider``, ``practice``, ``organization`` (null).

    A visit is a day with a provider; it counts when a line of a counted claim status has a code of the rule's visits, a
    place that is not ruled out, a provider, and a taxonomy that fits. The look-back ends with the day ``on`` and holds
    whole calendar months: 12 months to 2025-12-31 start on 2025-01-01. The practice is the provider's affiliation in
    `practitioner`, else the billing provider of the latest visit.
    """
    present = set(claims.collect_schema().names())
    providers = [pl.col(c) for c in rule.provider if c in present]
    coded = coded_as_visit(rule, value_sets, present)
    if not providers or coded is None:
        nobody = claims.limit(0).select("person_id")
        return nobody.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in ATTRIBUTED)
    day = pl.coalesce(c for c in _DATES if c in present)
    first = shifted(shifted(on, 0, 1), -rule.look_back_months, 0)
    lines = claims.filter(coded, day.is_between(first, on), *_allowed(rule, value_sets, present))
    lines = _of_fitting_providers(lines, practitioners, rule, value_sets, present)
    visits = lines.select(
        "person_id",
        day.alias("day"),
        pl.coalesce(_filled(provider) for provider in providers).alias("provider"),
        (_filled(pl.col("billing_npi")) if "billing_npi" in present else pl.lit(None, dtype=pl.String)).alias(
            "billing"
        ),
    ).drop_nulls(["person_id", "provider"])
    by_provider = visits.group_by("person_id", "provider").agg(
        pl.col("day").n_unique().alias("days"),
        pl.col("day").max().alias("latest"),
        pl.col("billing").filter(pl.col("day") == pl.col("day").max()).min().alias("billing"),
    )
    # Most visits, then the most recent visit, then the lowest id: no two providers of a person are alike in all three.
    chosen = (
        by_provider.sort("days", "latest", "provider", descending=[True, True, False])
        .unique("person_id", keep="first", maintain_order=True)
        .select("person_id", "provider", "billing")
    )
    return _with_practice(chosen, practitioners).select(
        "person_id", "provider", "practice", pl.lit(None, dtype=pl.String).alias("organization")
    )


def _filled(text: pl.Expr) -> pl.Expr:
    """Return a text without outer spaces, null when nothing is left."""
    stripped = text.cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _texts(names: Iterable[str], family: str, value_sets: Mapping[str, CodeSet]) -> list[str]:
    """Return every text that means a code of the family in one of the value sets."""
    found = {
        text
        for name in names
        for system, codes in value_sets[name].codes.items()
        if family_of(system) == family
        for code in codes
        for text in spellings(system, code)
    }
    return sorted(found)


def coded_as_visit(rule: VisitRule, value_sets: Mapping[str, CodeSet], present: Collection[str]) -> pl.Expr | None:
    """Return whether a claim line has a code of a visit; None when no column of these can have one.

    Lines without one do not matter to `by_visits`.
    """
    conditions = [pl.col(column).is_in(texts) for column, texts in visit_texts(rule, value_sets, present).items()]
    return pl.any_horizontal(conditions) if conditions else None


def visit_texts(rule: VisitRule, value_sets: Mapping[str, CodeSet], present: Collection[str]) -> dict[str, list[str]]:
    """Return by column of claim lines the texts that mean a visit; no column that cannot have one."""
    found = {column: _texts(rule.visits, family, value_sets) for column, family in _CODE_COLUMNS if column in present}
    return {column: texts for column, texts in found.items() if texts}


def _allowed(rule: VisitRule, value_sets: Mapping[str, CodeSet], present: Collection[str]) -> list[pl.Expr]:
    conditions = []
    if rule.not_place and "place_of_service_code" in present:
        places = _texts(rule.not_place, "POS", value_sets)
        conditions.append(~pl.col("place_of_service_code").is_in(places).fill_null(False))
    refused = [status for status in CLAIM_STATUSES if status not in rule.claim_statuses]
    if refused and "claim_status" in present:
        conditions.append(~pl.col("claim_status").str.to_lowercase().is_in(refused).fill_null(False))
    return conditions


def _of_fitting_providers(
    lines: pl.LazyFrame,
    practitioners: pl.LazyFrame | None,
    rule: VisitRule,
    value_sets: Mapping[str, CodeSet],
    present: Collection[str],
) -> pl.LazyFrame:
    """Keep lines whose provider's taxonomy fits: that of the rendering provider, else that of the billing one.

    The taxonomies of a side are those on the line and in `practitioner` (semantics page, section 3).
    """
    if not rule.taxonomies:
        return lines
    wanted = _texts(rule.taxonomies, "NUCC", value_sets)
    has_register = practitioners is not None and "taxonomy_code" in practitioners.collect_schema()
    fits: pl.Expr = pl.lit(rule.unknown_taxonomy)
    for side in ("billing", "rendering"):
        known, good = pl.lit(False), pl.lit(False)
        if f"{side}_taxonomy" in present:
            own = pl.col(f"{side}_taxonomy")
            known, good = own.is_not_null(), own.is_in(wanted).fill_null(False)
        if has_register and f"{side}_npi" in present:
            assert practitioners is not None
            register = (
                practitioners.filter(pl.col("taxonomy_code").is_not_null())
                .group_by("npi")
                .agg(pl.col("taxonomy_code").is_in(wanted).any().alias(f"{side}_good"))
            )
            lines = lines.join(register, left_on=f"{side}_npi", right_on="npi", how="left")
            known = known | pl.col(f"{side}_good").is_not_null()
            good = good | pl.col(f"{side}_good").fill_null(False)
        fits = pl.when(known).then(good).otherwise(fits)
    return lines.filter(fits)


def _with_practice(chosen: pl.LazyFrame, practitioners: pl.LazyFrame | None) -> pl.LazyFrame:
    if practitioners is None or "practice_affiliation" not in practitioners.collect_schema():
        return chosen.with_columns(pl.col("billing").alias("practice"))
    affiliations = practitioners.group_by("npi").agg(_filled(pl.col("practice_affiliation")).min().alias("affiliation"))
    joined = chosen.join(affiliations, left_on="provider", right_on="npi", how="left")
    return joined.with_columns(pl.coalesce("affiliation", "billing").alias("practice"))
