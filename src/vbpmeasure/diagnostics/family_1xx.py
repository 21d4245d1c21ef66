"""Codes of the 1xx family: reading YAML files."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM101": CodeInfo(
        "A file cannot be read",
        "The definition file does not exist, may not be opened, or is a folder or a device.",
        "Check the path and the permissions of the file.",
    ),
    "VBM102": CodeInfo(
        "A file is not UTF-8",
        "Definitions are UTF-8 text. This file holds bytes that are not; it may be in an older encoding, or no text "
        "at all.",
        "Save the file as UTF-8; the position in the message is where reading stopped.",
    ),
    "VBM103": CodeInfo(
        "A file is too large",
        "Definition files may hold one million bytes. No real definition comes near; the limit keeps a wrong file "
        "from using up the machine.",
        "Check that this is the file you meant. Split a long value set in two and name both where it is used.",
    ),
    "VBM104": CodeInfo(
        "A control character",
        "YAML allows no control characters but line breaks; they are invisible and get into files by accident.",
        "Delete the character. Inside a double-quoted text it can be written as an escape such as `\\u0007`.",
    ),
    "VBM105": CodeInfo(
        "A tab",
        "YAML forbids tabs in indentation, and how wide one is depends on the editor. Definitions have none at all.",
        "Replace tabs by spaces; most editors can do this on saving.",
    ),
    "VBM106": CodeInfo(
        "An empty file",
        "The file holds nothing but blanks or comments where a definition is expected.",
        "Fill the file or remove it.",
    ),
    "VBM107": CodeInfo(
        "Broken YAML",
        "The text does not follow the grammar of YAML, so nothing behind this place could be read.",
        "Look at the line and the one before it for a wrong indent, a missing comma, an unclosed bracket or quote, "
        "or a text with a colon and a space that needs quotes.",
    ),
    "VBM108": CodeInfo(
        "Several documents in one file",
        "A `---` line in the middle of a file begins a second YAML document. One file holds one definition.",
        "Remove the line, or move what follows to a file of its own.",
    ),
    "VBM109": CodeInfo(
        "An anchor or an alias",
        "`&name` and `*name` make one place of a file mean another, which hides what a rule says, and a few lines of "
        "them can expand to gigabytes.",
        "Write the value out, or give it a name under `define`. A text that begins with `&` or `*` needs quotes.",
    ),
    "VBM110": CodeInfo(
        "A tag",
        "A tag such as `!!str` or `!!python/object` asks for a type or for code. Here every value is text and the "
        "schema alone decides its type; nothing in a definition is ever run.",
        "Remove the tag. A text that begins with `!` needs quotes.",
    ),
    "VBM111": CodeInfo(
        "A merge key",
        "`<<` copies the entries of another mapping, so that the file no longer shows what holds.",
        "Write the entries out, or share them through `define` or a fragment.",
    ),
    "VBM112": CodeInfo(
        "A key given twice",
        "YAML readers keep the last one in silence; which one was meant cannot be known.",
        "Remove or rename one of the two.",
    ),
    "VBM113": CodeInfo(
        "A key that is not text",
        "The left side of a `key: value` must be a plain text, not a list, a mapping or nothing.",
        "Write a name before the colon; put a text that begins with a bracket between quotes.",
    ),
    "VBM114": CodeInfo(
        "Nested too deep",
        "More than 32 levels. No definition needs them; such files are mistakes or attacks.",
        "Give the inner parts names under `define`.",
    ),
    "VBM115": CodeInfo(
        "Too many values",
        "More than 50,000 values in one file.",
        "Split the file.",
    ),
}
