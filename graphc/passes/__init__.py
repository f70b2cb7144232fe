"""Graphs of primitives to other graphs of primitives."""
