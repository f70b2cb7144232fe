"""Normalization by the moments of batches, and by their moving averages."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, Integer, Number, Optional, Rule
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import BAD_ARGUMENT, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.dtypes import promote
from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import SQRT
from graphc.ir.primitives.movement import STOP_GRADIENT
from graphc.ir.shapes import normalize_axis
from graphc.ir.tensor import Tensor
from graphc.layers.normalization import Affine
from graphc.ops import normalization as ops
from graphc.ops.arithmetic import maximum, minimum, where
from graphc.ops.convert import cast
from graphc.ops.reduction import sum_
from graphc.ops.shaping import expand_dims
from graphc.training.initializers import INITIALIZER


class BatchNormalization(Affine):
    """Normalize each feature by moving statistics (Ioffe and Szegedy, arxiv.org/abs/1502.03167).

    `renorm` (Ioffe, 2017, arxiv.org/abs/1702.03275) keeps three statistics more, for training.
    """

    axis: int = Arg(Integer(), default=-1)
    momentum: float = Arg(Number(), default=0.99)
    moving_mean_initializer: Any = Arg(INITIALIZER, default="zeros")
    moving_variance_initializer: Any = Arg(INITIALIZER, default="ones")
    renorm: bool = Arg(Flag(), default=False)
    renorm_clipping: Any = Arg(Optional(Rule()), default=None)
    renorm_momentum: float = Arg(Number(), default=0.99)
    synchronized: bool = Arg(Flag(), default=False)

    argument_order = (
        "axis",
        "momentum",
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
        "renorm",
        "renorm_clipping",
        "renorm_momentum",
        "synchronized",
    )

    def validate(self) -> None:
        """Check the limits of `renorm_clipping`."""
        if self.renorm:
            _check_clipping(self.renorm_clipping or {})

    def call(self, scope: Scope, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Any shape; the statistics are those of `axis`. The mask counts in training only."""
        if mask is not None and mask.rank != inputs.rank - 1:
            raise Fault(
                RANK_MISMATCH,
                f"needs a mask of one dim fewer than its input {inputs.type}, got {mask.type}",
                inputs=("inputs",),
            )
        size = inputs.shape[normalize_axis(self.axis, inputs.rank)]
        gamma, beta = self.factors(scope, (size,))
        statistics = self._statistics(scope, size)
        x = cast(inputs, promote(inputs.dtype, "float32"))
        gamma, beta, mean, variance = (
            None if each is None else cast(each, x.dtype)
            for each in (gamma, beta, statistics["moving_mean"], statistics["moving_variance"])
        )
        if scope.training and scope.is_trainable:
            moving = {name: cast(each, x.dtype) for name, each in statistics.items()}
            mean, variance = self._moments(x, mask)
            if self.renorm:
                gamma, beta = self._corrected(gamma, beta, mean, variance, moving)
            self._update(scope, mean, variance, moving)
        assert mean is not None
        assert variance is not None
        outputs = ops.batch_normalization(
            x, mean, variance, self.axis, offset=beta, scale=gamma, epsilon=self.epsilon
        )
        return cast(outputs, self.compute_dtype)

    def _statistics(self, scope: Scope, size: Dim) -> dict[str, Tensor]:
        names = ["moving_mean", "moving_variance"]
        if self.renorm:
            names += ["moving_stddev", "renorm_mean", "renorm_stddev"]
        return {
            name: scope.weight(name, (size,), self._start(name), trainable=False, autocast=False)
            for name in names
        }

    def _start(self, name: str) -> Any:
        # The deviations start as roots of the variance, which is what they are for 0 and 1.
        is_mean = name.endswith("mean")
        return self.moving_mean_initializer if is_mean else self.moving_variance_initializer

    def _moments(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """The mean and variance of a batch, of what the mask leaves of it."""
        place = normalize_axis(self.axis, x.rank)
        axes = tuple(axis for axis in range(x.rank) if axis != place)
        if mask is None:
            return ops.moments(x, axes)
        kept = expand_dims(mask, -1)
        count = sum_(where(kept, x * 0 + 1, 0), axes) + ops.EPSILON
        mean = sum_(where(kept, x, 0), axes) / count
        center = expand_dims(mean, tuple(axes))
        off = where(kept, x - center, 0)
        return mean, sum_(off * off, axes) / count

    def _corrected(
        self, gamma: Tensor | None, beta: Tensor | None, mean: Tensor, variance: Tensor,
        moving: dict[str, Tensor],
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Scale and shift that take a batch's moments to the moving ones: r and d of the paper."""
        limits = self.renorm_clipping or {}
        moving_deviation = maximum(moving["renorm_stddev"], self.epsilon**0.5)
        r = apply(SQRT, variance + self.epsilon) / moving_deviation
        d = (mean - moving["renorm_mean"]) / moving_deviation
        if limits.get("rmin") is not None:
            r = maximum(r, limits["rmin"])
        if limits.get("rmax") is not None:
            r = minimum(r, limits["rmax"])
        if limits.get("dmax") is not None:
            d = minimum(maximum(d, -limits["dmax"]), limits["dmax"])
        r, d = apply(STOP_GRADIENT, r), apply(STOP_GRADIENT, d)
        scale, shift = (r, d) if gamma is None else (r * gamma, d * gamma)
        return scale, shift if beta is None else shift + beta

    def _update(
        self, scope: Scope, mean: Tensor, variance: Tensor, moving: dict[str, Tensor]
    ) -> None:
        def average(name: str, value: Tensor, momentum: float) -> Tensor:
            made = moving[name] * momentum + value * (1 - momentum)
            scope.update(name, made)
            return made

        average("moving_mean", mean, self.momentum)
        if not self.renorm:
            average("moving_variance", variance, self.momentum)
            return
        deviation = apply(SQRT, variance + self.epsilon)
        average("renorm_mean", mean, self.renorm_momentum)
        average("renorm_stddev", deviation, self.renorm_momentum)
        made = average("moving_stddev", deviation, self.momentum)
        scope.update("moving_variance", maximum(made * made - self.epsilon, 0))


def _check_clipping(limits: Any) -> None:
    if not isinstance(limits, dict) or not set(limits) <= {"rmin", "rmax", "dmax"}:
        raise Fault(
            BAD_ARGUMENT,
            "needs `renorm_clipping` to be a dict of rmin, rmax and dmax, "
            f"got {limits if not isinstance(limits, dict) else list(limits)}",
            arguments=("renorm_clipping",),
        )
    low, high, most = (limits.get(name) for name in ("rmin", "rmax", "dmax"))
    if (low is not None and high is not None and high < low) or (most is not None and most < 0):
        raise Fault(
            BAD_ARGUMENT,
            "needs rmin at most rmax and dmax at least 0 in `renorm_clipping`, "
            f"got rmin {low}, rmax {high} and dmax {most}",
            arguments=("renorm_clipping",),
        )
