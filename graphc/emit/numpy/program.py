"""A model as a program that needs NumPy and a file of weights."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from graphc.emit.keras.layout import WIDTH
from graphc.emit.keras.spelling import docstring_lines, identifier
from graphc.emit.keras.statements import body_lines, filled
from graphc.emit.keras.tree import call, constant, name, sequence, subscript
from graphc.emit.numpy.body import Printer
from graphc.emit.numpy.calls import Calls
from graphc.emit.numpy.command_line import AGREEING, CHECKED, command_line
from graphc.emit.numpy.kernel_text import Library
from graphc.emit.numpy.literals import dtype_expression
from graphc.emit.numpy.lowering import lower_open
from graphc.emit.numpy.names import Names, numbered, numbers_in
from graphc.emit.numpy.sizes import Sizes
from graphc.emit.numpy.statements import Bound, Key, Statement, Translator, value_name
from graphc.emit.numpy.writers import Operand
from graphc.ir.dims import shape_text
from graphc.ir.graph import ModelGraph
from graphc.ir.origin import Origin
from graphc.ir.primitives.control import Body
from graphc.ir.tensor import Step, Tensor, key, steps_of
from graphc.ir.types import TensorType
from graphc.passes.divide import divide
from graphc.passes.pipeline import optimize
from graphc.record import Record
from graphc.runtime.kernels.table import SMALL_FLOATS

RESERVED = frozenset(
    (
        "predict",
        "prepare",
        "main",
        "read",
        "inputs",
        "weights",
        "prepared",
        "array",
        "agree",
        "write",
        "_",
    )
)

IMPORTS = frozenset(("import argparse", "import numpy as np", "import zipfile"))
_PATHLIB = "import pathlib"


def numpy_program(model: ModelGraph, weights: str | None = None) -> str:
    """The text; `weights` is the file that it reads unless it is told another one.

    Raises `NotRunnable` for a model with layers whose computation is not known, and `NotInNumPy`
    where NumPy cannot do it for all sizes.
    """
    return _Program(model).text(weights)


class Prepared(Record):
    """What weights alone come to: statements, and values with the labels that they go by."""

    statements: tuple[Statement, ...]
    labels: tuple[str, ...]
    values: tuple[ast.expr, ...]
    wanted: dict[int, str]

    __hash__ = object.__hash__


class _Program:
    def __init__(self, model: ModelGraph) -> None:
        self.model = model
        records = [model.record(node) for node in model.inputs]
        self.origins = {record.name: Origin(record) for record in records}
        self.lowered = lower_open(model)
        self.types = {each: tensor.type for each, tensor in self.lowered.inputs.items()}
        inputs = list(self.lowered.inputs.values())
        results = optimize(list(self.lowered.outputs.values()), inputs)
        self.divided = divide(results, inputs)
        small = any(x.dtype in SMALL_FLOATS for x in _tensors(results))
        self.library = Library(has_small_floats=small)
        self.taken = set(RESERVED)

    def text(self, weights: str | None) -> str:
        """The whole program."""
        translator = Translator(Calls(self._sizes([]), self.library))
        numbers = [translator.new() for _ in self.types]
        sizes = self._sizes(numbers)
        translator.calls.sizes = sizes
        known = self._known(translator)
        prepared, found = self._prepare(translator, known)
        predict = self._predict(
            translator, known | found, numbers, sizes, is_prepared=prepared is not None
        )
        functions = [*self.library.texts]
        functions += [] if prepared is None else [self._prepare_text(prepared, sizes)]
        functions += [CHECKED, *([AGREEING] if sizes.shared() else []), predict]
        first = next(iter(self.types)) if len(self.types) == 1 else None
        functions += command_line(first, weights)
        title = _docstring([f"{self.model.name}, in NumPy."])
        imports = _imports(self.library.imports | IMPORTS | ({_PATHLIB} if weights else set()))
        gap = "\n\n\n" if functions[0].startswith(("def ", "@")) else "\n\n"
        return f"{title}\n\n{imports}{gap}" + "\n\n\n".join(functions)

    def _sizes(self, numbers: Sequence[int]) -> Sizes:
        arrays = {
            each: value_name(number)
            for each, number in zip(self.types, numbers or range(len(self.types)), strict=True)
        }
        self.taken = set(RESERVED)
        return Sizes(self.types, arrays, self._claim)

    def _claim(self, wanted: str) -> str:
        found = identifier(wanted, self.taken)
        self.taken.add(found)
        return found

    def _known(self, translator: Translator) -> dict[Key, Operand]:
        """The weights, as they are found in a file."""
        return {
            key(tensor): Operand(subscript(name("weights"), constant(path)), tensor.type)
            for path, tensor in self.lowered.weights
        }

    def _prepare(
        self, translator: Translator, known: Mapping[Key, Operand]
    ) -> tuple[Prepared | None, dict[Key, Operand]]:
        """What the inputs do not change.

        Numbers and weights are written where they are used, the rest is a function of its own.
        """
        found: dict[Key, Operand] = {}
        computed: list[tuple[Tensor, Tensor]] = []
        for tensor, stand_in in zip(self.divided.before, self.divided.stand_ins, strict=True):
            step = tensor.step
            if step is None:
                found[key(stand_in)] = known[key(tensor)]
            elif step.primitive.name == "constant":
                found[key(stand_in)] = translator.calls.spell(step, [])
            else:
                computed.append((tensor, stand_in))
        if not computed:
            return None, found
        roles = _roles(steps_of(self.divided.results))
        statements, results = translator.translate([tensor for tensor, _ in computed], known)
        wanted: dict[int, str] = {}
        labels: list[str] = []
        for (_, stand_in), result in zip(computed, results, strict=True):
            labels.append(numbered(identifier(roles.get(key(stand_in), "value")), labels))
            item = subscript(name("prepared"), constant(labels[-1]))
            found[key(stand_in)] = Operand(item, stand_in.type)
            for number in numbers_in(result.expression):
                wanted.setdefault(number, labels[-1])
        values = [result.array for result in results]
        return Prepared(tuple(statements), tuple(labels), tuple(values), wanted), found

    def _prepare_text(self, prepared: Prepared, sizes: Sizes) -> str:
        names = Names(
            prepared.statements, prepared.values, self._all_taken(),
            wanted=prepared.wanted, keeps_all=True,
        )  # fmt: skip
        printer = Printer(names, sizes)
        (_, *body) = printer.body(prepared.statements)  # no empty line before the first
        pairs = zip(prepared.labels, prepared.values, strict=True)
        made = _dict({label: printer.named(value) for label, value in pairs})
        doc = _docstring(["What the inputs do not change, computed once for all calls."], "    ")
        return "\n".join(["def prepare(weights):", doc, *body_lines([*body, ast.Return(made)], 4)])

    def _predict(
        self, translator: Translator, known: Mapping[Key, Operand],
        numbers: Sequence[int], sizes: Sizes, *, is_prepared: bool,
    ) -> str:  # fmt: skip
        known = dict(known)
        given: list[Statement] = []
        for (each, tensor), number in zip(self.lowered.inputs.items(), numbers, strict=True):
            array = _checked(each, tensor.type)
            given.append(Bound((number,), array, self.origins[each], (tensor.type,), each))
            known[key(tensor)] = Operand(name(value_name(number)), tensor.type)
        statements, results = translator.translate(self.divided.results, known)
        values = [result.array for result in results]
        self.library.settle()
        taken = self._all_taken()
        everything: list[Statement] = [*given, *statements]
        wanted = {n: identifier(each, taken) for n, each in zip(numbers, self.types, strict=True)}
        names = Names(everything, values, taken, wanted=wanted, first=len(given))
        printer = Printer(names, sizes)
        body = list(printer.body(everything, len(given)))
        outputs = [output.name for output in self.model.outputs]
        made = _dict({n: printer.named(x) for n, x in zip(outputs, values, strict=True)})
        agreeing = [printer.named(each) for each in self._agreeing(numbers, sizes)]
        body = [*printer.head(given), *map(ast.Expr, agreeing), *body, ast.Return(made)]
        parameters = "inputs, weights, prepared=None" if is_prepared else "inputs, weights"
        lines = ['@np.errstate(all="ignore")', f"def predict({parameters}):"]
        lines.append(_docstring(self._description(is_prepared=is_prepared), "    "))
        if is_prepared:
            lines += ["    if prepared is None:", "        prepared = prepare(weights)"]
        lines += body_lines(body, 4)
        return "\n".join(lines)

    def _agreeing(self, numbers: Sequence[int], sizes: Sizes) -> Iterator[ast.expr]:
        """A check of the sizes that inputs share, where they do."""
        arrays = dict(zip(self.types, numbers, strict=True))
        shapes: dict[str, ast.expr] = {}
        for each, needed in sizes.shared().items():
            found = ast.Attribute(name(value_name(arrays[each])), "shape")
            text = constant(shape_text(self.types[each].shape))
            shapes[each] = sequence([text, needed, found])
        if shapes:
            yield call("agree", _dict(shapes))

    def _all_taken(self) -> set[str]:
        return {
            *self.taken,
            *(each for _, each in self.library.pieces),
            "np",
            *_imported(self.library),
        }

    def _description(self, *, is_prepared: bool) -> list[str]:
        lines = ["The outputs by name, for inputs by name.", ""]
        lines += [f"{each}: {type}" for each, type in self.types.items()]
        if is_prepared:
            lines += ["", "`prepared` is what prepare(weights) gives, where there are many calls."]
        return lines


def _checked(input: str, type: TensorType) -> ast.expr:
    """An input as an array of the sizes that it has to have."""
    shape = tuple(dim if isinstance(dim, int) else None for dim in type.shape)
    dtype = dtype_expression(type.dtype)
    return call("array", name("inputs"), constant(input), constant(shape), dtype)


def _dict(items: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Dict([constant(each) for each in items], list(items.values()))


def _imported(library: Library) -> Iterator[str]:
    for line in library.imports:
        yield line.split()[-1]


def _roles(steps: Sequence[Step]) -> dict[Key, str]:
    """What values are to the steps that use them, behind the names of their layers."""
    found: dict[Key, str] = {}
    for step in steps:
        layer = "" if step.origin is None else f"{step.origin.path}_"
        for place, x in enumerate(step.operands):
            role = _ROLES.get(step.primitive.name, "value")
            if role == "kernel" and place == 0:
                role = "value"
            found.setdefault(key(x), f"{layer}{role}".replace(".", "_"))
    return found


_ROLES = {"conv": "kernel", "dot_general": "kernel", "add": "shift", "subtract": "shift",
          "multiply": "scale", "divide": "scale", "select": "mask", "scan": "weights"}  # fmt: skip


def _tensors(results: Sequence[Tensor]) -> Iterator[Tensor]:
    for step in steps_of(results):
        yield from step.operands
        yield from (Tensor(type) for type in step.types)
        body = step.attributes.get("body")
        if isinstance(body, Body):
            yield from _tensors(body.results)


def _docstring(lines: Sequence[str], space: str = "") -> str:
    """A docstring whose lines stay apart."""
    spelled = [each for line in lines for each in (docstring_lines(line) if line else [""])]
    if len(spelled) == 1 and len(spelled[0]) + len(space) + 6 <= WIDTH:
        return f'{space}"""{spelled[0]}"""'
    wide = [
        each for line in spelled
        for each in (filled([line], WIDTH - len(space)) if line else [""])
    ]  # fmt: skip
    body = [f"{space}{line}".rstrip() for line in wide]
    return f'{space}"""{wide[0]}\n' + "\n".join([*body[1:], f'{space}"""'])


def _imports(lines: Iterable[str]) -> str:
    """Imports in ruff's order: the standard library's, then NumPy's."""

    def place(line: str) -> tuple[bool, bool, str]:
        return "numpy" in line, line.startswith("from"), line

    ordered = sorted(lines, key=place)
    groups = ["\n".join(group) for _, group in groupby(ordered, lambda line: "numpy" in line)]
    return "\n\n".join(groups)
