"""Where one model's time goes: graphc's statements by layer, beside ONNX Runtime's nodes.

    python forward_profile.py MODEL BATCH

A statement belongs to the layer whose weights its product takes: what moves elements, to the next
product, and everything else to the one before. Times are the least of many runs, each statement for
itself, so that their sum is a little below what a run takes.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from forward_models import input_of, load, weights_of
from forward_onnx import channels_first_array, to_onnx
from forward_peers import session
from forward_program import (
    Statement,
    address,
    arena_of,
    beside,
    globals_of,
    is_in,
    root_of,
    run_of,
    statements,
)

from graphc.ir.graph import tensor_refs

WORST = 25
SECONDS = 6.0
PRODUCTS = ("matmul", "dot", "einsum")
MOVES = ("copyto", "fill")


@dataclass
class Timed:
    """A statement with the microseconds that it takes in one run, over all turns of its loops."""

    statement: Statement
    micros: float
    layer: str = ""

    @property
    def turns(self) -> int:
        """How often it is executed."""
        return len(self.statement.spaces)

    @property
    def function(self) -> str:
        """What is called: `matmul`, `add.reduce`, `fill`."""
        call = self.statement.node
        call = call.value if isinstance(call, ast.Expr | ast.Assign | ast.Return) else call
        if not isinstance(call, ast.Call):
            return "return"
        if isinstance(call.func, ast.Attribute) and call.func.attr == "fill":
            return "fill"
        if call.args and isinstance(call.args[-1], ast.Call):
            return ast.unparse(call.args[-1].func)  # copyto(a, kernel(b))
        return ast.unparse(call.func)

    @property
    def flops(self) -> int:
        """Of all turns, where it is a product."""
        if self.function not in PRODUCTS:
            return 0
        return sum(_flops(self.statement, space) for space in self.statement.spaces)

    @property
    def moved(self) -> int:
        """Bytes read and written in all turns."""
        names = [*self.statement.targets, *self.statement.operands]
        return sum(
            space[name].nbytes
            for space in self.statement.spaces
            for name in names
            if isinstance(space.get(name), np.ndarray)
        )

    @property
    def shapes(self) -> str:
        """The arrays of the first turn: operands, and what they make."""
        space = self.statement.spaces[0]

        def listed(names: Sequence[str]) -> str:
            found = [space[name].shape for name in names if isinstance(space.get(name), np.ndarray)]
            return " ".join("x".join(map(str, shape)) for shape in found)

        return f"{listed(self.statement.operands)} > {listed(self.statement.targets)}"

    def constant(self, arena: Any, written: Collection[int]) -> Any:
        """The largest array that it takes of what is never written."""
        found = [self.statement.spaces[0][name] for name in self.statement.operands]
        outside = [x for x in found if not is_in(x, arena)]
        fixed = [x for x in outside if address(root_of(x)) not in written]
        return max(fixed, key=lambda x: x.size, default=None)


def _flops(statement: Statement, space: Mapping[str, Any]) -> int:
    arrays = [space[name] for name in statement.operands]
    if "einsum(" not in statement.text:
        return 2 * space[statement.targets[0]].size * arrays[0].shape[-1]
    subscripts = re.search(r"einsum\('([^']*)'", statement.text)
    assert subscripts is not None
    sizes: dict[str, int] = {}
    for letters, array in zip(subscripts[1].split("->")[0].split(","), arrays, strict=True):
        sizes |= dict(zip(letters, array.shape, strict=True))
    return 2 * prod(sizes.values())


def clocked(program: Any, spent: list[int], clock: Any) -> Any:
    """A program's function, with the time of its statements added up in a list."""
    tree, run = run_of(program)
    count = 0

    def within(body: list[ast.stmt]) -> list[ast.stmt]:
        nonlocal count
        made: list[ast.stmt] = []
        for node in body:
            # A loop of one statement is timed as a whole.
            if isinstance(node, ast.For) and not _is_timed(node):
                node.body = within(node.body)
                made.append(node)
                continue
            made += ast.parse("began_ = clock_()").body
            if isinstance(node, ast.Return):
                assert node.value is not None
                made.append(ast.Assign([ast.Name("result_", ast.Store())], node.value))
            else:
                made.append(node)
            made += ast.parse(f"spent_[{count}] += clock_() - began_").body
            if isinstance(node, ast.Return):
                made += ast.parse("return result_").body
            count += 1
        return made

    run.body = within(run.body)
    spent[:] = [0] * count
    space = globals_of(program) | {"clock_": clock, "spent_": spent}
    exec(compile(ast.fix_missing_locations(tree), "<clocked>", "exec"), space)
    return space["run"]


def _is_timed(node: ast.For) -> bool:
    return len(node.body) == 1 and not isinstance(node.body[0], ast.For)


def timed(program: Any, x: Any) -> tuple[list[Timed], float]:
    """Each statement of a program with its time; and the microseconds of a run as it is.

    The wall's clock is cheap, and right where nobody else ran meanwhile; the CPU's costs 0.3 µs, but
    knows about others. The smaller is nearer to the truth.
    """
    found = statements(program)
    least = [float("inf")] * len(found)
    whole = float("inf")
    spent: list[int] = []
    for clock in (time.perf_counter_ns, time.process_time_ns):
        run = clocked(program, spent, clock)
        assert len(spent) == len(found)
        end = time.monotonic() + SECONDS / 2
        turns = 0
        while turns < 4 or time.monotonic() < end:
            turns += 1
            spent[:] = [0] * len(found)
            with np.errstate(all="ignore"):
                run(x)
            least = list(map(min, least, spent))
            start = time.process_time_ns()
            program(x)
            whole = min(whole, time.process_time_ns() - start)
    return [Timed(*pair) for pair in zip(found, (t / 1e3 for t in least), strict=True)], whole / 1e3


def put_to_layers(found: Sequence[Timed], program: Any, model: Any) -> None:
    """Say of each statement which layer it belongs to, as far as products tell."""
    kernels = kernels_of(model)
    arena, written = arena_of(program), beside(program)
    named: dict[int, str] = {}
    for each in found:
        if each.function not in PRODUCTS:
            continue
        constant = each.constant(arena, written)
        if constant is None:
            continue
        key = address(root_of(constant))
        if key not in named:
            place = next(
                (i for i, (_, shape) in enumerate(kernels) if _fits(shape, constant)), None
            )
            if place is None:
                continue
            named[key] = kernels.pop(place)[0]
        each.layer = named[key]
    following = ""
    for each in reversed(found):
        following = each.layer or following
        if not each.layer and each.function in MOVES:
            each.layer = following
    before = ""
    for each in found:
        each.layer = each.layer or before
        before = each.layer


def kernels_of(model: Any) -> list[tuple[str, tuple[int, ...]]]:
    """The kernels with the names of their layers, in the order of the calls."""
    return [
        (record.name, tuple(spec.shape))
        for graph in _graphs(model.model_graph)
        for record in graph.records()
        for spec in record.weights
        if len(spec.shape) > 1 and not hasattr(record.layer, "graph")
    ]


def _graphs(graph: Any) -> list[Any]:
    inner = [getattr(record.layer, "graph", None) for record in graph.records()]
    return [graph, *(each for one in inner if one is not None for each in _graphs(one))]


def _fits(shape: tuple[int, ...], constant: Any) -> bool:
    """Whether an array may be of a kernel: a piece of its matrix, or transformed for Winograd."""
    size, root = prod(shape), root_of(constant)
    count = root.nbytes // constant.itemsize  # with a few bytes more where it is aligned

    def is_of(elements: int) -> bool:
        return elements <= count <= elements + 64

    if is_of(size):
        rows = {prod(shape[:i]) for i in range(1, len(shape))}
        return constant.ndim != 2 or constant.shape[0] in rows
    if len(shape) == 4 and shape[:2] == (3, 3):
        # F(2x2) and F(4x4); a depthwise kernel is tiled along the rows.
        tiled = shape[3] == 1 and any(is_of(size * times) for times in range(2, 225))
        return is_of(size // 9 * 16) or is_of(size // 9 * 36) or tiled
    return False


@dataclass
class Node:
    """A node of ONNX Runtime's, with its least microseconds."""

    layer: str
    op: str
    shapes: str
    kernel: tuple[int, ...]
    micros: float


def node_times(model: Any, weights: Any, x: Any) -> tuple[list[Node], float]:
    """ONNX Runtime's nodes in their order; and the microseconds of CPU time of a run."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = str(Path(folder) / "profile")
        running = session(to_onnx(model.model_graph, weights, len(x)), 1, prefix)
        given = {"x": channels_first_array(x)}
        end = time.monotonic() + SECONDS / 2
        runs, whole = 0, float("inf")
        while runs < 5 or (time.monotonic() < end and runs < 500):
            start = time.process_time_ns()
            running.run(None, given)
            whole = min(whole, time.process_time_ns() - start)
            runs += 1
        events = json.loads(Path(running.end_profiling()).read_text())
    found: dict[str, list[float]] = defaultdict(list)
    facts = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            name = event["name"].removesuffix("_kernel_time")
            found[name].append(event["dur"])
            facts[name] = event["args"]
    rows = []
    for name, durations in found.items():
        args = facts[name]
        shapes = [
            [tuple(shape) for each in args[part] for shape in each.values()]
            for part in ("input_type_shape", "output_type_shape")
        ]
        text = " > ".join(" ".join("x".join(map(str, s)) for s in part[:2]) for part in shapes)
        kernel = shapes[0][1] if len(shapes[0]) > 1 else ()
        layer = name.split("/")[0] if "/" in name else ""
        rows.append(Node(layer, args["op_name"], text, kernel, min(durations)))
    return rows, whole / 1e3


def report(name: str, batch: int) -> str:
    """Three tables: by layer, by kind of call, and the worst statements and nodes."""
    model = load(name)
    weights, x = weights_of(model), input_of(model, batch)
    program = model.compile(weights).program((x.shape,))
    found, whole = timed(program, x)
    put_to_layers(found, program, model)
    nodes, runtime = node_times(model, weights, x)
    total, theirs = sum(t.micros for t in found), sum(node.micros for node in nodes)
    lines = [
        f"{name}, batch {batch}: a run {whole / 1e3:.2f} ms of CPU, its statements {total / 1e3:.2f}; "
        f"ONNX Runtime's {runtime / 1e3:.2f} ms, its nodes {theirs / 1e3:.2f} on the wall's clock"
    ]
    lines += _by_layer(found, at_layers(nodes, model))
    lines += _by_kind(found, nodes)
    lines += _statements(found)
    lines += ["", f"ONNX Runtime's nodes, µs, worst {WORST}"]
    lines += [
        f"{node.micros:9.0f}  {node.op:20}{node.layer:30}{node.shapes}"
        for node in sorted(nodes, key=lambda node: -node.micros)[:WORST]
    ]
    return "\n".join(lines)


def sources(model: Any) -> dict[str, list[tuple[str, tuple[int, ...]]]]:
    """For each layer the kernels that it may have been fused with: its own, or those before it."""
    kernels: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for name, shape in kernels_of(model):
        kernels[name].append(shape)
    found: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
    for graph in _graphs(model.model_graph):
        for record in graph.records():
            own = [(record.name, shape) for shape in kernels[record.name]]
            before = [
                each
                for _, value in reversed(record.arguments)
                for ref, _ in reversed(list(tensor_refs(value)))
                for each in found.get(graph.record(ref.node).name, [])
            ]
            found[record.name] = own or before
    return found


def at_layers(nodes: Sequence[Node], model: Any) -> list[tuple[str, float]]:
    """ONNX Runtime's times by layers with kernels: a fused node has the name of its last layer."""
    known, used = sources(model), set()
    found = []
    for node in nodes:
        size = prod(node.kernel) if node.op in ("Conv", "ConvTranspose") else 0
        candidates = known.get(node.layer, [])
        fitting = [name for name, shape in candidates if prod(shape) == size and name not in used]
        name = fitting[0] if fitting else candidates[0][0] if candidates else node.layer
        if fitting:
            used.add(name)
        found.append((name, node.micros))
    return found


def _by_layer(found: Sequence[Timed], nodes: Sequence[tuple[str, float]]) -> list[str]:
    ours: dict[str, list[Timed]] = defaultdict(list)
    for each in found:
        ours[each.layer].append(each)
    theirs: Counter[str] = Counter()
    last = ""
    for layer, micros in nodes:
        last = layer if layer in ours else last
        theirs[last] += micros
    rows = []
    for layer, group in ours.items():
        kinds: Counter[str] = Counter()
        for each in group:
            kinds[each.function] += each.micros
        products = [each for each in group if each.flops]
        spent = sum(each.micros for each in products)
        speed = sum(each.flops for each in products) / spent / 1e3 if spent else 0
        micros = sum(kinds.values())
        parts = ", ".join(f"{kind} {part:.0f}" for kind, part in kinds.most_common(5))
        shapes = max(products, key=lambda each: each.micros).shapes if products else ""
        turns = max(each.turns for each in group)
        rows.append(
            (
                micros - theirs[layer],
                f"{micros:8.0f}{theirs[layer]:8.0f}{micros / max(theirs[layer], 1):7.2f}"
                f"{speed:7.0f}{turns:6}  {layer:24}{parts}  [{shapes}]",
            )
        )
    head = f"{'µs':>8}{'theirs':>8}{'ratio':>7}{'GF/s':>7}{'turns':>6}  layer: worst {WORST} by the difference"
    return ["", head, *(text for _, text in sorted(rows, reverse=True)[:WORST])]


def _by_kind(found: Sequence[Timed], nodes: Sequence[Node]) -> list[str]:
    ours: dict[str, list[Timed]] = defaultdict(list)
    for each in found:
        ours[each.function].append(each)
    theirs: Counter[str] = Counter()
    for node in nodes:
        theirs[node.op] += node.micros
    left = []
    for kind, group in ours.items():
        micros = sum(each.micros for each in group)
        calls = sum(each.turns for each in group)
        rate = sum(each.flops for each in group) / micros / 1e3
        text = (
            f"{rate:6.0f} GF/s"
            if rate
            else f"{sum(t.moved for t in group) / micros / 1e3:6.1f} GB/s"
        )
        left.append((micros, f"{micros:9.0f}  {kind:18}{calls:6} calls {text}"))
    right = [f"{micros:9.0f}  {op}" for op, micros in theirs.most_common()]
    lines = [text for _, text in sorted(left, reverse=True)]
    lines += [""] * (len(right) - len(lines))
    right += [""] * (len(lines) - len(right))
    return [
        "",
        f"{'µs':>9}  by kind of call",
        *(f"{a:52}{b}".rstrip() for a, b in zip(lines, right, strict=True)),
    ]


def _statements(found: Sequence[Timed]) -> list[str]:
    lines = ["", f"{'µs':>9}  statement: worst {WORST} (turns, rate, layer, operands > result)"]
    for each in sorted(found, key=lambda each: -each.micros)[:WORST]:
        rate = (
            f"{each.flops / each.micros / 1e3:6.0f} GF/s"
            if each.flops
            else f"{each.moved / each.micros / 1e3:6.1f} GB/s"
        )
        lines.append(
            f"{each.micros:9.0f}  {each.function:16}x{each.turns:<5}{rate}  {each.layer:24}{each.shapes}"
        )
    return lines


if __name__ == "__main__":
    print(report(sys.argv[1], int(sys.argv[2])))
