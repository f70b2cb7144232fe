"""A model with its weights, ready to be called on arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from graphc.analysis.weight_keys import keyed_weights
from graphc.ir.graph import ModelGraph
from graphc.ir.types import TensorType
from graphc.passes.divide import divide
from graphc.passes.pipeline import optimize
from graphc.runtime.arguments import checked_inputs
from graphc.runtime.deferred import Weights
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.execute import Compiled
from graphc.runtime.faults import check_runnable
from graphc.runtime.kernels.table import Array
from graphc.runtime.lookups import out_of_range
from graphc.runtime.lower import Lowered, lower
from graphc.runtime.plan.constants import kept
from graphc.runtime.plan.program import Planned
from graphc.runtime.weight_check import check_weights

Shapes = tuple[tuple[int, ...], ...]
Signature = tuple[Any, ...]


class Executable:
    """A function on arrays: a program for each combination of input shapes it was called with.

    `weights` are arrays by the keys of `keyed_weights`, or deferred ones. Raises `NotRunnable` for a model with layers
    whose computation is not known, and `InputError` where inputs do not fit.
    """

    def __init__(self, model: ModelGraph, weights: Mapping[str, Any], seed: int = 0) -> None:
        check_runnable(model)
        self.model = model
        self.weights = Weights(weights)
        """As they were given, and no others: a program has what it makes of them."""
        self.seed = seed
        self.inputs: dict[str, TensorType] = {
            record.name: record.layer.type for record in map(model.record, model.inputs)
        }
        self.output_names = [output.name for output in model.outputs]
        self._prepared: dict[Shapes, Planned] = {}
        self._seen: dict[Signature, Planned] = {}
        """By the types of arrays that were found to fit, in their order."""
        check_weights(model.name, keyed_weights(model), weights)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The output for inputs given in order, by name, or as a dict; a dict of several outputs."""
        results = self._results(args, named)
        return results[0] if len(results) == 1 else self._by_name(results)

    def run(self, *args: Any, **named: Any) -> dict[str, Array]:
        """All outputs by name."""
        return self._by_name(self._results(args, named))

    def _by_name(self, results: tuple[Array, ...]) -> dict[str, Array]:
        return dict(zip(self.output_names, results, strict=True))

    def _results(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Array, ...]:
        signature = () if named else _signature(args)
        program = self._seen.get(signature)
        if program is not None:
            return self._called(program, args)
        arrays = checked_inputs(self.model.name, self.inputs, args, named)
        program = self.program(tuple(array.shape for array in arrays.values()))
        if signature and signature == _signature(tuple(arrays.values())):
            self._seen[signature] = program
        return self._called(program, tuple(arrays.values()))

    def _called(self, program: Planned, arrays: tuple[Array, ...]) -> tuple[Array, ...]:
        try:
            return program(*arrays)
        except IndexError as error:
            given = dict(zip(self.inputs, arrays, strict=True))
            raise out_of_range(error, self.model, self.weights, given) from None

    def program(self, shapes: Shapes) -> Planned:
        """The program for inputs of these shapes, compiled when it is first asked for."""
        found = self._prepared.get(shapes)
        if found is None:
            found = self._prepared[shapes] = self.compile(shapes)
        return found

    def lowered(self, shapes: Shapes) -> Lowered:
        """The model's computation for inputs of these shapes, as it is before any pass."""
        types = {
            name: TensorType(shape, type.dtype)
            for (name, type), shape in zip(self.inputs.items(), shapes, strict=True)
        }
        return lower(self.model, types)

    def compile(self, shapes: Shapes, clock: Callable[[int], None] | None = None) -> Planned:
        """The program for inputs of these shapes; a `clock` is called after each step of it."""
        lowered = self.lowered(shapes)
        inputs = list(lowered.inputs.values())
        divided = divide(optimize(list(lowered.outputs.values()), inputs), inputs)
        leaves = [tensor for _, tensor in lowered.weights]
        arrays = [
            np.asarray(self.weights[key], numpy_dtype(tensor.dtype))
            for key, tensor in lowered.weights
        ]
        fixed = Compiled(leaves, divided.before)(*arrays)
        known = {
            stand_in: array if source.step is None else kept(array)
            for source, stand_in, array in zip(
                divided.before, divided.stand_ins, fixed, strict=True
            )
        }
        return Planned(inputs, known, divided.results, self.seed, clock=clock)


def _signature(arrays: tuple[Any, ...]) -> Signature:
    """Shapes and dtypes of arrays in turn; nothing for what is not one."""
    found: list[Any] = []
    for x in arrays:
        if type(x) is not np.ndarray:
            return ()
        found += (x.shape, x.dtype)
    return tuple(found)
