"""Graphs as programs of other languages."""
