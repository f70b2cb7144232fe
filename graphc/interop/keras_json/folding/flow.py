"""Statements by what flows through them: which tensors each takes, and which it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import Record, replace
from graphc.syntax import nodes

_READ, _BOUND = "\0read", "\0bound"


class Step(Record):
    """One statement with places for its tensors, and the numbers of those that stand there.

    `tree` is None for what no loop may hold.
    """

    tree: nodes.Assign | nodes.Evaluate | None
    reads: tuple[int, ...]
    binds: tuple[int, ...]


class Flow(Record):
    """The steps of a body; the names of tensors by their numbers."""

    steps: tuple[Step, ...]
    names: tuple[str, ...]

    def live(self, place: int) -> list[int]:
        """The tensors made before a place that are taken at it or behind it."""
        made = {value for step in self.steps[:place] for value in step.binds}
        taken = [value for step in self.steps[place:] for value in step.reads]
        return [value for value in dict.fromkeys(taken) if value in made]

    def live_counts(self) -> list[int]:
        """How many tensors are live before each step."""
        last = {value: place for place, step in enumerate(self.steps) for value in step.reads}
        counts, count = [], 0
        ends: dict[int, int] = {}
        for place, step in enumerate(self.steps):
            counts.append(count)
            count -= ends.get(place, 0)
            for value in step.binds:
                if last.get(value, -1) > place:
                    count += 1
                    ends[last[value]] = ends.get(last[value], 0) + 1
        return counts


def flow(statements: Sequence[nodes.Statement]) -> Flow:
    """The flow through statements, each of which binds the names that those behind it read."""
    names: list[str] = []
    current: dict[str, int] = {}
    steps = []
    for statement in statements:
        reads: list[int] = []

        def mask(node: Any, reads: list[int] = reads) -> Any:
            if isinstance(node, nodes.Name) and node.id in current:
                reads.append(current[node.id])
                return masked_read(len(reads) - 1)
            return node

        tree: nodes.Assign | nodes.Evaluate | None = None
        if isinstance(statement, (nodes.Assign, nodes.Evaluate)):
            tree = replace(statement, value=rewritten(statement.value, mask))
        else:
            rewritten(statement, mask)
        binds = []
        for name in _bound(statement):
            current[name] = len(names)
            binds.append(len(names))
            names.append(name)
        if isinstance(tree, nodes.Assign):
            targets = tuple(masked_target(place) for place in range(len(binds)))
            tree = replace(tree, targets=targets)
        steps.append(Step(tree, tuple(reads), tuple(binds)))
    return Flow(tuple(steps), tuple(names))


def masked_read(place: int) -> nodes.Name:
    """The place of a tensor that a step takes."""
    return build.name(f"{_READ}{place}")


def masked_place(node: Any) -> int:
    """Which tensor of a step a node is the place of; below zero if it is none."""
    is_place = isinstance(node, nodes.Name) and node.id.startswith(_READ)
    return int(node.id.removeprefix(_READ)) if is_place else -1


def masked_target(place: int) -> nodes.Target:
    """The place of a tensor that a step makes."""
    return build.target(f"{_BOUND}{place}")


def named(tree: Any, reads: Sequence[str], binds: Sequence[str]) -> Any:
    """A step's tree with names in its places."""
    names = {f"{_READ}{place}": name for place, name in enumerate(reads)}
    names |= {f"{_BOUND}{place}": name for place, name in enumerate(binds)}

    def fill(node: Any) -> Any:
        if isinstance(node, nodes.Name) and node.id in names:
            return build.name(names[node.id])
        if isinstance(node, nodes.Target) and node.name in names:
            return build.target(names[node.name])
        return node

    return rewritten(tree, fill)


def _bound(statement: nodes.Statement) -> list[str]:
    if isinstance(statement, nodes.Assign):
        return [target.name for target in nodes.bound_targets(statement.targets)]
    if isinstance(statement, nodes.Input) and statement.name is not None:
        return [statement.name]
    if isinstance(statement, nodes.For):
        return [name for each in statement.body for name in _bound(each)]
    if isinstance(statement, nodes.If):
        bodies = [each for branch in statement.branches for each in branch.body]
        return [name for each in bodies for name in _bound(each)]
    return []
