"""Spectrograms of sounds."""

from __future__ import annotations

from math import ceil, log2
from math import log as natural_log

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Rank
from graphc.declare.rules import Flag, Number, OneOf, Optional, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, DTYPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.layers.spatial import DATA_FORMAT, grid
from graphc.ops.arithmetic import maximum, minimum, power
from graphc.ops.convert import as_tensor, cast
from graphc.ops.convolution import conv
from graphc.ops.creation import zeros
from graphc.ops.elementary import log, log10, sqrt, square
from graphc.ops.fourier import stft
from graphc.ops.joining import concatenate
from graphc.ops.linear_algebra import matmul
from graphc.ops.normalization import EPSILON
from graphc.ops.padding import pad
from graphc.ops.reduction import max_
from graphc.ops.shaping import permuted, swapaxes, to_shape
from graphc.ops.trigonometry import arctan2
from graphc.training.initializers import STFT, WINDOWS


class STFTSpectrogram(Layer):
    """Transform pieces of a signal into frequencies, by convolution with sines and cosines."""

    category = "preprocessing"
    mode: str = Arg(
        OneOf(("log", "magnitude", "psd", "real", "imag", "angle", "stft")), default="log"
    )
    frame_length: int = Arg(Positive(), default=256)
    frame_step: int | None = Arg(Optional(Positive()), default=None)
    fft_length: int | None = Arg(Optional(Positive()), default=None)
    window: str | None = Arg(OneOf(WINDOWS).or_none(), default="hann")
    periodic: bool = Arg(Flag(), default=False)
    scaling: str | None = Arg(OneOf(("density", "spectrum")).or_none(), default="density")
    padding: str = Arg(OneOf(("valid", "same")), default="valid")
    expand_dims: bool = Arg(Flag(), default=False)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    needs = {"inputs": grid(1)}

    def validate(self) -> None:
        """Check that steps are no longer than frames, and transforms no shorter."""
        if self.frame_step is not None and self.frame_step > self.frame_length:
            raise _conflict(
                "frame_step", self.frame_step, "most", "frame_length", self.frame_length
            )
        if self.fft_length is not None and self.fft_length < self.frame_length:
            raise _conflict(
                "fft_length", self.fft_length, "least", "frame_length", self.frame_length
            )

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[B, steps, C] -> [B, frames, C * bins], or [B, frames, bins, C] with `expand_dims`."""
        if inputs.dtype not in ("float16", "float32", "float64"):
            raise Fault(
                DTYPE_MISMATCH,
                f"needs float16, float32 or float64, got {inputs.type}",
                inputs=("inputs",),
            )
        real = self._convolved(scope, "real", inputs) if self.mode != "imag" else None
        imaginary = self._convolved(scope, "imag", inputs) if self.mode != "real" else None
        if real is None or imaginary is None:
            only = imaginary if real is None else real
            assert only is not None
            return self._arranged(only)
        if self.mode == "angle":
            return self._arranged(arctan2(imaginary, real))
        if self.mode == "stft":
            return self._arranged(concatenate([real, imaginary], axis=3))
        energy = square(real) + square(imaginary)
        if self.mode == "psd":
            middle = energy[:, :, :, 1:-1]
            return self._arranged(energy + pad(middle, ((0, 0), (0, 0), (0, 0), (1, 1))))
        magnitude = sqrt(maximum(energy, EPSILON))
        if self.mode == "log":
            magnitude = log(maximum(magnitude, EPSILON))
        return self._arranged(magnitude)

    def _convolved(self, scope: Scope, side: str, inputs: Tensor) -> Tensor:
        """[B, steps, C] -> [B, C, frames, bins], or of channels first."""
        length = self.fft_length or 2 ** ceil(log2(self.frame_length))
        kernel = scope.weight(
            f"{side}_kernel",
            (self.frame_length, 1, length // 2 + 1),
            STFT(side, self.window, self.scaling, self.periodic),
        )
        by_channel = inputs if self.data_format == "channels_first" else swapaxes(inputs, 1, 2)
        batch, channels, steps = by_channel.shape
        signals = to_shape(by_channel, (batch * channels, steps, 1))
        step = self.frame_step or self.frame_length // 2
        frames = conv(signals, cast(kernel, inputs.dtype), strides=step, padding=self.padding)
        return to_shape(frames, (batch, channels, *frames.shape[1:]))

    def _arranged(self, x: Tensor) -> Tensor:
        """[B, C, frames, bins] in the order of the data format."""
        batch, channels, frames, bins = x.shape
        if self.data_format == "channels_first":
            if self.expand_dims:
                return x
            return to_shape(permuted(x, (0, 1, 3, 2)), (batch, channels * bins, frames))
        if self.expand_dims:
            return permuted(x, (0, 2, 3, 1))
        return to_shape(permuted(x, (0, 2, 1, 3)), (batch, frames, channels * bins))


class MelSpectrogram(Layer):
    """Weigh the frequencies of a signal's pieces as ears do (O'Shaughnessy, 1987)."""

    category = "preprocessing"
    fft_length: int = Arg(Positive(), default=2048)
    sequence_stride: int = Arg(Positive(), default=512)
    sequence_length: int | None = Arg(Optional(Positive()), default=None)
    window: str | None = Arg(OneOf(("hann", "hamming")).or_none(), default="hann")
    sampling_rate: float = Arg(Number(0, open_low=True), default=16000)
    num_mel_bins: int = Arg(Positive(), default=128)
    min_freq: float = Arg(Number(0), default=20.0)
    max_freq: float | None = Arg(Optional(Number(0)), default=None)
    power_to_db: bool = Arg(Flag(), default=True)
    top_db: float = Arg(Number(), default=80.0)
    mag_exp: float = Arg(Number(), default=2.0)
    min_power: float = Arg(Number(), default=1e-10)
    ref_power: float = Arg(Number(), default=1.0)

    needs = {"inputs": Rank(2, "batch, samples")}

    def validate(self) -> None:
        """Check that transforms are no shorter than the pieces."""
        if self.sequence_length is not None and self.fft_length < self.sequence_length:
            length = self.sequence_length
            raise _conflict("fft_length", self.fft_length, "least", "sequence_length", length)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[B, samples] -> [B, num_mel_bins, frames]."""
        wide = self.compute_dtype if self.compute_dtype == "float64" else "float32"
        real, imaginary = stft(
            cast(inputs, wide),
            self.sequence_length or self.fft_length,
            self.sequence_stride,
            self.fft_length,
            window=self.window,
        )
        magnitude = power(sqrt(square(real) + square(imaginary)), self.mag_exp)
        mel = matmul(magnitude, cast(self._bands(), wide))
        if self.power_to_db:
            mel = self._decibels(mel)
        return cast(swapaxes(mel, 1, 2), self.compute_dtype)

    def _decibels(self, x: Tensor) -> Tensor:
        reference = log10(as_tensor(max(abs(self.ref_power), self.min_power), x.dtype))
        levels = log10(maximum(x, self.min_power)) * 10.0 - reference * 10.0
        return maximum(levels, max_(levels) - self.top_db)

    def _bands(self) -> Tensor:
        """Make the triangles [frequencies, num_mel_bins], evenly spaced in mel."""
        count = self.fft_length // 2 + 1
        if count == 1:
            return zeros((1, self.num_mel_bins))
        highest = self.max_freq or int(self.sampling_rate / 2)
        first, last = _mel(self.min_freq), _mel(highest)
        step = (last - first) / (self.num_mel_bins + 1)
        edges = [first + step * place for place in range(self.num_mel_bins + 2)]
        nyquist = self.sampling_rate / 2
        bins = [[_mel(nyquist * place / (count - 1))] for place in range(1, count)]
        lower, center, upper = (
            as_tensor([edges[start : len(edges) - 2 + start]], "float32") for start in range(3)
        )
        place = as_tensor(bins, "float32")
        rising = (place - lower) / (center - lower)
        falling = (upper - place) / (upper - center)
        # The first frequency is 0, which no band hears.
        return pad(maximum(minimum(rising, falling), 0.0), ((1, 0), (0, 0)))


def _mel(hertz: float) -> float:
    return 1127.0 * natural_log(1.0 + hertz / 700.0)


def _conflict(name: str, value: int, relation: str, other: str, limit: int) -> Fault:
    return Fault(
        CONFLICTING_ARGUMENTS,
        f"needs a `{name}` of at {relation} its `{other}`, {limit}, got {value}",
        arguments=(name, other),
    )
