"""Which layers are named in the program, and how; which ones Keras names as the file does.

Keras counts automatic names in the whole process, the language in each model and in each use of a
block. A layer of a model is left to Keras where both come to the same; elsewhere it has its name
in the program. A place that makes one layer in each run of its function has the name written
there, one in a loop takes names from a counter.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.elaborate.frame import Frame
from graphc.elaborate.values import Template
from graphc.emit.keras.nesting import closure, model_layers
from graphc.emit.keras.recorder import Made, Place, Recorder, place
from graphc.emit.keras.sized import has_open_sizes
from graphc.emit.keras.tree import Untranslatable
from graphc.ir.graph import ModelGraph
from graphc.keras_format.masks import MASK_NAMES, has_masks
from graphc.layers.model_layer import ModelLayer
from graphc.record import Record


class Given(Record):
    """The name that is written at a place: behind the block's own, in a block."""

    suffix: str


class Counted(Record):
    """The names at a place come from a counter: base, base_1 and so on."""

    base: str


Label = Given | Counted | None
"""None leaves the name to Keras."""


class Event(Record):
    """A name that the language gave by itself in one execution of a body."""

    place: Place
    base: str
    suffix: str
    order: int
    is_layer: bool
    """Whether Keras lets it be named: a layer or a use of a block, not a function."""
    counts: bool
    """Whether Keras counts it, if it has no name."""


def base_of(layer: Any) -> str:
    """What automatic names of a layer begin with."""
    return getattr(layer, "base_name", None) or snake_case(layer.type_name)


class Naming:
    """Labels by template and place."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.by_frame: dict[int, list[Event]] = defaultdict(list)
        self.templates: dict[int, Template] = {}
        self.counting: dict[int, list[Event]] = defaultdict(list)
        """What Keras counts in a model, by the model: its functions, in blocks too."""
        self.inline: dict[int, list[Frame]] = defaultdict(list)
        """The uses of inline blocks in each execution of a body."""
        self.kept: dict[int, set[str]] = defaultdict(set)
        """The bases that a model's function leaves to Keras."""
        self.models: dict[int, list[ModelGraph]] = defaultdict(list)
        """The models that a model's function builds, by the model, those among them that it calls in
        vain."""
        self._collect()

    def _collect(self) -> None:
        for made in self.recorder.all_made:
            self._add_made(made)
        for entries in self.recorder.entries.values():
            for entry in entries:
                around = entry.around
                if around is None or not entry.frame.path or entry.frame.replay is not None:
                    continue
                if entry.template.node.is_inline:
                    self.inline[id(around)].append(entry.frame)
                    continue  # nobody names it
                own = entry.frame.path[-1]
                suffix = own.name[len(around.namer.prefix) :]
                self.by_frame[id(around)].append(
                    Event(place(entry.span), own.block, suffix, entry.order, True, False)
                )
        for events in self.by_frame.values():
            events.sort(key=lambda event: event.order)

    def _add_made(self, made: Made) -> None:
        use, frame = made.use, made.frame
        is_op = isinstance(use.layer, Op)
        is_inner = not is_op and id(use) not in self.recorder.called_uses
        is_model = isinstance(use.layer, ModelLayer)
        suffix = use.name[len(frame.namer.prefix) :]
        is_borrowed = frame.builder is not None and id(use.layer) in frame.builder.model.borrowed
        is_small = isinstance(use.layer, Layer) and has_open_sizes(use.layer)
        event = Event(
            place(use.span), base_of(use.layer), suffix, made.order,
            not is_op and not (is_inner and not use.is_named and not is_model),
            not (is_model or is_borrowed or is_small),
        )  # fmt: skip
        if frame.builder is not None:
            self.models[id(frame.builder.model)] += [
                each.graph for each in model_layers([use.layer]) if each.graph is not None
            ]
        if use.is_named and not is_op:
            return
        self.by_frame[id(frame)].append(event)
        if frame.builder is not None:
            model = frame.builder.model
            self.counting[id(model)].append(event)
            for order, base in enumerate(use.layer.inner_names if not is_op else ()):
                inner = Event(place(use.span), base, "", made.order + 1 + order, False, True)
                self.counting[id(model)].append(inner)

    # Models

    def decide_models(self, roots: list[list[ModelGraph]], templates: dict[int, Template]) -> None:
        """Say for each model which names Keras is left; a root comes after what it nests."""
        self.templates = templates
        roots = [self._with_vain(graphs) for graphs in roots]
        lost: dict[int, set[str]] = defaultdict(set)
        for graphs in roots:
            used: set[str] = set()
            for number, graph in enumerate(graphs):
                others = {
                    event.base
                    for other in graphs[:number] + graphs[number + 1 :]
                    for event in self._function_events(other)
                }
                template = templates[id(graph)]
                for base, events in self._layer_bases(graph, template).items():
                    if base in used or base in others or not self._come_out(graph, base, events):
                        lost[id(template)].add(base)
                    else:
                        used.add(base)
        for graphs in roots:
            for graph in graphs:
                template = templates[id(graph)]
                bases = self._layer_bases(graph, template)
                self.kept[id(template)] |= set(bases) - lost[id(template)]
        for key, bases_lost in lost.items():
            self.kept[key] -= bases_lost

    def _with_vain(self, graphs: list[ModelGraph]) -> list[ModelGraph]:
        """The models of a root, and those that they call in vain, which are built too."""
        known = {id(graph) for graph in graphs}
        added: list[ModelGraph] = []
        waiting = list(graphs)
        while waiting:
            for inner in self.models[id(waiting.pop())]:
                for graph in closure(inner):
                    if id(graph) not in known and id(graph) in self.templates:
                        known.add(id(graph))
                        added.append(graph)
                        waiting.append(graph)
        return [*added, *graphs]

    def _function_events(self, graph: ModelGraph) -> list[Event]:
        """What Keras counts in a model whatever is named: functions, and layers in layers."""
        return [e for e in self.counting[id(graph)] if not e.is_layer and e.counts]

    def _own_frames(self, graph: ModelGraph, template: Template) -> list[Frame]:
        """The executions of a model's body, and those of the inline blocks in them."""
        frames = [
            entry.frame
            for entry in self.recorder.entries[template]
            if entry.frame.builder is not None and entry.frame.builder.model is graph
        ]
        for frame in frames:  # which grow
            frames += self.inline[id(frame)]
        return frames

    def _layer_bases(self, graph: ModelGraph, template: Template) -> dict[str, list[Event]]:
        bases: dict[str, list[Event]] = defaultdict(list)
        for frame in self._own_frames(graph, template):
            for event in self.by_frame[id(frame)]:
                if event.is_layer and event.counts:
                    bases[event.base].append(event)
        return bases

    def _come_out(self, graph: ModelGraph, base: str, events: list[Event]) -> bool:
        """Whether Keras, counting by itself, comes to the names that these layers have.

        Functions that it makes for masks, and counts too, are not known here: they may stand between
        two layers.
        """
        if base in MASK_NAMES and has_masks(graph) and _layers_like(graph, base) > 1:
            return False
        own = {event.order for event in events}
        counted = sorted(
            (e for e in self.counting[id(graph)] if e.base == base and e.counts),
            key=lambda event: event.order,
        )
        number = 0
        for event in counted:
            if event.is_layer and event.order not in own:
                continue  # a block's, which has its name
            expected = f"{base}_{number}" if number else base
            if event.order in own and event.suffix != expected:
                return False
            number += 1
        return True

    def kept_of(self, template: Template) -> set[str]:
        """The bases that a model's function leaves to Keras."""
        return self.kept[id(template)]

    # Places

    def label(self, template: Template, where: Place, base: str) -> Label:
        """How what is made at a place of a body is named, if the file does not name it."""
        if all(base in kept for kept in self._kept_around(template)):
            return None
        frames = [entry.frame for entry in self.recorder.entries[template]]
        runs = [[e for e in self.by_frame[id(frame)] if e.base == base] for frame in frames]
        fixed = self._fixed(runs)
        if fixed is not None:
            return Given(fixed.get(where, base))
        if template.node.is_inline:
            raise Untranslatable(f"names like {base} go on from those around an inline block")
        for run in runs:
            for number, event in enumerate(run):
                expected = f"{base}_{number}" if number else base
                if not event.is_layer or event.suffix != expected:
                    raise Untranslatable(f"names like {base} are not counted in order")
        return Counted(base)

    def _kept_around(self, template: Template) -> list[set[str]]:
        """The bases that are left to Keras in each model that a body's layers are counted in."""
        if template.node.kind != "block":
            return [self.kept[id(template)]]
        entries = self.recorder.entries[template] if template.node.is_inline else []
        builders = [e.frame.builder for e in entries if not e.frame.namer.prefix]
        if not builders or len(builders) < len(entries):
            return [set()]
        models = {id(each.model) for each in builders if each is not None}
        return [self.kept[id(self.templates[model])] for model in models]

    def _fixed(self, runs: list[list[Event]]) -> dict[Place, str] | None:
        """The name of each place, if it is the same in all runs of the body."""
        fixed: dict[Place, str] = {}
        for run in runs:
            seen: set[Place] = set()
            for event in run:
                if not event.is_layer:
                    continue
                if (
                    event.place in seen
                    or fixed.setdefault(event.place, event.suffix) != event.suffix
                ):
                    return None
                seen.add(event.place)
        return fixed


def _layers_like(graph: ModelGraph, base: str) -> int:
    """How many layers of a model Keras would name so, if the file named none."""
    layers = [use.layer for use in graph.uses() if isinstance(use.layer, Layer)]
    return sum(base_of(layer) == base for layer in layers)
