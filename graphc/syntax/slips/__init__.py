"""The ways of going wrong that have a sentence of their own; see explain.py."""
