"""Whole graphs in both languages: the source of a .net file, and the same in Keras."""
