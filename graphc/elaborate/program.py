"""A file and what it imports, elaborated: its models, and its train blocks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import graphc.layers
import graphc.training  # noqa: F401 - these say where layers and the rest are found
from graphc.diagnostics.codes import (
    IMPORT_CYCLE,
    IMPORT_NOT_FOUND,
    LIMIT_EXCEEDED,
    MISSING_ARGUMENT,
    NO_MODEL,
    REPEATED_DEFINITION,
    SHAPES_UNKNOWN,
    UNKNOWN_ARGUMENT,
)
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Sink
from graphc.diagnostics.suggest import did_you_mean, nearest
from graphc.elaborate import (  # noqa: F401 - fill the tables
    bindings,
    calls,
    control_flow,
    expressions,
    input_statement,
    named,
    pipes,
    statements,
    weight_statement,
)
from graphc.elaborate.files import (
    Unreadable,
    imported_path,
    neighbours,
    project_folder,
    read_source,
)
from graphc.elaborate.frame import FileScope, Frame, Run, evaluate
from graphc.elaborate.instances import elaborate_model
from graphc.elaborate.limits import LimitReached, Limits
from graphc.elaborate.observer import Observer
from graphc.elaborate.report import names_text
from graphc.elaborate.train import elaborate_train
from graphc.elaborate.values import UNKNOWN_VALUE, Template
from graphc.ir.graph import ModelGraph
from graphc.source import SourceFile, Span
from graphc.syntax import nodes
from graphc.syntax.parse import parse


class Program:
    """What a file says: its models in order, the main one, its train blocks.

    `path` is where its imports start from, `options` what was said of the run.
    """

    def __init__(
        self, file: SourceFile, tree: nodes.File, path: Path | None, options: Options
    ) -> None:
        self.file = file
        self.tree = tree
        self.path = path
        self.options = options
        self.models: dict[str, ModelGraph] = {}
        self.main: ModelGraph | None = None
        self.trains: dict[str, Any] = {}

    def stop(self) -> None:
        """Take what there is for incomplete: a limit was reached."""
        self.main = None
        for model in self.models.values():
            model.is_complete = False


class Options:
    """What the command line says of a run."""

    def __init__(
        self,
        *,
        model: str | None = None,
        settings: Mapping[str, nodes.Expression] | None = None,
        inputs: Mapping[str, nodes.Annotation] | None = None,
        limits: Limits | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.model = model
        self.settings = dict(settings or {})
        self.inputs = dict(inputs or {})
        self.limits = limits or Limits()
        self.observer = observer


class _Loader:
    """Loads each file of a run once."""

    def __init__(self, run: Run, project: Path | None) -> None:
        self.run = run
        self.project = project
        self.scopes: dict[Path, FileScope] = {}
        self.loading: list[Path] = []
        self.imports: dict[Path, Span] = {}
        """What first imported each file."""

    def load(self, file: SourceFile, tree: nodes.File, path: Path | None) -> FileScope:
        """The names of a file: its constants, imports and definitions."""
        scope = FileScope(file, self.run)
        frame = Frame(scope)
        spans: dict[str, Span] = {}
        if path is not None:
            self.loading.append(path)
        for item in tree.items:
            if isinstance(item, nodes.Const):
                self._define(scope, frame, spans, item.name, item.name_span, None)
                scope.values[item.name] = evaluate(item.value, frame)
            elif isinstance(item, nodes.Definition):
                _check_parameters(item, frame)
                template = Template(item, scope)
                self._define(scope, frame, spans, item.name, item.name_span, template)
            elif isinstance(item, nodes.Import):
                self._import(item, scope, frame, spans, path)
            elif isinstance(item, nodes.BrokenItem):
                scope.values.update(dict.fromkeys(item.names, UNKNOWN_VALUE))
        if path is not None:
            self.loading.pop()
        return scope

    def _define(
        self,
        scope: FileScope,
        frame: Frame,
        spans: dict[str, Span],
        name: str,
        span: Span,
        value: Any,
    ) -> None:
        if name in spans:
            frame.report(
                REPEATED_DEFINITION,
                f"`{name}` is defined twice",
                span,
                others=(Label(spans[name], "defined here first"),),
            )
        spans[name] = span
        scope.values[name] = value

    def _report_cycle(self, item: nodes.Import, frame: Frame, path: Path, target: Path) -> None:
        if target == path:
            frame.report(IMPORT_CYCLE, "this file imports itself", item.path_span)
            return
        back = self.loading[self.loading.index(target) + 1]
        frame.report(
            IMPORT_CYCLE,
            f"{item.path} imports this file in turn",
            item.path_span,
            others=(Label(self.imports[back], "imported here"),),
        )

    def _import(
        self,
        item: nodes.Import,
        scope: FileScope,
        frame: Frame,
        spans: dict[str, Span],
        path: Path | None,
    ) -> None:
        imported = self._imported(item, frame, path)
        for each in item.names:
            alias = each.alias or each.name
            value: Any = UNKNOWN_VALUE
            if imported is not None:
                value = imported.values.get(each.name)
                if each.name not in imported.values:
                    self._no_such_name(item, each, imported, frame)
                    value = UNKNOWN_VALUE
            self._define(scope, frame, spans, alias, each.span, value)

    def _no_such_name(
        self, item: nodes.Import, each: nodes.ImportedName, imported: FileScope, frame: Frame
    ) -> None:
        best = nearest(each.name, list(imported.values))
        frame.report(
            IMPORT_NOT_FOUND,
            f"{item.path} has nothing named `{each.name}`",
            each.span,
            help=did_you_mean(each.name, list(imported.values)),
            fix=Fix(f"write {best}", (Edit(each.span, best),))
            if best and each.span.text == each.name
            else None,
        )

    def _imported(self, item: nodes.Import, frame: Frame, path: Path | None) -> FileScope | None:
        if path is None or self.project is None:
            frame.report(
                IMPORT_NOT_FOUND, "text without a file of its own imports nothing", item.span
            )
            return None
        target = imported_path(item.path, path, self.project)
        if isinstance(target, Unreadable):
            frame.report(target.code, target.message, item.path_span)
            return None
        if target in self.loading:
            self._report_cycle(item, frame, path, target)
            return None
        if len(self.loading) >= self.run.limits.block_depth:
            frame.report(
                LIMIT_EXCEEDED,
                f"imports nest more than {self.run.limits.block_depth} deep",
                item.path_span,
            )
            return None
        found = self.scopes.get(target)
        if found is None:
            shown = os.path.normpath(Path(frame.scope.file.name).parent / item.path)
            file = read_source(target, shown)
            if isinstance(file, Unreadable):
                help_text = None
                if file.code is IMPORT_NOT_FOUND:
                    help_text = did_you_mean(item.path, neighbours(item.path, target))
                frame.report(file.code, file.message, item.path_span, help=help_text)
                return None
            self.imports[target] = item.path_span
            found = self.load(file, parse(file, self.run.sink), target)
            self.scopes[target] = found
        return found


def _check_parameters(item: nodes.Definition, frame: Frame) -> None:
    """Parameters differ; and a model has to stand alone, so that its own have defaults."""
    first: dict[str, Span] = {}
    for parameter in item.parameters:
        if first.setdefault(parameter.name, parameter.span) is not parameter.span:
            frame.report(
                REPEATED_DEFINITION,
                f"`{parameter.name}` of {item.name} is defined twice",
                parameter.span,
                others=(Label(first[parameter.name], "defined here first"),),
            )
        if item.kind != "block" and parameter.default is None:
            frame.report(
                MISSING_ARGUMENT,
                f"`{parameter.name}` of {item.name} needs a default, got none",
                parameter.span,
                help=f"write {parameter.name}=…: a model is checked without being used",
            )


def elaborate(
    file: SourceFile, sink: Sink, path: Path | None = None, options: Options | None = None
) -> Program:
    """Parse and elaborate a file and what it imports; all that is wrong goes into the sink."""
    return elaborate_tree(file, parse(file, sink), sink, path, options)


def elaborate_tree(
    file: SourceFile,
    tree: nodes.File,
    sink: Sink,
    path: Path | None = None,
    options: Options | None = None,
) -> Program:
    """Elaborate a parsed file."""
    options = options or Options()
    run = Run(sink, options.limits, options.observer)
    program = Program(file, tree, path, options)
    try:
        project = None if path is None else project_folder(path)
        resolved = None if path is None else path.resolve()
        scope = _Loader(run, project).load(file, tree, resolved)
        _elaborate_models(program, scope, options)
    except LimitReached:
        program.stop()
    except RecursionError:
        # Blocks forty deep, each with bodies a hundred deep: within every limit but Python's.
        sink.add(
            Diagnostic(
                LIMIT_EXCEEDED,
                "blocks and bodies nest deeper than can be checked",
                run.place or Span(file, 0, 0),
            )
        )
        program.stop()
    return program


def _elaborate_models(program: Program, scope: FileScope, options: Options) -> None:
    definitions = [
        item
        for item in program.tree.items
        if isinstance(item, nodes.Definition) and item.kind != "block"
    ]
    main = _main_definition(program, scope, options, definitions)
    for item in definitions:
        template = scope.values.get(item.name)
        if not isinstance(template, Template) or template.node is not item:
            continue
        is_main = item is main
        settings = _settings(item, options, scope) if is_main else {}
        shapes = options.inputs if is_main else {}
        graph = elaborate_model(template, settings, input_shapes=shapes)
        program.models[item.name] = graph
        if is_main:
            program.main = graph
    _report_unbuilt(scope, [item for item in definitions if item.name in program.models])
    trained: dict[str, Span] = {}
    for train in program.tree.items:
        if isinstance(train, nodes.Train):
            if train.model in trained:
                Frame(scope).report(
                    REPEATED_DEFINITION,
                    f"{train.model} has two train blocks",
                    train.model_span,
                    others=(Label(trained[train.model], "the first is here"),),
                )
            trained[train.model] = train.model_span
            config = elaborate_train(train, scope, program.models)
            if config is not None:
                program.trains[train.model] = config


def _report_unbuilt(scope: FileScope, definitions: list[nodes.Definition]) -> None:
    """Warn of sequentials whose shapes nothing says: no input of theirs, no model using them."""
    for item in definitions:
        template = scope.values[item.name]
        states_input = any(isinstance(each, (nodes.Input, nodes.Broken)) for each in item.body)
        graphs = [g for g in template.instances.values() if isinstance(g, ModelGraph)]
        if item.kind == "sequential" and item.body and not states_input:
            if any(graph.inputs for graph in graphs) or _has_errors(scope, item.span):
                continue
            Frame(scope).report(
                SHAPES_UNKNOWN,
                f"the shapes of {item.name} are unknown: it states no input",
                item.name_span,
                help='state one (input [250, 250, 3]) or give one: --input "[250, 250, 3]"',
            )


def _has_errors(scope: FileScope, span: Span) -> bool:
    return any(
        each.is_error and each.span.file is span.file and span.start <= each.span.start < span.end
        for each in scope.run.sink.diagnostics
    )


def _main_definition(
    program: Program, scope: FileScope, options: Options, definitions: list[nodes.Definition]
) -> nodes.Definition | None:
    if options.model is None:
        return definitions[-1] if definitions else None
    for item in definitions:
        if item.name == options.model:
            return item
    names = [item.name for item in definitions]
    place = definitions[0].name_span if definitions else Span(program.file, 0, 0)
    known = ", ".join(f"`{name}`" for name in names) or "none"
    scope.run.sink.add(
        Diagnostic(
            NO_MODEL,
            f"{program.file.name} has no model `{options.model}`; its models: {known}",
            place,
            help=did_you_mean(options.model, names),
        )
    )
    return None


def _settings(item: nodes.Definition, options: Options, scope: FileScope) -> dict[str, Any]:
    known = [parameter.name for parameter in item.parameters]
    frame = Frame(scope)
    values = {}
    for name, node in options.settings.items():
        if name in known:
            values[name] = evaluate(node, frame)
            continue
        has = f"it has {names_text(known)}" if known else "it has none"
        # Several may be wrong, and all show at the model's name.
        scope.run.sink.add(
            Diagnostic(
                UNKNOWN_ARGUMENT,
                f"{item.name} has no argument `{name}` to set; {has}",
                item.name_span,
                help=did_you_mean(name, known),
            )
        )
    return values
