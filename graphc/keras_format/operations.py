"""How Keras saves its tensor functions: the module of each, and which arguments configure it.

A function's class takes settings when it is made, and operands when it is called. Which are which
follows from our declarations but for the exceptions here; the tests hold all of it against Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.op import Op
from graphc.declare.operands import Operand, Operands, Places, TensorOnly
from graphc.declare.rules import Optional
from graphc.record import Record

_NUMPY = "keras.src.ops.numpy"
_ELSEWHERE = {
    "core": (
        "cast convert_to_tensor saturate_cast scatter scatter_update slice slice_update "
        "stop_gradient unstack"
    ),
    "nn": (
        "adaptive_average_pool adaptive_max_pool average_pool batch_normalization "
        "binary_crossentropy categorical_crossentropy celu conv conv_transpose ctc_decode ctc_loss "
        "depth_to_space depthwise_conv dot_product_attention elu fold gelu glu hard_shrink "
        "hard_sigmoid hard_silu hard_tanh layer_normalization leaky_relu log_sigmoid log_softmax "
        "max_pool moments multi_hot normalize one_hot polar psnr relu relu6 rms_normalization selu "
        "separable_conv sigmoid silu soft_shrink softmax softplus softsign space_to_depth "
        "sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax squareplus "
        "tanh_shrink threshold unfold"
    ),
    "math": (
        "cdist erf erfc erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet "
        "logsumexp rfft rsqrt segment_max segment_min segment_prod segment_sum stft top_k "
        "view_as_complex view_as_real"
    ),
    "linalg": (
        "cholesky cholesky_inverse det eig eigh inv lstsq lu_factor matrix_rank norm pinv qr solve "
        "solve_triangular svd"
    ),
    "image": (
        "affine_transform crop_images elastic_transform extract_patches extract_patches_3d "
        "gaussian_blur hsv_to_rgb map_coordinates pad_images perspective_transform resize "
        "rgb_to_grayscale rgb_to_hsv scale_and_translate sobel_edges ssim"
    ),
    "einops": "rearrange",
}
_MODULES = {
    name: f"keras.src.ops.{module}"
    for module, names in _ELSEWHERE.items()
    for name in names.split()
}
_MODULES["re_lu"] = "keras.src.activations.activations"

# Settings that may be tensors, and operands that may not.
_SETTINGS = {
    *(("max", "initial"), ("min", "initial"), ("trapezoid", "x"), ("trapezoid", "dx")),
    *(("clip", "x_min"), ("clip", "x_max"), ("psnr", "max_val"), ("logspace", "base")),
    ("bincount", "weights"),
}
_OPERANDS = {
    *(("get_item", "key"), ("pad", "constant_values"), ("isclose", "rtol"), ("isclose", "atol")),
    *(("dot_product_attention", "scale"), ("scale_and_translate", "output_shape")),
    *(("rearrange", "pattern"), ("arange", "start"), ("arange", "stop"), ("arange", "step")),
}
# Operands that a function hands to its class by name, at their defaults too.
_BY_NAME = {
    *(("average", "weights"), ("pad", "constant_values"), ("rms_normalization", "scale")),
    *(("dot_product_attention", name) for name in ("bias", "mask", "scale")),
    ("arange", "step"),
}
# Other names that a function takes for the sake of older programs, and its class does not.
_LEFT_OUT = {("multi_hot", "num_tokens")}
# Functions of no tensor have no class: their results are constants.
WITHOUT_CLASS = frozenset(
    [
        "bartlett",
        "blackman",
        "dtype",
        "empty",
        "eye",
        "hamming",
        "hanning",
        "identity",
        "is_tensor",
        "kaiser",
        "ones",
        "shape",
        "tri",
        "zeros",
    ]
)


class Parts(Record):
    """A call of a function, taken apart: settings, and operands by place and by name."""

    settings: dict[str, Any]
    args: dict[str, Any]
    kwargs: dict[str, Any]


def module_of(op: Op) -> str:
    """The module of Keras that has the function's class."""
    return _MODULES.get(op.name, _NUMPY)


def has_functions(module: str) -> bool:
    """Whether what a module of Keras has classes for are functions, and no layers."""
    return ".ops." in f"{module}." or module in _MODULES.values()


def is_setting(op: Op, name: str) -> bool:
    """Whether an argument configures the function, rather than being what it is applied to."""
    argument = op.arguments.get(name)
    if argument is None or (op.name, name) in _OPERANDS:
        return False
    rule = argument.rule.rule if isinstance(argument.rule, Optional) else argument.rule
    is_operand = isinstance(rule, (TensorOnly, Operand, Operands, Places))
    return not is_operand or (op.name, name) in _SETTINGS


def parts_of(op: Op, arguments: Mapping[str, Any]) -> Parts:
    """Take the arguments of a call apart. Operands come by place up to the first left out or named."""
    given = {n: v for n, v in arguments.items() if (op.name, n) not in _LEFT_OUT}
    settings = {name: value for name, value in given.items() if is_setting(op, name)}
    operands = [name for name in op.arguments if not is_setting(op, name)]
    args: dict[str, Any] = {}
    for name in operands:
        if name not in given or (op.name, name) in _BY_NAME:
            break
        args[name] = given[name]
    by_name = {
        name: given.get(name, op.arguments[name].default)
        for name in operands[len(args) :]
        if name in given or (op.name, name) in _BY_NAME
    }
    rest = {n: v for n, v in given.items() if n not in op.arguments}
    if op.takes_any_name:
        return Parts(settings, args, {**by_name, **rest})
    return Parts(settings, {**args, **rest}, by_name)
