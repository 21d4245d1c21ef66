"""Codes of the 3xx family: the input data."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM301": CodeInfo(
        "No contract table in the data folder",
        "The folder exists, and nothing in it has the name of a table of the data contract.",
        "Point --data at the folder that holds eligibility and medical_claim, as NAME.parquet or as a folder NAME of "
        "Parquet files. Table names follow the Tuva input layer.",
    ),
    "VBM302": CodeInfo(
        "The data folder is missing",
        "The path after --data does not exist, or is a file.",
        "Check the path. A relative path starts at the folder in which the command was called.",
    ),
    "VBM303": CodeInfo(
        "An input file cannot be read",
        "A file is empty, truncated, of another format under a Parquet name, went away during the run, or a table's "
        "folder holds no Parquet file. Nothing of the table is used then: half a table would give a wrong rate, "
        "not an error.",
        "Write the file again from its source, or remove it when it does not belong there.",
    ),
    "VBM304": CodeInfo(
        "Permission denied on the input",
        "The user who runs the command may not read a file or folder of the input.",
        "Grant read access to the files, and read and execute access to their folders.",
    ),
    "VBM305": CodeInfo(
        "A required table is missing",
        "No measure can be judged without eligibility spans and medical claims.",
        "Add the table to the data folder under its contract name; `docs/data-contract.md` lists the columns.",
    ),
    "VBM306": CodeInfo(
        "Required columns are missing",
        "A table lacks columns without which it cannot be used; all of them are listed. A column of Parquet's null "
        "type holds nothing and counts as missing.",
        "Rename or add the columns in the extract. Names are compared in any letter case.",
    ),
    "VBM307": CodeInfo(
        "A column has a type off contract",
        "Nothing is guessed from text: a date as text can mean two days, a code read as a number has lost its zeros.",
        "Change the type in the extract: dates as DATE or TIMESTAMP, codes as text, amounts as numbers.",
    ),
    "VBM308": CodeInfo(
        "Two columns differ only by letter case",
        "Column names are matched in any letter case, so two spellings of one contract column "
        "leave open which is meant.",
        "Keep one of the two.",
    ),
    "VBM309": CodeInfo(
        "The files of one table differ",
        "All files of a table are read as one; a column that some lack, spell otherwise or hold as another type would "
        "silently be null for their rows. Columns outside the contract may differ, and so may the width of integers.",
        "Write the named file again with the columns and types of the others.",
    ),
    "VBM310": CodeInfo(
        "A table is there twice",
        "The data folder has both a file and a folder, or two spellings, of one table.",
        "Keep one of them.",
    ),
    "VBM311": CodeInfo(
        "Eligibility is empty",
        "Without a usable eligibility row there is nobody to measure, and every rate would be empty.",
        "Check the extract of eligibility; with --bad-rows drop, look at what was dropped.",
    ),
    "VBM312": CodeInfo(
        "A table has no rows",
        "The table is bound, and cannot give any evidence. This is a warning: an optional source may well be empty.",
        "Check that the extract was not cut short.",
    ),
    "VBM313": CodeInfo(
        "Person ids of different types",
        "person_id is text in one table and an integer in another. The two would never meet, and rates would be zero.",
        "Give person_id one type in all tables.",
    ),
    "VBM314": CodeInfo(
        "Eligibility rows that cannot be used",
        "A span without person or start, a span that ends before it starts, or a person without any birth date: none "
        "of them can be judged. A silent drop would change denominators, so a run refuses unless it is told otherwise.",
        "Mend the extract, or use --bad-rows drop: the rows are left out and counted in the run's manifest.",
    ),
    "VBM315": CodeInfo(
        "A flag holds unknown values",
        "A flag column has values that are neither yes nor no.",
        "Write flags as booleans, 0 or 1, or the texts true/false, yes/no, y/n. Empty text counts as null.",
    ),
    "VBM316": CodeInfo(
        "A path of a table matches nothing",
        "A table was named with a pattern that no local file matches, or with a remote address.",
        "Check the pattern. Remote files have to be copied or mounted.",
    ),
    "VBM318": CodeInfo(
        "An input file is damaged inside",
        "The footer of the file could be read, its data pages could not be decoded. The text of the library's error is "
        "not shown, because it may quote values.",
        "Write the file again from its source and compare checksums. Parquet pages carry no checksum by default, so "
        "damage can also stay unseen: keep a SHA256SUMS file beside extracts that travel.",
    ),
    "VBM319": CodeInfo(
        "A value does not fit its contract type",
        "The files are readable, but a value cannot become the type of the contract, such as an id above 2^63.",
        "Write ids of that size as text.",
    ),
    "VBM320": CodeInfo(
        "The person is not in eligibility",
        "No eligibility row has the id that was asked for. The message does not repeat the id.",
        "Check the id, letter case and leading zeros included.",
    ),
    "VBM321": CodeInfo(
        "No eligibility in the measurement year",
        "No enrollment span touches the measurement period, so every denominator would be empty.",
        "Check --year, or whether the extract covers that year.",
    ),
    "VBM322": CodeInfo(
        "No events in the measurement year",
        "There are spans in the measurement period, and not one claim or record is dated in it. Every rate would be "
        "near zero for want of data.",
        "Check --year, or whether claims of that year are in the extract.",
    ),
    "VBM323": CodeInfo(
        "No medical claims in the measurement year",
        "Some other table has events in the period, medical_claim has none. This is a warning.",
        "Check whether the claims of the year have been loaded.",
    ),
    "VBM324": CodeInfo(
        "Something in the data folder is not read",
        "A file or folder has nearly the name of a table that is not there, or its name in another format than "
        "Parquet. Without it the run takes the table for one that nobody has. This is a warning.",
        "Give it the name of the table, as Parquet; or place it under `[tables]` in `vbpmeasure.toml`. When it is no "
        "table, move it elsewhere.",
    ),
    "VBM354": CodeInfo(
        "A Parquet file has two columns of one name",
        "Which of them is meant cannot be told, and Polars reads no such file, even when nothing is asked of these "
        "columns. A join in the extract leaves them most often.",
        "Give each column of the extract a name of its own, or drop one of the two.",
    ),
}
