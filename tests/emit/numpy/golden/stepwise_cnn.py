"""stepwise_cnn, in NumPy."""

import argparse
import pathlib
import zipfile
from math import prod

import numpy as np


def windows(x, window, strides, dilation):
    """All windows over the axes between the first and the last, [N, *places, *window, C]: a view."""
    spans = [d * (size - 1) + 1 for size, d in zip(window, dilation, strict=True)]
    axes = tuple(range(1, x.ndim - 1))
    # [N, *starts, C, *spans]
    views = np.lib.stride_tricks.sliding_window_view(x, spans, axes)
    count = len(window)
    views = views[
        slice(None),
        *(slice(None, None, stride) for stride in strides),
        slice(None),
        *(slice(None, None, d) for d in dilation),
    ]
    return np.moveaxis(views, count + 1, -1)


_CACHED_BYTES = 1 << 20


def _blocks(patches):
    """Examples in parts whose patches, once copied, stay in the cache."""
    each = prod(patches.shape[1:]) * patches.itemsize
    count = max(_CACHED_BYTES // max(each, 1), 1)
    return (slice(start, start + count) for start in range(0, len(patches), count))


_any_mode = np.pad  # its types list the modes one by one


def _kept(size, before, after):
    return slice(max(-before, 0), max(size + min(after, 0), 0))


def pad(x, widths, mode, value=0):
    """More elements before and after each axis; fewer where a width is negative."""
    before = x
    x = x[
        tuple(_kept(size, *width) for size, width in zip(x.shape, widths, strict=True))
    ]
    grown = [(max(low, 0), max(high, 0)) for low, high in widths]
    if not any(map(any, grown)):
        return x
    if mode != "constant":
        padded = _any_mode(x, grown, mode=mode)
        return padded
    shape = tuple(
        size + sum(width) for size, width in zip(before.shape, widths, strict=True)
    )
    result = np.full(shape, np.asarray(value).astype(x.dtype))
    # What is cut off after an axis may be all of it, and some of what is put before it.
    into = tuple(slice(b, b + n) for n, (b, _) in zip(x.shape, grown, strict=True))
    target = result[into]
    target[...] = x[tuple(map(slice, target.shape))]
    return result


def _spread(x, dilation):
    if all(d == 1 for d in dilation):
        return x
    sizes = [
        max((n - 1) * d + 1, 0) for n, d in zip(x.shape[1:-1], dilation, strict=True)
    ]
    result = np.zeros((x.shape[0], *sizes, x.shape[-1]), x.dtype)
    result[(slice(None), *(slice(None, None, d) for d in dilation))] = x
    return result


def _padded(x, padding, input_dilation):
    return pad(_spread(x, input_dilation), ((0, 0), *padding, (0, 0)), "constant")


def _over_examples(examples, weights, strides, dilation):
    """The same for [C, *spatial, N], of which the examples [N, *spatial, C] lie in memory.

    Places and taps change places: what each place sees of some examples is one matrix, and
    products of these are added up.
    """
    window, out = weights.shape[:-2], weights.shape[-1]
    places = tuple(
        (size - (span - 1) * d - 1) // stride + 1
        for size, span, stride, d in zip(
            examples.shape[1:-1], window, strides, dilation, strict=True
        )
    )
    seen = windows(examples, places, dilation, strides)  # [N, *window, *places, C]
    seen = seen[(slice(None), *map(slice, window))]
    kernels = np.moveaxis(weights, -2, 0)  # [N, *window, out]
    columns = prod(places) * examples.shape[-1]
    total = np.zeros((columns, out), kernels.dtype)
    for rows in _blocks(seen):
        block = seen[rows]
        matrix = block.reshape(prod(block.shape[: len(window) + 1]), columns)
        total += matrix.T @ kernels[rows].reshape(len(matrix), out)
    return np.moveaxis(total.reshape(*places, examples.shape[-1], out), -2, 0)


def conv(
    x,
    weights,
    strides=(1, 1),
    padding=((0, 0), (0, 0)),
    dilation=(1, 1),
    input_dilation=(1, 1),
    groups=1,
):
    """Shapes: x [N, *spatial, C], weights [*window, C // groups, out]."""
    window, into, out = weights.shape[:-2], weights.shape[-2], weights.shape[-1]
    examples = x.swapaxes(0, -1)
    if groups == 1 and examples.flags.c_contiguous and not x.flags.c_contiguous:
        # As the gradients of kernels have it, whose channels take the place of the batch.
        swapped = _padded(examples, padding, input_dilation)
        return _over_examples(swapped, weights, strides, dilation).astype(
            x.dtype, copy=False
        )
    # [N, *places, *window, C]
    patches = windows(_padded(x, padding, input_dilation), window, strides, dilation)
    places = patches.shape[: len(strides) + 1]
    taps = prod(window)
    by_groups = weights.reshape(taps, into, groups, out // groups)
    matrices = by_groups.transpose(2, 0, 1, 3).reshape(
        groups, taps * into, out // groups
    )
    result = np.empty((*places, out), matrices.dtype)
    for rows in _blocks(patches):
        some = patches[rows]
        count = prod(some.shape[: len(places)])
        block = some.reshape(count, taps, groups, into).transpose(2, 0, 1, 3)
        # [groups, places, taps * into] times [groups, taps * into, out // groups]
        product = np.matmul(block.reshape(groups, count, taps * into), matrices)
        result[rows] = product.transpose(1, 0, 2).reshape(
            *some.shape[: len(places)], out
        )
    return result.astype(x.dtype, copy=False)


def _reduced(ufunc, fill, x, window, strides, padding):
    result = pad(x, padding, "constant", fill)
    for axis, (size, stride) in enumerate(zip(window, strides, strict=True)):
        if (size, stride) == (1, 1):
            continue
        places = (result.shape[axis] - size) // stride + 1
        before = (slice(None),) * axis
        taps = [
            result[*before, slice(tap, tap + (places - 1) * stride + 1, stride)]
            for tap in range(size)
        ]
        total = taps[0].copy()
        for tap in taps[1:]:
            ufunc(total, tap, out=total)
        result = total
    return result.astype(x.dtype, copy=False)


def smallest(dtype):
    """What is below every other value of a dtype."""
    if dtype.kind == "b":
        return False
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -np.inf


def reduce_window_max(x, window, strides, padding=((0, 0), (0, 0), (0, 0), (0, 0))):
    """Maxima of windows; padding counts as the smallest value."""
    return _reduced(np.maximum, smallest(x.dtype), x, window, strides, padding)


def array(inputs, name, shape, dtype):
    """An input as an array; its sizes are those of the shape, None being any."""
    if name not in inputs:
        raise ValueError(f"there is no input {name}")
    found = np.asarray(inputs[name])
    if np.dtype(dtype).kind in "iu" and found.dtype.kind not in "biu":
        raise ValueError(f"{name} needs whole numbers, got {found.dtype}")
    sizes = [n if n is None else size for n, size in zip(shape, found.shape)]
    if len(found.shape) != len(shape) or sizes != list(shape):
        raise ValueError(f"{name} needs shape {shape}, got {found.shape}")
    return found.astype(dtype, copy=False)


@np.errstate(all="ignore")
def predict(inputs, weights):
    """The outputs by name, for inputs by name.

    input_layer: [B, 250, 250, 3]
    """
    input_layer = array(inputs, "input_layer", (None, 250, 250, 3), np.float32)

    # conv2d: Conv2D, [B, 123, 123, 32]
    x = conv(input_layer, weights["conv2d/kernel"], strides=(2, 2))
    x = np.maximum(x + weights["conv2d/bias"], 0)

    # conv2d_1: Conv2D, [B, 121, 121, 32]
    x = conv(x, weights["conv2d_1/kernel"])

    # max_pooling2d: MaxPooling2D, [B, 40, 40, 32]
    x = reduce_window_max(x, window=(1, 3, 3, 1), strides=(1, 3, 3, 1))
    max_pooling2d = np.maximum(x + weights["conv2d_1/bias"], 0)
    return {"max_pooling2d": max_pooling2d}


def read(path):
    """The arrays of a file by name; an .npy file has one, and no name for it."""
    found = np.load(path)
    return found if isinstance(found, np.ndarray) else dict(found)


def write(path, arrays):
    """Write arrays by name, as an .npz file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.save(member, array)


def main():
    """Compute the outputs of a file of inputs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--input", required=True, help="an .npz file of inputs by name")
    default = pathlib.Path(__file__).with_name("stepwise_cnn.npz")
    parser.add_argument("--weights", default=default)
    parser.add_argument("-o", "--output", required=True, help="an .npz file to write")
    given = parser.parse_args()
    try:
        inputs = read(given.input)
        if isinstance(inputs, np.ndarray):
            inputs = {"input_layer": inputs}
        elif len(inputs) == 1:
            inputs = dict.fromkeys(["input_layer"], *inputs.values())
        outputs = predict(inputs, read(given.weights))
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
        fault = type(error).__name__
        raise SystemExit(f"this cannot be computed: {fault}: {error}") from None
    write(given.output, outputs)


if __name__ == "__main__":
    main()
