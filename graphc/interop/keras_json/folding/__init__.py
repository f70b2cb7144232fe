"""Repeated statements as blocks and loops: a search for repeats, and what they have in common."""

from graphc.interop.keras_json.folding.items import shortened

__all__ = ["shortened"]
