"""The function that a template becomes."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphc.elaborate.values import Template
from graphc.emit.keras.body import Body
from graphc.emit.keras.constants import holds_layer
from graphc.emit.keras.documentation import documentation
from graphc.emit.keras.freezing import settings_of, with_settings
from graphc.emit.keras.reserve import reservations, reserve_calls
from graphc.emit.keras.sequential import sequential_body
from graphc.emit.keras.spelling import docstring_lines, identifier
from graphc.emit.keras.statement_writer import write_statements
from graphc.emit.keras.tree import (
    Doc,
    ModelCall,
    Untranslatable,
    assign,
    constant,
    model_call,
    structured,
)
from graphc.emit.keras.unused import without_unused
from graphc.emit.keras.values import Values
from graphc.ir.graph import ModelGraph
from graphc.ir.structure import filled
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator

Parameters = list[tuple[str, ast.expr | None]]


class ParameterizedFunction:
    """A function; that of a model may take a name."""

    def __init__(
        self, name: str, parameters: Parameters, body: list[ast.stmt], doc: str,
        *, handed: Sequence[str], model: str | None, takes_name: bool,
    ) -> None:  # fmt: skip
        self.name, self.parameters, self.body, self.doc = name, parameters, body, doc
        self.handed, self.model, self.takes_name = handed, model, takes_name

    def made(self, *, takes_name: bool) -> ast.FunctionDef:
        """The function, with a parameter for the model's name where calls give one."""
        parameters = list(self.parameters)
        if self.model is None:
            only = (*self.handed, *(["name"] if self.takes_name else []))
            return function(self.name, parameters, self.body, self.doc, only)
        parameters += [(each, constant(None)) for each in self.handed]
        if takes_name:
            parameters.append(("name", constant(self.model)))
            for statement in self.body:
                for node in ast.walk(statement):
                    if isinstance(node, ModelCall):
                        _take_name(node)
        return function(self.name, parameters, self.body, self.doc)


def _take_name(node: ast.Call) -> None:
    node.keywords = [
        ast.keyword("name", ast.Name("name")) if each.arg == "name" else each
        for each in node.keywords
    ]


def function(
    name: str, parameters: Parameters, body: list[ast.stmt], doc: str,
    keyword_only: Sequence[str] = (),
) -> ast.FunctionDef:  # fmt: skip
    """A function with a docstring."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(each) for each, _ in parameters],
        kwonlyargs=[ast.arg(each) for each in keyword_only],
        kw_defaults=[None for _ in keyword_only],
        defaults=[default for _, default in parameters if default is not None],
    )
    return ast.FunctionDef(name, arguments, [Doc(docstring_lines(doc)), *body], [])


def translated(translator: Translator, template: Template) -> ParameterizedFunction:
    """The function of a template. Raises `Untranslatable`."""
    body = translator.body(template)
    node = template.node
    body.comments.skip_to(node.name_span.end)
    if any(entry.frame.replay is not None for entry in body.entries):
        raise Untranslatable(f"an instance of the block {node.name} is applied twice")
    parameters = _parameters(body)
    name = translator.names[id(template)]
    doc = documentation(translator, template)
    handed = list(body.handed.values())
    if node.kind == "block":
        statements = _block_statements(body)
        translator.ties.check(node.name)
        inputs: Parameters = [
            (body.locals[each], None) for each in translator.block_inputs(template)
        ]
        takes_name = translator.block_function(template).takes_name
        if takes_name and not body.uses_name:
            body.uses_name = True
        return ParameterizedFunction(
            name,
            inputs + parameters,
            statements,
            doc,
            handed=handed,
            model=None,
            takes_name=takes_name,
        )
    statements = sequential_body(body) if node.kind == "sequential" else _model_statements(body)
    settings = settings_of(_graphs(body))
    statements = with_settings(statements, settings, identifier("model", body.taken))
    translator.ties.check(node.name)
    return ParameterizedFunction(
        name, parameters, statements, doc, handed=handed, model=node.own_name, takes_name=False
    )


def _parameters(body: Body) -> Parameters:
    """The parameters of a template with their defaults, those that the command line sets too."""
    made: Parameters = []
    is_open = False
    own = {parameter.name for parameter in body.node.parameters}
    inputs = {each.name for each in body.node.body if isinstance(each, nodes.Input)}
    if own & inputs and body.is_block:
        raise Untranslatable("a parameter and an input have one name")
    for parameter in reversed(body.node.parameters):
        default = None
        if parameter.default is not None and not is_open:
            default = _default(body, parameter, parameter.default)
        elif parameter.default is None:
            is_open = True
        else:
            raise Untranslatable("a parameter without a default stands after one with")
        made.insert(0, (body.locals[parameter.name], default))
    return made


def _default(body: Body, parameter: nodes.Parameter, default: nodes.Expression) -> ast.expr:
    settings = body.translator.settings_of(body.template)
    if parameter.name in settings:
        return Values().of(_frozen(settings[parameter.name]))
    if any(holds_layer(v) for v in body.values(default)):
        own = ast.Name(body.locals[parameter.name])
        made = body.expr(default)
        is_missing = ast.Compare(own, [ast.Is()], [constant(None)])
        body.prelude.append(ast.If(is_missing, [assign(own, made)], []))
        return constant(None)
    outer = body.locals
    body.locals = {}
    try:
        made = body.expr(default)
    finally:
        body.locals = outer
    return ast.Tuple(made.elts) if isinstance(made, ast.List) else made


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


def _block_statements(body: Body) -> list[ast.stmt]:
    write_statements(body)
    made = [*body.prelude, *_initial(body), *body.out]
    if body.output_list is not None:
        listed = ast.Name(body.output_list)
        if body.outputs:
            raise Untranslatable("outputs in a loop and outside of it")
        return without_unused([*made, ast.Return(listed)])
    values = [value for _, value in body.outputs]
    if len(values) == 1:
        (value,) = values
        only = value.value if isinstance(value, ast.Starred) else value
        return without_unused([*made, ast.Return(only)])
    return without_unused([*made, ast.Return(ast.Tuple(values))])


def _initial(body: Body) -> list[ast.stmt]:
    if body.output_list is None:
        return []
    return [assign(body.output_list, ast.List([]))]


def _model_statements(body: Body) -> list[ast.stmt]:
    write_statements(body)
    inputs = _inputs(body)
    return without_unused(
        [*_reserved(body), *body.prelude, *_initial(body), *body.out, _return(body, inputs)]
    )


def _inputs(body: Body) -> ast.expr:
    """What a model takes: one input, a list of them, or the form that the source states."""
    kinds = (nodes.Input, nodes.InputForm)
    stated = [each for each in body.node.body if isinstance(each, kinds)]
    if len(stated) != sum(isinstance(e, kinds) for e in _all_statements(body.node.body)):
        raise Untranslatable("inputs in a loop or choice")
    names = [each.name or "" for each in stated if isinstance(each, nodes.Input)]
    inputs: dict[str, ast.expr] = {
        name: ast.Name(body.input_names.get(name, body.locals[name])) for name in names
    }
    forms = [each.value for each in stated if isinstance(each, nodes.InputForm)]
    if not forms:
        return structured(filled(None, list(inputs.values())))
    return _in_form(forms[0], inputs)


def _in_form(node: nodes.Expression, inputs: Mapping[str, ast.expr]) -> ast.expr:
    """Inputs in the dicts and lists that they are taken in, as these stand."""
    if isinstance(node, nodes.DictDisplay):
        keys: list[ast.expr | None] = [_key(key) for key, _ in node.items]
        return ast.Dict(keys, [_in_form(item, inputs) for _, item in node.items])
    if isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)):
        return ast.List([_in_form(item, inputs) for item in node.items])
    if isinstance(node, nodes.Name) and node.id in inputs:
        return inputs[node.id]
    raise Untranslatable("the form of the inputs is computed")


def _key(node: nodes.Expression) -> ast.expr:
    if not isinstance(node, nodes.Literal):
        raise Untranslatable("the form of the inputs is computed")
    return constant(node.value)


def _return(body: Body, inputs: ast.expr) -> ast.Return:
    if body.output_list is not None:
        if body.outputs:
            raise Untranslatable("outputs in a loop and outside of it")
        outputs: ast.expr = ast.Name(body.output_list)
    else:
        values = [value for _, value in body.outputs]
        keys = body.translator.output_keys(body.translator.model_of(body.template))
        if keys is not None and len(keys) == len(values):
            outputs = ast.Dict([constant(key) for key in keys], values)
        elif len(values) == 1 and isinstance(values[0], ast.Starred):
            outputs = values[0].value
        else:
            outputs = values[0] if len(values) == 1 else ast.List(values)
    return ast.Return(model_call("keras.Model", inputs, outputs, name=body.node.own_name))


def _graphs(body: Body) -> list[ModelGraph]:
    """The models that the body has built, each once."""
    found = {
        id(entry.frame.builder.model): entry.frame.builder.model
        for entry in body.entries
        if entry.frame.builder is not None
    }
    return list(found.values())


def _reserved(body: Body) -> list[ast.stmt]:
    """What keeps Keras from naming functions as layers are named."""
    counts: dict[str, int] = {}
    for graph in _graphs(body):
        kept = body.translator.naming.kept_of(body.template)
        for name, count in reservations(graph, kept).items():
            counts[name] = max(counts.get(name, 0), count)
    return reserve_calls(counts)


def _all_statements(body: tuple[nodes.Statement, ...]) -> list[nodes.Statement]:
    found: list[nodes.Statement] = []
    for each in body:
        found.append(each)
        if isinstance(each, nodes.For):
            found += _all_statements(each.body)
        if isinstance(each, nodes.If):
            for branch in each.branches:
                found += _all_statements(branch.body)
    return found
