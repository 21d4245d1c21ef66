"""The rates of W30, WCV and CIS in SQL, over thin tables that `duckdb_sql` makes."""

from __future__ import annotations

import duckdb

Counts = dict[str, tuple[int, int]]  # rate -> (denominator, numerator)

ANTIGENS = ("dtap", "ipv", "mmr", "hib", "hepb", "vzv", "pcv", "hepa", "rotavirus", "influenza")

# At most one gap of at most 45 days in [ws, we], covered on the anchor day, within one payer and product line.
_ENROLLED = """
enrolled AS (
  SELECT DISTINCT person_id FROM (
    SELECT c.person_id,
           count(*) FILTER (WHERE s <= we AND e >= ws) runs,
           sum(least(e, we) - greatest(s, ws) + 1) FILTER (WHERE s <= we AND e >= ws) covered,
           min(s) FILTER (WHERE s <= we AND e >= ws) first_s, max(e) FILTER (WHERE s <= we AND e >= ws) last_e,
           bool_or(anchor BETWEEN s AND e) anchored, any_value(ws) ws, any_value(we) we
    FROM candidate c JOIN island USING (person_id)
    GROUP BY c.person_id, payer, product_line)
  WHERE anchored AND runs > 0 AND runs - 1 + (first_s > ws)::INT + (last_e < we)::INT <= 1
    AND (we - ws + 1) - covered <= 45)
"""


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Counts:
    result = con.execute(query)
    names = [d[0] for d in result.description]
    values = result.fetchone()
    assert values is not None
    record = dict(zip(names, values, strict=True))
    return {n[4:]: (int(v or 0), int(record[f"num_{n[4:]}"] or 0)) for n, v in record.items() if n.startswith("den_")}


def _w30(con: duckdb.DuckDBPyConnection) -> Counts:
    counts: Counts = {}
    for rate, turns, ws, n, first in (
        ("w30.w30_6", "m15", "birth + 31", 6, "birth"),
        ("w30.w30_2", "m30", "m15 + 1", 2, "m15 + 1"),
    ):
        counts |= _rows(con, f"""
            WITH candidate AS (
              SELECT *, {ws} ws, {turns} we, {turns} anchor FROM person
              WHERE {turns} BETWEEN getvariable('first_day') AND getvariable('last_day')),
            {_ENROLLED},
            den AS (SELECT * FROM candidate SEMI JOIN enrolled USING (person_id) ANTI JOIN excluded USING (person_id)),
            visits AS (
              SELECT person_id, list_sort(list(DISTINCT d)) AS kept_from FROM visit JOIN den USING (person_id)
              WHERE pcp AND d BETWEEN {first} AND {turns} GROUP BY person_id),
            kept AS (
              SELECT person_id,
                     list_reduce(list_transform(kept_from, lambda x: {{'d': x, 'n': 1}}),
                                 lambda a, x: CASE WHEN x.d >= a.d + 14 THEN {{'d': x.d, 'n': a.n + 1}} ELSE a END).n n
              FROM visits)
            SELECT count(*) AS "den_{rate}", count(*) FILTER (WHERE n >= {n}) AS "num_{rate}"
            FROM den LEFT JOIN kept USING (person_id)
        """)  # fmt: skip
    return counts


def _wcv(con: duckdb.DuckDBPyConnection) -> Counts:
    bands = (("wcv.wcv_3_11", 1), ("wcv.wcv_12_17", 2), ("wcv.wcv_18_21", 3))
    shown = ", ".join(
        f'count(*) FILTER (WHERE band = {b}) AS "den_{r}", count(*) FILTER (WHERE band = {b} AND seen) AS "num_{r}"'
        for r, b in bands
    )
    return _rows(con, f"""
        WITH candidate AS (
          SELECT *, getvariable('first_day') ws, getvariable('last_day') we, getvariable('last_day') anchor
          FROM person WHERE band > 0),
        {_ENROLLED},
        seen AS (SELECT DISTINCT person_id, true seen FROM visit
                 WHERE d BETWEEN getvariable('first_day') AND getvariable('last_day')),
        den AS (SELECT * FROM candidate SEMI JOIN enrolled USING (person_id) ANTI JOIN excluded USING (person_id)
                LEFT JOIN seen USING (person_id))
        SELECT {shown}, count(*) AS "den_wcv.wcv_total", count(*) FILTER (WHERE seen) AS "num_wcv.wcv_total" FROM den
    """)  # fmt: skip


def _cis(con: duckdb.DuckDBPyConnection) -> Counts:
    combos = {
        "combo_3": ANTIGENS[:7], "combo_7": ANTIGENS[:9], "combo_10": ANTIGENS,
    }  # fmt: skip
    flags = {**{a: a for a in ANTIGENS}, **{c: " AND ".join(parts) for c, parts in combos.items()}}
    shown = ", ".join(
        f'count(*) AS "den_cis.{name}", count(*) FILTER (WHERE {flag}) AS "num_cis.{name}"'
        for name, flag in flags.items()
    )
    return _rows(con, f"""
        WITH candidate AS (
          SELECT *, (bd2 - INTERVAL 1 YEAR)::DATE ws, bd2 - 1 we, bd2 anchor FROM person
          WHERE bd2 BETWEEN getvariable('first_day') AND getvariable('last_day')),
        {_ENROLLED},
        mine AS (SELECT c.*, d, value_set FROM candidate c
                 LEFT JOIN event e ON e.person_id = c.person_id AND d BETWEEN birth AND bd2
                 WHERE c.person_id IN (FROM enrolled) AND c.person_id NOT IN (FROM excluded)),
        newborn AS (SELECT person_id, min(d) AS dose FROM mine
                    WHERE value_set = 'imm_hepb_newborn' AND d <= birth + 7 GROUP BY person_id),
        child AS (
          SELECT person_id,
            bool_or(value_set IN ('excl_scid', 'excl_immune_disorder', 'excl_hiv', 'excl_lymphoid_cancer',
                                  'excl_intussusception')) AS barred,
            count(*) FILTER (WHERE value_set = 'imm_dtap' AND d >= birth + 42) >= 4
              OR bool_or(value_set IN ('contra_dtap_anaphylaxis', 'contra_dtap_encephalitis')) AS dtap,
            count(*) FILTER (WHERE value_set = 'imm_ipv' AND d >= birth + 42) >= 3
              OR bool_or(value_set = 'contra_ipv_anaphylaxis') AS ipv,
            bool_or(value_set = 'imm_mmr' AND d >= bd1) OR bool_or(value_set = 'contra_mmr_anaphylaxis')
              OR (bool_or(value_set = 'hx_measles') AND bool_or(value_set = 'hx_mumps')
                  AND bool_or(value_set = 'hx_rubella')) AS mmr,
            count(*) FILTER (WHERE value_set = 'imm_hib' AND d >= birth + 42) >= 3
              OR bool_or(value_set = 'contra_hib_anaphylaxis') AS hib,
            count(*) FILTER (WHERE value_set = 'imm_hepb') >= 3
              OR count(*) FILTER (WHERE value_set = 'imm_hepb' AND d > dose) >= 2
              OR bool_or(value_set IN ('contra_hepb_anaphylaxis', 'hx_hepatitis_b')) AS hepb,
            bool_or(value_set = 'imm_vzv' AND d >= bd1)
              OR bool_or(value_set IN ('contra_vzv_anaphylaxis', 'hx_varicella_zoster')) AS vzv,
            count(*) FILTER (WHERE value_set = 'imm_pcv' AND d >= birth + 42) >= 4
              OR bool_or(value_set = 'contra_pcv_anaphylaxis') AS pcv,
            bool_or(value_set = 'imm_hepa' AND d >= bd1)
              OR bool_or(value_set IN ('contra_hepa_anaphylaxis', 'hx_hepatitis_a')) AS hepa,
            count(*) FILTER (WHERE value_set = 'imm_rv_2dose' AND d >= birth + 42) >= 2
              OR count(*) FILTER (WHERE value_set = 'imm_rv_3dose' AND d >= birth + 42) >= 3
              OR (count(*) FILTER (WHERE value_set = 'imm_rv_2dose' AND d >= birth + 42) >= 1
                  AND count(*) FILTER (WHERE value_set = 'imm_rv_3dose' AND d >= birth + 42) >= 2
                  AND count(DISTINCT d) FILTER (
                    WHERE value_set IN ('imm_rv_2dose', 'imm_rv_3dose') AND d >= birth + 42) >= 3)
              OR bool_or(value_set = 'contra_rotavirus_anaphylaxis') AS rotavirus,
            count(*) FILTER (WHERE value_set = 'imm_flu' AND d >= birth + 180) >= 2
              OR (bool_or(value_set = 'imm_flu' AND d >= birth + 180 AND d < bd2)
                  AND bool_or(value_set = 'imm_flu_laiv' AND d = bd2))
              OR bool_or(value_set = 'contra_flu_anaphylaxis') AS influenza
          FROM mine LEFT JOIN newborn USING (person_id) GROUP BY person_id)
        SELECT {shown} FROM child WHERE NOT coalesce(barred, false)
    """)  # fmt: skip


def all_rates(con: duckdb.DuckDBPyConnection) -> Counts:
    """Return the counts of every rate, from the tables `person`, `island`, `event`, `visit` and `excluded`.

    A rate without anyone in its denominator has counts of zero.
    """
    return {**_w30(con), **_wcv(con), **_cis(con)}
