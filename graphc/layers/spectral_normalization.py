"""A wrapper that bounds the spectral norm of a layer's kernel."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.needs import Rank
from graphc.declare.rules import Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import BAD_ARGUMENT, DTYPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import product
from graphc.ir.dtypes import is_float
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import STOP_GRADIENT
from graphc.ir.tensor import Tensor
from graphc.layers.wrapper import Wrapper
from graphc.ops.arithmetic import equal, where
from graphc.ops.convert import cast
from graphc.ops.linear_algebra import matmul
from graphc.ops.normalization import normalize
from graphc.ops.reduction import all_
from graphc.ops.shaping import to_shape, transpose
from graphc.training.initializers import TruncatedNormal

_START = TruncatedNormal(stddev=0.02)


class SpectralNormalization(Wrapper):
    """Divide a layer's kernel by its spectral norm as it trains (arxiv.org/abs/1802.05957).

    Outside of training, the layer is applied as it is.
    """

    category = "normalization"
    trains_by_default = False
    power_iterations: int = Arg(Positive(), default=1)

    needs = {"inputs": Rank(at_least=1)}

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Shapes are the layer's."""
        if not is_float(inputs.dtype):
            raise Fault(
                DTYPE_MISMATCH,
                f"needs an input of fractions, to whose dtype it casts the output, "
                f"got {inputs.type}",
                inputs=("inputs",),
            )
        added, dropped = len(scope.penalties), len(scope.dropped_masks)
        outputs: Tensor = scope.apply(self.layer, inputs)
        inner = scope.child(self.layer)
        found = [name for name in ("kernel", "embeddings") if f"{inner.path}{name}" in scope.specs]
        if not found:
            raise Fault(
                BAD_ARGUMENT,
                f"needs a layer with a kernel or embeddings, got {self.layer}",
                arguments=("layer",),
            )
        kernel = scope.specs[f"{inner.path}{found[0]}"]
        # Keras keeps hold of the kernel itself, unless LoRA makes it a sum.
        if not getattr(self.layer, "lora_rank", None):
            scope.adopt(inner, found[0])
        vector = scope.weight(
            "vector_u", (1, kernel.shape[-1]), _START, dtype=kernel.dtype, trainable=False,
            autocast=False,
        )  # fmt: skip
        if scope.training:
            before = inner.weight(found[0], kernel.shape, autocast=False)
            vector, after = self._normalized(before, vector)
            scope.update("vector_u", vector)
            inner.update(found[0], after)
            # The first time was for the weights: only what they are normalized to counts.
            del scope.penalties[added:], scope.dropped_masks[dropped:]
            outputs = scope.apply(self.layer, inputs)
        return cast(outputs, inputs.dtype)

    def _normalized(self, kernel: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
        """A better estimate of a singular vector, and the kernel over its spectral norm."""
        matrix = to_shape(kernel, (product(kernel.shape[:-1]), kernel.shape[-1]))
        is_zero = all_(equal(kernel, 0))
        right = vector
        for _ in range(self.power_iterations):
            left = normalize(matmul(right, transpose(matrix)), axis=None)
            right = normalize(matmul(left, matrix), axis=None)
        left, right = apply(STOP_GRADIENT, left), apply(STOP_GRADIENT, right)
        norm = matmul(matmul(left, matrix), transpose(right))
        norm = where(is_zero, 1, to_shape(norm, ()))
        return where(is_zero, vector, right), kernel / norm
