"""Which array of a file is for which input, target or sample weight."""

from __future__ import annotations

from graphc.diagnostics.codes import MISSING_DATA
from graphc.diagnostics.suggest import did_you_mean
from graphc.interop.data.archive import Arrays
from graphc.interop.data.dataset import Part
from graphc.interop.data.faults import DataError, fault, file_span
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.source import Span

INPUTS = ("x", "X", "data", "images")
TARGETS = ("target", "targets", "label", "labels", "y", "Y")
"""What the only input and the only target may be called, whatever their names in the model."""
WEIGHTS = "sample_weight"
ENDINGS: dict[Part, tuple[str, ...]] = {
    "train": ("train",),
    "validation": ("val", "valid", "validation"),
    "test": ("test",),
}
"""What is behind the names of arrays that are for one part."""
_PURPOSES: dict[Part, str] = {
    "train": "train on", "validation": "validate with", "test": "test with"
}  # fmt: skip
_SHOWN = 8


class Wanted(Record):
    """What a model and its training are given: names, types, and where the source has them."""

    inputs: dict[str, TensorType]
    targets: tuple[str, ...]
    """The outputs that are compared with something."""
    outputs: tuple[str, ...]
    spans: dict[str, Span]
    """Of inputs and outputs; a name that is both is the output's."""

    __hash__ = object.__hash__

    @property
    def names(self) -> frozenset[str]:
        """All names that an array may have."""
        weights = weight_names(self.outputs)
        return frozenset((*self.inputs, *self.outputs, *INPUTS, *TARGETS, *weights))


def weight_names(outputs: tuple[str, ...]) -> tuple[str, ...]:
    """What sample weights are called: those of all outputs, and those of each."""
    return (WEIGHTS, *(f"{WEIGHTS}_{name}" for name in outputs))


def part_of(path: str, arrays: Arrays, wanted: Wanted, part: Part) -> Arrays:
    """The arrays of a part by their names without it: `x_train` as `x`.

    Arrays whose names say nothing of a part are those of whatever part is asked for.
    """
    found = _named(arrays, wanted, ENDINGS[part])
    if found:
        # What nothing is called is there to be named where something is missing.
        return {**found, **{name: arrays[name] for name in _strange(arrays, wanted)}}
    others = [
        f"{name}_{ending}"
        for each, endings in ENDINGS.items()
        if each != part
        for ending in endings
        for name in _named(arrays, wanted, (ending,))
    ]
    if others and not wanted.names & set(arrays):
        purpose = _PURPOSES[part]
        stem = next(name for name in wanted.names if others[0].startswith(f"{name}_"))
        raise fault(
            MISSING_DATA,
            f"`{path}` has nothing to {purpose}, only {_listed(others)}",
            file_span(path),
            help=f"name those arrays `{stem}_{ENDINGS[part][0]}` and so on",
        )
    return arrays


def check_weight_names(path: str, arrays: Arrays, wanted: Wanted) -> None:
    """Raise `DataError` for sample weights of an output that there is not."""
    for name in _strange(arrays, wanted):
        output = name.removeprefix(f"{WEIGHTS}_")
        if output != name:
            hint = did_you_mean(output, list(wanted.outputs))
            raise fault(
                MISSING_DATA,
                f"`{path}` has sample weights for `{output}`, which is no output"
                f"{'; ' if hint else ''}{hint or ''}",
                file_span(path),
                help=f"the outputs are {_listed(list(wanted.outputs))}",
            )


def _strange(arrays: Arrays, wanted: Wanted) -> list[str]:
    """The arrays that nothing is called, in no part."""
    known = {
        f"{name}_{ending}"
        for name in wanted.names
        for endings in ENDINGS.values()
        for ending in endings
    }
    return [name for name in arrays if name not in known | wanted.names]


def has_part(arrays: Arrays, wanted: Wanted, part: Part) -> bool:
    """Whether there are arrays of this part's own."""
    return bool(_named(arrays, wanted, ENDINGS[part]))


def _named(arrays: Arrays, wanted: Wanted, endings: tuple[str, ...]) -> Arrays:
    """The arrays with one of the endings behind their names, by the names alone."""
    return {
        name: arrays[f"{name}_{ending}"]
        for ending in reversed(endings)
        for name in sorted(wanted.names)
        if f"{name}_{ending}" in arrays
    }


def input_array(path: str, arrays: Arrays, wanted: Wanted, name: str) -> Array:
    """The array of an input: that of its name, or the only one that there can be."""
    if name in arrays:
        return arrays[name]()
    if len(wanted.inputs) == 1:
        for alias in INPUTS:
            if alias in arrays:
                return arrays[alias]()
        if len(arrays) == 1 and not set(arrays) & {*TARGETS, *wanted.outputs}:
            return next(iter(arrays.values()))()
    raise _missing(path, arrays, wanted, name, "input", INPUTS if len(wanted.inputs) == 1 else ())


def target_array(path: str, arrays: Arrays, wanted: Wanted, name: str) -> Array:
    """The array that an output is compared with.

    An output of the name of an input is to give that input back.
    """
    if name in arrays:
        return arrays[name]()
    if name in wanted.inputs:
        return input_array(path, arrays, wanted, name)
    if len(wanted.targets) == 1:
        for alias in TARGETS:
            if alias in arrays:
                return arrays[alias]()
    raise _missing(path, arrays, wanted, name, "target", ("y",) if len(wanted.targets) == 1 else ())


def weight_array(arrays: Arrays, name: str) -> Array | None:
    """The sample weights of an output, where there are any."""
    for key in reversed(weight_names((name,))):
        if key in arrays:
            return arrays[key]()
    return None


def _missing(
    path: str, arrays: Arrays, wanted: Wanted, name: str, kind: str, aliases: tuple[str, ...]
) -> DataError:
    what = f"the input `{name}`" if kind == "input" else f"the output `{name}` to be compared with"
    hint = did_you_mean(name, list(arrays))
    end = f"; {hint}" if hint else ""
    called = dict.fromkeys((name, *aliases[:1]))
    help = f"call it {' or '.join(f'`{each}`' for each in called)}"
    if kind == "target" and len(wanted.inputs) == 1:
        [source] = wanted.inputs
        help += f"; to train the output to give the input back, call it `{source}` in the model"
    return fault(
        MISSING_DATA,
        f"`{path}` has no array for {what}, only {_listed(list(arrays))}{end}",
        wanted.spans[name],
        help=help,
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown or "none"
