"""The README that goes with every sample."""

from __future__ import annotations

from collections.abc import Mapping

from vbpmeasure.sample.gaps import Gaps

_TEXT = """\
# Synthetic data: no real person

Everything in this folder was made by a random generator. The children, their numbers, doctors and claims do not exist;
the rates are plausible, the differences between groups are planted. Use it to try the tool and to test it, never
as evidence.

Made by

    vbpmeasure sample DIR --people {people} --year {year} --seed {seed}{gaps}

{people:,} children aged 0 to 21 on 31 December {year}; claims, dispensings and coverage of {first} to {year},
immunization registry since birth, attribution and indicators of {year}.
The same command writes the same bytes (with the same versions of numpy and pyarrow).

| table | rows |
|---|---|
{rows}

Worth knowing when looking at it:

- Person ids are `S` and seven digits, NPIs start with 9 (real ones never do), zip codes with 000.
- Coverage comes as monthly rows, yearly rows or one row a stay, open ends included; there are gaps of every length
  around 45 days, changes of payer, a few rows sent twice or overlapping.
- Race, ethnicity and language are missing, unknown (`UNK`) or declined (`ASKU`) for some; several races are joined
  by `|`.
- A dose may stand in a claim, in the registry, or in both, then sometimes a day or two apart.
- Claims are paid, denied, pending or reversed (some of those with a second, valid version); laboratories (place of
  service 81) copy the diagnosis of the visit; some providers are unknown; one payer writes ICD-10-CM codes with a dot.
- A developmental screen tells its result by a modifier (U3, U4), by an observation, by both or not at all, depending on
  the practice. Follow-up comes on every kind of day around the ends of the windows.
- Psychiatric stays, emergencies for mental illness or substance use, and dispensings of psychiatric drugs are several
  times as frequent as in life, so that a small sample has some to show. A stay that outlasts the extract has no
  discharge date.
- Drugs carry the generic name (`ndc_code_type` = `ingredient`), the common ones NDC numbers of a labeler that does not
  exist. Scored scales are PHQ-9 and GAD-7, at 12 and older. Teeth are numbered 1 to 32 or A to T; some dental lines
  have no number.
- `indicator` holds what plans attest (social-emotional health), kindergarten assessments and graduation by plan, and by
  child referrals after positive screens and early literacy.
"""


def readme(people: int, seed: int, year: int, years: int, counts: Mapping[str, int], gaps: Gaps | None = None) -> str:
    """Return the README text of a sample; ``counts`` are rows by table, ``gaps`` None for the default ones."""
    rows = "\n".join(f"| {name} | {count:,} |" for name, count in counts.items())
    planted = "" if gaps is None else f" --gaps {gaps.text}"
    return _TEXT.format(people=people, seed=seed, year=year, first=year - years + 1, rows=rows, gaps=planted)
