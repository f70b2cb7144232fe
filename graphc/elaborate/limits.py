"""How much a file may ask for: the language is total, and these keep it small besides."""

from __future__ import annotations

from graphc.record import Record


class Limits(Record):
    """Bounds on one run; each has a diagnostic (E0404)."""

    layers: int = 1_000_000
    """Layers and calls in the graphs of one file."""
    steps: int = 20_000_000
    """Statements and expressions evaluated."""
    block_depth: int = 40
    """Blocks and models inside each other."""
    list_items: int = 1_000_000
    """Items of one list."""
    text_length: int = 100_000
    """Characters of one string."""
    number_bits: int = 4096
    """Bits of one whole number."""


class LimitReached(Exception):
    """Stops a run whose limits are spent; its diagnostic has been given."""
