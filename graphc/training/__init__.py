"""What training is configured with, declared as layers are.

A module is imported when a class of it is asked for by name (`graphc.declare.registry`).
"""

from graphc.declare.definition import registry

FAMILIES = (
    "initializer",
    "regularizer",
    "constraint",
    "loss",
    "metric",
    "optimizer",
    "schedule",
    "callback",
    "train",
)
for _family in FAMILIES:
    registry(_family).found_in(__name__, __path__)

__all__ = ["FAMILIES"]
