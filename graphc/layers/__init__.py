"""Keras' layers, each declared once.

A module is imported when a layer of it is asked for by name (`graphc.declare.registry`), so
nothing is listed here: a new module in this folder is found by itself. Do not list modules.
"""

import graphc.ops  # noqa: F401 - the functions and operators that layers are made of
from graphc.declare.definition import registry

registry("layer").found_in(__name__, __path__)
