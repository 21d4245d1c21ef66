"""Codes: their form, the names of their systems, records without any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import polars as pl

from vbpmeasure.data.contract import EVENT_TABLES
from vbpmeasure.terminology.systems import SYSTEMS, family_of, fits, system_of_type
from vbpmeasure.validation.ground import Ground, Questions
from vbpmeasure.validation.model import CheckInfo, Outcome, Thresholds
from vbpmeasure.validation.values import Family, ask_texts, ask_values, families, texts, values
from vbpmeasure.validation.words import count

CODED = (*EVENT_TABLES, "practitioner")


def systems_of(family: Family, kind: str | None) -> tuple[str, ...]:
    """Return the systems a code may be of: those of its type (with its kin), else the default; none when unknown."""
    if kind is None or not kind.strip():
        return family.systems
    named = system_of_type(kind)
    if named is None:
        return ()
    return tuple(s.name for s in SYSTEMS.values() if s.family == family_of(named) and not s.is_prefix)


def well_formed(family: Family, kind: str | None, code: str) -> bool:
    """Return whether the code looks like one of its systems (true where no system is known to judge by)."""
    systems = systems_of(family, kind)
    text = code.zfill(family.pad) if family.pad else code
    return not systems or any(fits(s, text) for s in systems)


class CodeFormat:
    """Codes that do not look like codes of their system."""

    info: ClassVar = CheckInfo(
        "VBC401",
        "code_format",
        "Codes look like codes of their system",
        "A code that does not fit the public format of its system matches nothing: a lost zero (CVX 8), a number in "
        "scientific notation, lower case, blanks, or another system's code. Leading zeros of revenue codes and bill "
        "types are restored before judging, ICD-10-CM may have its dot. Codes of a kind that the type column does not "
        "name are left to code_type_unknown.",
        "Keep codes as text from the source on; trim blanks and write capitals.",
        thresholds=Thresholds(warn=0.001, fail=0.05),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table with codes."""
        return CODED

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how often each code occurs."""
        found = families(table, questions.ground)
        for family in found:
            ask_values(family, questions)
        return None if found else "no code column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per kind of code column."""
        for family in families(table, questions.ground):
            counted = values(family, questions)
            wrong = [(kind, code, n) for kind, code, n in counted.iter_rows() if not well_formed(family, kind, code)]
            rows, n = int(counted["n"].sum()), sum(n for _, _, n in wrong)
            systems = "/".join(family.systems) or "the named system"
            text = f"{count(n, 'code')} ({len(wrong):,} distinct) not of the form of {systems}"
            offending = None
            if wrong:
                # One series for all columns: a list would be read anew for each of them.
                codes = pl.Series(sorted({code for _, code, _ in wrong}), dtype=pl.String).implode()
                hit = pl.any_horizontal(pl.col(c).is_in(codes) for c in family.columns)
                offending = questions.ground.table(table).frame.filter(hit)
            yield Outcome(text if n else "all of the right form", rows, n, family.label, offending=offending)


class CodeTypes:
    """Type columns that name no known system."""

    info: ClassVar = CheckInfo(
        "VBC402",
        "code_type_unknown",
        "The code type names a known system",
        "The type column of a code says in text which system it is of, in any usual spelling, as FHIR address or OID. "
        "A row of an unknown type matches nothing, whatever its code. Where a table has no default system, a null "
        "type counts as unknown too.",
        "Map local names onto the contract's; `docs/data-contract.md` names the systems.",
        thresholds=Thresholds(warn=0.01, fail=0.2),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every event table."""
        return EVENT_TABLES

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how often each pair of type and code occurs."""
        found = self._typed(table, questions.ground)
        for family in found:
            ask_values(family, questions)
        return None if found else "no code type column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per type column."""
        for family in self._typed(table, questions.ground):
            counted = values(family, questions)
            wrong = [(kind, n) for kind, _, n in counted.iter_rows() if not self._known(family, kind)]
            rows, n = int(counted["n"].sum()), sum(n for _, n in wrong)
            kinds = len({kind for kind, _ in wrong})
            text = f"{count(n, 'code')} under {count(kinds, 'type')} that name no known system"
            column = family.type_column or family.label
            frame = questions.ground.table(table).frame
            unknown = sorted({kind for kind, _ in wrong if kind is not None})
            offending = frame.filter(pl.col(column).is_in(unknown)) if unknown and family.type_column else None
            yield Outcome(text if n else "every type is known", rows, n, column, offending=offending)

    @staticmethod
    def _known(family: Family, kind: str | None) -> bool:
        if kind is None or not kind.strip():
            return bool(family.systems)
        return system_of_type(kind) is not None

    @staticmethod
    def _typed(table: str, ground: Ground) -> tuple[Family, ...]:
        return tuple(f for f in families(table, ground) if f.type_column is not None or not f.systems)


class Uncoded:
    """Records without any code."""

    info: ClassVar = CheckInfo(
        "VBC403",
        "code_missing",
        "Records carry a code",
        "A record (immunization, laboratory result and so on) with neither a source code nor a normalized code matches "
        "nothing. Local codes without a translation end up here when only normalized codes are sent.",
        "Send the source code along, or complete the mapping.",
        thresholds=Thresholds(warn=0.02, fail=0.5),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at every table of records, and pharmacy claims."""
        return tuple(t for t in EVENT_TABLES if t != "medical_claim")

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask for the rows without any code."""
        ground = questions.ground
        columns = ground.present(table, tuple(p.code_column for p in ground.contract(table).code_pairs))
        if not columns:
            return "no code column"
        questions.scalar(table, "uncoded", pl.all_horizontal(pl.col(c).is_null() for c in columns).sum())
        return None

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield how many rows have no code."""
        ground = questions.ground
        columns = ground.present(table, tuple(p.code_column for p in ground.contract(table).code_pairs))
        n = questions.number(table, "uncoded")
        bound = ground.table(table)
        text = f"{count(n, 'row')} without a code" if n else "every row has a code"
        none = pl.all_horizontal(pl.col(c).is_null() for c in columns)
        yield Outcome(text, bound.rows, n, columns[0], offending=bound.frame.filter(none))


class Npis:
    """Provider numbers of the wrong form."""

    info: ClassVar = CheckInfo(
        "VBC404",
        "npi_format",
        "NPIs are ten digits",
        "A provider whose NPI is not ten digits is not found in practitioner, so that its taxonomy stays unknown.",
        "Write NPIs as text of ten digits; legacy numbers do not belong in these columns.",
        thresholds=Thresholds(warn=0.01, fail=0.5),
    )

    def tables(self, ground: Ground) -> Sequence[str]:
        """Look at claims and practitioners."""
        return ("medical_claim", "practitioner")

    def ask(self, table: str, questions: Questions) -> str | None:
        """Ask how often each number occurs."""
        columns = self._columns(table, questions.ground)
        for column in columns:
            ask_texts(table, column, questions)
        return None if columns else "no NPI column"

    def answer(self, table: str, questions: Questions) -> Iterator[Outcome]:
        """Yield one outcome per NPI column."""
        frame = questions.ground.table(table).frame
        for column in self._columns(table, questions.ground):
            counted = {npi: n for npi, n in texts(table, column, questions).items() if npi is not None}
            wrong = [npi for npi in counted if len(npi) != 10 or not (npi.isascii() and npi.isdigit())]
            n = sum(counted[npi] for npi in wrong)
            text = f"{count(n, 'value')} not ten digits" if n else "all ten digits"
            offending = frame.filter(pl.col(column).is_in(sorted(wrong))) if wrong else None
            yield Outcome(text, sum(counted.values()), n, column, offending=offending)

    @staticmethod
    def _columns(table: str, ground: Ground) -> list[str]:
        return ground.present(table, ("npi", "rendering_npi", "billing_npi"))
