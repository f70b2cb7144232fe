"""Tensor functions and operators with random arguments."""

from __future__ import annotations

from math import prod
from random import Random
from typing import Any

from tests.differential.graphs.layers import Shape

UNARY = [
    "relu", "gelu", "tanh", "sigmoid", "silu", "softplus", "exp", "log1p", "sin", "elu", "relu6",
    "log_sigmoid", "hard_sigmoid", "rsqrt",
]  # fmt: skip
UNARY_OF_NUMBERS = ["square", "abs", "negative", "sign", "floor", "isfinite"]
REDUCTIONS = ["mean", "sum", "max", "min", "prod", "std", "var", "any", "all", "argmax", "median"]
BINARY = ["maximum", "minimum", "add", "multiply", "logaddexp", "equal", "less", "arctan2"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**"]
COMPARISONS = ["<", "<=", ">", ">=", "!="]

Texts = tuple[str, str]
"""The same in the language and in Python."""


def same(call: str) -> Texts:
    """A call of a function of `keras.ops`."""
    return call.replace("ops.", ""), f"ops.{call}"


def of_one(
    random: Random, name: str, shape: Shape, dtype: str, *, is_reused: bool = False
) -> Texts:
    """A tensor function of one tensor; `is_reused` if it is for tensors of other shapes too.

    On whole numbers, some of Keras' functions state the dtype that they take, and give floats.
    """
    rank = len(shape)
    if rank < 2:
        return same(f"expand_dims({name}, -1)")
    axis = random.choice([*range(1, rank), *range(1 - rank, 0)])
    kind = random.randint(0, 11)
    if kind < 3:
        functions = {"f": UNARY, "i": UNARY_OF_NUMBERS, "b": ["isfinite"]}[dtype[0]]
        return same(f"{random.choice(functions)}({name})")
    if kind < 5:
        function = random.choice(REDUCTIONS)
        arguments = random.choice([f"axis={axis}", f"{axis}", f"axis={axis}, keepdims=True"])
        return same(f"{function}({name}, {arguments})")
    if kind == 5 and dtype.startswith("float"):
        return same(f"softmax({name}, axis={axis})")
    if kind == 6:
        order = [0, *random.sample(range(1, rank), rank - 1)]
        return same(f"transpose({name}, {order})")
    if kind == 7:
        return same(f"expand_dims({name}, {random.randint(1, rank)})")
    if kind == 8 and not is_reused:
        return _reshaped(random, name, shape)
    if kind == 9 and dtype == "float32":
        return same(f"normalize({name}, axis={axis})")
    return same(random.choice([
        f"clip({name}, 0, 1)", f"cumsum({name}, axis={axis})", f"flip({name}, axis={axis})",
        f"repeat({name}, 2, axis={axis})", f"roll({name}, 1, axis={axis})",
        f"squeeze({name}, axis={axis})",
        f"zeros_like({name})", f"sort({name}, axis={axis})",
        f"tile({name}, {[1] * (rank - 1)} + [2])", f"pad({name}, {[[0, 0]] * (rank - 1)} + [[1, 2]])",
        f"swapaxes({name}, 1, -1)", f"top_k({name}, 1)[0]", f"diff({name}, axis={axis})",
        f"where({name} > 0, {name}, 0)", f"moveaxis({name}, 1, -1)", f"sqrt(ops.abs({name}))",
        f"one_hot(ops.argmax({name}, axis={axis}), 5)",
    ]))  # fmt: skip


def _reshaped(random: Random, name: str, shape: Shape) -> Texts:
    """A reshape that leaves the batch alone."""
    if None in shape[1:]:
        return same(f"expand_dims({name}, -1)")
    size = prod(dim for dim in shape[1:] if dim)
    wanted = random.choice([[size], [1, size], [2, size // 2] if size % 2 == 0 else [size, 1]])
    return same(f"reshape({name}, {[-1, *wanted]})")


def of_two(random: Random, first: str, second: str, rank: int) -> Texts:
    """An operator or function of two tensors, or of a tensor and a number."""
    kind = random.randint(0, 9)
    if kind < 4:
        symbol = random.choice([*OPERATORS, *OPERATORS, *COMPARISONS])
        call = f"{first} {symbol} {second}"
        return call, call
    if kind < 7:
        symbol = random.choice(OPERATORS)
        number = random.choice(["2", "0.5", "3"])
        pair = random.choice([(first, number), (number, first)])
        call = f"{pair[0]} {symbol} {pair[1]}"
        return call, call
    if kind == 7:
        return f"{first} == {second}", f"ops.equal({first}, {second})"
    if kind == 8 and rank > 2:  # of rank 2, the batch would meet an axis
        call = f"{first} @ {second}"
        return call, call
    return same(f"{random.choice(BINARY)}({first}, {second})")


def of_several(random: Random, names: list[str]) -> Texts:
    """A tensor function of a list of tensors."""
    listed = f"[{', '.join(names)}]"
    call = random.choice(
        [f"concatenate({listed}, axis=-1)", f"stack({listed}, axis=1)", f"concatenate({listed}, 1)"]
    )  # fmt: skip
    return same(call)


def indexed(random: Random, name: str, shape: Shape) -> Texts:
    """Some of a tensor: slices, single places, new axes."""
    items = [":"]
    for dim in shape[1 : random.randint(1, len(shape))]:
        low = random.randint(-1, 1)
        choices = [":", "1:", ":-1", "::2", f"{low}", ":2", "::-1", "None"]
        items.append(random.choice(choices if dim is None or dim > 2 else [":", "0", "None"]))
    if random.randint(0, 1):
        items = ["...", random.choice(["0", ":1", "None", "-1:"])]
    if items == [":"]:
        items.append("...")  # Keras has no x[:]
    return (f"{name}[{', '.join(items)}]",) * 2


def shape_values(name: str, shape: Shape) -> list[Any]:
    """Expressions of numbers that a tensor's shape gives."""
    found = []
    if isinstance(shape[-1], int):
        found += [f"{name}.shape[-1]", f"{name}.shape[-1] * 2", f"{name}.shape[-1] // 2 + 1"]
    return found
