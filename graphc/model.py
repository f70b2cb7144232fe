"""The Python interface: load a file, ask its model.

Analyses are imported when they are asked for: `graphc check` needs none of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.diagnostics.fault import Fault
from graphc.elaborate.files import Unreadable, read_source
from graphc.elaborate.limits import Limits
from graphc.elaborate.option_text import input_annotation, setting
from graphc.elaborate.program import Options, Program, elaborate
from graphc.ir.graph import ModelGraph
from graphc.ir.types import TensorType
from graphc.source import SourceFile, Span

if TYPE_CHECKING:
    from graphc.analysis.diagram import Diagram
    from graphc.analysis.diff import Difference
    from graphc.analysis.summary import Summary
    from graphc.render.drawing import Drawing
    from graphc.runtime.executable import Executable
    from graphc.runtime.gradients import ValueAndGrad
    from graphc.runtime.train.report import Reporter
    from graphc.runtime.train.trainer import Trainer
    from graphc.training.keys import TrainConfig


class CheckError(Exception):
    """A file has errors. `diagnostics` holds them; the message shows them as `check` does."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        from graphc.diagnostics.text import render_all

        super().__init__("\n" + render_all(diagnostics))
        self.diagnostics = diagnostics


class Report:
    """What checking one file found: its models, and the diagnostics in source order."""

    def __init__(self, program: Program | None, diagnostics: list[Diagnostic]) -> None:
        self.program = program
        self.diagnostics = diagnostics

    @property
    def is_clean(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)

    @property
    def models(self) -> list[Model]:
        """The models of the file, in order."""
        if self.program is None:
            return []
        return [Model(graph, self.program) for graph in self.program.models.values()]

    @property
    def main(self) -> Model | None:
        """The file's last model, or the one asked for."""
        if self.program is None or self.program.main is None:
            return None
        return Model(self.program.main, self.program)


class Model:
    """A checked model."""

    def __init__(self, model_graph: ModelGraph, program: Program) -> None:
        self.model_graph = model_graph
        self._program = program

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model_graph.name

    @property
    def graph(self) -> Any:
        """The `networkx.MultiDiGraph`, with a record on each node and edge.

        Under "record" nodes hold a `CallRecord` and edges an `EdgeRecord`.
        """
        return self.model_graph.graph

    @property
    def inputs(self) -> dict[str, TensorType]:
        """The types of the inputs by name; shapes include the batch, `B`."""
        records = [self.model_graph.record(node) for node in self.model_graph.inputs]
        return {record.name: record.layer.type for record in records}

    @property
    def outputs(self) -> dict[str, TensorType]:
        """The types of the outputs by name; shapes include the batch, `B`."""
        return {output.name: output.type for output in self.model_graph.outputs}

    @property
    def is_known(self) -> bool:
        """Whether there is something to summarise: no error left it out."""
        return self.model_graph.is_complete or bool(self.model_graph.unbuilt)

    def count_params(self) -> int:
        """The number of parameters, trainable or not; shared weights count once."""
        from graphc.analysis.parameters import model_parameters

        return model_parameters(self.model_graph).total

    def summary(self) -> Summary:
        """The layers with their shapes, parameters and costs; prints as a table."""
        from graphc.analysis.summary import summary

        return summary(self.model_graph, optimizer=getattr(self.train, "optimizer", None))

    def load_weights(self, path: str | os.PathLike[str], *, cast: bool = False) -> dict[str, Any]:
        """The model's weights in a file, as NumPy arrays by their paths, in Keras' order.

        The file is .npz, .safetensors, .weights.h5 or .keras. Raises `WeightsError`, which holds
        the diagnostics, where it does not fit the model; `cast` converts other dtypes.
        """
        from graphc.interop.weights.load import load_weights

        return load_weights(self.model_graph, os.fspath(path), cast=cast)

    def save_weights(self, path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> None:
        """Write weights by their paths, all of them, in the format that the name ends in.

        A .keras file holds the model too.
        """
        from graphc.interop.weights.save import save_weights

        save_weights(self.model_graph, os.fspath(path), arrays, self.train)

    def keras_json(self) -> dict[str, Any]:
        """The model as Keras' own configuration, for `keras.models.model_from_json`.

        Raises `Inexpressible` where Keras has no words for something in it.
        """
        from graphc.keras_format.model import keras_json

        return keras_json(self.model_graph, self.train)

    def emit(
        self,
        target: str = "keras",
        *,
        flat: bool = False,
        weights: str | None = None,
        distribute: str | None = None,
        mesh: tuple[int, int] | None = None,
    ) -> str:
        """The text of the file as a program in which `build_model` builds this model.

        The target is "keras", "json" for what `keras.models.model_from_json` builds from, or
        "numpy" for a program that needs NumPy alone.
        `flat` writes one statement for each call; `weights` is the name of a file beside the
        program that its `load_model` reads (`save_weights` writes it); `distribute` adds what
        divides it between devices: "data", or "model" with a `mesh` of (batch, model) parts.
        Raises `NotEmitted`, `NothingToDivide`, `Inexpressible`, `NotInNumPy` or `NotRunnable` where
        there is no such text.
        """
        from graphc.emit.targets import Request, emit

        request = Request(flat, weights, distribute, mesh)
        return emit(self._program, self.model_graph, target, request)

    @property
    def train(self) -> TrainConfig | None:
        """The model's train block."""
        return self._program.trains.get(self.name)

    def init_weights(self, seed: int = 0) -> dict[str, Any]:
        """Fresh weights by the model's initializers: the same ones for the same seed."""
        from graphc.runtime.initialize import init_weights

        return init_weights(self.model_graph, seed)

    def compile(
        self, weights: Mapping[str, Any] | str | os.PathLike[str] | None = None, *, seed: int = 0
    ) -> Executable:
        """The model as a function on NumPy arrays.

        `weights` are arrays by their paths, as `load_weights` gives them, or the file itself, which
        is read again for inputs of other shapes; without any, the model's initializers make them
        from the seed. The function takes the inputs in order or by name, and gives the output, or a
        dict of several.
        """
        from graphc.runtime.executable import Executable

        given: Mapping[str, Any]
        if weights is None:
            from graphc.runtime.initialize import fresh_weights

            given = fresh_weights(self.model_graph, seed)
        elif isinstance(weights, Mapping):
            given = weights
        else:
            from graphc.interop.weights.load import stored_weights

            given = stored_weights(self.model_graph, os.fspath(weights))
        return Executable(self.model_graph, given, seed)

    def value_and_grad(
        self, loss: Any = None, *, training: bool = False, seed: int = 0
    ) -> ValueAndGrad:
        """The model's loss and its gradients as a function: `f(weights, x, y)`.

        `loss` is a loss, its name, or a list or dict of them by output; without it the train
        block's are taken. Regularizers add to it, as in training. The function gives a scalar, and
        arrays by the paths of the trainable weights. With `training` the layers do what they do
        in training. Raises `ValueError` for a loss that there is not, or that does not fit.
        """
        from graphc.runtime.gradients import ValueAndGrad
        from graphc.training.keys import TrainConfig

        train = self.train
        if loss is not None:
            try:
                train = TrainConfig(loss=loss, optimizer="sgd")
            except Fault as fault:
                raise ValueError(f"value_and_grad {fault.message}") from None
        if train is None:
            raise ValueError(f"{self.name} has no train block: value_and_grad needs a loss")
        return ValueAndGrad(self.model_graph, train, training=training, seed=seed)

    def trainer(
        self,
        weights: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        reporter: Reporter | None = None,
        **settings: Any,
    ) -> Trainer:
        """What trains the model: `fit`, `evaluate` and `predict`.

        It is trained as its train block says, and as `settings` say in place of that: the keys of
        train blocks, such as `loss`, `optimizer` and `metrics`, with names or `graphc.training`'s
        classes as values. `weights` are those to begin with, as for `compile`; the seed is also
        that of the order of examples and of what layers draw. Raises `ValueError` for a model
        that has neither a train block nor a loss, and for what does not fit it. A `reporter` is
        told how far each training came, unless that has `verbose=0`.
        """
        from graphc.interop.training_files import TrainingFiles
        from graphc.runtime.train.configure import configured
        from graphc.runtime.train.trainer import Trainer

        train = configured(self.model_graph, self.train, settings)
        given = self.init_weights(seed) if weights is None else weights
        files = TrainingFiles(self.model_graph, train)
        reporters = partial(_reporter, reporter)
        return Trainer(self.model_graph, train, given, seed=seed, files=files, reporters=reporters)

    def diagram(self) -> Diagram:
        """What there is to draw, with every block and nested model open."""
        from graphc.analysis.build_diagram import diagram

        return diagram(self.model_graph)

    def render(
        self,
        path: str | os.PathLike[str],
        *,
        depth: int | None = None,
        expand_nested: bool = False,
        fold: bool = False,
        **drawing: Any,
    ) -> None:
        """Draw the model into a file: .png, .svg, .pdf, .dot, .mmd, .html or .txt.

        `depth`, `expand_nested` and `fold` are those of `graphc.analysis.view.view`; the other
        options are the fields of `graphc.render.drawing.Drawing`, `show_shapes` and the rest of
        `keras.utils.plot_model`'s among them. Raises `ValueError` for another ending, `TypeError`
        for an option that there is not, `TooLarge` for more boxes than can be laid out, and
        `NoGraphviz` where .png, .svg and .pdf have nothing to lay them out.
        """
        from graphc.render.picture import format_of, picture
        from graphc.writing import write_file

        output = format_of(os.fspath(path))
        if output is None:
            raise ValueError(f"{os.fspath(path)} has no ending that says what to draw")
        content = picture(
            self.diagram(), output, _drawing(drawing),
            depth=depth, expand_nested=expand_nested, fold=fold,
        )  # fmt: skip
        write_file(Path(path), content)

    def to_dot(
        self,
        *,
        depth: int | None = None,
        expand_nested: bool = False,
        fold: bool = False,
        **drawing: Any,
    ) -> str:
        """The DOT source of the model's diagram; the options are those of `render`."""
        from graphc.analysis.view import view
        from graphc.render.dot import to_dot

        shown = view(self.diagram(), depth=depth, expand_nested=expand_nested, fold=fold)
        return to_dot(shown, _drawing(drawing))

    def diff(self, other: Model) -> Difference:
        """What is different in another model: this one is before, the other after."""
        from graphc.analysis.diff import diff

        return diff(
            self.diagram(),
            other.diagram(),
            train_before=self._program.trains.get(self.name),
            train_after=other._program.trains.get(other.name),
        )

    def __repr__(self) -> str:
        return f"<graphc model {self.name}: {_types(self.inputs)} -> {_types(self.outputs)}>"

    def _repr_html_(self) -> str:
        from graphc.render.summary_html import summary_html

        return summary_html(self.summary())

    def _repr_svg_(self) -> str | None:
        from graphc.render.graphviz_engine import NoGraphviz
        from graphc.render.picture import TooLarge, picture

        try:
            return picture(self.diagram(), "svg", _drawing({})).decode()
        except (NoGraphviz, TooLarge):
            return None  # a notebook then shows the summary


def _drawing(options: Mapping[str, Any]) -> Drawing:
    from graphc.diagnostics.suggest import did_you_mean
    from graphc.render.drawing import Drawing

    for name in options:
        if name not in Drawing.__fields__:
            hint = did_you_mean(name, Drawing.__fields__)
            raise TypeError(f"render has no option {name}" + (f"; {hint}" if hint else ""))
    return Drawing(**options)


def _types(types: Mapping[str, TensorType]) -> str:
    return ", ".join(f"{name} {type}" for name, type in types.items())


def options(
    *,
    model: str | None = None,
    settings: Mapping[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
    max_layers: int | None = None,
) -> Options:
    """Options of a run: which model, its configuration, the shapes of its inputs.

    `settings` values are in the language's spelling ("[3, 4]") or plain Python values;
    `inputs` are shapes such as "[224, 224, 3]". Raises `OptionError` for text that is neither.
    """
    limits = Limits() if max_layers is None else Limits(layers=max_layers)
    return Options(
        model=model,
        settings={
            name: setting(name, value if isinstance(value, str) else repr(value))
            for name, value in (settings or {}).items()
        },
        inputs={name: input_annotation(name, text) for name, text in (inputs or {}).items()},
        limits=limits,
    )


def check_file(path: str | os.PathLike[str], run_options: Options | None = None) -> Report:
    """Check one file; never raises for what the file says."""
    name = os.fspath(path)
    file = read_source(Path(name), name)
    if isinstance(file, Unreadable):
        empty = SourceFile(name, "")
        return Report(None, [Diagnostic(file.code, file.message, Span(empty, 0, 0))])
    return check_source(file, Path(name), run_options)


def check_source(
    file: SourceFile, path: Path | None = None, run_options: Options | None = None
) -> Report:
    """Check a text; `path` is where its imports start from."""
    sink = Sink()
    program = elaborate(file, sink, path, run_options)
    if any(graph.requirements for graph in program.models.values()):
        from graphc.analysis.requirements import check_requirements

        for graph in program.models.values():
            check_requirements(graph)
    if program.trains:
        from graphc.analysis.idle_training import check_trains

        for name in program.trains:
            check_trains(program.models[name], sink)
    return Report(program, sink.in_source_order())


def _checked(report: Report) -> Model:
    main = report.main
    if not report.is_clean or main is None or not main.is_known:
        raise CheckError(report.diagnostics)
    return main


def _reporter(given: Reporter | None, train: TrainConfig) -> Reporter:
    """What a training tells its progress: "auto" of Keras is silence in a program of others."""
    if given is not None and train.verbose != 0:
        return given
    if train.verbose in (1, 2):
        from graphc.render.progress import Progress

        return Progress(verbose=train.verbose)
    from graphc.runtime.train.report import Reporter

    return Reporter()


def load(
    path: str | os.PathLike[str],
    *,
    model: str | None = None,
    settings: Mapping[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Model:
    """Load the last model of a file, or the one named.

    Raises `CheckError`, which holds the diagnostics, if the file has errors.
    """
    return _checked(check_file(path, options(model=model, settings=settings, inputs=inputs)))


def parse(
    text: str,
    *,
    name: str = "<text>",
    model: str | None = None,
    settings: Mapping[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Model:
    """Load the last model of a text, or the one named. Raises `CheckError` if it has errors."""
    run_options = options(model=model, settings=settings, inputs=inputs)
    return _checked(check_source(SourceFile(name, text), None, run_options))
