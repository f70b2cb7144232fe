"""Nodes to graph: scopes, static values, blocks, models, imports, limits."""
