"""Convolutions over sequences, images and volumes: plain, depthwise and separable."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, NonNegative, Number, OneOf, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.layers.kernel_arguments import KERNEL_AND_BIAS, BiasArguments, KernelArguments
from graphc.layers.low_rank import adapted, check_adaptable
from graphc.layers.spatial import DATA_FORMAT, PerAxis, SpatialLayer, too_small
from graphc.ops.activation import ACTIVATION
from graphc.ops.convolution import conv, depthwise_conv, separable_conv
from graphc.ops.padding import pad
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER

PADDING = OneOf(("valid", "same"), ignore_case=True)
CAUSAL_PADDING = OneOf(("valid", "same", "causal"), ignore_case=True)


class ConvolutionLayer(BiasArguments, SpatialLayer, abstract=True):
    """What all convolutions have. Families say in `argument_order` at which places."""

    category = "convolution"
    kernel_size: tuple[int, ...] = Arg(PerAxis(1), kw_only=True)
    strides: tuple[int, ...] = Arg(PerAxis(1), default=1, kw_only=True)
    padding: str = Arg(PADDING, default="valid", kw_only=True)
    data_format: str | None = Arg(DATA_FORMAT, default=None, kw_only=True)
    dilation_rate: tuple[int, ...] = Arg(PerAxis(1), default=1, kw_only=True)
    activation: Any = Arg(ACTIVATION, default=None, kw_only=True)
    use_bias: bool = Arg(Flag(), default=True, kw_only=True)

    @property
    def window(self) -> dict[str, Any]:
        """How the kernel slides: arguments of the `keras.ops` convolutions."""
        return {
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "data_format": "channels_last",
        }

    def need_stride_or_dilation(self) -> None:
        """Raise `Fault` where both strides and dilation are above 1."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "needs `strides` or `dilation_rate` to be 1, "
                f"got {list(self.strides)} and {list(self.dilation_rate)}",
                label="strides above 1 with a dilation above 1",
                arguments=("strides", "dilation_rate"),
            )

    def explained(self, fault: Fault, inputs: Tensor) -> Fault:
        """A fault of the sliding window in the words of this layer."""
        sizes = zip(self.kernel_size, self.dilation_rate, strict=True)
        window = [dilation * (size - 1) + 1 for size, dilation in sizes]
        is_dilated = max(self.dilation_rate) > 1
        return too_small(fault, "kernel_size", window, inputs, is_dilated)

    def finished(self, scope: Scope, outputs: Tensor, channels: Dim) -> Tensor:
        """Channels last in, with bias and activation and in the layer's data format out."""
        if self.use_bias:
            outputs = outputs + scope.weight("bias", (channels,))
        return scope.activate(self.activation, self.from_channels_last(outputs))


class Convolution(KernelArguments, ConvolutionLayer, abstract=True):
    """Slide a kernel over the input: at each place, a weighted sum of its window and a bias."""

    argument_order = (
        *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
        *("groups", "activation", "use_bias", *KERNEL_AND_BIAS),
    )

    filters: int = Arg(Positive())
    groups: int = Arg(Positive(), default=1, kw_only=True)
    lora_rank: int | None = Arg(NonNegative().or_none(), default=None, kw_only=True)
    lora_alpha: float | None = Arg(Number().or_none(), default=None, kw_only=True)

    def validate(self) -> None:
        """Check strides against dilation, filters against groups, LoRA against constraints."""
        if self.filters % self.groups:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `filters` to be a multiple of `groups`, got {self.filters} "
                f"and {self.groups}",
                label=f"{self.filters} is not a multiple of {self.groups}",
                arguments=("filters", "groups"),
            )
        self.need_stride_or_dilation()
        check_adaptable(self, "kernel_constraint")

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *places, filters]; kernel [*kernel_size, C // groups, filters].

        Cross-correlation, as in all of deep learning: the kernel is not flipped.
        """
        x = self.to_channels_last(self.computed(inputs))
        channels = x.shape[-1]
        if isinstance(channels, int) and channels % self.groups:
            raise self._uneven(channels, inputs)
        kernel = scope.weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        if self.lora_rank:
            if self.use_bias:
                scope.weight("bias", (self.filters,))  # made before the adaptation, as in Keras
            alpha = self.lora_rank if self.lora_alpha is None else self.lora_alpha
            kernel = adapted(scope, "kernel", kernel, self.lora_rank, alpha)
        window = self.window
        if self.padding == "causal":
            before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
            x = pad(x, ((0, 0), (before, 0), (0, 0)))
            window["padding"] = "valid"
        try:
            outputs = conv(x, kernel, **window)
        except Fault as fault:
            raise self.explained(fault, inputs) from None
        return self.finished(scope, outputs, self.filters)

    def _uneven(self, channels: int, inputs: Tensor) -> Fault:
        return Fault(
            SHAPE_MISMATCH,
            f"needs channels that {self.groups} groups share evenly, got {inputs.type}",
            label=f"{channels} is not a multiple of {self.groups}",
            arguments=("groups",),
            inputs=("inputs",),
        )


class Conv1D(Convolution, spatial_rank=1):
    """Convolve a sequence: [N, steps, C] -> [N, places, filters]."""

    aliases = ("Convolution1D",)

    padding: str = Arg(CAUSAL_PADDING, default="valid", kw_only=True)


class Conv2D(Convolution, spatial_rank=2):
    """Convolve an image: [N, height, width, C] -> [N, rows, columns, filters]."""

    aliases = ("Convolution2D",)


class Conv3D(Convolution, spatial_rank=3):
    """Convolve a volume: [N, depth, height, width, C] -> [N, *places, filters]."""

    aliases = ("Convolution3D",)


class ChannelwiseConvolution(ConvolutionLayer, abstract=True):
    """Convolve each channel by itself, with `depth_multiplier` kernels."""

    depth_multiplier: int = Arg(Positive(), default=1, kw_only=True)
    depthwise_initializer: Any = Arg(INITIALIZER, default="glorot_uniform", kw_only=True)
    depthwise_regularizer: Any = Arg(REGULARIZER, default=None, kw_only=True)
    depthwise_constraint: Any = Arg(CONSTRAINT, default=None, kw_only=True)

    def depthwise_kernel(self, scope: Scope, name: str, channels: Dim) -> Tensor:
        """The kernels of each channel: [*kernel_size, channels, depth_multiplier]."""
        return scope.weight(
            name,
            (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )


class DepthwiseConvolution(ChannelwiseConvolution, abstract=True):
    """Convolve each channel by itself, with `depth_multiplier` kernels."""

    argument_order = (
        *("kernel_size", "strides", "padding", "depth_multiplier", "data_format"),
        *("dilation_rate", "activation", "use_bias"),
        *("depthwise_initializer", "bias_initializer"),
        *("depthwise_regularizer", "bias_regularizer", "activity_regularizer"),
        *("depthwise_constraint", "bias_constraint"),
    )

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *places, C * depth_multiplier]; kernel [*kernel_size, C, m]."""
        x = self.to_channels_last(self.computed(inputs))
        channels = x.shape[-1]
        kernel = self.depthwise_kernel(scope, "kernel", channels)
        try:
            outputs = depthwise_conv(x, kernel, **self.window)
        except Fault as fault:
            raise self.explained(fault, inputs) from None
        return self.finished(scope, outputs, channels * self.depth_multiplier)


class DepthwiseConv1D(DepthwiseConvolution, spatial_rank=1):
    """Convolve each channel of a sequence: [N, steps, C] -> [N, places, C * depth_multiplier]."""


class DepthwiseConv2D(DepthwiseConvolution, spatial_rank=2):
    """Convolve each channel of an image.

    [N, height, width, C] -> [N, rows, columns, C * depth_multiplier].
    """


class SeparableConvolution(ChannelwiseConvolution, abstract=True):
    """Convolve each channel by itself, then mix the channels at each place (Chollet, 2016)."""

    argument_order = (
        *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
        *("depth_multiplier", "activation", "use_bias"),
        *("depthwise_initializer", "pointwise_initializer", "bias_initializer"),
        *("depthwise_regularizer", "pointwise_regularizer", "bias_regularizer"),
        *("activity_regularizer", "depthwise_constraint", "pointwise_constraint"),
        "bias_constraint",
    )

    filters: int = Arg(Positive())
    pointwise_initializer: Any = Arg(INITIALIZER, default="glorot_uniform", kw_only=True)
    pointwise_regularizer: Any = Arg(REGULARIZER, default=None, kw_only=True)
    pointwise_constraint: Any = Arg(CONSTRAINT, default=None, kw_only=True)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *places, filters].

        Kernels [*kernel_size, C, m] and [1, …, C * m, filters], where m is `depth_multiplier`.
        """
        x = self.to_channels_last(self.computed(inputs))
        channels = x.shape[-1]
        depthwise = self.depthwise_kernel(scope, "depthwise_kernel", channels)
        pointwise = scope.weight(
            "pointwise_kernel",
            (*(1,) * self.spatial_rank, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        try:
            outputs = separable_conv(x, depthwise, pointwise, **self.window)
        except Fault as fault:
            raise self.explained(fault, inputs) from None
        return self.finished(scope, outputs, self.filters)


class SeparableConv1D(SeparableConvolution, spatial_rank=1):
    """Convolve a sequence by channels, then mix them: [N, steps, C] -> [N, places, filters]."""

    aliases = ("SeparableConvolution1D",)


class SeparableConv2D(SeparableConvolution, spatial_rank=2):
    """Convolve an image by channels, then mix them.

    [N, height, width, C] -> [N, rows, columns, filters].
    """

    aliases = ("SeparableConvolution2D",)
