"""Hypothesis strategies: trees that a text can have, and texts that are almost right."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from graphc.source import SourceFile, Span
from graphc.syntax import nodes
from graphc.syntax.operators import PRECEDENCES

# Whole files take their time to be drawn, and are worth it.
for_files = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

SPAN = Span(SourceFile("generated", ""), 0, 0)

NAMES = st.sampled_from(["x", "y", "image", "Dense", "relu", "_a1", "größe", "iff", "not_x"])
# Words that are keywords elsewhere, and names inside expressions.
SOFT_NAMES = st.sampled_from(["model", "input", "output", "weight", "train", "from", "block"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LITERALS = st.one_of(
    st.integers(min_value=0, max_value=10**12),
    st.floats(min_value=0, allow_nan=False, allow_infinity=False),
    TEXTS,
    st.sampled_from([True, False, None, ...]),
).map(lambda value: nodes.Literal(SPAN, value))
LEAVES = st.one_of((NAMES | SOFT_NAMES).map(lambda name: nodes.Name(SPAN, name)), LITERALS)

COMPARISONS = ["<", "<=", ">", ">=", "==", "!=", "in", "not in"]
BINARIES = sorted(set(PRECEDENCES) - set(COMPARISONS))


def some(
    values: st.SearchStrategy[nodes.Expression], least: int = 0
) -> st.SearchStrategy[tuple[nodes.Expression, ...]]:
    return st.lists(values, min_size=least, max_size=3).map(tuple)


def arguments_of(
    values: st.SearchStrategy[nodes.Expression],
) -> st.SearchStrategy[nodes.Argument]:
    return st.one_of(
        values.map(lambda value: nodes.Argument(SPAN, value, None, None)),
        st.builds(lambda n, v: nodes.Argument(SPAN, v, n, SPAN), NAMES | SOFT_NAMES, values),
    )


def bundles_of(values: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[nodes.Bundle]:
    named = st.builds(lambda n, v: nodes.Argument(SPAN, v, n, SPAN), NAMES, values)
    return st.lists(named, min_size=1, max_size=3).map(lambda a: nodes.Bundle(SPAN, tuple(a)))


def comparisons_of(
    values: st.SearchStrategy[nodes.Expression],
) -> st.SearchStrategy[nodes.Comparison]:
    return st.lists(st.sampled_from(COMPARISONS), min_size=1, max_size=3).flatmap(
        lambda operators: st.lists(
            values, min_size=len(operators) + 1, max_size=len(operators) + 1
        ).map(lambda operands: nodes.Comparison(SPAN, tuple(operands), tuple(operators)))
    )


def indexes_of(values: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[nodes.Index]:
    bound = st.none() | values
    slices = st.builds(lambda a, b, c: nodes.Slice(SPAN, a, b, c), bound, bound, bound)
    items = some(values | slices, 1)
    return st.builds(
        lambda value, items, flag: nodes.Index(SPAN, value, items, len(items) > 1 or flag),
        values,
        items,
        st.booleans(),
    )


def fstrings_of(values: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[nodes.FString]:
    def without_neighbours(parts: list[str | nodes.Expression]) -> nodes.FString:
        """Pieces of text that meet are one piece, and empty ones are none."""
        merged: list[str | nodes.Expression] = []
        for part in parts:
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            elif part != "":
                merged.append(part)
        return nodes.FString(SPAN, tuple(merged))

    return st.lists(TEXTS | values, max_size=4).map(without_neighbours)


def depth_of_fstrings(node: object) -> int:
    if isinstance(node, nodes.Node):
        inner = max(
            (depth_of_fstrings(getattr(node, f)) for f in type(node).__fields__[1:]), default=0
        )
        return inner + isinstance(node, nodes.FString)
    if isinstance(node, tuple):
        return max(map(depth_of_fstrings, node), default=0)
    return 0


def _larger(values: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[nodes.Expression]:
    layer_names = st.one_of(
        NAMES.map(lambda name: nodes.Name(SPAN, name)),
        TEXTS.map(lambda text: nodes.Literal(SPAN, text)),
    )
    stages = values | st.builds(lambda v, n: nodes.Named(SPAN, v, n), values, layer_names)
    return st.one_of(
        some(values).map(lambda items: nodes.ListDisplay(SPAN, items)),
        some(values).map(lambda items: nodes.TupleDisplay(SPAN, items)),
        st.lists(st.tuples(values, values), max_size=2).map(
            lambda items: nodes.DictDisplay(SPAN, tuple(items))
        ),
        bundles_of(values),
        st.builds(lambda o, v: nodes.Unary(SPAN, o, v), st.sampled_from(["-", "not"]), values),
        st.builds(
            lambda o, a, b: nodes.Binary(SPAN, o, a, b), st.sampled_from(BINARIES), values, values
        ),
        comparisons_of(values),
        st.builds(lambda a, b, c: nodes.Conditional(SPAN, a, b, c), values, values, values),
        st.builds(lambda v, n: nodes.Attribute(SPAN, v, n, SPAN), values, NAMES | SOFT_NAMES),
        indexes_of(values),
        st.builds(
            lambda f, a: nodes.Call(SPAN, f, tuple(a)),
            values,
            st.lists(arguments_of(values), max_size=3),
        ),
        st.builds(lambda s, t: nodes.Pipe(SPAN, s, t), stages, some(stages, 1)),
        stages,
        fstrings_of(values),
    )


EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=8).filter(
    lambda node: depth_of_fstrings(node) <= 3
)


# Statements and files

DTYPES = st.none() | st.sampled_from(["float32", "int8"])
DIMS = st.one_of(EXPRESSIONS, st.just(nodes.UnknownDim(SPAN)))
ANNOTATIONS = st.builds(
    lambda dtype, dims: nodes.Annotation(SPAN, dtype, tuple(dims)),
    DTYPES,
    st.lists(DIMS, max_size=3),
)
LAYER_NAMES = st.none() | st.one_of(
    NAMES.map(lambda name: nodes.Name(SPAN, name)),
    TEXTS.map(lambda text: nodes.Literal(SPAN, text)),
)
TARGETS = st.builds(lambda n, a: nodes.Target(SPAN, n, a), NAMES, st.none() | ANNOTATIONS)
PLAIN_TARGETS = st.recursive(
    NAMES.map(lambda name: nodes.Target(SPAN, name, None)),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(
        lambda items: nodes.TargetGroup(SPAN, tuple(items))
    ),
    max_leaves=4,
)
SIMPLE_STATEMENTS: st.SearchStrategy[nodes.Statement] = st.one_of(
    st.builds(
        lambda t, v: nodes.Assign(SPAN, tuple(t), v),
        st.lists(TARGETS | PLAIN_TARGETS, min_size=1, max_size=3),
        EXPRESSIONS,
    ),
    EXPRESSIONS.map(lambda value: nodes.Evaluate(SPAN, value)),
    st.builds(
        lambda n, a, name: nodes.Input(SPAN, n, SPAN, a, name),
        NAMES,
        st.none() | ANNOTATIONS,
        LAYER_NAMES,
    ),
    st.lists(
        st.builds(lambda n, v: nodes.OutputItem(SPAN, n, v), st.none() | NAMES, EXPRESSIONS),
        min_size=1,
        max_size=3,
    ).map(lambda items: nodes.Output(SPAN, tuple(items))),
    st.builds(
        lambda n, a, v, f: nodes.Weight(SPAN, n, SPAN, a, v, f),
        NAMES,
        ANNOTATIONS,
        st.none() | EXPRESSIONS,
        st.booleans(),
    ),
    EXPRESSIONS.map(lambda value: nodes.Require(SPAN, value)),
)


def _compound(
    statements: st.SearchStrategy[nodes.Statement],
) -> st.SearchStrategy[nodes.Statement]:
    bodies = st.lists(statements, max_size=3).map(tuple)
    branches = st.lists(
        st.builds(lambda t, b: nodes.Branch(SPAN, t, b), EXPRESSIONS, bodies),
        min_size=1,
        max_size=3,
    )
    last = bodies.map(lambda body: [nodes.Branch(SPAN, None, body)]) | st.just([])
    return st.one_of(
        st.builds(
            lambda t, i, b: nodes.For(SPAN, tuple(t), i, b),
            st.lists(PLAIN_TARGETS, min_size=1, max_size=3),
            EXPRESSIONS,
            bodies,
        ),
        st.builds(lambda some, rest: nodes.If(SPAN, (*some, *rest)), branches, last),
    )


STATEMENTS = st.recursive(SIMPLE_STATEMENTS, _compound, max_leaves=5)
PARAMETERS = st.lists(
    st.builds(
        lambda n, d: nodes.Parameter(SPAN, n, d), NAMES | SOFT_NAMES, st.none() | EXPRESSIONS
    ),
    max_size=3,
).map(tuple)
ITEMS: st.SearchStrategy[nodes.Item] = st.one_of(
    st.builds(lambda n, v: nodes.Const(SPAN, n, SPAN, v), NAMES, EXPRESSIONS),
    st.builds(
        lambda path, names: nodes.Import(SPAN, path, SPAN, tuple(names)),
        TEXTS,
        st.lists(
            st.builds(lambda n, a: nodes.ImportedName(SPAN, n, a), NAMES, st.none() | NAMES),
            min_size=1,
            max_size=3,
        ),
    ),
    st.builds(
        lambda k, n, p, b: nodes.Definition(
            SPAN, k.split()[-1], n, SPAN, p, tuple(b), "inline" in k, "frozen" in k
        ),
        st.sampled_from(
            [
                *("model", "sequential", "block", "inline block"),
                *("frozen model", "frozen sequential"),
            ]
        ),
        NAMES | SOFT_NAMES,
        PARAMETERS,
        st.lists(STATEMENTS, max_size=4),
    ),
    st.builds(
        lambda n, e: nodes.Train(SPAN, n, SPAN, tuple(e)),
        NAMES,
        st.lists(
            st.builds(
                lambda n, v: nodes.TrainEntry(SPAN, n, SPAN, v), NAMES | SOFT_NAMES, EXPRESSIONS
            ),
            max_size=3,
        ),
    ),
)
FILES = st.lists(ITEMS, max_size=3).map(lambda items: nodes.File(SPAN, tuple(items), ()))


# Texts

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.net"))
_PIECES = re.compile(r"\s+|\w+|\"[^\"\n]*\"|->|[^\w\s]")
_STRAY = [
    *("{", "}", "(", ")", "[", "]", "->", "=", ",", ":", "\n", '"', "'", 'f"', "if", "else"),
    *("for", "in", "model", "input", "x", "3", "08", "\\", "\0", "“", "→", ";", "&&", "#"),
    *('"""', "\t", "\r", "\f", "...", "?", ".", "@", "*", "**", "as", "not", "=>", "\ufeff"),
]


@st.composite
def mutated_texts(draw: st.DrawFn) -> str:
    """An example with tokens deleted, doubled, swapped or put in."""
    text = draw(st.sampled_from(EXAMPLES)).read_text(encoding="utf-8")
    pieces = _PIECES.findall(text)
    places = st.integers(0, len(pieces) - 1)
    for _ in range(draw(st.integers(1, 4))):
        place, other = draw(places) % len(pieces), draw(places) % len(pieces)
        change = draw(st.sampled_from(["delete", "double", "swap", "insert", "cut"]))
        if change == "delete":
            del pieces[place : place + draw(st.integers(1, 4))]
        elif change == "double":
            pieces.insert(place, pieces[other])
        elif change == "swap":
            pieces[place], pieces[other] = pieces[other], pieces[place]
        elif change == "insert":
            pieces.insert(place, draw(st.sampled_from(_STRAY)))
        else:
            pieces = pieces[:place]
        pieces = pieces or ["x"]
    return "".join(pieces)
