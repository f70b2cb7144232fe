"""The train block as `compile_model` and `train`, and the program's command line."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from graphc.declare.definition import registry
from graphc.emit.keras.expressions import Expressions
from graphc.emit.keras.functions import function
from graphc.emit.keras.statements import body_lines
from graphc.emit.keras.tree import Untranslatable, call, constant
from graphc.emit.keras.values import Values
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator

_COMPILED = (
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly",
    "steps_per_execution", "jit_compile", "auto_scale_loss",
)  # fmt: skip
"""The keys that are arguments of Keras' `compile`, in its order; the others are of `fit`."""

_MAIN = '''def main():
    """Train the model on a file of arrays: python {file} data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(model, {x_train}, {y_train})
    for name, values in history.history.items():
        print(f"{{name}}: {{values}}")
    model.evaluate({x_test}, {y_test}, verbose=2)


if __name__ == "__main__":
    main()'''


def training_functions(translator: Translator) -> None:
    """Add `build_model`, and what trains it if the file says how."""
    main = translator.program.main
    if main is None:
        return
    template = translator.by_graph[id(main)]
    name = translator.names[id(template)]
    if name != "build_model":
        translator.module.ending.append(f"build_model = {name}")
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
    given = {entry.name: _value(translator, entry, config) for entry in item.entries}
    compiled = {key: given[key] for key in _COMPILED if key in given}
    if "optimizer" not in compiled:
        compiled = {"optimizer": constant("rmsprop"), **compiled}
    fitted = {key: value for key, value in given.items() if key not in _COMPILED}
    model = ast.Name("model")
    compile_ = ast.Expr(call(ast.Attribute(model, "compile"), keywords=compiled))
    fit = call(
        ast.Attribute(model, "fit"), ast.Name("x"), ast.Name("y"),
        keywords={**fitted},
    )  # fmt: skip
    functions = [
        function("compile_model", [("model", None)], [compile_],
                 "Give the model its loss, its optimizer and its metrics."),
        function("train", [("model", None), ("x", None), ("y", None)], [ast.Return(fit)],
                 "Train the model, and return the history."),
    ]  # fmt: skip
    for each in functions:
        translator.module.ending.append("\n".join(body_lines([each], 0)))
    translator.module.ending.append(_main_text(translator))


def _value(translator: Translator, entry: nodes.TrainEntry, config: object) -> ast.expr:
    rule = registry("train")["TrainConfig"].arguments[entry.name].rule
    scope = translator._scope()  # noqa: SLF001 - its own module's
    try:
        if scope is None:
            raise Untranslatable("no file")  # noqa: TRY301 - as any other
        made = Expressions(translator, scope).argument(entry.value, rule)
    except Untranslatable:
        made = Values(lambda layer: None).of(getattr(config, entry.name))
    is_listed = entry.name in ("metrics", "weighted_metrics", "callbacks")
    if is_listed and not isinstance(made, (ast.List, ast.Dict, ast.Name)):
        if isinstance(made, ast.Tuple):
            return ast.List(made.elts)
        return made if isinstance(made, ast.Constant) and made.value is None else ast.List([made])
    return made


def _main_text(translator: Translator) -> str:
    main = translator.program.main
    assert main is not None
    inputs = [main.record(node).name for node in main.inputs]
    outputs = [out.name for out in main.outputs]
    texts = {
        f"{side}_{part}": _data(f"{side}_{part}", inputs if side == "x" else outputs)
        for side in "xy"
        for part in ("train", "test")
    }
    return texts.pop("unused", _MAIN.format(file="model.py", **texts))


def _data(key: str, names: list[str]) -> str:
    from graphc.emit.keras.spelling import string

    if len(names) == 1:
        return f'data["{key}"]'
    listed = ", ".join(f"data[{string(f'{key}_{name}')}]" for name in names)
    return f"[{listed}]"
