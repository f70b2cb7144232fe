"""Transposed convolutions: what takes the gradient of a convolution to its input."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, Positive, Sizes
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.layers.convolution import PADDING, ConvolutionLayer
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.activation import ACTIVATION
from graphc.ops.convolution import conv_transpose
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER


class TransposedConvolution(ConvolutionLayer, abstract=True):
    """Spread each element of the input over a window, weighted by a kernel, and add up."""

    filters: int = Arg(Positive())
    kernel_size: tuple[int, ...] = Arg(Sizes(1))
    strides: tuple[int, ...] = Arg(Sizes(1), default=1)
    padding: str = Arg(PADDING, default="valid")
    output_padding: tuple[int, ...] | None = Arg(Sizes(1, 0).or_none(), default=None)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    dilation_rate: tuple[int, ...] = Arg(Sizes(1), default=1)
    activation: Any = Arg(ACTIVATION, default=None)
    use_bias: bool = Arg(Flag(), default=True)
    kernel_initializer: Any = Arg(INITIALIZER, default="glorot_uniform")
    bias_initializer: Any = Arg(INITIALIZER, default="zeros")
    kernel_regularizer: Any = Arg(REGULARIZER, default=None)
    bias_regularizer: Any = Arg(REGULARIZER, default=None)
    activity_regularizer: Any = Arg(REGULARIZER, default=None)
    kernel_constraint: Any = Arg(CONSTRAINT, default=None)
    bias_constraint: Any = Arg(CONSTRAINT, default=None)

    def validate(self) -> None:
        """Check strides against dilation and against the padding of the output."""
        self.need_stride_or_dilation()
        padding = self.output_padding or (0,) * self.spatial_rank
        if any(added >= stride for added, stride in zip(padding, self.strides, strict=True)):
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "needs `output_padding` below `strides` along each axis, "
                f"got {list(padding)} and {list(self.strides)}",
                label="as much as a stride, or more",
                arguments=("output_padding", "strides"),
            )

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *places, filters]; kernel [*kernel_size, filters, C].

        The shapes are those of a convolution read backwards (Dumoulin and Visin, "A guide to
        convolution arithmetic for deep learning", 2016).
        """
        x = self.to_channels_last(self.computed(inputs))
        kernel = scope.weight("kernel", (*self.kernel_size, self.filters, x.shape[-1]))
        outputs = conv_transpose(x, kernel, output_padding=self.output_padding, **self.window)
        return self.finished(scope, outputs, self.filters)


class Conv1DTranspose(TransposedConvolution, spatial_rank=1):
    """Convolve a sequence the other way: [N, places, C] -> [N, steps, filters]."""

    aliases = ("Convolution1DTranspose",)


class Conv2DTranspose(TransposedConvolution, spatial_rank=2):
    """Convolve an image the other way: [N, rows, columns, C] -> [N, height, width, filters]."""

    aliases = ("Convolution2DTranspose",)

    kernel_size: tuple[int, ...] = Arg(Sizes(2))
    strides: tuple[int, ...] = Arg(Sizes(2), default=1)
    output_padding: tuple[int, ...] | None = Arg(Sizes(2, 0).or_none(), default=None)
    dilation_rate: tuple[int, ...] = Arg(Sizes(2), default=1)


class Conv3DTranspose(TransposedConvolution, spatial_rank=3):
    """Convolve a volume the other way: [N, *places, C] -> [N, depth, height, width, filters]."""

    aliases = ("Convolution3DTranspose",)
    # Keras 3.15 has these two the other way round here, and here alone.
    argument_order = (
        *("filters", "kernel_size", "strides", "padding"),
        *("data_format", "output_padding", "dilation_rate"),
        *("activation", "use_bias", "kernel_initializer", "bias_initializer"),
        *("kernel_regularizer", "bias_regularizer", "activity_regularizer"),
        *("kernel_constraint", "bias_constraint"),
    )

    kernel_size: tuple[int, ...] = Arg(Sizes(3))
    strides: tuple[int, ...] = Arg(Sizes(3), default=1)
    output_padding: tuple[int, ...] | None = Arg(Sizes(3, 0).or_none(), default=None)
    dilation_rate: tuple[int, ...] = Arg(Sizes(3), default=1)
