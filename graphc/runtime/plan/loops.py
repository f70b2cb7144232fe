"""A program's text: loops over tuples of arrays, one for each block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from graphc.ir.tensor import Step
from graphc.runtime.kernels.elementwise import UFUNCS
from graphc.runtime.kernels.gelu import gelu_into, gelu_tanh_into
from graphc.runtime.kernels.powers import bounded_exp_into
from graphc.runtime.kernels.reduction import REDUCTIONS
from graphc.runtime.kernels.scaled_gelu import scaled_gelu_into, scaled_gelu_tanh_into
from graphc.runtime.kernels.special import erf_into
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, Table

_UFUNCS = (*UFUNCS.values(), *REDUCTIONS.values())
_NUMPY: dict[str, Any] = {ufunc.__name__: ufunc for ufunc in _UFUNCS} | {
    "bounded_exp_into": bounded_exp_into,
    "clip": np.ndarray.clip,
    "copyto": np.copyto,
    "dot": np.ndarray.dot,  # the method: `np.dot` asks first whether another library has its own
    "einsum": np.einsum,
    "erf_into": erf_into,
    "gelu_into": gelu_into,
    "gelu_tanh_into": gelu_tanh_into,
    "matmul": np.matmul,
    "scaled_gelu_into": scaled_gelu_into,
    "scaled_gelu_tanh_into": scaled_gelu_tanh_into,
    "vecdot": np.vecdot,
}


class Loops:
    """Writes functions, the first of them `run`. `names` are the arrays and functions that they use."""

    def __init__(self, *, is_timed: bool = False) -> None:
        """With `is_timed` a function `clock` is called with its number after each step."""
        self.timed: list[Step] = []
        """The steps with a clock, by their numbers."""
        self._numbers: dict[Step, int] = {}
        self._is_timed = is_timed
        self.names: dict[str, Any] = dict(_NUMPY)
        self._lines: list[str] = []
        self._functions: list[str] = []
        self._name_of: dict[tuple[Any, ...], str] = {}

    @property
    def text(self) -> str:
        """The functions."""
        return "\n".join(self._functions)

    def start(self, name: str, inputs: Sequence[tuple[str, Array]]) -> None:
        """Begin a function: parameters, and where they are copied to."""
        self._functions.append(f"def {name}({', '.join(each for each, _ in inputs)}):\n")
        self._lines = [f"copyto({self._name(array)}, {each})" for each, array in inputs]

    def replace(self, pairs: Iterable[tuple[Array, Array]]) -> None:
        """Put arrays into others, some of which may be among the first ones, too."""
        names = [(self._name(own), self._name(new)) for own, new in pairs]
        self._lines += [f"{own}_new = {new}.copy()" for own, new in names]
        self._lines += [f"copyto({own}, {own}_new)" for own, _ in names]

    def finish(self, results: Sequence[Array]) -> None:
        """What the function gives: copies, which the next call leaves alone."""
        listed = ", ".join(f"{self._name(array)}.copy()" for array in results)
        self._lines.append(f"return ({listed}{',' if len(results) == 1 else ''})")
        self._functions[-1] += "".join(f"    {line}\n" for line in self._lines)

    def add(self, blocks: Sequence[Sequence[Call]]) -> None:
        """The calls of each block, those that differ in nothing but arrays in one loop."""
        if self._is_timed:
            blocks = [self._with_clock(calls) for calls in blocks]
        for texts, alike in groupby(blocks, lambda calls: [call.text for call in calls]):
            self._loop(texts, [[x for call in calls for x in call.arrays] for calls in alike])

    def _with_clock(self, calls: Sequence[Call]) -> list[Call]:
        made: list[Call] = []
        for step, own in groupby(calls, lambda call: call.step):
            made += own
            if step is not None:
                if step not in self._numbers:
                    self._numbers[step] = len(self.timed)
                    self.timed.append(step)
                made.append(Call(f"clock({self._numbers[step]})", ()))
        return made

    def _loop(self, texts: Sequence[str], arrays: Sequence[Sequence[Array | Table]]) -> None:
        columns = list(zip(*arrays, strict=True))
        if len(arrays) == 1:
            self._lines += _filled(texts, [self._name(column[0]) for column in columns])
            return
        names: list[str] = []
        varying: dict[tuple[Any, ...], tuple[str, Sequence[Array | Table]]] = {}
        for column in columns:
            same = tuple(map(_view, column))
            if len(set(same)) == 1:
                names.append(self._name(column[0]))
                continue
            names.append(varying.setdefault(same, (f"v{len(varying)}", column))[0])
        self._lines.append(f"for {self._header(varying, len(arrays))}:")
        self._lines += [f"    {line}" for line in _filled(texts, names)]

    def _header(
        self, varying: Mapping[Any, tuple[str, Sequence[Array | Table]]], count: int
    ) -> str:
        """What a loop goes over: a table of what varies, if anything does."""
        if not varying:
            return f"_ in range({count})"
        rows = list(zip(*(map(_value, column) for _, column in varying.values()), strict=True))
        table = f"blocks{sum(name.startswith('blocks') for name in self.names)}"
        self.names[table] = rows
        listed = ", ".join(name for name, _ in varying.values())
        return f"{listed}{',' if len(varying) == 1 else ''} in {table}"

    def _name(self, array: Array | Table) -> str:
        view = _view(array)
        found = self._name_of.get(view)
        if found is None:
            found = self._name_of[view] = f"a{len(self._name_of)}"
            self.names[found] = _value(array)
        return found


def _value(array: Array | Table) -> Any:
    return array.rows if isinstance(array, Table) else array


def _view(array: Array | Table) -> tuple[Any, ...]:
    if isinstance(array, Table):
        return tuple(_view(x) for row in array.rows for x in row)
    return (array.__array_interface__["data"][0], array.shape, array.strides, array.dtype)


def _filled(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    left = iter(names)
    return [text.format(*(next(left) for _ in range(text.count("{}")))) for text in texts]
