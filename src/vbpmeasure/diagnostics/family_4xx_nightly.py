"""Codes of the 4xx family: limits on rates, and the key of pseudonyms."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM488": CodeInfo(
        "A limit that cannot be judged",
        "`--fail-under` and `--fail-over` take a rate of the run and the value that it must keep, in the unit in which "
        "the rate is printed: percent, or events per 1,000 member-months. `--fail-on-drift` takes points, and a run to "
        "compare with: the results that stand in `--out`, or `--drift-from`.",
        "Write `--fail-under cis_combo_10=40`; `vbpmeasure show MEASURE` lists the rates. A rate id that several "
        "measures have is written MEASURE.RATE.",
    ),
    "VBM489": CodeInfo(
        "The key of the pseudonyms cannot be used",
        "`--pseudonymize` takes a file that holds the key, or `env:NAME` for an environment variable. Whoever has the "
        "key and a list of ids can tell who is who, so the file must be readable by its owner alone, and a key of less "
        "than 32 bytes can be guessed.",
        "Make a key with `(umask 077; openssl rand -hex 32 > pseudonyms.key)`, and keep it away from the results.",
    ),
}
