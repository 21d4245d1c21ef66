"""Codes of the 1xx family: the configuration file and the environment."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM120": CodeInfo(
        "Broken TOML",
        "The configuration does not follow the grammar of TOML, or holds a number of thousands of digits, so nothing "
        "of it could be read.",
        "Look at the place for a missing quote, an unclosed bracket, or a key or table that stands there twice.",
    ),
    "VBM121": CodeInfo(
        "An unknown key in the configuration",
        "A key that nobody reads is most likely misspelled, and a setting that is silently without effect would be "
        "worse than none.",
        "Take the suggestion; docs/configuration.md lists all keys.",
    ),
    "VBM122": CodeInfo(
        "A value of the wrong kind in the configuration",
        "Values are taken as TOML has them: a text is never turned into a number or a yes.",
        "Write texts with quotes, years and `true` or `false` without.",
    ),
    "VBM123": CodeInfo(
        "Something has to be said in the configuration",
        "A key is missing that has no safe default, such as `unmapped`: what becomes of codes that a translation does "
        "not list is never guessed.",
        "Add the key that the message names.",
    ),
    "VBM124": CodeInfo(
        "Not a table of the data contract",
        "`[tables.NAME]` maps one contract table, and there is none of this name.",
        "docs/data-contract.md lists the tables.",
    ),
    "VBM125": CodeInfo(
        "Not a column of the data contract",
        "In `columns`, `constants`, `values` and `dates` the contract's column stands left of the equals sign.",
        'Write `contract_name = "their name"`; docs/data-contract.md lists the columns.',
    ),
    "VBM126": CodeInfo(
        "A mapping that contradicts itself",
        "Two entries speak of the same thing and cannot both hold, such as a constant and a source for one column.",
        "Keep one of the two.",
    ),
    "VBM127": CodeInfo(
        "A date format that cannot be used",
        "A format has to tell the year, the month and the day, by directives that read alike on every machine.",
        "Use `%Y` or `%y`, `%m` or `%b`, `%d` (or `%j` for the day of the year), and `%H %M %S` for times, which are "
        "read and left out.",
    ),
    "VBM128": CodeInfo(
        "A mapping that does not fit the column",
        "Values of words can be translated, dates can have formats, and constants have the type of their column.",
        "Look at the kind of the column in docs/data-contract.md.",
    ),
    "VBM129": CodeInfo(
        "The configuration file is missing",
        "`--config` or VBPMEASURE_CONFIG names a file that is not there. Nothing else is taken in its place.",
        "Check the path; `none` means to use no configuration.",
    ),
    "VBM130": CodeInfo(
        "An environment variable cannot be used",
        "A variable VBPMEASURE_... has a value of the wrong form.",
        "Mend it or unset it; `vbpmeasure config show` tells where each setting comes from.",
    ),
    "VBM131": CodeInfo(
        "Credentials in an address",
        "An address with a user, a password or a query holds secrets, and a configuration file is copied, committed "
        "and printed. The line is not shown for that reason.",
        "Write the plain address; credentials come from the environment, as the storage service defines it.",
    ),
    "VBM139": CodeInfo(
        "A needed setting was not given",
        "Neither the command line, nor the environment, nor the configuration says it, and there is no safe default.",
        "Give the option that the message names, or write the setting into vbpmeasure.toml.",
    ),
}
