"""Transposed convolutions: what takes the gradient of a convolution to its input."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.layers.convolution import ConvolutionLayer
from graphc.layers.kernel_arguments import KERNEL_AND_BIAS, KernelArguments
from graphc.layers.spatial import PerAxis
from graphc.ops.convolution import conv_transpose


class TransposedConvolution(KernelArguments, ConvolutionLayer, abstract=True):
    """Spread each element of the input over a window, weighted by a kernel, and add up."""

    argument_order = (
        *("filters", "kernel_size", "strides", "padding", "output_padding", "data_format"),
        *("dilation_rate", "activation", "use_bias", *KERNEL_AND_BIAS),
    )

    filters: int = Arg(Positive())
    output_padding: tuple[int, ...] | None = Arg(
        PerAxis(1, 0).or_none(), default=None, kw_only=True
    )

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


class Conv3DTranspose(TransposedConvolution, spatial_rank=3):
    """Convolve a volume the other way: [N, *places, C] -> [N, depth, height, width, filters]."""

    aliases = ("Convolution3DTranspose",)
    # Keras 3.15 has `output_padding` and `data_format` the other way round here, and here alone.
    argument_order = (
        *("filters", "kernel_size", "strides", "padding", "data_format", "output_padding"),
        *("dilation_rate", "activation", "use_bias", *KERNEL_AND_BIAS),
    )
