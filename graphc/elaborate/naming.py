"""Names for layers that the source leaves unnamed: `dense`, `dense_1`, as Keras counts."""

from __future__ import annotations

from graphc.source import Span


class Namer:
    """The names of one model or block instance."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.taken: dict[str, Span] = {}
        self._counts: dict[str, int] = {}

    def automatic(self, base: str, span: Span) -> str:
        """The next free name for a base: `dense`, then `dense_1`."""
        count = self._counts.get(base, 0)
        name = f"{base}_{count}" if count else base
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self._counts[base] = count + 1
        self.taken[name] = span
        return self.prefix + name

    def skip(self, base: str) -> None:
        """Count a name that Keras gives to a layer inside another one, where nobody sees it."""
        self._counts[base] = self._counts.get(base, 0) + 1

    def claim(self, name: str, span: Span) -> Span | None:
        """Take a name that the source gives; where it is taken, the span that took it."""
        earlier = self.taken.get(name)
        if earlier is None:
            self.taken[name] = span
        return earlier
