"""Names that other libraries, and Keras of old, have for what stands under another one here."""

from __future__ import annotations

from collections.abc import Iterable

ARGUMENTS = {
    "bias": "use_bias",
    "border_mode": "padding",
    "dim": "axis",
    "dim_ordering": "data_format",
    "dims": "axis",
    "eps": "epsilon",
    "hidden_size": "units",
    "init": "kernel_initializer",
    "keepdim": "keepdims",
    "kernel": "kernel_size",
    "lr": "learning_rate",
    "nb_col": "kernel_size",
    "nb_epoch": "epochs",
    "nb_filter": "filters",
    "nb_row": "kernel_size",
    "num_embeddings": "input_dim",
    "embedding_dim": "output_dim",
    "num_features": "axis",
    "out_channels": "filters",
    "out_features": "units",
    "output_size": "target_shape",
    "p": "rate",
    "subsample": "strides",
    "weights": "embeddings_initializer",
}
"""Arguments by names of Keras 1, PyTorch and NumPy."""

INPUT_SIZES = (
    "batch_input_shape", "in_channels", "in_features", "input_length", "input_shape", "input_size",
)  # fmt: skip
"""Arguments that state the size of the input, which here follows from what is piped in."""

LITERALS = {"true": "True", "false": "False", "none": "None", "null": "None", "nil": "None"}
"""Constants by names of other languages."""

STATEMENTS = {
    "Input": "an input is a statement: input x: [28, 28, 1]",
    "InputLayer": "an input is a statement: input x: [28, 28, 1]",
    "Model": "a model is a definition: model name { … }",
    "Sequential": "a sequential is a definition: sequential name { … }",
    "Lambda": "write the expression itself: x * 2 + 1",
    "Parameter": "a weight is a statement: weight w: [64] = zeros",
    "Variable": "a weight is a statement: weight w: [64] = zeros",
    "Weight": "a weight is a statement: weight w: [64] = zeros",
    "add_weight": "a weight is a statement: weight w: [64] = zeros",
}
"""Python's names for what the language has statements for."""

FAMILIES = (
    "activations", "callbacks", "constraints", "initializers", "losses", "metrics", "optimizers",
    "regularizers", "schedules",
)  # fmt: skip
"""Keras' modules of what stands in arguments."""

PREFIXES = (
    *FAMILIES, "F", "K", "backend", "jnp", "keras", "layers", "math", "nn", "np", "numpy", "ops",
    "random", "tf", "torch",
)  # fmt: skip
"""Modules that Python code imports its layers and functions from."""

CONSTANTS = {"e": "2.718281828459045", "newaxis": "None", "pi": "3.141592653589793"}
"""What stands in those modules beside layers and functions."""

MODULES = {"random": "random numbers come from layers only, such as those that add noise"}
"""Modules whose functions have no counterpart, and what there is instead."""

DTYPES = {
    "bool_": "bool",
    "boolean": "bool",
    "double": "float64",
    "float": "float32",
    "half": "float16",
    "int": "int32",
    "long": "int64",
    "str": "string",
    "uint": "uint32",
}
"""Dtypes by names of Python, NumPy and PyTorch."""


def argument_help(name: str, known: Iterable[str]) -> str | None:
    """What to write instead of an argument that another library has."""
    if name in INPUT_SIZES:
        return "leave it out: the size of an input follows from what is piped in"
    ours = ARGUMENTS.get(name)
    return f"did you mean `{ours}`?" if ours is not None and ours in known else None
