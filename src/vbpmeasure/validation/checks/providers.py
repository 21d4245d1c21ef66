"""Providers: whether well-care lines tell who gave the care."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Thresholds
from vbpmeasure.validation.wellcare import PROVIDER_COLUMNS, WELL_CARE, ask_lines, lines
from vbpmeasure.validation.words import count


class KnownProvider:
    """Well-care lines without any known provider taxonomy."""

    info: ClassVar = CheckInfo(
        "VBC603",
        "provider_taxonomy",
        "Well-care lines have a provider of known taxonomy",
        "W30 and WCV ask for a visit with primary care. A line counts by its rendering_taxonomy, by what practitioner "
        "knows of its rendering_npi, or else by the billing provider in the same way. With none of them the parameter "
        "unknown_provider decides, and so the share found here is the share of visits that a parameter decides.",
        "Fill in rendering_taxonomy, or complete the practitioner table with NPIs and taxonomies.",
        thresholds=Thresholds(warn=0.1, fail=0.6),
        of="well-care lines",
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at medical claims."""
        return ("medical_claim",)

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the well-care lines, and for what practitioner knows."""
        ground = questions.ground
        if not ground.has(table, "hcpcs_code"):
            return "no column hcpcs_code"
        if not ground.present(table, PROVIDER_COLUMNS):
            return "no provider column"
        ask_lines(questions)
        if ground.has("practitioner", "npi", "taxonomy_code"):
            known = pl.col("taxonomy_code").is_not_null() & pl.col("npi").is_not_null()
            questions.frame("practitioner", "known_npi", lambda rows: rows.filter(known).select("npi").unique())
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many well-care lines have no known taxonomy."""
        codes = questions.ground.hcpcs_codes(WELL_CARE)
        visits = lines(questions).filter(pl.col("code").is_in(codes))
        npis: list[str] = []
        if "practitioner" in questions.ground.bound.tables and questions.ground.has("practitioner", "taxonomy_code"):
            npis = questions.counted("practitioner", "known_npi")["npi"].to_list()
        known = [pl.col(c).is_not_null() for c in PROVIDER_COLUMNS if c.endswith("taxonomy") and c in visits.columns]
        known += [pl.col(c).is_in(npis) for c in PROVIDER_COLUMNS if c.endswith("npi") and c in visits.columns]
        unknown = visits.filter(~pl.any_horizontal(known).fill_null(value=False))
        n = unknown.height
        text = f"{count(n, 'line')} without a known taxonomy" if n else "known for every line"
        claims = unknown.select("claim_id", hcpcs_code="code").unique().lazy()
        frame = questions.ground.table(table).frame
        yield Outcome(
            text,
            visits.height,
            n,
            "rendering_taxonomy",
            offending=frame.join(claims, on=["claim_id", "hcpcs_code"], how="semi"),
        )
