"""How weights start: `keras.initializers`."""

from __future__ import annotations

from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.number_array import shape_of
from graphc.declare.rules import (
    Each,
    Flag,
    Integer,
    Number,
    Numbers,
    OneOf,
    Optional,
    Positive,
    Rule,
)
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.types import Shape


class Initializer(Definition, abstract=True):
    """The base of initializers."""

    family = "initializer"
    kind_text = "an initializer"
    has_short_name: ClassVar[bool] = True
    """Whether Keras makes one of its name alone, such as "zeros"."""

    def check_shape(self, shape: Shape) -> None:
        """Raise `Fault` where no weight of this shape can start so."""


# The windows of scipy.signal.get_window that take no parameters.
WINDOWS = (
    *("barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", "cosine"),
    *("exponential", "flattop", "hamming", "hann", "lanczos", "nuttall", "parzen", "taylor"),
    *("triang", "tukey"),
)
_AXES = Optional(Each(Integer(), or_one=True))


class Zeros(Initializer):
    """All 0."""

    aliases = ("zero",)


class Ones(Initializer):
    """All 1."""

    aliases = ("one",)


class Constant(Initializer):
    """All one value, or the values of a list, which broadcasts to the weight's shape."""

    value: Any = Arg(Numbers(arrays=True), default=0.0)

    has_short_name = False

    def check_shape(self, shape: Shape) -> None:
        """The values broadcast to the shape."""
        own = shape_of(self.value)
        pairs = zip(reversed(own), reversed(shape), strict=False)
        if len(own) > len(shape) or any(size not in (1, wanted) for size, wanted in pairs):
            raise Fault(
                SHAPE_MISMATCH,
                f"needs values of shape {shape_text(shape)}, or that broadcast to it, got "
                f"{shape_text(own)}",
            )


class RandomNormal(Initializer):
    """Normally distributed."""

    aliases = ("normal",)
    mean: float = Arg(Number(), default=0.0)
    stddev: float = Arg(Number(0), default=0.05)
    seed: int | None = Arg(Optional(Integer()), default=None)


class TruncatedNormal(Initializer):
    """Normally distributed, drawn again beyond two standard deviations."""

    mean: float = Arg(Number(), default=0.0)
    stddev: float = Arg(Number(0), default=0.05)
    seed: int | None = Arg(Optional(Integer()), default=None)


class RandomUniform(Initializer):
    """Uniform between two limits."""

    aliases = ("uniform",)
    minval: float = Arg(Number(), default=-0.05)
    maxval: float = Arg(Number(), default=0.05)
    seed: int | None = Arg(Optional(Integer()), default=None)


class VarianceScaling(Initializer):
    """Variance scale / n, where n is the fan-in, the fan-out or their mean."""

    scale: float = Arg(Number(0, open_low=True), default=1.0)
    mode: str = Arg(OneOf(("fan_in", "fan_out", "fan_avg")), default="fan_in")
    distribution: str = Arg(
        OneOf(("truncated_normal", "untruncated_normal", "uniform", "normal"), ignore_case=True),
        default="truncated_normal",
    )
    seed: int | None = Arg(Optional(Integer()), default=None)
    # Which axes of the weight count as inputs and outputs: by default the last two.
    input_axes: int | tuple[int, ...] | None = Arg(_AXES, default=None)
    output_axes: int | tuple[int, ...] | None = Arg(_AXES, default=None)


class Scaled(Initializer, abstract=True):
    """The base of those that are `VarianceScaling` with a scale, mode and distribution."""

    seed: int | None = Arg(Optional(Integer()), default=None)
    input_axes: int | tuple[int, ...] | None = Arg(_AXES, default=None)
    output_axes: int | tuple[int, ...] | None = Arg(_AXES, default=None)


class GlorotUniform(Scaled):
    """Uniform, variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""


class GlorotNormal(Scaled):
    """Truncated normal, variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""


class HeUniform(Scaled):
    """Uniform, variance 2 / fan_in (He et al., 2015)."""


class HeNormal(Scaled):
    """Truncated normal, variance 2 / fan_in (He et al., 2015)."""


class LecunUniform(Scaled):
    """Uniform, variance 1 / fan_in (LeCun et al., 1998)."""


class LecunNormal(Scaled):
    """Truncated normal, variance 1 / fan_in (LeCun et al., 1998)."""


class Orthogonal(Initializer):
    """A random orthogonal matrix, scaled."""

    aliases = ("OrthogonalInitializer",)
    gain: float = Arg(Number(), default=1.0)
    seed: int | None = Arg(Optional(Integer()), default=None)

    def check_shape(self, shape: Shape) -> None:
        """There are rows and columns."""
        _need(shape, len(shape) >= 2, "two or more dims")


class Identity(Initializer):
    """The identity matrix, scaled."""

    aliases = ("IdentityInitializer",)
    gain: float = Arg(Number(), default=1.0)

    def check_shape(self, shape: Shape) -> None:
        """There are rows and columns alone."""
        _need(shape, len(shape) == 2, "two dims")


class STFT(Initializer):
    """The kernel of a short-time Fourier transform."""

    aliases = ("STFTInitializer",)
    side: str = Arg(OneOf(("real", "imag")), default="real")
    window: str | None = Arg(OneOf(WINDOWS).or_none(), default="hann")
    scaling: str | None = Arg(Optional(OneOf(("density", "spectrum"))), default="density")
    periodic: bool = Arg(Flag(), default=False)

    def check_shape(self, shape: Shape) -> None:
        """There are steps, channels and frequencies."""
        _need(shape, len(shape) == 3, "three dims")


class UnitForgetBias(Initializer, abstract=True):
    """The bias of an LSTM whose forget gates start open: 1 in the second quarter.

    Not a name of the language: `unit_forget_bias=True` makes it (Jozefowicz et al., 2015).
    """

    units: int = Arg(Positive())
    bias_initializer: Initializer = Arg(Rule())


def _need(shape: Shape, fits: bool, what: str) -> None:
    if not fits:
        raise Fault(
            SHAPE_MISMATCH, f"starts weights of {what}, got one of shape {shape_text(shape)}"
        )


INITIALIZER = named("initializer")
"""The rule for `…_initializer=` arguments."""
