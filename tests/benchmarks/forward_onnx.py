"""A layer graph as an ONNX model, as a good exporter would write it.

Images have their channels first, as ONNX wants them: the caller gives and takes them so. Borders go
into the convolution or pooling that they are for, `Flatten` permutes the next kernel's rows instead
of its input, and batch normalizations are left for the runtime to fold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

Shape = tuple[int, ...]
OPSET = 17


@dataclass(frozen=True)
class Value:
    """A tensor of the ONNX graph. `shape` is that of the layer graph, channels last."""

    name: str
    shape: Shape
    pads: tuple[tuple[int, int], ...] = ()
    """Zeros that still have to be put around it."""
    rows: Any = None
    """Which of its features, in Keras' order, each of them is, where that is not the same."""
    is_positive: bool = False


class Graph:
    """The nodes and constants so far."""

    def __init__(self, batch: int, weights: Mapping[str, Any]) -> None:
        self.batch = batch
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.layer = ""
        """The layer that is being written: the names of nodes and tensors begin with its own."""
        self._count = 0

    def node(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """The last output of a new node; those before it have no name."""
        self._count += 1
        result = f"{self.layer}/{op}{self._count}"
        names = [""] * (outputs - 1) + [result]
        self.nodes.append(helper.make_node(op, list(inputs), names, result, **attributes))
        return result

    def constant(self, array: Any) -> str:
        """The name of an array."""
        self._count += 1
        name = f"c{self._count}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def shape_of(self, record: Any) -> Shape:
        """The shape of a call's output, for the batch."""
        return (self.batch, *record.outputs[0].shape[1:])

    def weights_of(self, record: Any) -> dict[str, Any]:
        """The arrays of a layer by their paths in it."""
        return {
            spec.path: self.weights[f"{record.use.name}/{spec.path}"] for spec in record.weights
        }

    def reshaped(self, x: str, shape: Shape) -> str:
        return self.node("Reshape", x, self.constant(np.array(shape, np.int64)))

    def run(self, graph: Any, given: list[Value]) -> Value:
        """The output of a model, nested or not."""
        made: dict[int, Value] = {}
        for record in graph.records():
            if record.id in graph.inputs:
                made[record.id] = given[graph.inputs.index(record.id)]
                continue
            operands = [
                made[ref.node]
                for _, value in record.arguments
                for ref in (value if isinstance(value, list | tuple) else [value])
            ]
            self.layer = record.name
            nested = getattr(record.layer, "graph", None)
            if nested is not None:
                made[record.id] = self.run(nested, operands)
            else:
                made[record.id] = WRITERS[record.use.type_name](self, record, *operands)
        return made[graph.outputs[0].ref.node]


def channels_first(shape: Shape) -> Shape:
    """An image's shape as ONNX has it."""
    return (shape[0], shape[-1], *shape[1:-1]) if len(shape) == 4 else shape


def channels_first_array(x: Any) -> Any:
    """An image as ONNX has it."""
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if x.ndim == 4 else x


def to_onnx(graph: Any, weights: Mapping[str, Any], batch: int) -> Any:
    """The ONNX model for a layer graph with one input and one output, at a fixed batch."""
    made = Graph(batch, weights)
    source = graph.record(graph.inputs[0])
    x = Value("x", made.shape_of(source))
    y = made.run(graph, [x])
    made.nodes.append(helper.make_node("Identity", [y.name], ["y"]))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, channels_first(value.shape))
        for name, value in (("x", x), ("y", y))
    ]
    written = helper.make_graph(made.nodes, "model", ends[:1], ends[1:], made.constants)
    model = helper.make_model(written, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 10
    checker.check_model(model)
    return model


def activated(g: Graph, name: str, function: Any) -> str:
    """An activation by its op."""
    kind = None if function is None else function.name
    if kind is None or kind == "linear":
        return name
    if kind == "gelu":  # the exact one, in the form that runtimes know to fuse
        part = g.node("Div", name, g.constant(np.float32(np.sqrt(2))))
        part = g.node("Add", g.node("Erf", part), g.constant(np.float32(1)))
        return g.node("Mul", g.node("Mul", name, part), g.constant(np.float32(0.5)))
    ops = {"relu": "Relu", "softmax": "Softmax", "tanh": "Tanh", "sigmoid": "Sigmoid"}
    return g.node(ops[kind], name)


def activation(g: Graph, record: Any, x: Value) -> Value:
    function = record.layer.activation
    return replace(
        x, name=activated(g, x.name, function), is_positive=function.name in {"relu", "softmax"}
    )


def relu(g: Graph, record: Any, x: Value) -> Value:
    layer = record.layer
    if layer.negative_slope or layer.threshold:
        raise NotImplementedError("a leaky ReLU")
    if layer.max_value is None:
        name = g.node("Relu", x.name)
    else:
        bounds = [g.constant(np.float32(bound)) for bound in (0, layer.max_value)]
        name = g.node("Clip", x.name, *bounds)
    return replace(x, name=name, is_positive=True)


def window(g: Graph, layer: Any, size: Shape, strides: Shape, x: Value) -> dict[str, Any]:
    """The attributes that say how a window slides."""
    pads = list(x.pads or ((0, 0),) * len(size))
    if layer.padding == "same":
        for axis, (k, s) in enumerate(zip(size, strides, strict=True)):
            n = x.shape[1 + axis] + sum(pads[axis])
            total = max((-(-n // s) - 1) * s + k - n, 0)
            pads[axis] = (pads[axis][0] + total // 2, pads[axis][1] + total - total // 2)
    begins, ends = zip(*pads, strict=True)
    return {"kernel_shape": size, "strides": strides, "pads": (*begins, *ends)}


def convolution(g: Graph, record: Any, x: Value) -> Value:
    layer, weights = record.layer, g.weights_of(record)
    kernel = weights["kernel"]
    groups = layer.groups if hasattr(layer, "groups") else x.shape[-1]
    kernel = kernel.transpose(3, 2, 0, 1)
    if not hasattr(layer, "groups"):  # depthwise: [h, w, C, multiplier]
        kernel = weights["kernel"].transpose(2, 3, 0, 1)
        kernel = kernel.reshape(-1, 1, *kernel.shape[2:])
    arrays = [g.constant(kernel)]
    if layer.use_bias:
        arrays.append(g.constant(weights["bias"]))
    sliding = window(g, layer, layer.kernel_size, layer.strides, x)
    made = g.node("Conv", x.name, *arrays, group=groups, dilations=layer.dilation_rate, **sliding)
    return Value(activated(g, made, layer.activation), g.shape_of(record), is_positive=_relu(layer))


def transposed_convolution(g: Graph, record: Any, x: Value) -> Value:
    layer, weights = record.layer, g.weights_of(record)
    if layer.padding != "valid" or layer.output_padding is not None:
        raise NotImplementedError("a transposed convolution with padding")
    arrays = [g.constant(weights["kernel"].transpose(3, 2, 0, 1))]
    if layer.use_bias:
        arrays.append(g.constant(weights["bias"]))
    made = g.node("ConvTranspose", x.name, *arrays, strides=layer.strides)
    return Value(activated(g, made, layer.activation), g.shape_of(record), is_positive=_relu(layer))


def _relu(layer: Any) -> bool:
    return layer.activation is not None and layer.activation.name == "relu"


def zero_padding(g: Graph, record: Any, x: Value) -> Value:
    return replace(x, shape=x.shape, pads=record.layer.padding)


def max_pooling(g: Graph, record: Any, x: Value) -> Value:
    layer = record.layer
    if x.pads and not x.is_positive:
        raise NotImplementedError("zeros around what may be negative")
    sliding = window(g, layer, layer.pool_size, layer.strides or layer.pool_size, x)
    made = g.node("MaxPool", x.name, **sliding)
    return Value(made, g.shape_of(record), is_positive=x.is_positive)


def global_pooling(op: str) -> Callable[..., Value]:
    def write(g: Graph, record: Any, x: Value) -> Value:
        return Value(g.node("Flatten", g.node(op, x.name)), g.shape_of(record))

    return write


def upsampling(g: Graph, record: Any, x: Value) -> Value:
    layer = record.layer
    if layer.interpolation != "nearest":
        raise NotImplementedError("upsampling that interpolates")
    scales = g.constant(np.array([1, 1, *layer.size], np.float32))
    made = g.node(
        "Resize",
        x.name,
        "",
        scales,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    return replace(x, name=made, shape=g.shape_of(record))


def flatten(g: Graph, record: Any, x: Value) -> Value:
    shape = g.shape_of(record)
    rows = np.arange(prod(x.shape[1:])).reshape(x.shape[1:])
    if len(x.shape) == 4:
        rows = rows.transpose(2, 0, 1)
    return Value(g.node("Flatten", x.name), shape, rows=rows.reshape(-1))


def reshape(g: Graph, record: Any, x: Value) -> Value:
    shape = g.shape_of(record)
    if len(x.shape) == 4 or x.rows is not None:
        raise NotImplementedError("an image reshaped")
    made = g.reshaped(x.name, shape)
    if len(shape) == 4:
        made = (
            g.reshaped(x.name, channels_first(shape))
            if shape[-1] == 1
            else g.node("Transpose", made, perm=(0, 3, 1, 2))
        )
    return Value(made, shape)


def dense(g: Graph, record: Any, x: Value) -> Value:
    layer, weights = record.layer, g.weights_of(record)
    kernel = weights["kernel"] if x.rows is None else weights["kernel"][x.rows]
    bias = [weights["bias"]] if layer.use_bias else []
    made = linear(g, x.name, len(x.shape), kernel, *bias)
    return Value(activated(g, made, layer.activation), g.shape_of(record))


def linear(g: Graph, x: str, rank: int, kernel: Any, bias: Any = None) -> str:
    """A product with a matrix, and a bias."""
    if rank == 2:
        added = [] if bias is None else [g.constant(bias)]
        return g.node("Gemm", x, g.constant(kernel), *added)
    made = g.node("MatMul", x, g.constant(kernel))
    return made if bias is None else g.node("Add", made, g.constant(bias))


def batch_normalization(g: Graph, record: Any, x: Value) -> Value:
    weights = g.weights_of(record)
    keys = ("gamma", "beta", "moving_mean", "moving_variance")
    arrays = [g.constant(weights[key]) for key in keys]
    name = g.node("BatchNormalization", x.name, *arrays, epsilon=record.layer.epsilon)
    return replace(x, name=name, is_positive=False)


def layer_normalization(g: Graph, record: Any, x: Value) -> Value:
    weights = g.weights_of(record)
    arrays = [g.constant(weights[key]) for key in ("gamma", "beta")]
    name = g.node("LayerNormalization", x.name, *arrays, axis=-1, epsilon=record.layer.epsilon)
    return replace(x, name=name, is_positive=False)


def add(g: Graph, record: Any, x: Value, y: Value) -> Value:
    return Value(g.node("Add", x.name, y.name), g.shape_of(record))


def attention(g: Graph, record: Any, query: Value, value: Value) -> Value:
    layer, weights = record.layer, g.weights_of(record)
    width, heads = query.shape[-1], layer.num_heads

    def projected(part: str, x: Value, order: Shape) -> str:
        kernel, bias = weights[f"{part}/kernel"], weights[f"{part}/bias"]
        made = linear(g, x.name, 3, kernel.reshape(width, -1), bias.reshape(-1))
        made = g.reshaped(made, (*x.shape[:2], heads, -1))
        return g.node("Transpose", made, perm=order)

    q = projected("query", query, (0, 2, 1, 3))
    k = projected("key", value, (0, 2, 3, 1))
    v = projected("value", value, (0, 2, 1, 3))
    scale = g.constant(np.float32(layer.key_dim**-0.5))
    scores = g.node("Softmax", g.node("Mul", g.node("MatMul", q, k), scale))
    made = g.node("Transpose", g.node("MatMul", scores, v), perm=(0, 2, 1, 3))
    made = g.reshaped(made, (*query.shape[:2], -1))
    kernel = weights["attention_output/kernel"].reshape(-1, width)
    return Value(linear(g, made, 3, kernel, weights["attention_output/bias"]), g.shape_of(record))


def lstm(g: Graph, record: Any, x: Value) -> Value:
    layer, weights = record.layer, {}
    for path, array in g.weights_of(record).items():
        weights[path.rsplit("/", 1)[-1]] = array
    if layer.return_sequences or layer.go_backwards:
        raise NotImplementedError("an LSTM that gives all its steps, or goes back")

    def gates(array: Any) -> Any:
        """Keras' gates are input, forget, cell, output; ONNX' input, output, forget, cell."""
        i, f, c, o = np.split(array, 4, axis=-1)
        return np.concatenate([i, o, f, c], axis=-1)

    bias = gates(weights["bias"])
    arrays = [
        gates(weights["kernel"]).T[None],
        gates(weights["recurrent_kernel"]).T[None],
        np.concatenate([bias, np.zeros_like(bias)])[None],
    ]
    by_time = g.node("Transpose", x.name, perm=(1, 0, 2))
    last = g.node("LSTM", by_time, *map(g.constant, arrays), outputs=2, hidden_size=layer.units)
    axes = g.constant(np.array([0], np.int64))
    return Value(g.node("Squeeze", last, axes), g.shape_of(record))


WRITERS: dict[str, Callable[..., Value]] = {
    "Activation": activation,
    "Add": add,
    "BatchNormalization": batch_normalization,
    "Conv2D": convolution,
    "Conv2DTranspose": transposed_convolution,
    "Dense": dense,
    "DepthwiseConv2D": convolution,
    "Flatten": flatten,
    "GlobalAveragePooling2D": global_pooling("GlobalAveragePool"),
    "GlobalMaxPooling2D": global_pooling("GlobalMaxPool"),
    "LayerNormalization": layer_normalization,
    "LSTM": lstm,
    "MaxPooling2D": max_pooling,
    "MultiHeadAttention": attention,
    "ReLU": relu,
    "Reshape": reshape,
    "UpSampling2D": upsampling,
    "ZeroPadding2D": zero_padding,
}
