"""Models in which functions on tensors do the work."""

from __future__ import annotations

import numpy as np

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
FUNCTIONS = subject("functions")


@FUNCTIONS.model(is_fast=True)
def operands_first_that_are_no_tensors():
    """Python asks a number for nothing: `0 < x` is `x > 0`, another class of Keras'."""
    x = keras.Input((4,))
    made = [
        ops.less(0.5, x), ops.less_equal(-1, x), ops.greater(2, x),
        ops.logical_and(2.5, x), ops.logical_or(x, 0.0), ops.logical_or(np.float32(0), x),
        ops.divide(x, 2.0), ops.divide(1.0, x * x + 1.0), ops.true_divide(x, 4.0), x / 3.0,
    ]  # fmt: skip
    return keras.Model(x, made)


@FUNCTIONS.model(is_fast=True)
def leaky_by_where():
    x = keras.Input((5, 4))
    y = ops.where(x > 0, x, 0.1 * x)
    z = ops.where(condition=x > 0.5, x1=y, x2=0.25)
    w = ops.where(y < z, -1.0, ops.where(z > 0.1, x, 0.0))
    return keras.Model(x, [y, z, w])


@FUNCTIONS.model()
def functions_by_keyword():
    x = keras.Input((5, 4), name="x")
    made = [
        ops.add(x1=x, x2=1.5),
        ops.multiply(2.0, x2=x),
        ops.subtract(x1=1, x2=x),
        ops.clip(x=x, x_min=-0.5, x_max=0.5),
        ops.maximum(x1=x, x2=0.0),
        ops.concatenate(xs=[x, x], axis=1),
        ops.stack(x=[x, x * 2], axis=-1),
        ops.sum(x=x, axis=[1, 2], keepdims=True),
        ops.mean(x, axis=None),
        ops.transpose(x=x, axes=[0, 2, 1]),
        ops.reshape(x=x, newshape=(-1, 20)),
        ops.expand_dims(x=x, axis=(1, -1)),
        ops.pad(x=x, pad_width=[[0, 0], [2, 0], [0, 1]], mode="reflect"),
        ops.pad(x, ((0, 0), (0, 1), (1, 1)), mode="constant", constant_values=3.0),
        ops.one_hot(ops.argmax(x=x, axis=-1), num_classes=4, dtype="int32"),
    ]
    return keras.Model(x, made)


@FUNCTIONS.model()
def python_operators():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    i = keras.Input((3,), name="i", dtype="int32")
    made = [
        a + b, a - b, a * b, a / (b + 5.0), 1 + a, 1 - a, 2 * a, 2.5 / (a * a + 1.0),
        a // 0.5, 7.0 // (ops.abs(b) + 1), a % 0.3, 5.0 % (ops.abs(a) + 1.0), ops.abs(a) ** 0.5,
        2**b, -a, abs(b), a > b, a >= 0.1, a <= b, ops.equal(a, b), a != 0.0,
        (a > 0) & (b > 0), (a > 0) | (b > 0), (a > 0) ^ (b > 0), ~(a > 0), i + 1, i * 2, i // 2,
        i % 2, i / 2, i > 1, i + a, -i, i**2, ops.equal(i, 2),
    ]  # fmt: skip
    return keras.Model([a, b, i], made)


@FUNCTIONS.model()
def slices_of_all_kinds():
    x = keras.Input((7, 6, 5), name="x")
    made = [
        x[:, -1], x[:, 0, 1], x[..., 0], x[..., -1:], x[..., None], x[:, None], x[:, None, ..., 0],
        x[:, 1:-1], x[:, ::2, ::-1], x[:, -3:], x[:, :-2, 1:3, ::2], x[:, 5:1:-2], x[:, ..., 1:],
        x[:, :, None, :, None], x[:, 2][:, 1][:, None], x[..., 1, :], x[:, 1:2, 0],
    ]  # fmt: skip
    return keras.Model(x, made)


@FUNCTIONS.model()
def shapes_that_are_known():
    x = keras.Input((6, 4))
    _, steps, features = ops.shape(x)
    y = ops.reshape(x, (-1, steps * features))
    z = ops.reshape(y, (-1, features, steps))
    w = layers.Dense(x.shape[-1] // 2)(z)
    return keras.Model(x, [y, z, w])


@FUNCTIONS.model()
def einsums():
    q, k = keras.Input((5, 2, 3), name="q"), keras.Input((7, 2, 3), name="k")
    scores = ops.einsum("bqhd,bkhd->bhqk", q, k)
    weights = ops.softmax(scores / 3**0.5, axis=-1)
    y = ops.einsum("bhqk,bkhd->bqhd", weights, k)
    z = ops.einsum("...hd,dh->...", y, np.ones((3, 2), "float32"))
    trace = ops.einsum("bij,bij->b", z[..., None], z[..., None])
    return keras.Model([q, k], [y, z, trace])


@FUNCTIONS.model()
def rotary_positions():
    x = keras.Input((8, 6), name="x")
    positions = ops.cast(ops.arange(8), "float32")
    frequencies = 1.0 / (10000 ** (np.arange(0, 6, 2, dtype="float32") / 6))
    angles = ops.expand_dims(positions, -1) * frequencies
    even, odd = x[..., ::2], x[..., 1::2]
    sin, cos = ops.sin(angles), ops.cos(angles)
    rotated = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return keras.Model(x, ops.reshape(rotated, (-1, 8, 6)))


@FUNCTIONS.model()
def squash_and_route():
    x = keras.Input((12, 4))
    squared = ops.sum(ops.square(x), axis=-1, keepdims=True)
    capsules = x * (squared / (1.0 + squared)) / ops.sqrt(squared + keras.config.epsilon())
    guesses = layers.Dense(6)(capsules)
    guesses = ops.reshape(guesses, (-1, 12, 3, 2))
    logits = ops.zeros_like(guesses[..., :1])
    for _ in range(2):
        routed = ops.sum(ops.softmax(logits, axis=2) * guesses, axis=1, keepdims=True)
        logits = logits + ops.sum(guesses * routed, axis=-1, keepdims=True)
    return keras.Model(x, ops.sqrt(ops.sum(ops.square(ops.squeeze(routed, axis=1)), axis=-1)))


@FUNCTIONS.model()
def distances():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    euclid = ops.sqrt(ops.maximum(ops.sum(ops.square(a - b), axis=1, keepdims=True), 1e-7))
    cosine = ops.sum(ops.normalize(a, axis=-1) * ops.normalize(b, axis=-1), axis=-1)
    manhattan = ops.exp(-ops.sum(ops.absolute(a - b), axis=-1, keepdims=True))
    outer = ops.expand_dims(a, 2) * ops.expand_dims(b, 1)
    return keras.Model([a, b], [euclid, cosine, manhattan, outer])


@FUNCTIONS.model()
def linear_algebra():
    x = keras.Input((4, 4))
    gram = ops.matmul(x, ops.swapaxes(x, -1, -2)) + ops.eye(4)
    made = [
        ops.linalg.cholesky(gram), ops.linalg.inv(gram), ops.linalg.det(gram),
        ops.linalg.solve(gram, x), ops.trace(gram, axis1=1, axis2=2),
        ops.diagonal(gram, axis1=1, axis2=2), ops.triu(gram, k=1), ops.tril(gram, -1),
        ops.tensordot(x, np.ones((4, 2), "float32"), axes=1), ops.outer(x[0, 0], np.ones(3)),
    ]  # fmt: skip
    return keras.Model(x, made)


@FUNCTIONS.model()
def gathers():
    x, i = keras.Input((6, 4), name="x"), keras.Input((3,), dtype="int32", name="i")
    made = [
        ops.take(x, [0, 2, 4], axis=1), ops.take(x, 1, axis=-1), ops.take(x, i % 2, axis=0),
        ops.take_along_axis(x, ops.expand_dims(i, -1), axis=1),
        ops.segment_sum(x, ops.cast(i[:, 0] > 0, "int32"), num_segments=2),
        ops.searchsorted(np.array([0.0, 1.0, 2.0]), ops.reshape(x, (-1,))),
        ops.scatter(ops.convert_to_tensor([[0], [2]]), x[0, :2], (4, 4)),
    ]  # fmt: skip
    return keras.Model([x, i], made)


@FUNCTIONS.model()
def image_functions():
    x = keras.Input((12, 10, 3), name="x")
    made = [
        ops.image.resize(x, (6, 5)),
        ops.image.resize(x, size=(24, 20), interpolation="nearest"),
        ops.image.rgb_to_grayscale(x),
        ops.image.pad_images(x, top_padding=1, left_padding=2, target_height=16, target_width=14),
        ops.image.crop_images(x, top_cropping=1, left_cropping=2, target_height=8, target_width=6),
        ops.image.extract_patches(x, size=(3, 2), strides=(3, 2), padding="valid"),
        ops.image.extract_patches(x, 2),
        ops.image.rgb_to_hsv(ops.sigmoid(x)),
    ]
    return keras.Model(x, made)


@FUNCTIONS.model()
def convolutions_by_function():
    x = keras.Input((9, 8, 4))
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 2)).astype("float32")
    depth = np.ones((3, 3, 4, 1), "float32")
    y = ops.conv(x, kernel, strides=1, padding="same")
    z = ops.depthwise_conv(x, depth, strides=2, padding="valid")
    p = ops.max_pool(x, pool_size=2, strides=1, padding="same")
    q = ops.average_pool(x, (3, 2), strides=(1, 2))
    return keras.Model(x, [ops.relu(y), z, p, q])


@FUNCTIONS.model(is_fast=True)
def relu_of_the_activations():
    # To Keras this is a function of another class than `ops.relu`, and has a layer's names.
    relu = keras.activations.relu
    x = keras.Input((4,))
    y = layers.ReLU(3.0)(relu(x, negative_slope=0.1))
    made = [
        relu(y), relu(x, max_value=6), relu(x, threshold=0.5), ops.relu(y),
        relu(layers.Dense(3)(relu(x, negative_slope=0.2, max_value=2.0, threshold=1.0))),
    ]  # fmt: skip
    return keras.Model(x, made)


@FUNCTIONS.model()
def activations_by_function():
    x = keras.Input((6,))
    made = [
        ops.relu(x), ops.relu6(x), ops.leaky_relu(x, negative_slope=0.3), ops.elu(x, alpha=0.5),
        ops.selu(x), ops.gelu(x, approximate=False), ops.gelu(x), ops.silu(x), ops.softplus(x),
        ops.softsign(x), ops.hard_sigmoid(x), ops.hard_silu(x), ops.log_sigmoid(x),
        ops.log_softmax(x), ops.softmax(x, axis=-1), ops.sigmoid(x), ops.tanh(x), ops.celu(x),
        ops.glu(x, axis=-1), ops.hard_tanh(x), ops.soft_shrink(x), ops.threshold(x, 0.1, -1.0),
        ops.squareplus(x), ops.sparsemax(x), ops.tanh_shrink(x), ops.sparse_plus(x),
        keras.activations.softmax(x), keras.activations.gelu(x, approximate=True),
        keras.activations.exponential(x), keras.activations.linear(x),
    ]  # fmt: skip
    return keras.Model(x, made)


@FUNCTIONS.model()
def dtypes_by_function():
    x, i = keras.Input((4,), name="x"), keras.Input((4,), dtype="uint8", name="i")
    made = [
        ops.cast(x, "float16") * 2, ops.cast(x > 0, "int32"), ops.cast(i, "float32") / 255.0,
        i / 255, ops.cast(i, "int32") - 1, ops.cast(x, "bfloat16") + 1.0, x.shape[1] * x,
        ops.ones_like(i, dtype="float32"), ops.full_like(x, 3), ops.zeros_like(x, dtype="bool"),
        ops.logical_and(x > 0, i > 1), ops.mean(i), ops.sum(x > 0, axis=1), ops.isfinite(x),
    ]  # fmt: skip
    return keras.Model([x, i], made)


@FUNCTIONS.model()
def constants_everywhere():
    x = keras.Input((3,))
    table = np.arange(6, dtype="float32").reshape(3, 2)
    y = ops.add(ops.matmul(x, table), np.array([1.0, -1.0], "float32"))
    z = ops.concatenate([y, ops.ones((2, 2))], axis=0)
    u = ops.where(np.array([True, False, True]), x, np.float32(2))
    return keras.Model(x, [z, u, ops.maximum(x, np.array([0.0, 0.5, 0.25], "float32"))])


@FUNCTIONS.model()
def statistics():
    x = keras.Input((6, 5))
    mean, variance = ops.moments(x, axes=[1], keepdims=True)
    y = (x - mean) * ops.rsqrt(variance + 1e-5)
    made = [
        y, ops.quantile(x, 0.25), ops.quantile(x, [0.25, 0.75]), ops.average(x, 1),
        ops.average(x, axis=1, weights=np.arange(1.0, 7.0)), ops.amax(x, 1), ops.amin(x, axis=-1),
        ops.cumprod(x, axis=-1), ops.ptp(x, axis=1) if hasattr(ops, "ptp") else x,
        ops.digitize(x, np.array([-1.0, 0.0, 1.0])), ops.var(x, keepdims=True), ops.std(x),
        ops.logsumexp(x, axis=(1, 2)), ops.correlate(x[0, 0], x[0, 1]),
    ]  # fmt: skip
    return keras.Model(x, made)


@FUNCTIONS.model()
def loops_by_hand():
    x = keras.Input((4, 3))
    h = ops.zeros_like(x[:, 0])
    cell = layers.Dense(3, activation="tanh", name="cell")
    states = []
    for step in range(4):
        h = cell(ops.concatenate([x[:, step], h], axis=-1))
        states.append(h)
    return keras.Model(x, ops.stack(states, axis=1))


@FUNCTIONS.model()
def operators_as_objects():
    x = keras.Input((4,))
    y = keras.src.ops.numpy.Add()(x, 1.0)
    y = keras.src.ops.numpy.Mean(axis=-1, keepdims=True)(y)
    y = keras.src.ops.nn.Relu(name="my_relu")(y)
    return keras.Model(x, keras.src.ops.numpy.Multiply(name="scaled")(y, x))
