"""Whole numbers out of texts that anybody may have written."""

from __future__ import annotations


def whole_number(text: str, most: int) -> int | None:
    """Return the number that ASCII digits write, None for any other text and for a number above ``most``.

    Python refuses to read numbers of thousands of digits with an error of its own, and knows digits of many scripts
    that other readers do not.
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if number <= most else None
