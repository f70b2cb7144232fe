"""Layers with random arguments, most of them such that a tensor of some shape fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.differential.graphs.choices import (
    Choice,
    among,
    chance,
    either,
    integer,
    listed,
    ordered,
)  # fmt: skip

Shape = tuple[int | None, ...]
Arguments = dict[str, Choice]


class Bare:
    """A word that the language takes without quotes."""

    def __init__(self, word: str) -> None:
        self.word = word


class Layer:
    """A layer's arguments: those that a shape asks for, and those that may be left out."""

    def __init__(
        self,
        name: str,
        ranks: tuple[int, ...],
        needed: Arguments | Callable[[Shape], Arguments] | None = None,
        optional: Arguments | None = None,
        *,
        dtypes: tuple[str, ...] = ("float",),
    ) -> None:
        self.name, self.ranks, self.dtypes = name, ranks, dtypes
        self.needed = needed if callable(needed) else lambda _: needed or {}
        self.optional = optional or {}

    def fits(self, shape: Shape, dtype: str) -> bool:
        return len(shape) in self.ranks and dtype.startswith(self.dtypes)


SMALL = integer(1, 6)
FLAG = among(True, False)
RATE = among(0, 0.1, 0.5)
WORDS = ["relu", "gelu", "tanh", "sigmoid", "swish", "elu", "softplus", "linear", "hard_sigmoid"]
ACTIVATION = among(*WORDS, *map(Bare, WORDS), None)
PADDING = among("valid", "same")
CAUSAL = among("valid", "same", "causal")
INITIALIZER = among("zeros", "he_normal", Bare("ones"), Bare("orthogonal"))
AXIS = among(-1, -1, 1)
ANY = (2, 3, 4, 5)
NUMBERS = ("float", "int", "bool")

DENSE: Arguments = {
    "activation": ACTIVATION, "use_bias": FLAG, "kernel_initializer": INITIALIZER, "trainable": FLAG,
    "dtype": among("float16", "mixed_float16", "bfloat16"),
}  # fmt: skip


def sizes(count: int, low: int = 1, high: int = 3) -> Choice:
    """A number, or one for each of the spatial axes."""
    one = integer(low, high)
    return one if count == 1 else either(one, listed(one, count))


def pairs(count: int) -> Choice:
    """What is added to or cut from both ends of the spatial axes."""
    one = integer(0, 2)
    pair = listed(one, 2)
    return either(one, pair) if count == 1 else either(one, listed(one, count), listed(pair, count))


def _convolutions(n: int) -> list[Layer]:
    rank = (n + 2,)
    windows: Arguments = {"filters": SMALL, "kernel_size": sizes(n)}
    common: Arguments = {
        "strides": sizes(n, 1, 2), "padding": CAUSAL if n == 1 else PADDING, "activation": ACTIVATION,
        "use_bias": FLAG, "dilation_rate": sizes(n, 1, 2), "trainable": FLAG,
    }  # fmt: skip
    transposed = {**common, "padding": PADDING, "output_padding": sizes(n, 0, 1)}
    made = [
        Layer(f"Conv{n}D", rank, windows, {**common, "groups": among(1, 1, 2)}),
        Layer(f"Conv{n}DTranspose", rank, windows, transposed),
    ]
    if n < 3:
        depth: Arguments = {"depth_multiplier": integer(1, 2)}
        made += [
            Layer(f"DepthwiseConv{n}D", rank, {"kernel_size": sizes(n)}, {**common, **depth}),
            Layer(f"SeparableConv{n}D", rank, windows, {**common, **depth}),
        ]
    return made


def _pools(n: int) -> list[Layer]:
    rank = (n + 2,)
    windows: Arguments = {"strides": sizes(n, 1, 2), "padding": PADDING}
    keep: Arguments = {"keepdims": FLAG}
    made = [
        Layer(f"MaxPooling{n}D", rank, {}, {"pool_size": sizes(n), **windows}),
        Layer(f"AveragePooling{n}D", rank, {"pool_size": sizes(n)}, windows),
    ]
    made += [
        Layer(f"Global{kind}Pooling{n}D", rank, {}, keep, dtypes=("float",))
        for kind in ("Max", "Average")
    ]
    made += [
        Layer(f"ZeroPadding{n}D", rank, {}, {"padding": pairs(n)}),
        Layer(f"Cropping{n}D", rank, {}, {"cropping": pairs(n)}),
        Layer(f"UpSampling{n}D", rank, {}, {"size": sizes(n)}),
        Layer(f"SpatialDropout{n}D", rank, {"rate": RATE}),
    ]
    return made


def _factors(shape: Shape) -> Arguments:
    """Shapes with as many elements as the input; now and then, others."""
    if None in shape[1:]:
        last = shape[-1] or 3
        return {"target_shape": among((-1, last), (-1, 2, last), (last, -1), (-1,))}
    size = 1
    for dim in shape[1:]:
        assert dim is not None
        size *= dim
    found = [(size,), (-1,), (1, size), (1, -1, 1), (size, 1), (size + 1,)]
    for factor in range(2, 8):
        if size % factor == 0:
            found += [(factor, size // factor), (-1, factor), (size // factor, -1, 1)]
    return {"target_shape": among(*found)}


def _orders(shape: Shape) -> Arguments:
    return {"dims": ordered(range(1, len(shape)))}


def _groups(shape: Shape) -> Arguments:
    channels = shape[-1] or 4
    return {"groups": among(*[n for n in (1, 2, 3, -1) if channels % n == 0])}


_RECURRENT: Arguments = {
    "return_sequences": FLAG, "go_backwards": FLAG, "use_bias": FLAG, "activation": ACTIVATION,
    "dropout": RATE,
}  # fmt: skip

LAYERS = [
    Layer("Dense", ANY, {"units": SMALL}, DENSE, dtypes=NUMBERS),
    Layer("Dense", (2, 3), {"units": SMALL}, DENSE),
    Layer("Activation", ANY, {"activation": among(*WORDS)}),
    Layer("ReLU", ANY, {}, {"max_value": among(6), "negative_slope": RATE}),
    Layer("LeakyReLU", ANY, {}, {"negative_slope": RATE}),
    Layer("PReLU", ANY),
    Layer("ELU", ANY, {}, {"alpha": RATE}),
    Layer("Softmax", ANY, {}, {"axis": AXIS}),
    Layer("Dropout", ANY, {"rate": RATE}),
    Layer("GaussianNoise", ANY, {"stddev": RATE}),
    Layer("GaussianDropout", ANY, {"rate": RATE}),
    Layer("AlphaDropout", ANY, {"rate": RATE}),
    Layer("ActivityRegularization", ANY, {}, {"l1": RATE}),
    Layer("Identity", ANY, dtypes=NUMBERS),
    Layer("BatchNormalization", ANY, {}, {"axis": AXIS, "scale": FLAG, "trainable": FLAG}),
    Layer("LayerNormalization", ANY, {}, {"axis": AXIS, "scale": FLAG, "center": FLAG}),
    Layer("RMSNormalization", ANY, {}, {"axis": among(-1)}),
    Layer("UnitNormalization", ANY, {}, {"axis": AXIS}),
    Layer("GroupNormalization", (3, 4), _groups, {"scale": FLAG}),
    Layer("Flatten", ANY, dtypes=NUMBERS),
    Layer("Reshape", ANY, _factors, dtypes=NUMBERS),
    Layer("Permute", ANY, _orders, dtypes=NUMBERS),
    Layer("RepeatVector", (2,), {"n": SMALL}),
    Layer("Embedding", (1, 2, 3), {"input_dim": among(9), "output_dim": SMALL}, dtypes=("int",)),
    Layer("Embedding", (2, 3), {"input_dim": among(9), "output_dim": SMALL}, dtypes=("int",)),
    Layer("LSTM", (3,), {"units": SMALL}, _RECURRENT),
    Layer("GRU", (3,), {"units": SMALL}, {**_RECURRENT, "reset_after": FLAG}),
    Layer("SimpleRNN", (3,), {"units": SMALL}, _RECURRENT),
    *[made for n in (1, 2, 2, 3) for made in (*_convolutions(n), *_pools(n))],
]

MERGES = [
    Layer("Add", ANY), Layer("Multiply", ANY), Layer("Average", ANY), Layer("Maximum", ANY),
    Layer("Minimum", ANY), Layer("Subtract", ANY), Layer("Concatenate", ANY, {}, {"axis": AXIS}),
    Layer("Concatenate", ANY),
    Layer("Dot", (2, 3), {"axes": among(-1, 1, 2, (2, 1), (1, 2))}, {"normalize": FLAG}),
]  # fmt: skip


class Number:
    """An expression that is a number in both languages."""

    def __init__(self, expression: str) -> None:
        self.expression = expression


class Call:
    """A layer in both languages."""

    def __init__(self, net: str, python: str) -> None:
        self.net, self.python = net, python


def layer_call(
    random: Random,
    layer: Layer,
    shape: Shape,
    *,
    name: str | None = None,
    numbers: tuple[str, ...] = (),
) -> Call:
    """A layer with random arguments, some of them by place.

    `name` is an expression for its name, `numbers` are expressions for how wide it is.
    """
    given = {key: each(random) for key, each in layer.needed(shape).items()}
    by_place = len(given) if chance(random, 2) else 0
    for key, each in layer.optional.items():
        if chance(random, 4):
            given[key] = each(random)
    for key in ("units", "filters", "output_dim"):
        if numbers and key in given and chance(random, 2):
            given[key] = Number(random.choice(numbers))
    net = _arguments(given, by_place, bare=True)
    python = _arguments(given, by_place, bare=False)
    after = ""
    if name is not None:
        python.append(f"name=named({name})")
        if chance(random, 4):
            net.append(f"name={name}")
        else:
            after = f" as {name[1:-1] if name[1:-1].isidentifier() else name}"
    return Call(f"{layer.name}({', '.join(net)}){after}", f"{layer.name}({', '.join(python)})")


def _arguments(given: dict[str, Any], by_place: int, *, bare: bool) -> list[str]:
    return [
        text(value, bare=bare) if index < by_place else f"{key}={text(value, bare=bare)}"
        for index, (key, value) in enumerate(given.items())
    ]


def text(value: Any, *, bare: bool) -> str:
    """A value as both languages spell it, but for bare words."""
    if isinstance(value, Number):
        return value.expression
    if isinstance(value, Bare):
        return value.word if bare else json.dumps(value.word)
    return json.dumps(value) if isinstance(value, str) else repr(value)
