"""True and false positives and negatives at thresholds: what many metrics are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.ops.activation import relu
from graphc.ops.arithmetic import where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.creation import iota
from graphc.ops.cumulative import cumsum
from graphc.ops.gathering import one_hot
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import sum_
from graphc.ops.repetition import flip
from graphc.ops.rounding import ceil, clip, divide_no_nan
from graphc.ops.segments import segment_sum
from graphc.ops.shaping import broadcasted, expand_dims, reshape, squeeze, transpose
from graphc.ops.sorting import top_k
from graphc.record import Record
from graphc.training.outputs import same_rank

BELOW_ALL = -1e10


class Confusion(Record):
    """How decisions agree with what is true, at each threshold."""

    true_positives: Tensor
    false_positives: Tensor
    true_negatives: Tensor
    false_negatives: Tensor

    __hash__ = object.__hash__

    @property
    def recall(self) -> Tensor:
        """Of what is true, the part that is said to be: the sensitivity."""
        return divide_no_nan(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def precision(self) -> Tensor:
        """Of what is said to be true, the part that is."""
        return divide_no_nan(self.true_positives, self.true_positives + self.false_positives)

    @property
    def specificity(self) -> Tensor:
        """Of what is not true, the part that is not said to be."""
        return divide_no_nan(self.true_negatives, self.true_negatives + self.false_positives)

    @property
    def fall_out(self) -> Tensor:
        """Of what is not true, the part that is said to be."""
        return divide_no_nan(self.false_positives, self.false_positives + self.true_negatives)


def listed(thresholds: Any, default: float) -> tuple[float, ...]:
    """Thresholds as a tuple: one, several, or the default."""
    if thresholds is None:
        return (default,)
    return thresholds if isinstance(thresholds, tuple) else (thresholds,)


def spread(count: int) -> tuple[float, ...]:
    """Those of so many thresholds from 0 to 1, evenly apart, that lie between."""
    return tuple((place + 1) / (count - 1) for place in range(count - 2))


class Decisions(Record):
    """Scores above thresholds, of all outputs or of some.

    `labels` keeps the last axis, of so many, apart; `label_weights` are for places along it.
    """

    thresholds: tuple[float, ...]
    top_k: int | None = None
    class_id: int | None = None
    labels: Dim | None = None
    label_weights: Any = None

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The shape of each count."""
        count = len(self.thresholds)
        return (count,) if self.labels is None else (count, self.labels)

    def count(self, target: Tensor, output: Tensor, weight: Tensor | None, dtype: str) -> Confusion:
        """Count what is decided of a batch."""
        output, target = same_rank(cast(output, dtype), cast(target, dtype))
        if weight is not None:
            weight = expand_dims(cast(weight, dtype), -1)
            if weight.rank == target.rank + 1 and weight.shape[-1] == 1:
                weight = squeeze(weight, -1)
        if self.top_k is not None:
            output = _only_top(output, self.top_k)
        if self.class_id is not None:
            output = output[..., self.class_id, None]
            target = target[..., self.class_id, None]
        weighs = as_tensor(1.0, dtype) if weight is None else weight
        if self.label_weights is not None:
            weighs = weighs * as_tensor(self.label_weights, dtype)
        weighs = broadcasted(weighs, output.shape)
        is_true = cast(cast(target, "bool"), dtype)
        true, false = is_true * weighs, (1 - is_true) * weighs
        if self.labels is None:
            output, true, false = (reshape(x, (-1,)) for x in (output, true, false))
        found = self._by_buckets if _is_even(self.thresholds) else self._by_comparing
        above, wrongly_above = found(output, true), found(output, false)
        return Confusion(
            above, wrongly_above, sum_(false, 0) - wrongly_above, sum_(true, 0) - above
        )

    def _by_comparing(self, scores: Tensor, counts: Tensor) -> Tensor:
        """What the places count for whose scores are above each threshold."""
        shape = (len(self.thresholds), *(1,) * scores.rank)
        is_above = expand_dims(scores, 0) > reshape(as_tensor(self.thresholds, scores.dtype), shape)
        return sum_(where(is_above, expand_dims(counts, 0), 0), 1)

    def _by_buckets(self, scores: Tensor, counts: Tensor) -> Tensor:
        """The same for thresholds evenly apart, without comparing each score with each of them."""
        size = len(self.thresholds)
        # A score on a threshold is not above it.
        bucket = ceil(clip(scores, 0, 1) * (size - 1)) - 1
        if self.thresholds[0] < 0:
            bucket = relu(bucket)
        bucket = cast(bucket, "int32")
        if self.labels is None:
            return _from_above(segment_sum(counts, bucket, size))
        label = iota(scores.shape, 1)
        place = where(bucket >= 0, label * size + bucket, -1)
        labels = self.labels
        found = segment_sum(reshape(counts, (-1,)), reshape(place, (-1,)), labels * size)
        return _from_above(transpose(reshape(found, (labels, size))))


def _from_above(x: Tensor) -> Tensor:
    """Sums from the last one on."""
    return flip(cumsum(flip(x, 0), 0), 0)


def _only_top(scores: Tensor, k: int) -> Tensor:
    """Scores with all below the k largest of the last axis where no threshold is."""
    _, places = top_k(scores, k)
    kept = sum_(one_hot(places, scores.shape[-1], dtype=scores.dtype), -2)
    return scores * kept + (1 - kept) * BELOW_ALL


def _is_even(thresholds: Sequence[float]) -> bool:
    """Whether thresholds are evenly apart from 0 to 1."""
    last = len(thresholds) - 1
    return last >= 2 and all(
        abs(each - place / last) <= EPSILON + 1e-5 * place / last
        for place, each in enumerate(thresholds)
    )
