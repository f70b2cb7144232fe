"""Writes a graph in the language and in Python at once; the Python runs as it is written."""

from __future__ import annotations

from typing import Any

from tests.differential.graphs.layers import Shape


class Rejected(Exception):
    """Keras does not take the last statement."""


class Text:
    """Lines of one language, some of them inside others."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)


class Body:
    """The body of a model, block or loop: statements in both languages.

    `space` is what names stand for on Keras' side; `tensors` are the names of its tensors.
    """

    def __init__(self, space: dict[str, Any]) -> None:
        self.space = space
        self.net, self.python = Text(), Text()
        self.tensors: list[str] = []
        self.towers: dict[str, Shape] = {}
        """Layers bound to names, with the shapes that they were made for."""
        self.loops: list[str] = []
        self.numbers: list[str] = []
        self.labels = 0
        self.lost = ""
        self.masked = False
        self.kind = ""
        self.is_compound = False

    def run(self, python: str) -> None:
        """Write and run one line of Python. Raises `Rejected` where Keras does."""
        self.python.add(python)
        self.again(python)

    def again(self, python: str) -> None:
        """Run some Python without writing it."""
        try:
            exec(python, self.space)
        except Exception as error:
            raise Rejected(f"{type(error).__name__}: {error}") from error

    def write(self, net: str, python: str) -> None:
        """Write a statement in both languages, and run it."""
        self.net.add(net)
        self.run(python)

    def shape(self, name: str) -> Shape:
        return tuple(self.space[name].shape)

    def dtype(self, name: str) -> str:
        return str(self.space[name].dtype)

    def bind(self, name: str) -> None:
        """Remember a new tensor."""
        if name in self.tensors:
            self.tensors.remove(name)
        if hasattr(self.space.get(name), "_keras_history"):
            self.tensors.append(name)

    def keep(self, name: str) -> None:
        """Remember what a statement made."""
        self.lost = ""
        self.bind(name)

    def open(self) -> None:
        """Go inside braces."""
        self.net.depth += 1
        self.python.depth += 1

    def close(self) -> None:
        """Leave them."""
        self.net.depth -= 1
        self.python.depth -= 1
        self.net.add("}")

    def fresh(self) -> str:
        """A name that is not bound."""
        number = 0
        while f"x{number}" in self.space:
            number += 1
        return f"x{number}"
