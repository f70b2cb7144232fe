"""Random statements, each for tensors that are there already."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from textwrap import dedent
from typing import Any, ClassVar

from tests.differential.graphs import functions
from tests.differential.graphs.choices import among, chance
from tests.differential.graphs.layers import LAYERS, MERGES, Layer, Shape, layer_call
from tests.differential.graphs.writing import Body, Rejected

_MASKING = Layer(
    "Embedding",
    (1, 2, 3),
    {"input_dim": among(9), "output_dim": among(4), "mask_zero": among(True)},
)
_TIMELY = {"Dense", "Conv1D", "Conv2D", "MaxPooling2D", "Flatten", "Dropout", "BatchNormalization"}


class Statements:
    """What draws statements."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def statements(self, body: Body, count: int) -> None:
        for _ in range(count):
            self.random.choice(self.KINDS)(self, body)

    def chance(self, out_of: int) -> bool:
        return chance(self.random, out_of)

    def tensor(self, body: Body) -> str:
        """A tensor, the later the likelier."""
        latest = body.tensors[-2:]
        return self.random.choice([*body.tensors, *latest, *latest])

    def target(self, body: Body, source: str) -> str:
        """A name to bind: in a loop often that of what it is made from."""
        return source if self.chance(2 if body.loops else 5) else body.fresh()

    def label(self, body: Body) -> str | None:
        """An expression that names a layer, now and then."""
        if not self.chance(5):
            return None
        body.labels += 1
        if body.loops:
            variables = "_".join(f"{{{each}}}" for each in body.loops)
            return f'f"named{body.labels}_{variables}"'
        return f'"{self.random.choice(["named", "odd-name.", "Named"])}{body.labels}"'

    def layer(self, body: Body, name: str, *, is_bound: bool = True) -> Any:
        shape, dtype = body.shape(name), body.dtype(name)
        fitting = [each for each in LAYERS if each.fits(shape, dtype)]
        if not fitting or self.chance(60):
            fitting = LAYERS
        chosen = self.random.choice(fitting)
        if chosen.name == "Embedding" and self.chance(4):
            chosen = _MASKING
            body.masked = True
        while body.masked and chosen.name == "Softmax":
            # On tensors with masks, Keras fails when it runs.
            chosen = self.random.choice(fitting)
        widths = tuple(body.numbers + (functions.shape_values(name, shape) if is_bound else []))
        return layer_call(
            self.random,
            chosen,
            shape,
            name=self.label(body),
            numbers=widths if self.chance(4) else (),
        )

    def pipe(self, body: Body) -> None:
        source = self.tensor(body)
        target = self.target(body, source)
        stages: list[str] = []
        body.lost = target
        try:
            for step in range(self.random.randint(1, 3)):
                name = target if step else source
                if self.chance(6) and body.dtype(name).startswith("float"):
                    function = self.random.choice(["relu", "tanh", "sigmoid"])
                    stages.append(function)
                    body.run(f"{target} = ops.{function}({name})")
                    continue
                call = self.layer(body, name, is_bound=step == 0)
                stages.append(call.net)
                body.run(f"{target} = {call.python}({name})")
        finally:
            body.net.add(f"{target} = {source} -> {' -> '.join(stages)}")
        body.keep(target)

    def tower(self, body: Body) -> None:
        """A layer bound to a name, to be shared."""
        name = f"tower{len(body.towers)}"
        source = self.tensor(body)
        call = self.layer(body, source)
        body.lost = self.tensor(body)  # a layer that cannot be made is applied
        try:
            body.write(f"{name} = {call.net}", f"{name} = {call.python}")
        except Rejected:
            body.net.add(f"{body.lost} = {body.lost} -> {name}")
            raise
        body.lost = ""
        body.towers[name] = body.shape(source)
        self.shared(body)

    def shared(self, body: Body) -> None:
        shapes = [body.shape(n) for n in body.tensors]
        if not body.towers or not all(shape in shapes for shape in body.towers.values()):
            self.pipe(body)
            return
        tower = self.random.choice(list(body.towers))
        # Weights of another size are found when Keras runs, except by some layers.
        spec = body.space[tower].input_spec
        fitting = [n for n in body.tensors if body.shape(n) == body.towers[tower]]
        source = self.random.choice(body.tensors if spec and self.chance(8) else fitting)
        self.bind(body, self.target(body, source), f"{source} -> {tower}", f"{tower}({source})")

    def bind(self, body: Body, target: str, net: str, python: str) -> None:
        body.lost = target
        body.write(f"{target} = {net}", f"{target} = {python}")
        body.keep(target)

    def function(self, body: Body) -> None:
        source = self.tensor(body)
        net, python = functions.of_one(
            self.random,
            source,
            body.shape(source),
            body.dtype(source),
            is_reused=body.kind == "block",
        )
        self.bind(body, self.target(body, source), net, python)

    def operator(self, body: Body) -> None:
        first = self.tensor(body)
        if body.dtype(first) == "bool":
            # Keras' tables of dtypes and its backend differ in sums of truth values.
            self.pipe(body)
            return
        # Tensors of two ranks line the batch up with an axis, which Keras finds out late.
        second = self.random.choice(self.partners(body, first))
        net, python = functions.of_two(self.random, first, second, len(body.shape(first)))
        self.bind(body, self.target(body, first), net, python)

    def index(self, body: Body) -> None:
        source = self.tensor(body)
        if len(body.shape(source)) < 2:
            self.pipe(body)
            return
        net, python = functions.indexed(self.random, source, body.shape(source))
        self.bind(body, self.target(body, source), net, python)

    def partners(self, body: Body, name: str) -> list[str]:
        """Tensors that an operator may join with this one; now and then, others of its rank."""
        shape = body.shape(name)
        ranks = [n for n in body.tensors if len(body.shape(n)) == len(shape)]
        fitting = [n for n in ranks if _broadcasts(body.shape(n), shape)]
        # The next turns of a loop may change its rank.
        return [name] if body.loops else ranks if self.chance(20) else fitting

    def similar(self, body: Body) -> str:
        """A tensor with the shape of another one, if there is any."""
        shapes = [body.shape(name) for name in body.tensors]
        twins = [
            n for n, shape in zip(body.tensors, shapes, strict=True) if shapes.count(shape) > 1
        ]
        return self.random.choice(twins) if twins else self.tensor(body)

    def merge(self, body: Body) -> None:
        first = self.similar(body)
        alike = [n for n in body.tensors if body.shape(n) == body.shape(first)]
        others = alike if not self.chance(12) else body.tensors
        # Keras takes no unknown size for a known one: it forgets the known one, or rejects it.
        if any(None in body.shape(n)[1:] for n in others):
            others = alike
        names = [first, *(self.random.choice(others) for _ in range(self.random.randint(1, 2)))]
        if self.chance(4):
            net, python = functions.of_several(self.random, names)
            self.bind(body, body.fresh(), net, python)
            return
        fitting = [each for each in MERGES if each.fits(body.shape(first), "float32")] or MERGES
        if None in body.shape(first)[1:]:
            # Keras' Dot takes no unknown size for a known one.
            fitting = [each for each in fitting if each.name != "Dot"]
        chosen = self.random.choice(fitting)
        if chosen.name in ("Dot", "Subtract"):
            names = names[:2]
        call = layer_call(self.random, chosen, body.shape(first), name=self.label(body))
        listed = ", ".join(names)
        net = f"[{listed}]" if self.chance(2) else f"({listed})"
        self.bind(body, body.fresh(), f"{net} -> {call.net}", f"{call.python}([{listed}])")

    def several(self, body: Body) -> None:
        """A statement that binds several names."""
        source = self.tensor(body)
        shape = body.shape(source)
        if len(shape) < 2:
            self.pipe(body)
            return
        first = body.fresh()
        second, third = f"{first}_1", f"{first}_2"
        if len(shape) == 3 and body.dtype(source) == "float32":
            units = self.random.randint(1, 4)
            name = self.random.choice(["LSTM", "GRU"])
            targets = [first, second, third][: 3 if name == "LSTM" else 2]
            call = f"{name}({units}, return_sequences=True, return_state=True)"
            self.bind_all(body, targets, f"{source} -> {call}", f"{call}({source})")
            return
        even = [axis for axis, dim in enumerate(shape) if axis and dim and dim % 2 == 0]
        axis = self.random.choice(even if even and not self.chance(12) else range(1, len(shape)))
        call = f"split({source}, 2, axis={axis - len(shape) if self.chance(2) else axis})"
        self.bind_all(body, [first, second], call, f"ops.{call}")

    def bind_all(self, body: Body, targets: list[str], net: str, python: str) -> None:
        body.lost = targets[0]
        names = ", ".join(targets)
        body.write(f"{names} = {net}", f"{names} = {python}")
        for target in targets:
            body.keep(target)

    def attention(self, body: Body) -> None:
        source = self.tensor(body)
        rank = len(body.shape(source))
        if rank < 3:
            self.merge(body)
            return
        # With ranks that differ, Keras fails when it runs.
        value = self.random.choice([n for n in body.tensors if len(body.shape(n)) == rank])
        heads, size = self.random.randint(1, 3), self.random.randint(1, 4)
        call = f"MultiHeadAttention({heads}, {size})"
        net = self.random.choice(
            [f"({source}, {value}) -> {call}", f"(query={source}, value={value}) -> {call}"]
        )  # fmt: skip
        self.bind(body, self.target(body, source), net, f"{call}({source}, {value})")

    def wrapped(self, body: Body) -> None:
        source = self.tensor(body)
        shape = body.shape(source)
        inner = self.random.choice(["LSTM(2)", "GRU(3, return_sequences=True)", "SimpleRNN(2)"])
        calls = [f"Bidirectional({inner})"] if len(shape) == 3 else []
        if len(shape) > 2 and body.dtype(source) == "float32":
            item = (shape[0], *shape[2:])
            fitting = [e for e in LAYERS if e.fits(item, "float32") and e.name in _TIMELY]
            made = layer_call(self.random, self.random.choice(fitting), item)
            bare = {
                "net": f"TimeDistributed({made.net})",
                "python": f"TimeDistributed({made.python})",
            }
            if not calls or self.chance(2):
                target = self.target(body, source)
                self.bind(body, target, f"{source} -> {bare['net']}", f"{bare['python']}({source})")
                return
        if not calls:
            self.pipe(body)
            return
        self.bind(
            body, self.target(body, source), f"{source} -> {calls[0]}", f"{calls[0]}({source})"
        )

    # Loops and choices

    def loop(self, body: Body) -> None:
        if len(body.loops) > 1:
            self.pipe(body)
            return
        variable = f"i{len(body.loops)}"
        count = self.random.randint(1, 3)
        kind = self.random.randint(0, 2)
        if kind:
            head, rest, first = (
                f"{variable} in range({count})",
                f"{variable} in range(1, {count})",
                "0",
            )
        else:
            items = self.random.sample(range(1, 7), self.random.randint(1, 3))
            head, rest, first = (
                f"{variable} in {items}",
                f"{variable} in {items[1:]}",
                str(items[0]),
            )
        body.again(f"{variable} = {first}")
        body.net.add(f"for {head} {{")
        body.python.add(f"for {head}:")
        numbers = list(body.numbers)
        body.numbers += [f"{variable} + 1", f"2 ** {variable}"]
        body.loops.append(variable)
        self.inside(body, self.random.randint(1, 2), f"for {rest}:")
        body.loops.pop()
        body.numbers = numbers

    def inside(self, body: Body, count: int, again: str = "") -> None:
        """Statements between braces, which a loop runs again for the rest of its turns."""
        start = len(body.python.lines)
        body.open()
        try:
            self.statements(body, count)
            if again:
                lines = "\n".join(body.python.lines[start:])
                body.again(
                    f"{again}\n" + "\n".join("    " + each for each in dedent(lines).split("\n"))
                )
        finally:
            body.close()

    def choice(self, body: Body) -> None:
        """An if whose condition is known, with an else that is not run, or the other way round."""
        name = self.tensor(body)
        if body.loops:
            condition = self.random.choice([f"{body.loops[-1]} % 2 == 0", f"{body.loops[-1]} > 1"])
        else:
            condition = f"len({name}.shape) > 2"
        is_first = bool(eval(condition, body.space))
        body.net.add(f"if {condition} {{")
        body.python.add(f"if {condition}:")
        self.branch(body, name, is_run=is_first)
        body.net.lines[-1] += " else {"
        body.python.add("else:")
        self.branch(body, name, is_run=not is_first)

    def branch(self, body: Body, name: str, *, is_run: bool) -> None:
        if is_run:
            self.inside(body, 1)
            return
        body.open()
        body.net.add(f"{name} = {name} -> ReLU()")
        body.python.add(f"{name} = ReLU()({name})")
        body.close()

    KINDS: ClassVar[list[Callable[[Any, Body], None]]] = [
        *[pipe] * 6, *[function] * 2, *[operator] * 3, *[merge] * 3, *[loop] * 2, tower, shared, shared,
        index, several, attention, wrapped, choice,
    ]  # fmt: skip


def _broadcasts(first: Shape, second: Shape) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(first, second, strict=True))
