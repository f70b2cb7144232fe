"""Names of files as URIs."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphc.diagnostics.uri import file_uri


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("models/a b.net", "models/a%20b.net"),
        ("/tmp/x.net", "file:///tmp/x.net"),
        ("a:b#c?.net", "a%3Ab%23c%3F.net"),
        (os.fsdecode(b"caf\xe9.net"), "caf%E9.net"),
        ("\udd00.net", "%ED%B4%80.net"),
    ],
)
def test_uris(name: str, uri: str) -> None:
    assert file_uri(name) == uri


@given(st.text(st.characters(exclude_characters="\x00"), min_size=1))
def test_any_name_is_ascii(name: str) -> None:
    assert file_uri(name).isascii()
