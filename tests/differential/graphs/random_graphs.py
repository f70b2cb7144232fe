"""Random models: statements drawn one by one, each for tensors that are there already.

What a statement does to shapes is Keras' to say, as the graph grows. Most statements fit; the first
that Keras rejects is the last one, but for an output that needs what it would have made.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, ClassVar

from tests.differential.graphs.keras_side import environment, scratch, session
from tests.differential.graphs.layers import Shape
from tests.differential.graphs.statements import Statements
from tests.differential.graphs.writing import Body, Rejected

_DTYPES = ["float32", "float32", "float32", "float32", "int32", "float16", "bool"]
_TEMPLATE_KINDS = ["block", "block", "model", "sequential"]


class Graph:
    """A file, the same in Python, and the Keras model: none where Keras rejects it."""

    def __init__(self, maker: _Maker, model: Any, *, masked: bool) -> None:
        self.net = "\n".join(maker.net) + "\n"
        self.python = "\n".join(maker.python) + "\n"
        self.model, self.fault, self.masked = model, maker.fault, masked
        self.is_compound = maker.is_compound
        """Whether the fault is in a loop or block, the rest of which may have others."""

    def __repr__(self) -> str:
        return f"{self.net}\n{self.python}\n{self.fault}"


class _Template:
    """A block, model or sequential of the file, and the shapes of the inputs it was drawn for."""

    def __init__(self, kind: str, name: str, shapes: list[Shape], dtypes: list[str]) -> None:
        self.kind, self.name, self.shapes, self.dtypes = kind, name, shapes, dtypes
        self.outputs = 1
        self.parameter = ""
        self.is_faulty = False
        self.is_masked = False


def random_graph(random: Random) -> Graph:
    """A file with a model, and perhaps blocks and models that it uses."""
    with session():
        return _Maker(random).graph()


def random_sequential(random: Random) -> Graph:
    """A file with a sequential."""
    with session():
        return _Maker(random).sequential_graph()


class _Maker(Statements):
    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.space = environment()
        self.net: list[str] = []
        self.python: list[str] = []
        self.templates: list[_Template] = []
        self.fault = ""
        self.is_compound = False

    # Whole files

    def graph(self) -> Graph:
        if self.chance(3):
            self.net.append("const width = 5")
            self.python.append("width = 5")
            self.space["width"] = 5
        for index in range(self.random.choice([0, 0, 1, 1, 2])):
            template = self.template(index)
            self.templates.append(template)
            if template.is_faulty:
                break
        body = Body(dict(self.space))
        faulty = [each for each in self.templates if each.is_faulty]
        inputs = self.inputs(body, faulty[0] if faulty else None)
        try:
            if faulty:
                self.use(body, faulty[0], inputs)
            self.statements(body, self.random.randint(1, 7))
        except Rejected as rejected:
            self.fault = self.fault or str(rejected)
            self.is_compound |= body.is_compound or bool(body.loops)
        outputs = self.outputs(body)
        model = None
        if not self.fault:
            body.run(f"main = Model(inputs, [{', '.join(outputs)}])")
            model = body.space["main"]
        self.net += ["model main {", *body.net.lines, "}"]
        self.python += ["if True:", *body.python.lines]
        masked = body.masked or any(each.is_masked for each in self.templates)
        return Graph(self, model, masked=masked)

    def sequential_graph(self) -> Graph:
        body = Body(dict(self.space))
        shape, dtype = self.shape(), self.random.choice(_DTYPES)
        body.net.add(f"input {_annotation(shape, dtype)}")
        body.run(f"x = Input({shape}, dtype={dtype!r})")
        body.run("made = [x]")
        model = None
        try:
            for _ in range(self.random.randint(1, 5)):
                self.line(body)
            body.run("made = Sequential(made)")
            model = body.space["made"]
        except Rejected as rejected:
            self.fault = str(rejected)
        self.net += ["sequential main {", *body.net.lines, "}"]
        self.python += ["if True:", *body.python.lines]
        return Graph(self, model, masked=body.masked)

    def line(self, body: Body) -> None:
        """One line of a sequential, whose layers are listed as `made`."""
        call = self.layer(body, "x", is_bound=False)
        body.net.add(call.net)
        body.run(f"made.append({call.python})")
        body.run("x = made[-1](x)")

    # Blocks and models to use

    def template(self, index: int) -> _Template:
        kind = self.random.choice(_TEMPLATE_KINDS)
        count = 1 if kind == "sequential" else self.random.choice([1, 1, 2])
        shapes = [self.shape() for _ in range(count)]
        if count == 2 and self.chance(2):
            shapes[1] = shapes[0]
        made = _Template(kind, f"{kind}_{index}", shapes, ["float32"] * count)
        with scratch():
            {"block": self.block, "model": self.model, "sequential": self.sequential}[kind](made)
        return made

    def block(self, made: _Template) -> None:
        body = Body(dict(self.space))
        body.kind = "block"
        names = ["a", "b"][: len(made.shapes)]
        for name, shape in zip(names, made.shapes, strict=True):
            body.again(f"{name} = Input({shape})")
            body.bind(name)
        self.parameter(body, made)
        for name, shape in zip(names, made.shapes, strict=True):
            dims = [f"{name.upper()}{axis}" for axis in range(len(shape))]
            if self.chance(2):
                body.net.add(f"input {name}")
                continue
            body.write(f"input {name}: [{', '.join(dims)}]", f"_, {', '.join(dims)} = {name}.shape")
            body.numbers += [dim for dim in dims if isinstance(body.space[dim], int)]
        self.contents(body, made)
        head = f"{made.name}({made.parameter})"
        self.net += [f"block {head} {{", *body.net.lines, "}"]
        parameters = ", ".join([*names, *([made.parameter] if made.parameter else [])])
        self.define(f"def {made.name}({parameters}):", body)

    def model(self, made: _Template) -> None:
        body = Body(dict(self.space))
        body.kind = "model"
        self.parameter(body, made)
        names = ["a", "b"][: len(made.shapes)]
        for name, shape, dtype in zip(names, made.shapes, made.dtypes, strict=True):
            self.input(body, name, shape, dtype)
        body.python.add(f"inputs = [{', '.join(names)}]")
        outputs = self.contents(body, made, returns=False)
        body.python.add(f"return inputs, [{', '.join(outputs)}]")
        self.net += [f"model {made.name}({made.parameter}) {{", *body.net.lines, "}"]
        self.define(f"def {made.name}({made.parameter}):", body)

    def sequential(self, made: _Template) -> None:
        body = Body(dict(self.space))
        (shape,) = made.shapes
        body.again(f"made = [Input({shape})]; x = made[0]")
        body.python.add("made = []")
        if self.chance(2):
            body.net.add(f"input {_annotation(shape, 'float32')}")
            body.python.add(f"made.append(Input({shape}))")
        try:
            for _ in range(self.random.randint(1, 3)):
                call = self.layer(body, "x", is_bound=False)
                body.net.add(call.net)
                body.python.add(f"made.append({call.python})")
                body.again(f"x = {call.python}(x)")
        except Rejected as rejected:
            made.is_faulty = True
            self.fault = self.fault or f"in {made.name}: {rejected}"
        body.python.add("return made")
        made.is_masked = body.masked
        self.net += [f"sequential {made.name} {{", *body.net.lines, "}"]
        self.define(f"def {made.name}():", body)

    def parameter(self, body: Body, made: _Template) -> None:
        if self.chance(3):
            made.parameter = "units=3"
            body.space["units"] = 3
            body.numbers += ["units", "2 * units"]

    def contents(self, body: Body, made: _Template, *, returns: bool = True) -> list[str]:
        """The statements and outputs of a block or model."""
        try:
            self.statements(body, self.random.randint(1, 4))
        except Rejected as rejected:
            made.is_faulty = True
            self.fault = self.fault or f"in {made.name}: {rejected}"
            self.is_compound |= body.is_compound or bool(body.loops)
        outputs = self.outputs(body)
        made.outputs, made.is_masked = len(outputs), body.masked
        if returns:
            body.python.add(f"return {', '.join(outputs)}")
        return outputs

    def define(self, head: str, body: Body) -> None:
        lines = [head, *body.python.lines]
        self.python += lines
        exec("\n".join(lines), self.space)

    # Inputs and outputs

    def shape(self) -> Shape:
        rank = self.random.choice([1, 1, 2, 2, 3, 3, 3, 4])
        shape = [self.random.choice([1, 3, 4, 5, 6, 7, 8, 9, 12]) for _ in range(rank)]
        if self.chance(5) and rank > 1:
            shape[self.random.randint(0, rank - 2)] = None
        return tuple(shape)

    def inputs(self, body: Body, faulty: _Template | None) -> list[str]:
        """The inputs of the main model: those that a faulty template needs, or else any."""
        if faulty is not None:
            shapes = list(faulty.shapes)
            dtypes = list(faulty.dtypes)
        else:
            shapes = [self.shape() for _ in range(self.random.choice([1, 1, 2, 3]))]
            dtypes = [self.random.choice(_DTYPES) for _ in shapes]
            for template in self.templates:
                if self.chance(2):
                    shapes[: len(template.shapes)] = template.shapes
                    dtypes[: len(template.shapes)] = template.dtypes
        names = [f"input_{index}" for index in range(len(shapes))]
        for name, shape, dtype in zip(names, shapes, dtypes, strict=False):
            self.input(body, name, shape, dtype)
        body.run(f"inputs = [{', '.join(names)}]")
        return names

    def input(self, body: Body, name: str, shape: Shape, dtype: str) -> None:
        body.write(
            f"input {name}: {_annotation(shape, dtype)}",
            f"{name} = Input({shape}, dtype={dtype!r}, name={name!r})",
        )
        body.bind(name)

    def outputs(self, body: Body) -> list[str]:
        """What a body gives: the last tensor, and perhaps others; after a fault, what it left."""
        last = body.lost or body.tensors[-1]
        rest = [name for name in body.tensors if name != last]
        others = [name for name in rest if self.chance(6)][:2]
        outputs = [last, *others] if self.chance(2) else [*others, last]
        body.net.add(f"output {', '.join(outputs)}")
        return outputs

    def template_use(self, body: Body) -> None:
        usable = [each for each in self.templates if not each.is_faulty]
        if not usable:
            self.pipe(body)
            return
        template = self.random.choice(usable)
        fitting = [
            [
                n
                for n in body.tensors
                if body.shape(n)[1:] == shape or self.may_fit(template, body.shape(n))
            ]
            for shape in template.shapes
        ]
        # Keras takes any rank for a model's input, as far as sizes agree, and fails later.
        if not all(fitting) and not (template.kind == "block" and self.chance(8)):
            self.pipe(body)
            return
        self.use(body, template, [self.random.choice(each or body.tensors) for each in fitting])

    def may_fit(self, template: _Template, shape: Shape) -> bool:
        """Whether to try a block on a tensor of another shape."""
        ranks = [len(each) + 1 for each in template.shapes]
        return template.kind == "block" and len(shape) in ranks and self.chance(4)

    def use(self, body: Body, template: _Template, names: list[str]) -> None:
        settings = "units=4" if template.parameter and self.chance(2) else ""
        name = template.name
        if template.kind == "block":
            label = self.label(body)
            stage = f"{name}({settings})" if settings or self.chance(2) else name
            stage += "" if label is None else f" as {label}"
            arguments = ", ".join(
                [name, label or "None", *names, *([settings] if settings else [])]
            )
            python = f"use({arguments})"
        else:
            stage, python = self.model_stage(body, name, settings)
            python += f"([{', '.join(names)}])" if len(names) > 1 else f"({names[0]})"
        piped = f"({', '.join(names)})" if len(names) > 1 else names[0]
        first = body.fresh()
        targets = [f"{first}{'_' * index}" for index in range(template.outputs)]
        body.is_compound = template.kind == "block" and not template.is_faulty
        self.bind_all(body, targets, f"{piped} -> {stage}", python)
        body.is_compound = False

    def model_stage(self, body: Body, name: str, settings: str) -> tuple[str, str]:
        """A model by its bare name, or a new instance of it."""
        # In the main model alone, so that Python needs no word for instances shared further.
        if body.kind or body.loops or settings or self.chance(2):
            made = f"instance({', '.join([name, *([settings] if settings else [])])})"
            return f"{name}({settings})", made
        layer = f"{name}_layer"
        if layer not in body.space:
            body.run(f"{layer} = instance({name})")
        return name, layer

    KINDS: ClassVar[list[Callable[[Any, Body], None]]] = [*Statements.KINDS, *[template_use] * 4]


def _annotation(shape: Shape, dtype: str) -> str:
    dims = ", ".join("?" if dim is None else str(dim) for dim in shape)
    return f"[{dims}]" if dtype == "float32" else f"{dtype}[{dims}]"
