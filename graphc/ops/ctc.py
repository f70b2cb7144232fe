"""`keras.ops`: connectionist temporal classification: sequences against shorter labels.

(Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf)
"""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.dtypes import promote
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal, greater_equal, where
from graphc.ops.convert import TensorLike, as_float, as_tensor, cast
from graphc.ops.creation import filled, iota
from graphc.ops.einsum import einsum
from graphc.ops.elementary import logaddexp
from graphc.ops.gathering import one_hot, take_along_axis
from graphc.ops.joining import concatenate, part
from graphc.ops.loop import scan_steps
from graphc.ops.padding import pad
from graphc.ops.reduction import argmax, max_, sum_
from graphc.ops.shaping import expand_dims, reshape, transpose
from graphc.ops.softmax import log_softmax
from graphc.ops.sorting import argsort

_IMPOSSIBLE = -1e5  # a logarithm that stands for no probability


@op(class_name="CTCLoss")
def ctc_loss(
    target: TensorLike,
    output: TensorLike,
    target_length: TensorLike,
    output_length: TensorLike,
    mask_index: int = 0,
) -> Tensor:
    """-log of the probability that logits [B, T, classes] spell labels [B, N], for each example.

    Two scores go along with time: of having just said label n, and of being silent after it.
    """
    labels, logits = as_tensor(target, "int32"), as_float(output)
    _check(labels, logits)
    logits = cast(logits, promote(logits.dtype, "float32"))
    dtype, (batch, length, classes) = logits.dtype, logits.shape
    count = labels.shape[1]
    scores = log_softmax(logits)
    silence = transpose(part(scores, 2, mask_index % classes, 1), (1, 0, 2))
    spoken = einsum("btk,bnk->tbn", scores, one_hot(labels, classes, dtype=dtype))
    is_over = cast(_is_past(as_tensor(output_length, "int32"), length), dtype)
    repeats = cast(equal(part(labels, 1, 0, count - 1), part(labels, 1, 1, count - 1)), dtype)
    repeats = pad(repeats, ((0, 0), (0, 1)))

    def step(
        carried: tuple[Tensor, ...], slices: tuple[Tensor, ...]
    ) -> tuple[tuple[Tensor, Tensor], tuple[()]]:
        silent, said = carried
        emission, quiet, over = slices
        # After a repeated label there has to be silence before it is said again.
        before = _with_more(silent, said + repeats * _IMPOSSIBLE)
        next_said = logaddexp(part(before, 1, 0, count) + emission, said + emission)
        after = said + quiet + (1 - repeats) * _IMPOSSIBLE
        next_silent = _with_more(before + quiet, after)
        over = expand_dims(over, 1)
        return (
            over * silent + (1 - over) * next_silent,
            over * said + (1 - over) * next_said,
        ), ()

    start = concatenate(
        [filled((batch, 1), 0, dtype), filled((batch, count), _IMPOSSIBLE, dtype)], 1
    )
    (silent, said), _ = scan_steps(
        step,
        (start, filled((batch, count), _IMPOSSIBLE, dtype)),
        (spoken, silence, transpose(is_over)),
    )
    ends = one_hot(as_tensor(target_length, "int32"), count + 1, dtype=dtype)
    return -sum_(_with_more(silent, said) * ends, 1)


def _check(labels: Tensor, logits: Tensor) -> None:
    if labels.rank != 2 or logits.rank != 3:
        raise Fault(
            RANK_MISMATCH,
            f"needs targets [B, N] and outputs [B, T, classes], got {labels.type} "
            f"and {logits.type}",
            inputs=("target", "output"),
        )


def _is_past(lengths: Tensor, limit: Dim) -> Tensor:
    """Which of so many places are behind each example's length: [B, limit]."""
    return greater_equal(iota((1, limit), 1), expand_dims(lengths, 1))


def _with_more(silent: Tensor, added: Tensor) -> Tensor:
    """Silence after each label but none, made likelier by what comes from the label before."""
    first, rest = part(silent, 1, 0, 1), part(silent, 1, 1, added.shape[1])
    return concatenate([first, logaddexp(rest, added)], 1)


@op(class_name="CTCDecode")
def ctc_decode(
    inputs: TensorLike,
    sequence_lengths: TensorLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[Tensor, Tensor]:
    """The labels that outputs [B, T, classes] spell, [1, B, T] with -1 behind, and their scores.

    Greedily: the likeliest class at each time.
    """
    del beam_width, top_paths  # of a search that is not greedy
    logits = as_float(inputs)
    logits = cast(logits, promote(logits.dtype, "float32"))
    if strategy != "greedy":
        raise Fault(
            INVALID_VALUE,
            f'needs `strategy` to be "greedy", got "{strategy}"',
            arguments=("strategy",),
        )
    if logits.rank != 3:
        raise Fault(RANK_MISMATCH, f"needs outputs [B, T, classes], got {logits.type}")
    batch, length, classes = logits.shape
    silent = as_tensor(classes - 1 if mask_index is None else mask_index, "int32")
    is_over = _is_past(as_tensor(sequence_lengths, "int32"), length)
    labels = where(is_over, silent, argmax(logits, -1))
    scores = where(is_over, 0, max_(logits, -1))
    if merge_repeated:
        is_same = equal(part(labels, 1, 1, length - 1), part(labels, 1, 0, length - 1))
        labels = where(pad(is_same, ((0, 0), (1, 0))), silent, labels)
    is_silent = equal(labels, silent)
    labels = where(is_silent, -1, labels)
    order = where(is_silent, as_tensor(length, "int32"), iota((batch, length), 1))
    labels = take_along_axis(labels, argsort(order), -1)
    return expand_dims(labels, 0), reshape(-sum_(scores, 1), (-1, 1))
