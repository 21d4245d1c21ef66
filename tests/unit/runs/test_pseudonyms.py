"""Pseudonyms: which keys are taken, from where, and what rows under pseudonyms look like."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from pathlib import Path

import polars as pl
import pytest

from vbpmeasure.diagnostics.model import Failure
from vbpmeasure.runs.pseudonyms import LARGEST, Pseudonyms, pseudonyms

KEY = b"0123456789abcdef" * 2  # 32 bytes, 16 kinds of them


def digest(key: bytes, person: str) -> str:
    return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()


def made_with(place: Path, content: bytes, mode: int = 0o600) -> str:
    """Return the pseudonym of the person ``a`` under the key of a file."""
    place.write_bytes(content)
    place.chmod(mode)
    found = pseudonyms(str(place))
    assert found is not None
    return found.of("a")


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        b"01234567" * 4,  # eight kinds
        (KEY * 128)[:LARGEST],
        b"\n " + KEY + b"\r\n",
    ],
)
def test_keys_that_are_long_and_varied_enough(tmp_path: Path, key: bytes) -> None:
    assert made_with(tmp_path / "key", key) == digest(key.strip(), "a")


@pytest.mark.parametrize(
    ("key", "mode", "words"),
    [
        (KEY[:31], 0o600, "too short or too plain"),
        (b" " * 8 + KEY[:31] + b" " * 8, 0o600, "too short or too plain"),
        (b"0123456" * 5, 0o600, "too short or too plain"),  # seven kinds
        (b"", 0o600, "too short or too plain"),
        ((KEY * 129)[: LARGEST + 1], 0o600, "too large"),
        (KEY, 0o640, "others may read"),
        (KEY, 0o602, "others may read"),
        (KEY, 0o601, "others may read"),
    ],
)
def test_other_keys_are_refused(tmp_path: Path, key: bytes, mode: int, words: str) -> None:
    with pytest.raises(Failure) as failure:
        made_with(tmp_path / "key", key, mode)
    (told,) = failure.value.diagnostics
    assert told.code == "VBM489"
    assert words in told.message


def test_a_folder_and_a_file_that_is_not_there_are_no_key(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Failure) as failure:
            pseudonyms(str(place))
        assert [one.code for one in failure.value.diagnostics] == ["VBM489"]


def test_a_key_may_be_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pseudonyms(None) is None
    monkeypatch.setenv("NIGHT_KEY", f"{KEY.decode()}\n")
    found = pseudonyms("env:NIGHT_KEY")
    assert found is not None
    assert found.of(7) == digest(KEY, "7")
    for value in ("", "short"):
        monkeypatch.setenv("NIGHT_KEY", value)
        with pytest.raises(Failure):
            pseudonyms("env:NIGHT_KEY")


def test_a_word_tells_two_keys_apart_and_no_key() -> None:
    one, other = Pseudonyms(KEY), Pseudonyms(KEY[::-1])
    assert one.key_check == Pseudonyms(KEY).key_check != other.key_check
    assert one.words == {"pseudonyms": "HMAC-SHA256", "pseudonym_key_check": one.key_check}
    assert KEY.decode() not in repr(one)


def test_rows_are_named_anew_and_sorted_by_the_new_names_within_their_rate() -> None:
    first, second = dt.date(2025, 3, 1), dt.date(2025, 4, 1)
    rows = pl.DataFrame(
        [
            ("m", "z", "a", "a", None),
            ("m", "z", "b", "b", None),
            ("m", "z", "c", "c", None),
            ("m", "e", "a", "a@2025-03-01", first),
            ("m", "e", "a", "a@2025-04-01", second),
        ],
        schema=["measure", "rate", "person_id", "unit_id", "index_date"],
        orient="row",
    )
    found = Pseudonyms(KEY).of_rows(rows)
    names = {one: digest(KEY, one) for one in "abc"}
    assert found.columns == rows.columns
    assert found["rate"].to_list() == ["z", "z", "z", "e", "e"]  # rates stay as they are declared
    assert found["person_id"][:3].to_list() == sorted(names.values())
    assert found["unit_id"].to_list() == [
        *sorted(names.values()),
        f"{names['a']}@2025-03-01",
        f"{names['a']}@2025-04-01",
    ]


def test_a_column_of_ids_of_any_kind() -> None:
    found = Pseudonyms(KEY).of_series(pl.Series([7, None, 8, 7]))
    assert found.to_list() == [digest(KEY, "7"), None, digest(KEY, "8"), digest(KEY, "7")]
