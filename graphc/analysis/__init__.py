"""Graph to facts: nothing here changes a graph."""
