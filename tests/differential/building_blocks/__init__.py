"""The building blocks of keras.applications and of Keras' examples, in both languages."""

from tests.differential.building_blocks import (
    attention,
    convolutional,
    dense,
    recurrent,
    residual,
    sharing,
)
from tests.differential.building_blocks.case import Case

CASES: list[Case] = [
    *residual.CASES,
    *convolutional.CASES,
    *dense.CASES,
    *attention.CASES,
    *recurrent.CASES,
    *sharing.CASES,
]
