"""`keras.ops.einsum`: sums of products, written by naming axes."""

from __future__ import annotations

from collections import Counter

from graphc.declare.op import op
from graphc.diagnostics.codes import INPUT_COUNT, INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.shapes import broadcast_dims, difference_help, difference_text
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import multiply
from graphc.ops.convert import TensorLike, cast, together
from graphc.ops.diagonals import diagonal
from graphc.ops.shaping import permuted, to_shape
from graphc.record import Record


class Labelled(Record):
    """A tensor, and a name for each of its axes."""

    tensor: Tensor
    labels: tuple[str, ...]


@op()
def einsum(subscripts: str, *operands: TensorLike) -> Tensor:
    """Multiply tensors and add up along the axes that the result does not name.

    "ij,jk->ik" is a matrix product. A letter names an axis, in `...` go all that are not named;
    without "->" the result has, in the order of the alphabet, the letters that stand once.
    """
    inputs, output = _parse(subscripts, len(operands))
    tensors = _in_one_dtype(operands)
    parts = [
        _labelled(tensor, spec, subscripts) for tensor, spec in zip(tensors, inputs, strict=True)
    ]
    wanted = _output_labels(output, inputs, parts, subscripts)
    parts = _sized(parts)
    while len(parts) > 1:
        first, second, *rest = parts
        needed = {label for part in rest for label in part.labels} | set(wanted)
        parts = [_product(first, second, needed), *rest]
    return _arranged(_summed(parts[0], set(wanted)), wanted)


def _in_one_dtype(operands: tuple[TensorLike, ...]) -> list[Tensor]:
    tensors = together(*operands)
    is_small = all(t.dtype == "int8" for t in tensors)
    return [cast(tensor, "int32") if is_small else tensor for tensor in tensors]


# Reading subscripts


def _parse(subscripts: str, count: int) -> tuple[list[str], str | None]:
    text = subscripts.replace(" ", "")
    sides = text.split("->")
    bare = text.replace("->", "").replace("...", "").replace(",", "")
    if len(sides) > 2 or not all(c.isascii() and c.isalpha() for c in bare):
        raise Fault(
            INVALID_VALUE,
            f'needs letters, commas, `...` and at most one `->` in its subscripts, got "{subscripts}"',
            arguments=("subscripts",),
        )
    inputs = sides[0].split(",")
    if len(inputs) != count:
        raise Fault(
            INPUT_COUNT,
            f"needs {len(inputs)} tensor{'s' if len(inputs) != 1 else ''} "
            f'for "{subscripts}", got {count}',
            arguments=("subscripts",),
        )
    return inputs, sides[1] if len(sides) == 2 else None


def _labelled(tensor: Tensor, spec: str, subscripts: str) -> Labelled:
    """Names for the axes; those in `...` are called "-1", "-2", … from its end."""
    before, dots, after = spec.partition("...")
    hidden = tensor.rank - len(before) - len(after)
    if hidden < 0 or (hidden > 0 and not dots) or "..." in after:
        raise Fault(
            RANK_MISMATCH,
            f'needs a rank-{len(before) + len(after)} tensor for "{spec}", got {tensor.type}',
            label=f'in "{subscripts}"',
        )
    labels = (*before, *(str(-i) for i in range(hidden, 0, -1)), *after)
    return _without_repeats(Labelled(tensor, labels))


def _without_repeats(part: Labelled) -> Labelled:
    """The diagonal of axes that share a name."""
    for label, count in Counter(part.labels).items():
        for _ in range(count - 1):
            first = part.labels.index(label)
            second = part.labels.index(label, first + 1)
            rest = tuple(n for axis, n in enumerate(part.labels) if axis not in (first, second))
            part = Labelled(diagonal(part.tensor, 0, first, second), (*rest, label))
    return part


def _output_labels(
    output: str | None, inputs: list[str], parts: list[Labelled], subscripts: str
) -> tuple[str, ...]:
    known = {label for part in parts for label in part.labels}
    hidden = tuple(sorted((n for n in known if n.startswith("-")), key=int))
    if output is None:
        letters = Counter("".join(inputs).replace(".", ""))
        return (*hidden, *sorted(n for n, count in letters.items() if count == 1))
    before, dots, after = output.partition("...")
    if hidden and not dots:
        hidden = ()
    labels = (*before, *hidden, *after)
    unknown = [label for label in labels if label not in known]
    if unknown or len(set(labels)) != len(labels):
        raise Fault(
            INVALID_VALUE,
            f'needs each letter of its result once, and in an input, got "{subscripts}"',
            label=f"`{unknown[0]}` is in no input" if unknown else "a letter stands there twice",
            arguments=("subscripts",),
        )
    return labels


# Computing


def _sized(parts: list[Labelled]) -> list[Labelled]:
    """Axes of one name brought to one size: those of size 1 are dropped where others are larger."""
    sizes: dict[str, Dim] = {}
    for part in parts:
        for label, dim in zip(part.labels, part.tensor.shape, strict=True):
            merged = broadcast_dims(sizes.get(label, 1), dim)
            if merged is None:
                first = next(p for p in parts if label in p.labels and _size(p, label) != 1)
                raise _sizes_differ(label, first, part)
            sizes[label] = merged
    return [_dropped(part, sizes) for part in parts]


def _size(part: Labelled, label: str) -> Dim:
    return part.tensor.shape[part.labels.index(label)]


def _sizes_differ(label: str, first: Labelled, second: Labelled) -> Fault:
    what = "the axes in `...`" if label.startswith("-") else f"the axes called `{label}`"
    one, other = _size(first, label), _size(second, label)
    return Fault(
        SHAPE_MISMATCH,
        f"needs one size for {what}, got {one} in {first.tensor.type} "
        f"and {other} in {second.tensor.type}",
        label=difference_text(one, other),
        help=difference_help(one, other),
    )


def _dropped(part: Labelled, sizes: dict[str, Dim]) -> Labelled:
    kept = [
        (dim, label)
        for dim, label in zip(part.tensor.shape, part.labels, strict=True)
        if dim != 1 or sizes[label] == 1
    ]
    shape = tuple(dim for dim, _ in kept)
    return Labelled(to_shape(part.tensor, shape), tuple(label for _, label in kept))


def _product(first: Labelled, second: Labelled, needed: set[str]) -> Labelled:
    """Multiply two, adding up along the axes that nothing after needs."""
    first = _summed(first, needed | set(second.labels))
    second = _summed(second, needed | set(first.labels))
    shared = [label for label in first.labels if label in second.labels]
    batch = [label for label in shared if label in needed]
    contracted = [label for label in shared if label not in needed]
    rest = [label for part in (first, second) for label in part.labels if label not in shared]
    if not contracted:
        labels = (*batch, *rest)
        return Labelled(multiply(_spread(first, labels), _spread(second, labels)), labels)
    result = apply(
        DOT_GENERAL,
        first.tensor,
        second.tensor,
        contracting=(_axes(first, contracted), _axes(second, contracted)),
        batch=(_axes(first, batch), _axes(second, batch)),
    )
    return Labelled(result, (*batch, *rest))


def _spread(part: Labelled, labels: tuple[str, ...]) -> Tensor:
    """The axes in the order of labels, with axes of size 1 for those it has not."""
    ordered = permuted(part.tensor, _axes(part, [n for n in labels if n in part.labels]))
    dims = iter(ordered.shape)
    return to_shape(ordered, tuple(next(dims) if n in part.labels else 1 for n in labels))


def _axes(part: Labelled, labels: list[str]) -> tuple[int, ...]:
    return tuple(part.labels.index(label) for label in labels)


def _summed(part: Labelled, needed: set[str]) -> Labelled:
    """Add up along the axes that nothing needs."""
    axes = tuple(axis for axis, label in enumerate(part.labels) if label not in needed)
    if not axes:
        return part
    kept = tuple(label for label in part.labels if label in needed)
    return Labelled(apply(REDUCE_SUM, part.tensor, axes=axes), kept)


def _arranged(part: Labelled, wanted: tuple[str, ...]) -> Tensor:
    return permuted(part.tensor, _axes(part, list(wanted)))
