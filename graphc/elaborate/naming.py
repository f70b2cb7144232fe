"""Names for layers that the source leaves unnamed: `dense`, `dense_1`, as Keras counts."""

from __future__ import annotations

from graphc.source import Span


class Namer:
    """The names of one model, or those of a block instance in it, which begin with a `prefix`."""

    def __init__(self, prefix: str = "", taken: dict[str, Span] | None = None) -> None:
        self.prefix = prefix
        self.taken: dict[str, Span] = {} if taken is None else taken
        """All names of the model, prefixes included."""
        self._counts: dict[str, int] = {}
        self._groups: dict[str, int] = {}
        self._last = ("", "", 0)

    def inside(self, instance: str) -> Namer:
        """The namer of a block instance: it counts anew, among the names of the same model."""
        return Namer(f"{instance}.", self.taken)

    def group(self, block: str) -> str:
        """What a use of an inline block is called where it is drawn: no layer's name holds it."""
        count = self._groups.get(block, 0)
        self._groups[block] = count + 1
        return f"{self.prefix}{block}_{count}" if count else self.prefix + block

    def automatic(self, base: str, span: Span) -> str:
        """The next free name for a base: `dense`, then `dense_1`."""
        base = self.prefix + base
        name, count = self._next(base)
        self._last = (name, base, self._counts.get(base, 0))
        self._counts[base] = count + 1
        self.taken[name] = span
        return name

    def give_back(self, name: str) -> None:
        """Take an automatic name back, if it is the last: its layer has got another."""
        last, base, count = self._last
        if last == name and self.taken.pop(name, None) is not None:
            self._counts[base] = count

    def next_automatic(self, base: str) -> str:
        """The name that `automatic` would give."""
        return self._next(self.prefix + base)[0]

    def _next(self, base: str) -> tuple[str, int]:
        count = self._counts.get(base, 0)
        name = f"{base}_{count}" if count else base
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        return name, count

    def skip(self, base: str) -> None:
        """Count a name that Keras gives to a layer inside another one, where nobody sees it."""
        base = self.prefix + base
        self._counts[base] = self._counts.get(base, 0) + 1

    def claim(self, name: str, span: Span) -> Span | None:
        """Take a name that the source gives; where it is taken, the span that took it."""
        name = self.prefix + name
        earlier = self.taken.get(name)
        if earlier is None:
            self.taken[name] = span
        return earlier
