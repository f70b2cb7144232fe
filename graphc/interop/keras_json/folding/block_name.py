"""What a block is called: after the layers in it, or after a word that their names share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphc.declare.op import OPS
from graphc.declare.registry import snake_case
from graphc.interop.keras_json.build import BlockCall
from graphc.interop.keras_json.folding.shape import size
from graphc.interop.keras_json.rewriting import rewritten
from graphc.syntax import nodes

MOST_KINDS = 3
LONGEST = 24
"""A name that lists more kinds of layers than that, or is longer, is none."""
FEWEST_LABELS = 3
LEAST_SHARE = 0.6
"""How many names of layers have to share a word."""


def block_name(body: Sequence[nodes.Statement], is_free: Callable[[str], bool]) -> str:
    """A name for a block that nothing else has."""
    kinds = list(dict.fromkeys(kind for kind, _ in _kinds(body)))
    base = "_".join(kinds)
    if not base or len(kinds) > MOST_KINDS or len(base) > LONGEST:
        base = f"{_shared_word(body) or main_kind(body)}_block"
    if not is_free(base) and not base.endswith("_block"):
        base = f"{base}_block"
    number, name = 1, base
    while not is_free(name):
        number += 1
        name = f"{base}_{number}"
    return name


def main_kind(body: Sequence[nodes.Statement]) -> str:
    """The kind of what says most in a block."""
    found = [(kind, size(value)) for kind, value in _kinds(body)]
    return max(found, key=lambda each: each[1], default=("layer", 0))[0]


def _kinds(body: Sequence[nodes.Statement]) -> Iterator[tuple[str, nodes.Expression]]:
    """The kinds of all layers, functions and blocks in a block, with what configures each."""
    values = [each.value for each in body if isinstance(each, nodes.Assign)]
    values += [item.value for each in body if isinstance(each, nodes.Output) for item in each.items]
    for value in values:
        for call in _calls(value):
            assert isinstance(call.function, nodes.Name)
            if isinstance(call, BlockCall):
                yield call.kind, call
            else:
                yield _short(_kind(call, snake_case(call.function.id))), call


def _calls(value: nodes.Expression) -> Iterator[nodes.Call]:
    if isinstance(value, nodes.Pipe):
        for stage in value.stages:
            yield from _calls(stage)
    elif isinstance(value, nodes.Named):
        yield from _calls(value.value)
    elif isinstance(value, nodes.Call) and isinstance(value.function, nodes.Name):
        yield value


def _kind(call: nodes.Call, kind: str) -> str:
    """`relu` for `Activation(relu)`: a layer that is what its only argument says."""
    if len(call.arguments) == 1:
        (only,) = call.arguments
        if only.name == kind and isinstance(only.value, nodes.Name):
            return only.value.id
    return kind


def _short(kind: str) -> str:
    """`conv` for `conv2d`, `bn` for `batch_normalization`, `relu` for `re_lu`."""
    if (joined := kind.replace("_", "")) in OPS:
        return joined
    words = re.sub(r"\d+d?$", "", kind).split("_")
    if len(words) > 1 and words[-1].endswith("ization"):
        return "".join(word[0] for word in words)
    return "_".join(words)


def _shared_word(body: Sequence[nodes.Statement]) -> str | None:
    """The first word that most names of layers hold."""
    labels = [list(dict.fromkeys(each)) for each in _labels(body)]
    counts = Counter(word for label in labels for word in label)
    for word, count in counts.items():
        if count >= max(FEWEST_LABELS, LEAST_SHARE * len(labels)) and word not in _PLAIN:
            return word
    return None


_PLAIN = ("block", "layer", "name")


def _labels(body: Sequence[nodes.Statement]) -> list[list[str]]:
    """The words of each name that depends on the use of a block."""
    found: list[list[str]] = []

    def see(node: Any) -> Any:
        if isinstance(node, nodes.FString):
            text = " ".join(part for part in node.parts if isinstance(part, str))
            found.append([word.lower() for word in re.findall(r"[A-Za-z]{3,}", text)])
        return node

    rewritten(tuple(body), see)
    return found
