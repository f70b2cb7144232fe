"""Programs of NumPy run as they are, where NumPy is all that can be imported."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np

from graphc.emit.numpy import numpy_program
from graphc.emit.numpy.lowering import lower_open
from graphc.emit.numpy.sizes import solved
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.model import Model
from graphc.passes.pipeline import optimize
from graphc.runtime.arguments import checked_inputs
from graphc.runtime.execute import Compiled
from tests.reference.specialize import specialize

ALLOWED = {"numpy", *sys.stdlib_module_names}


def executed(program: str) -> dict[str, Any]:
    """What a program defines. Anything but NumPy that it imports is an error."""
    before = builtins.__import__

    def importing(name: str, *args: Any, **kwargs: Any) -> Any:
        asks = args[0].get("__name__") if args and args[0] else None
        if asks == "program":
            assert name.partition(".")[0] in ALLOWED, f"imports {name}"
        return before(name, *args, **kwargs)

    space: dict[str, Any] = {
        "__name__": "program",
        "__file__": "program.py",
        "__builtins__": {**vars(builtins)},
    }
    space["__builtins__"]["__import__"] = importing
    exec(compile(program, "<program>", "exec"), space)
    return space


def check_program(model: Model, weights: dict[str, Any], inputs: dict[str, Any]) -> str:
    """Hold what a model's program computes to what its primitives do, behind the same passes."""
    program = numpy_program(model.model_graph)
    space = executed(program)
    given = {key: np.asarray(value) for key, value in weights.items()}
    expected = computed(model, weights, inputs)
    got = space["predict"](inputs, given)
    assert list(got) == list(expected)
    for name, right in expected.items():
        assert_equal(np.asarray(got[name]), right)
    if "prepare" in space:
        again = space["predict"](inputs, given, space["prepare"](given))
        for name in expected:
            np.testing.assert_array_equal(again[name], got[name])
    return program


def computed(model: Model, weights: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs, one primitive after the other, of those that the program is made of."""
    run = model.compile(weights)
    arrays = checked_inputs(model.name, run.inputs, (), inputs)
    lowered = lower_open(model.model_graph)
    opened = list(lowered.inputs.values())
    results = optimize(list(lowered.outputs.values()), opened)
    leaves = [Tensor(TensorType(x.shape, x.dtype.name)) for x in arrays.values()]
    pairs = [
        pair
        for tensor, leaf in zip(opened, leaves, strict=True)
        for pair in zip(tensor.shape, leaf.shape, strict=True)
    ]
    sized = specialize(results, dict(zip(opened, leaves, strict=True)), solved(pairs))
    weighing = [tensor for _, tensor in lowered.weights]
    given = [*arrays.values(), *(run.weights[key] for key, _ in lowered.weights)]
    made = Compiled([*leaves, *weighing], list(sized))(*given)
    return dict(zip(lowered.outputs, made, strict=True))


def assert_equal(got: Any, expected: Any) -> None:
    """Within 1e-6 of the largest, which is less than a float32 tells from its neighbour twice."""
    assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(got, expected)
        return
    tolerance = 1e-3 if expected.dtype == np.float16 else 1e-6
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(float(finite.max()) if finite.size else 1.0, 1e-30)
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance * scale)
