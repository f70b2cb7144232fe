"""Shapes that the source states: of inputs, of weights, and asserted of tensors."""

from __future__ import annotations

from typing import Any

from graphc.declare.values import value_text
from graphc.diagnostics.codes import (
    DTYPE_MISMATCH,
    RANK_MISMATCH,
    RESERVED_NAME,
    SHAPE_ASSERTION,
    STATIC_TYPE,
    Code,
)
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.suggest import nearest
from graphc.elaborate.foreign import DTYPES as OTHER_DTYPES
from graphc.elaborate.frame import Frame, evaluate
from graphc.elaborate.report import has_text, source_text
from graphc.elaborate.static import is_size
from graphc.elaborate.values import UNKNOWN_VALUE, TensorValue
from graphc.ir.dims import (
    BATCH,
    BATCH_NAME,
    UNKNOWN,
    Dim,
    SymbolicDim,
    compare_equal,
    shape_text,
    substitute,
    unify,
    variable,
)
from graphc.ir.dtypes import DTYPES
from graphc.ir.shapes import difference_help, difference_text
from graphc.ir.types import Shape, TensorType
from graphc.source import Span
from graphc.syntax import nodes


def input_type(annotation: nodes.Annotation, frame: Frame) -> TensorType | None:
    """The type of a model's input, batch first; names not bound yet become symbolic sizes."""
    dtype = dtype_of(annotation, frame)
    dims = _dims(annotation, frame, bind=True)
    if dims is None or dtype is None:
        return None
    if ... in dims:
        frame.report(
            STATIC_TYPE,
            "an input of a model needs a known number of dims, got ...",
            annotation.span,
        )
        return None
    batch = batch_size(annotation, frame)
    return None if batch is None else TensorType((batch, *dims), dtype)


def batch_size(annotation: nodes.Annotation, frame: Frame) -> Dim | None:
    """The batch that an annotation states; `B` if it states none, and None after a report."""
    batch = annotation.batch
    if batch is None:
        return BATCH
    if batch.name != BATCH_NAME:
        frame.report(
            RESERVED_NAME,
            f"the batch is called `{BATCH_NAME}`, got `{batch.name}`",
            Span(batch.span.file, batch.span.start, batch.span.start + len(batch.name)),
            help=f"write a size without a name, or {BATCH_NAME}= for that of the batch",
        )
        return None
    size = evaluate(batch.size, frame)
    if size is UNKNOWN_VALUE:
        return None
    if type(size) is not int or size < 1:
        frame.report(
            STATIC_TYPE,
            f"the batch needs a positive whole number, got {value_text(size)}",
            batch.size.span,
        )
        return None
    return size


def given_type(
    name: str, given: nodes.Annotation, stated: nodes.Annotation | None, frame: Frame
) -> TensorType | None:
    """The type of an input that the command line gives a shape.

    Numbers that the file states give way to those given; names in it stand for what is given.
    """
    made = input_type(given, frame)
    if made is None or stated is None:
        return made
    if given.batch is None:
        batch = batch_size(stated, frame)
        if batch is None:
            return None
        made = TensorType((batch, *made.shape[1:]), made.dtype)
    if given.dtype is None:
        dtype = dtype_of(stated, frame)
        if dtype is None:
            return None
        made = TensorType(made.shape, dtype)
    return made if _bind_stated(name, stated, made, frame) else None


def _bind_stated(name: str, stated: nodes.Annotation, given: TensorType, frame: Frame) -> bool:
    pattern = _pattern(stated, frame)
    if pattern is None:
        return False
    dims, free = pattern
    bindings: dict[str, Dim] = {}
    actual = _matching_dims(dims, given.shape)
    faults = [] if actual is not None or not free else [f"{given} does not fit it"]
    for dim, size in zip([d for d in dims if d is not ...], actual or (), strict=False):
        if isinstance(dim, SymbolicDim) and unify(dim, size, bindings, free) is False:
            faults.append(f"{size} does not fit {dim}")
    if faults:
        shape = _with_batch(shape_text(tuple(dims)))
        frame.report(
            SHAPE_ASSERTION,
            f"`{name}` needs shape {shape}, got {given}",
            stated.span,
            faults[0],
            help="its shape is given by --input, or by `inputs` in Python",
        )
        return False
    frame.names.update({each: variable(each) for each in free}, **bindings)
    return True


def weight_type(annotation: nodes.Annotation, frame: Frame) -> TensorType | None:
    """The type of a weight: no batch, every size a number."""
    dtype = dtype_of(annotation, frame)
    dims = _dims(annotation, frame, bind=False)
    if dims is None or dtype is None:
        return None
    if ... in dims:
        frame.report(STATIC_TYPE, "a weight needs a known number of dims, got ...", annotation.span)
        return None
    return TensorType(tuple(dims), dtype)


def dtype_of(annotation: nodes.Annotation, frame: Frame) -> str | None:
    """The dtype that an annotation names; float32 if none."""
    name = annotation.dtype
    if name is None:
        return "float32"
    if name in DTYPES:
        return name
    best = OTHER_DTYPES.get(name) or nearest(name, DTYPES)
    span = Span(annotation.span.file, annotation.span.start, annotation.span.start + len(name))
    frame.report(
        DTYPE_MISMATCH,
        f"no dtype is named `{name}`",
        span,
        help=f"did you mean `{best}`?" if best else None,
        fix=Fix(f"write {best}", (Edit(span, best),)) if best else None,
    )
    return None


def _dims(annotation: nodes.Annotation, frame: Frame, *, bind: bool) -> list[Any] | None:
    dims: list[Any] = []
    for node in annotation.dims:
        if bind:
            for name in _names(node):
                if _is_new(name, frame) and not _is_reserved(name, frame):
                    frame.names[name.id] = variable(name.id)
        dim = evaluate(node, frame)
        if dim is UNKNOWN_VALUE:
            return None
        if not _is_dim(dim):
            frame.report(
                STATIC_TYPE,
                f"a dim needs a positive whole number, got {value_text(dim)}",
                node.span,
                help="write ? for a size that is not known, or a name for it"
                if dim is None
                else None,
            )
            return None
        dims.append(int(dim) if isinstance(dim, float) else dim)
    return dims


def _is_dim(value: Any) -> bool:
    if is_size(value) or value is ...:
        return True
    return type(value) is int and value >= 1


def _is_new(name: nodes.Name, frame: Frame) -> bool:
    """Whether the file has not bound a name: `size` is a dim here, and not the function."""
    return name.id not in frame.names and name.id not in frame.scope.values


def _is_reserved(name: nodes.Name, frame: Frame) -> bool:
    if name.id != BATCH_NAME:
        return False
    frame.report(
        RESERVED_NAME,
        "`B` is the batch size, which is implicit and first; a dim needs another name",
        name.span,
    )
    frame.names[BATCH_NAME] = BATCH
    return True


def _names(node: nodes.Expression) -> list[nodes.Name]:
    """The names in a dim's expression."""
    if isinstance(node, nodes.Name):
        return [node]
    if isinstance(node, nodes.Binary):
        return _names(node.left) + _names(node.right)
    if isinstance(node, nodes.Unary):
        return _names(node.operand)
    if isinstance(node, nodes.Call):
        return [name for argument in node.arguments for name in _names(argument.value)]
    return []


def match_shape(
    frame: Frame,
    name: str,
    annotation: nodes.Annotation,
    tensor: TensorValue,
    *,
    use: Span,
    subject: str | None = None,
) -> bool:
    """Check a tensor against an annotation, binding the names that are new; report where it fails.

    A tensor of one dim more than the annotation has its batch in front. `subject` is the block
    whose input it is, used at `use`.
    """
    pattern = _pattern(annotation, frame)
    if pattern is None:
        return False
    dims, free = pattern
    bindings: dict[str, Dim] = {}
    disagreement = _disagreement(dims, free, tensor.type.shape, bindings)
    if disagreement is not None:
        label, help_text, is_rank = disagreement
        stated = shape_text(tuple(dims)) if ... not in dims else annotation.span.text
        stated = _with_batch(stated) if _has_batch(tensor.type.shape) else stated
        needs = f"{subject} needs `{name}` of shape" if subject else f"`{name}` needs shape"
        frame.report(
            RANK_MISMATCH if is_rank and subject else SHAPE_ASSERTION,
            f"{needs} {stated}, got {tensor.type}",
            use,
            label,
            others=_labels(annotation, tensor, use),
            help=help_text,
        )
        frame.names.update(dict.fromkeys(free, UNKNOWN_VALUE))
        return False
    frame.names.update(bindings)
    return _dtype_fits(frame, name, annotation, tensor, use, subject)


def _disagreement(
    dims: list[Any], free: frozenset[str], shape: Shape, bindings: dict[str, Dim]
) -> tuple[str, str | None, bool] | None:
    """How a shape denies an annotation, where that helps, and whether by its rank alone."""
    actual = _matching_dims(dims, shape)
    if actual is None:
        rank = len(dims) + _has_batch(shape)
        return ("" if ... in dims else f"needs rank {rank}, got rank {len(shape)}"), None, True
    for dim, size in zip([dim for dim in dims if dim is not ...], actual, strict=True):
        outcome = unify(dim, size, bindings, free)
        if outcome is True:
            continue
        known = substitute(dim, bindings) if isinstance(dim, SymbolicDim) else dim
        has_free = any(name in free for name in _variables(known))
        if outcome is False and has_free:
            return f"{size} does not fit {known}", None, False
        # What is stated has to hold for all sizes, not only for some.
        if outcome is False or (not has_free and compare_equal(known, size).witness is not None):
            given = f"{dim} is {known} here: " if known != dim else ""
            return given + difference_text(size, known), difference_help(size, known), False
    return None


def _with_batch(stated: str) -> str:
    return "[B]" if stated == "[]" else f"[B, {stated[1:]}"


def _labels(
    annotation: nodes.Annotation, tensor: TensorValue, use: Span, code: Code | None = None
) -> tuple[Label, ...]:
    labels = []
    if annotation.span != use:
        labels.append(Label(annotation.span, "stated here"))
    if tensor.span != use:
        labels.append(Label(tensor.span, has_text(tensor, code)))
    return tuple(labels)


def _dtype_fits(
    frame: Frame,
    name: str,
    annotation: nodes.Annotation,
    tensor: TensorValue,
    use: Span,
    subject: str | None,
) -> bool:
    if annotation.dtype is None:
        return True
    dtype = dtype_of(annotation, frame)
    if dtype is None or dtype == tensor.type.dtype:
        return dtype is not None
    needs = f"{subject} needs `{name}` of dtype" if subject else f"`{name}` needs dtype"
    frame.report(
        DTYPE_MISMATCH,
        f"{needs} {dtype}, got {tensor.type.dtype}",
        use,
        others=_labels(annotation, tensor, use, DTYPE_MISMATCH),
        help=f'cast it first: {tensor.shown or source_text(tensor.span)} -> cast("{dtype}")',
    )
    return False


def _pattern(annotation: nodes.Annotation, frame: Frame) -> tuple[list[Any], frozenset[str]] | None:
    free: set[str] = set()
    for node in annotation.dims:
        for name in _names(node):
            if _is_new(name, frame):
                if _is_reserved(name, frame):
                    return None
                free.add(name.id)
                frame.names[name.id] = variable(name.id)
    dims = _dims(annotation, frame, bind=False)
    for name_id in free:
        del frame.names[name_id]
        if dims is None:
            frame.names[name_id] = UNKNOWN_VALUE
    return None if dims is None else (dims, frozenset(free))


def _matching_dims(dims: list[Any], shape: Shape) -> list[Dim] | None:
    """The dims of a shape that an annotation speaks of; None where the ranks differ."""
    body = list(shape)
    has_batch = _has_batch(shape)
    if ... in dims:
        before = dims.index(...)
        after = len(dims) - before - 1
        inner = body[1:] if has_batch else body
        if len(inner) < before + after:
            return None
        return inner[:before] + (inner[-after:] if after else [])
    if len(body) == len(dims) + 1:
        return body[1:]
    return body if len(body) == len(dims) and not has_batch else None


def _has_batch(shape: Shape) -> bool:
    return bool(shape) and BATCH_NAME in _variables(shape[0])


def _variables(dim: Dim) -> tuple[str, ...]:
    return dim.names if isinstance(dim, SymbolicDim) and dim is not UNKNOWN else ()
