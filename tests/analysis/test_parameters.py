"""Parameters: shared weights count once, frozen ones apart."""

from __future__ import annotations

import graphc

NESTED = """
model tower {
    input x: [4]
    output x -> Dense(3) -> BatchNormalization()
}
"""


def totals(body: str) -> tuple[int, int]:
    text = f"{NESTED}\nmodel m {{\ninput a: [4]\ninput b: [4]\n{body}\n}}"
    parameters = graphc.parse(text).summary().parameters
    return parameters.trainable, parameters.non_trainable


ONE = (15 + 6, 6)


def test_a_bare_model_is_one_instance() -> None:
    assert totals("output a -> tower, b -> tower") == ONE


def test_parentheses_make_a_new_instance() -> None:
    assert totals("output a -> tower(), b -> tower()") == (2 * ONE[0], 2 * ONE[1])


def test_a_frozen_model_has_nothing_to_train() -> None:
    assert totals("output a -> tower(trainable=False), b") == (0, sum(ONE))


def test_a_frozen_layer_moves_its_weights() -> None:
    assert totals("output a -> Dense(3, trainable=False), b") == (0, 15)


def test_a_bare_model_inside_others_is_still_one_instance() -> None:
    text = (
        NESTED
        + """
model left {
    input x: [4]
    output x -> tower
}
model m {
    input a: [4]
    output a -> left, a -> tower
}
"""
    )
    assert graphc.parse(text).count_params() == sum(ONE)


def test_a_frozen_weight_is_not_trained() -> None:
    body = "frozen weight w: [4] = 1.0\nweight v: [4] = zeros\noutput a * w + v, b"
    assert totals(body) == (4, 4)


def test_a_dtype_policy_keeps_the_weights_in_full() -> None:
    body = 'output a -> Dense(3, dtype="mixed_float16"), b'
    text = f"{NESTED}\nmodel m {{\ninput a: [4]\ninput b: [4]\n{body}\n}}"
    assert graphc.parse(text).summary().parameters.weight_bytes == 15 * 4
