"""Value sets from a workbook as value-set directories come: one sheet, one row a code."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.spec.suggest import suggestion_or_list
from vbpmeasure.terminology.importers.headers import columns_of
from vbpmeasure.terminology.importers.rows import CodeRow, Place, Rows, error
from vbpmeasure.terminology.systems import normal_type

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

DEFAULT_SHEET = "Value Sets to Codes"

# A spreadsheet keeps 15 digits of a number and writes zeros for the others.
_DIGITS_KEPT = 15

# What a sheet can have; and more cells and characters than any list of codes.
_MOST_ROWS, _MOST_CELLS, _MOST_CHARACTERS = 1_048_576, 20_000_000, 500_000_000
# A file keeps a text once for all cells that say it, and a format too: unpacked it may be small and its cells long.
_MOST_IN_FORMAT = 255
# Sheets shrink to a tenth, a bomb to a thousandth; small files may do as they like.
_UNPACKED, _MOST_TIMES = 20_000_000, 100


def read_workbook(path: Path, content: bytes, fallback: tuple[str, str, str], sheet: str | None = None) -> Rows:
    """Return the rows of one sheet (default `DEFAULT_SHEET`; the only sheet, when the workbook has just one).

    Everything but name, OID, version, code and code system is left where it is: definitions are licensed content.
    Raises `Failure`: VBM250 no workbook, VBM251 no such sheet or columns, VBM257 no row, VBM265 openpyxl is missing.
    """
    # openpyxl warns of what it leaves out, by lines of its own code; nothing of that says anything about codes.
    with warnings.catch_warnings(action="ignore"):
        return _read(path, _open(path, content), fallback, sheet)


class _TooMuchError(Exception):
    """A sheet holds more than a list of codes can."""


def _read(path: Path, book: Workbook, fallback: tuple[str, str, str], sheet: str | None) -> Rows:
    title = _sheet(book, sheet, path)
    rows: list[CodeRow] = []
    columns: dict[str, int] | None = None
    for number, texts in _texts(book, title, path):
        place = Place(str(path), number)
        if columns is None:
            columns = columns_of([text for text, _ in texts], place)
        else:
            rows.append(_row(place, texts, columns, fallback))
    if columns is None:
        raise Failure(error("VBM257", f"the sheet `{title}` is empty", Place(str(path))))
    return Rows(path, rows, tuple((row.name, row.place) for row in rows))


def _texts(book: Workbook, title: str, path: Path) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Yield the rows that are not blank with their numbers, as `_text` gives their cells."""
    try:
        sheet = book[title]
        # What a sheet says of its size is often wrong, and would be made up with empty cells.
        sheet.reset_dimensions()
        yield from _limited(sheet.iter_rows())
    except _TooMuchError:
        message = (
            f"the sheet has more than {_MOST_ROWS:,} rows, {_MOST_CELLS:,} cells or {_MOST_CHARACTERS:,} characters, "
            "more than a list of codes can have"
        )
        hint = "remove what lies far from the list, or save it as CSV"
        raise Failure(error("VBM250", message, Place(str(path)), hint)) from None
    except Exception:  # noqa: BLE001  openpyxl lets all errors of its parsers through
        raise _unreadable(path) from None


def _limited(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Yield what `_texts` does; raises `_TooMuchError` before more is made up than a list of codes can have."""
    cells_seen = characters = 0
    for number, cells in enumerate(rows, start=1):
        cells_seen += len(cells)
        if number > _MOST_ROWS or cells_seen > _MOST_CELLS:
            raise _TooMuchError
        texts = []
        for cell in cells:
            texts.append(_text(cell))
            characters += len(texts[-1][0])
            if characters > _MOST_CHARACTERS:
                raise _TooMuchError
        if any(text for text, _ in texts):
            yield number, texts


def _unreadable(path: Path) -> Failure:
    return Failure(error("VBM250", "the file is no workbook (.xlsx) that can be read", Place(str(path))))


def _row(
    place: Place, texts: Sequence[tuple[str, str]], columns: dict[str, int], fallback: tuple[str, str, str]
) -> CodeRow:
    def cell(role: str) -> tuple[str, str]:
        at = columns.get(role, len(texts))
        return texts[at] if at < len(texts) else ("", "")

    code, spoiled = cell("code")
    return CodeRow(
        place,
        cell("name")[0] if "name" in columns else fallback[0],
        cell("oid")[0] or fallback[1],
        cell("version")[0] or fallback[2],
        cell("system")[0],
        code,
        spoiled,
    )


def _open(path: Path, content: bytes) -> Workbook:
    try:
        import openpyxl  # noqa: PLC0415  an extra: only workbooks need it
    except ImportError:
        hint = "pip install 'vbpmeasure[xlsx]', or save the sheet as CSV UTF-8"
        raise Failure(error("VBM265", "reading a workbook needs openpyxl", Place(str(path)), hint)) from None
    try:
        unpacked = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if unpacked <= max(_UNPACKED, _MOST_TIMES * len(content)):
            return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception:  # noqa: BLE001, S110  as above: what is damaged shows in some thirty kinds of errors
        pass
    raise _unreadable(path)


def _sheet(book: Workbook, asked: str | None, path: Path) -> str:
    wanted = asked or DEFAULT_SHEET
    for title in book.sheetnames:
        if normal_type(title) == normal_type(wanted):
            return title
    if asked is None and len(book.sheetnames) == 1:
        return book.sheetnames[0]
    hint = f"name it with --sheet; {suggestion_or_list(wanted, book.sheetnames, 'sheets')}".rstrip("; ")
    raise Failure(error("VBM251", f"the workbook has no sheet `{wanted}`", Place(str(path)), hint))


def _text(cell: Any) -> tuple[str, str]:
    """Return the text of a cell, and what the spreadsheet did to it when it is no longer what was typed."""
    value = cell.value
    if value is None:
        return "", ""
    if isinstance(value, bool) or not isinstance(value, (int, float, dt.date, dt.time)):
        return str(value).strip(), ""
    if isinstance(value, (dt.date, dt.time)):
        day = value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value
        return day.isoformat(), "the cell holds a date"
    if isinstance(value, float) and not value.is_integer():
        return repr(value), ""
    text = str(int(value))
    if len(text) > _DIGITS_KEPT:
        return text, f"the cell holds a number of more than {_DIGITS_KEPT} digits, whose last digits are lost"
    # A format of zeros alone is how a sheet shows leading zeros that its number does not have.
    zeros = str(cell.number_format or "")
    return (text.zfill(len(zeros)) if re.fullmatch(f"0{{1,{_MOST_IN_FORMAT}}}", zeros) else text), ""
