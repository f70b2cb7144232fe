"""The train block as `compile_model` and `train`, and the program's command line."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphc.declare.definition import registry
from graphc.emit.keras.expressions import Expressions
from graphc.emit.keras.functions import function
from graphc.emit.keras.statements import body_lines
from graphc.emit.keras.train_comments import TrainComments
from graphc.emit.keras.tree import (
    Untranslatable,
    assign,
    attribute,
    call,
    constant,
    structured,
    subscript,
)
from graphc.emit.keras.values import Values
from graphc.ir.graph import ModelGraph
from graphc.ir.structure import Structure, filled
from graphc.keras_format.outputs import PER_OUTPUT, by_outputs
from graphc.syntax import nodes
from graphc.training.keys import TrainConfig

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator

_COMPILED = (
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly",
    "steps_per_execution", "jit_compile", "auto_scale_loss",
)  # fmt: skip
"""The keys that are arguments of Keras' `compile`, in its order; the others are of `fit`."""

_ENTRY = """if __name__ == "__main__":
    main()"""


def closing_functions(
    translator: Translator, *, weights: str | None, distribute: ast.FunctionDef | None
) -> None:
    """Add `build_model`, what loads and divides it, and what trains it if the file says how."""
    main = translator.program.main
    if main is None:
        return
    template = translator.by_graph[id(main)]
    name = translator.names[id(template)]
    if name != "build_model":
        translator.module.ending.append(f"build_model = {name}")
    first: list[ast.stmt] = []
    build = "build_model"
    if weights is not None:
        build = "load_model"
        _add(translator, _load_model(weights))
    if distribute is not None:
        _add(translator, distribute)
        first = [ast.Expr(call(distribute.name))]
    item = next(
        (
            each
            for each in translator.program.tree.items
            if isinstance(each, nodes.Train) and each.model == main.name
        ),
        None,
    )
    config = translator.program.trains.get(main.name)
    if item is None or config is None:
        return
    given = {entry.name: _value(translator, entry, config, main) for entry in item.entries}
    compiled = {key: given[key] for key in _COMPILED if key in given}
    if "optimizer" not in compiled:
        compiled = {"optimizer": constant("rmsprop"), **compiled}
    fitted = {key: value for key, value in given.items() if key not in _COMPILED}
    remarks = TrainComments(translator, item)
    compile_ = call("model.compile", keywords=compiled)
    fit = call("model.fit", ast.Name("x"), ast.Name("y"), keywords=fitted)
    _add(
        translator,
        function("compile_model", [("model", None)], [remarks.evaluated(compile_)],
                 "Compile the model for training."),
        remarks.above,
    )  # fmt: skip
    _add(
        translator,
        function("train", [("model", None), ("x", None), ("y", None)], [remarks.returned(fit)],
                 "Train the model, and return the history."),
    )  # fmt: skip
    made = assign("model", call(build))
    translator.module.ending.append(_main_text(translator, [*first, made]))


def _add(translator: Translator, made: ast.FunctionDef, above: Sequence[ast.stmt] = ()) -> None:
    translator.module.ending.append("\n".join(body_lines([*above, made], 0)))


def _load_model(weights: str) -> ast.FunctionDef:
    """What builds the model with the weights of a file beside the program."""
    here = call("pathlib.Path", ast.Name("__file__"))
    path = call(ast.Attribute(here, "with_name"), constant(weights))
    body: list[ast.stmt] = [
        assign("model", call("build_model")),
        ast.Expr(call("model.load_weights", path)),
        ast.Return(ast.Name("model")),
    ]
    return function("load_model", [], body, f"Build the model with the weights of {weights}.")


def _value(
    translator: Translator, entry: nodes.TrainEntry, config: TrainConfig, main: ModelGraph
) -> ast.expr:
    value = getattr(config, entry.name)
    if entry.name in PER_OUTPUT:
        by_place = by_outputs(value, main, config)
        if by_place is not value:
            return ast.List(list(map(_listed, by_place)))
    rule = registry("train")["TrainConfig"].arguments[entry.name].rule
    scope = translator.main_scope()
    assert scope is not None
    try:
        made = Expressions(translator, scope).argument(entry.value, rule)
    except Untranslatable:
        made = Values().of(value)
    is_listed = entry.name in ("metrics", "weighted_metrics", "callbacks")
    if is_listed and not isinstance(made, (ast.List, ast.Dict, ast.Name)):
        if isinstance(made, ast.Tuple):
            return ast.List(made.elts)
        return made if isinstance(made, ast.Constant) and made.value is None else ast.List([made])
    return made


def _listed(value: Any) -> ast.expr:
    """What is said of one output: several metrics are a list."""
    made = Values().of(value)
    return ast.List(made.elts) if isinstance(made, ast.Tuple) else made


def _main_text(translator: Translator, beginning: list[ast.stmt]) -> str:
    main = translator.program.main
    assert main is not None
    inputs = [main.record(node).name for node in main.inputs]
    outputs = [out.name for out in main.outputs]
    data = ast.Name("data")
    x_train, x_test = (
        _data(_inputs(data, part, inputs), main.input_structure) for part in ("train", "test")
    )
    y_train, y_test = (
        _data(_targets(data, part, inputs, outputs), None) for part in ("train", "test")
    )
    evaluate = call("model.evaluate", x_test, y_test, keywords={"verbose": constant(2)})
    body: list[ast.stmt] = [
        assign("data", call("np.load", subscript(attribute("sys.argv"), constant(1)))),
        *beginning,
        ast.Expr(call("compile_model", ast.Name("model"))),
        ast.Expr(call("model.summary")),
        assign("history", call("train", ast.Name("model"), x_train, y_train)),
        ast.For(
            ast.Tuple([ast.Name("name"), ast.Name("values")]),
            call("history.history.items"),
            [ast.Expr(call("print", _shown("name", "values")))],
            [],
        ),
        ast.Expr(evaluate),
    ]
    doc = "Train the model on arrays and evaluate it: python model.py data.npz."
    made = "\n".join(body_lines([function("main", [], body, doc)], 0))
    return f"{made}\n\n\n{_ENTRY}"


def _shown(name: str, value: str) -> ast.expr:
    parts = [ast.FormattedValue(ast.Name(name), -1), ast.Constant(": "),
             ast.FormattedValue(ast.Name(value), -1)]  # fmt: skip
    return ast.JoinedStr(list[ast.expr](parts))


def _data(arrays: dict[str, ast.expr], structure: Structure) -> ast.expr:
    """The arrays in the lists and dicts in which the model takes or gives them."""
    return structured(filled(structure, list(arrays.values())))


def _inputs(data: ast.expr, part: str, names: list[str]) -> dict[str, ast.expr]:
    return _arrays(data, "x", part, names)


def _targets(
    data: ast.expr, part: str, inputs: list[str], outputs: list[str]
) -> dict[str, ast.expr]:
    """An output with the name of an input is to give that input back."""
    given = _arrays(data, "y", part, outputs)
    again = _inputs(data, part, inputs)
    return {name: again.get(name, array) for name, array in given.items()}


def _arrays(data: ast.expr, alone: str, part: str, names: list[str]) -> dict[str, ast.expr]:
    """The arrays of a part by name, called as `graphc train` has them: one `x` or `y`, several so."""
    if len(names) == 1:
        return {names[0]: subscript(data, constant(f"{alone}_{part}"))}
    return {name: subscript(data, constant(f"{name}_{part}")) for name in names}
