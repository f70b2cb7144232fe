"""The items of a file with blocks and loops, in the ways that shorten it most."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.interop.keras_json.folding.blocks import Blocks, with_blocks
from graphc.interop.keras_json.folding.facts import Facts
from graphc.interop.keras_json.folding.lists import with_lists
from graphc.interop.keras_json.folding.repeats import folded
from graphc.interop.keras_json.folding.shape import size
from graphc.record import Record, replace
from graphc.syntax import nodes

BLOCK_COST = 40
"""How much shorter the text has to be for each block that a reader has to look up."""
MOST_EFFORT = 1000
"""How many statements are looked through again beyond half of those that there are."""
MOST_LISTED = 2
"""In how many ways lists of tensors are tried, the shortest first."""


class Way(Record):
    """Items with blocks and loops, and how much there is in them to read."""

    items: tuple[nodes.Item, ...]
    weight: int
    blocks: Blocks
    """The blocks that it has, and what the bodies of models were before there were loops."""

    __hash__ = object.__hash__


def shortened(items: Sequence[nodes.Item], taken: set[str]) -> list[Way]:
    """The items with loops, the shortest first: with blocks of different sizes, and with none."""
    folder = _Folder(items, taken)
    plain = folder.plain()
    ways = [plain, *reversed(list(with_blocks(plain.bodies, taken.__contains__)))]
    effort = _length(plain)
    limit = MOST_EFFORT + effort + effort // 2
    results = []
    for way in ways:
        results.append(folder.way(way))
        effort += _length(way)
        if effort > limit:
            break
    results.sort(key=lambda each: each.weight)
    listed = [folder.listed(each.blocks) for each in results[:MOST_LISTED]]
    results += [folder.way(each) for each in listed if each is not None]
    return sorted(results, key=lambda each: each.weight)


class _Folder:
    """Folds the models among the items of a file."""

    def __init__(self, items: Sequence[nodes.Item], taken: set[str]) -> None:
        self.items = items
        self.is_taken = taken.__contains__
        self.facts = Facts()

    def plain(self) -> Blocks:
        """The bodies of the models, without blocks."""
        models = filter(_is_model, self.items)
        return Blocks((), tuple(each.body for each in models if isinstance(each, nodes.Definition)))

    def way(self, blocks: Blocks) -> Way:
        """The items with these blocks and bodies, and with loops."""
        bodies = iter(blocks.bodies)
        items = [
            replace(each, body=next(bodies)) if _is_model(each) else each for each in self.items
        ]
        made = tuple(map(self._with_loops, [*blocks.definitions, *items]))
        return Way(made, size(made) + BLOCK_COST * len(blocks.definitions), blocks)

    def listed(self, blocks: Blocks) -> Blocks | None:
        """The bodies with tensors in lists; None where there are none."""
        bodies = [with_lists(body, self.is_taken) for body in blocks.bodies]
        if not any(bodies):
            return None
        pairs = zip(bodies, blocks.bodies, strict=True)
        return replace(blocks, bodies=tuple(old if new is None else new for new, old in pairs))

    def _with_loops(self, item: nodes.Item) -> nodes.Item:
        if not isinstance(item, nodes.Definition):
            return item
        return replace(item, body=tuple(folded(item.body, self.is_taken, self.facts)))


def _is_model(item: nodes.Item) -> bool:
    return isinstance(item, nodes.Definition) and item.kind == "model"


def _length(way: Blocks) -> int:
    """How many statements there are in all."""
    return sum(map(len, way.bodies)) + sum(len(each.body) for each in way.definitions)
