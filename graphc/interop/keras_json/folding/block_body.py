"""Blocks as they are written: names of tensors and parameters, what is given by default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.build import BlockCall
from graphc.interop.keras_json.folding.block_name import block_name, main_kind
from graphc.interop.keras_json.folding.columns import Column, Plan
from graphc.interop.keras_json.folding.flow import masked_read, masked_target, named
from graphc.interop.keras_json.variables import Variables
from graphc.record import Record
from graphc.syntax import nodes

DEFAULT_SHARE = 0.5
"""In how many of its uses an argument has to be the same to be the default."""


class Pattern(Record):
    """How tensors flow through a block: what each step takes, and which tensor it gives.

    What is taken is `(step, output)` of the block, or `(-1, input)`.
    """

    length: int
    flow: tuple[tuple[tuple[int, int], ...], ...]
    output: tuple[int, int]

    @property
    def inputs(self) -> int:
        """How many tensors it takes."""
        return len({k for row in self.flow for step, k in row if step < 0})

    @property
    def is_connected(self) -> bool:
        """Whether each step leads to what it gives, which is what its last step makes."""
        taken = {step for row in self.flow for step, _ in row}
        last = self.length - 1
        return self.output[0] == last and all(step in taken for step in range(last))


def call_of(call: BlockCall, inputs: int) -> nodes.Assign:
    """The use of a block, with places for its tensors."""
    reads = [masked_read(place) for place in range(inputs)]
    source = reads[0] if inputs == 1 else build.grouped(reads)
    return nodes.Assign(build.SPAN, (masked_target(0),), build.pipe(source, call))


def body_of(
    pattern: Pattern, trees: Sequence[Any], is_free: Callable[[str], bool]
) -> tuple[nodes.Statement, ...]:
    """The statements of a block of these steps."""
    variables = Variables(lambda name: not is_free(name))
    last: dict[tuple[int, int], int] = {pattern.output: pattern.length}
    for number, row in enumerate(pattern.flow):
        for source in row:
            last[source] = max(number, last.get(source, -1))
    names = {(-1, k): variables.take() for k in range(pattern.inputs)}
    statements: list[nodes.Statement] = [
        nodes.Input(build.SPAN, name, build.SPAN, None, None) for name in names.values()
    ]
    for number, (tree, row) in enumerate(zip(trees, pattern.flow, strict=True)):
        reads = [names[source] for source in row]
        for source in set(row):
            if last[source] == number:
                variables.release(names[source])
        binds = []
        for k in range(len(tree.targets)):
            binds.append(variables.take())
            names[number, k] = binds[-1]
        for k in range(len(tree.targets)):
            if (number, k) not in last:
                variables.release(names[number, k])
        statements.append(named(tree, reads, binds))
    item = nodes.OutputItem(build.SPAN, None, build.name(names[pattern.output]))
    return (*statements, nodes.Output(build.SPAN, (item,)))


def named_block(
    body: tuple[nodes.Statement, ...],
    made: Plan,
    is_free: Callable[[str], bool],
) -> tuple[nodes.Definition, list[BlockCall]]:
    """The block with its parameters, and its uses."""
    values = [base for base in made.bases if not base[0].is_number and not base[0].is_word]
    defaults = {name: value for column, name in values[1:] if (value := _usual(column))}
    order = sorted(made.bases, key=lambda base: (base[1] in defaults, base[0].is_word))
    parameters = tuple(nodes.Parameter(build.SPAN, name, defaults.get(name)) for _, name in order)
    taken = {name for _, name in made.bases}
    name = block_name(body, lambda each: is_free(each) and each not in taken)
    labels = tuple(name for column, name in order if column.is_word)
    counts = tuple(name for column, name in order if column.is_number)
    usual = tuple(build.argument(value, name) for name, value in defaults.items())
    kind = main_kind(body)
    calls = []
    for use in range(made.count):
        arguments = tuple(
            build.argument(value, name)
            for column, name in order
            if (value := column.values[use]) is not None
        )
        function = build.name(name)
        calls.append(BlockCall(build.SPAN, function, arguments, kind, labels, counts, usual))
    definition = nodes.Definition(
        build.SPAN, "block", name, build.SPAN, parameters, body, is_inline=True
    )
    return definition, calls


def _usual(column: Column) -> nodes.Expression | None:
    """What a parameter is if a use does not say it: what it is in most of them."""
    (value, count), *_ = Counter(column.values).most_common(1)
    return value if count > DEFAULT_SHARE * len(column.values) else None
