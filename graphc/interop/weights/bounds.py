"""How much a file may claim to hold.

A header can declare a terabyte in a hundred bytes. Nothing is allocated before what it declares is
held against what the file has.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from tokenize import TokenError

from graphc.interop.weights.faults import unreadable

DAMAGED = (
    *(ValueError, OSError, EOFError, RuntimeError, LookupError, OverflowError, MemoryError),
    *(SyntaxError, TypeError, TokenError, zipfile.BadZipFile, zlib.error, struct.error),
)
"""What the readers of zip archives and of NumPy's headers raise for bytes that are no such thing."""

MOST_ENTRIES = 1_000_000
MOST_HEADER_BYTES = 100_000_000
_SMALL_BYTES = 1 << 24
_MOST_EXPANSION = 200
"""Compressed weights are no smaller than this share, but for the constant ones."""


def check_expansion(name: str, what: str, declared_bytes: int, stored_bytes: int) -> None:
    """Raise for an array, or a member, that is said to be far larger than what is stored of it."""
    if declared_bytes > _SMALL_BYTES and declared_bytes > _MOST_EXPANSION * max(stored_bytes, 1):
        raise unreadable(
            name,
            f"says that {what} takes {declared_bytes:,} bytes, and holds {stored_bytes:,} of them",
        )


def check_count(name: str, count: int) -> None:
    """Raise for more entries than any model has weights."""
    if count > MOST_ENTRIES:
        raise unreadable(name, f"holds {count:,} entries; at most {MOST_ENTRIES:,} are read")
