"""Where the time of a model goes: its program run with a clock between the steps.

What a layer costs is what its own steps do (`graphc.ir.primitives.row.Cost`), as a summary counts
it, for the examples at hand. Time and bytes are those of the steps that are left of it: a batch
normalization in a convolution's weights takes neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from graphc.ir.dtypes import ITEM_BYTES
from graphc.ir.graph import CallRecord
from graphc.ir.origin import Origin
from graphc.ir.primitives import step_cost
from graphc.ir.primitives.control import Body
from graphc.ir.tensor import Step, steps_of
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.runtime.arguments import checked_inputs
from graphc.runtime.executable import Executable

RUNS = 20
"""At most; fewer where they take longer than `SECONDS`, but never less than `LEAST`."""
LEAST = 3
SECONDS = 2.0

_VIEWS = frozenset(("reshape", "transpose", "slice", "broadcast", "reverse", "stop_gradient"))


class Frame(Record):
    """A model, a block or a layer around what is measured: its name there, class and family."""

    name: str
    type: str
    category: str


class StepTime(Record):
    """What one primitive of a layer takes: all of its steps of this name together."""

    primitive: str
    seconds: float
    bytes: int


class LayerTime(Record):
    """What one call of a layer takes. `path` tells it apart; `frames` end with the layer."""

    path: str
    frames: tuple[Frame, ...]
    seconds: float
    flops: int
    bytes: int
    """Read and written by its steps; views move nothing."""
    steps: tuple[StepTime, ...]

    @property
    def type(self) -> str:
        """The layer's class."""
        return self.frames[-1].type if self.frames else ""


class Profile(Record):
    """A model's calls of layers in their order, for inputs of certain shapes.

    `seconds` is the time of a call without the clock, of so many `runs` the median.
    """

    model: str
    shapes: tuple[tuple[str, str], ...]
    layers: tuple[LayerTime, ...]
    seconds: float
    runs: int

    @property
    def measured(self) -> float:
        """The time of all steps, with what the clock adds."""
        return sum(layer.seconds for layer in self.layers)

    @property
    def flops(self) -> int:
        """The operations of all layers."""
        return sum(layer.flops for layer in self.layers)

    @property
    def bytes(self) -> int:
        """What all steps read and write."""
        return sum(layer.bytes for layer in self.layers)


class Clock:
    """Takes the time since it was last asked, for the step that has just ended."""

    def __init__(self) -> None:
        self.times: dict[int, float] = {}
        self._last = 0.0

    def start(self) -> None:
        """Begin a run."""
        self.times = {}
        self._last = perf_counter()

    def __call__(self, step: int) -> None:
        now = perf_counter()
        # A step has its turn in each block of rows.
        self.times[step] = self.times.get(step, 0.0) + now - self._last
        self._last = perf_counter()


def profile(run: Executable, inputs: Mapping[str, Any]) -> Profile:
    """Run a model several times on inputs by name. Raises `InputError` where they do not fit."""
    arrays = checked_inputs(run.model.name, run.inputs, (), inputs)
    shapes = tuple(array.shape for array in arrays.values())
    clock = Clock()
    program = run.compile(shapes, clock)
    measured: list[dict[int, float]] = []
    whole: list[float] = []
    begin = perf_counter()
    for number in range(RUNS + 1):
        start = perf_counter()
        run.run(arrays)
        whole.append(perf_counter() - start)
        clock.start()
        program(*arrays.values())
        measured.append(clock.times)
        if number >= LEAST and perf_counter() - begin > SECONDS:
            break
    del measured[0], whole[0]  # of which compiling and cold caches are a part
    steps = program.timed
    times = [median(each[place] for each in measured) for place in range(len(steps))]
    costs = _flops(steps_of(run.lowered(shapes).outputs.values()))
    types = [TensorType(array.shape, array.dtype.name) for array in arrays.values()]
    return Profile(
        run.model.name,
        tuple((name, str(type)) for name, type in zip(arrays, types, strict=True)),
        _layers(steps, times, costs),
        median(whole),
        len(whole),
    )


def _flops(steps: Sequence[Step]) -> dict[str, tuple[Origin | None, int]]:
    found: dict[str, tuple[Origin | None, int]] = {}
    for step in steps:
        flops = step_cost(step).flops
        assert isinstance(flops, int)
        place = _place(step.origin)
        origin, before = found.get(place, (step.origin, 0))
        found[place] = (origin, before + flops)
    return found


def _place(origin: Origin | None) -> str:
    """What tells calls apart: a layer's second call has a number."""
    if origin is None:
        return ""
    parts = [
        call.name if call.call_index == 0 else f"{call.name} ({call.call_index + 1})"
        for call in origin.calls
    ]
    return ".".join(parts)


def _layers(
    steps: Sequence[Step], times: Sequence[float], costs: Mapping[str, tuple[Origin | None, int]]
) -> tuple[LayerTime, ...]:
    origins = {place: origin for place, (origin, _) in costs.items()}
    parts: dict[str, dict[str, tuple[float, int]]] = {place: {} for place in costs}
    for step, seconds in zip(steps, times, strict=True):
        place = _place(step.origin)
        origins.setdefault(place, step.origin)
        own = parts.setdefault(place, {})
        before = own.get(step.primitive.name, (0.0, 0))
        own[step.primitive.name] = (before[0] + seconds, before[1] + _moved(step))
    made = [
        LayerTime(
            place,
            _frames(origins[place]),
            sum(seconds for seconds, _ in own.values()),
            costs[place][1] if place in costs else 0,
            sum(count for _, count in own.values()),
            tuple(StepTime(name, *amounts) for name, amounts in own.items()),
        )
        for place, own in parts.items()
    ]
    ranks = {place: _rank(origin) for place, origin in origins.items()}
    return tuple(sorted(made, key=lambda layer: ranks[layer.path]))


def _rank(origin: Origin | None) -> tuple[int, ...]:
    return () if origin is None else tuple(call.id for call in origin.calls)


def _frames(origin: Origin | None) -> tuple[Frame, ...]:
    if origin is None:
        return (Frame("other", "", "operation"),)
    return tuple(frame for call in origin.calls for frame in _call_frames(call))


def _call_frames(call: CallRecord) -> list[Frame]:
    prefix = ""
    frames = []
    for use in call.path:
        frames.append(Frame(use.name.removeprefix(prefix), use.block, "block"))
        prefix = f"{use.name}."
    number = "" if call.call_index == 0 else f" ({call.call_index + 1})"
    return [*frames, _own_frame(call, prefix, number)]


def _own_frame(call: CallRecord, prefix: str, number: str) -> Frame:
    name = call.name.removeprefix(prefix) + number
    return Frame(name, call.use.type_name, call.layer.category)


def _moved(step: Step) -> int:
    """The bytes that a step reads and writes; a loop's are those of its turns."""
    attributes = step.attributes
    if isinstance(body := attributes.get("body"), Body):
        return int(attributes["length"]) * sum(_moved(each) for each in steps_of(body.results))
    if step.primitive.name in _VIEWS:
        return 0
    read = [x.type for x in step.operands]
    if step.primitive.name == "gather":
        read[0] = step.types[0]  # as many elements as it gives
    return sum(_bytes(type) for type in (*read, *step.types))


def _bytes(type: TensorType) -> int:
    count = ITEM_BYTES[type.dtype]
    for dim in type.shape:
        assert isinstance(dim, int)
        count *= dim
    return count
