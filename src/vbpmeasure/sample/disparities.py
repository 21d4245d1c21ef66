"""The differences between groups that the generator plants on purpose.

Points are percentage points added to a child's own probability; they add up over the dimensions (a Hispanic child of an
Asian parent gets both). They are inventions for demonstration and testing and say nothing about real people.

============  ==============================  ==========  =======  =====  =====  ======  ========  ========
dimension     group                           well-care   vaccine  lead   dev    dental  followup  behavior
============  ==============================  ==========  =======  =====  =====  ======  ========  ========
race          Black or African American       -8          -8       +2     -5     -7      -10       -8
race          American Indian/Alaska Native   -12         -6       -5     -8     -7      -12       -8
race          Asian                           +6          +8       +3      0     +6       0        -5
race          Native Hawaiian/Pacific Isl.    -8          -8        0     -4     -5      -6        -4
race          all others                       0           0        0      0      0       0         0
ethnicity     Hispanic or Latino              +4          +6       +6     -6     +4      -6        -6
language      neither English nor Spanish     -6           0        0    -10     -5      -12       -10
============  ==============================  ==========  =======  =====  =====  ======  ========  ========

``well-care`` shifts W30 (both rates) and WCV, ``vaccine`` each antigen of CIS and IMA by itself (a combination moves by
about as much), ``lead`` LSC, ``dev`` DEV, ``dental`` the dental measures, ``followup`` what happens after a screen, and
``behavior`` what happens after a behavioral-health diagnosis, stay or emergency. The dimensions are correlated (half of
the Hispanic children speak Spanish at home, most children of "other" race are Hispanic), so a gap in a one-way table is
near the number above, not equal to it. Whether race, ethnicity and language are recorded does not depend on the
group. `sample --gaps` plants others, or none (`gaps`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vbpmeasure.sample.arrays import Bools, Floats, Ints
from vbpmeasure.sample.gaps import DEFAULT, DOMAINS, RACE_GROUPS, Gaps

RACES: Final = RACE_GROUPS
RACE_SHARES: Final = (0.44, 0.24, 0.06, 0.03, 0.01, 0.15, 0.07)
HISPANIC_SHARES: Final = (0.30, 0.06, 0.03, 0.15, 0.10, 0.80, 0.25)

_BY_RACE = {
    "black": (-8, -8, 2, -5, -7, -10, -8),
    "aian": (-12, -6, -5, -8, -7, -12, -8),
    "asian": (6, 8, 3, 0, 6, 0, -5),
    "nhpi": (-8, -8, 0, -4, -5, -6, -4),
}
RACE_POINTS: Final = {race: dict(zip(DOMAINS, points, strict=True)) for race, points in _BY_RACE.items()}
HISPANIC_POINTS: Final = dict(zip(DOMAINS, (4, 6, 6, -6, 4, -6, -6), strict=True))
OTHER_LANGUAGE_POINTS: Final = dict(zip(DOMAINS, (-6, 0, 0, -10, -5, -12, -10), strict=True))


PLANTED: Final = Gaps(
    {
        domain: {
            **{race: points[domain] for race, points in RACE_POINTS.items()},
            "hispanic": HISPANIC_POINTS[domain],
            "other_language": OTHER_LANGUAGE_POINTS[domain],
        }
        for domain in DOMAINS
    },
    DEFAULT,
)


def shift(
    domain: str,
    race: Ints,
    hispanic: Bools,
    other_language: Bools,
    spanish: Bools | None = None,
    gaps: Gaps | None = None,
) -> Floats:
    """Return, per child, the planted shift of probability in ``domain`` (0.01 is one point).

    ``gaps`` are those to plant, None for the table above.
    """
    planted = PLANTED if gaps is None else gaps
    by_race = np.array([planted.of(domain, r) for r in RACES], dtype=np.float64)
    points = by_race[race] + hispanic * planted.of(domain, "hispanic")
    points = points + other_language * planted.of(domain, "other_language")
    if spanish is not None:
        points = points + spanish * planted.of(domain, "spanish")
    return np.asarray(points / 100.0, dtype=np.float64)
