"""Repeated statements as loops: a search for repeats, and what they have in common."""

from graphc.interop.keras_json.folding.repeats import folded

__all__ = ["folded"]
