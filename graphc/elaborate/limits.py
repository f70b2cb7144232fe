"""How much a file may ask for: the language is total, and these keep it small besides."""

from __future__ import annotations

from graphc.record import Record


class Limits(Record):
    """Bounds on one run; each has a diagnostic (E0404)."""

    layers: int = 1_000_000
    """Layers and calls in the graphs of one file."""
    steps: int = 4_000_000
    """Statements and expressions evaluated; what takes longer than most counts as several."""
    layer_steps: int = 10
    """How many more there may be for each layer or call."""
    block_depth: int = 40
    """Blocks and models inside each other."""
    list_items: int = 1_000_000
    """Items of one list."""
    held_items: int = 4_000_000
    """Items of one list and of all lists in it."""
    list_depth: int = 50
    """Lists inside each other."""
    text_length: int = 100_000
    """Characters of one string."""
    number_bits: int = 4096
    """Bits of one whole number."""


# What evaluations count for besides their one step, by the time they take.
SIZE_STEPS = 20
UNDECIDED_STEPS = 400
REPORT_STEPS = 100
INSTANCE_STEPS = 100
TRACE_STEPS = 100


class LimitReached(Exception):
    """Stops a run whose limits are spent; its diagnostic has been given."""
