"""The constructs of the language, each as nodes."""

from __future__ import annotations

import gc

import pytest

from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.parse import parse, parse_annotation, parse_expression
from tests.syntax.parsing import (
    body_of,
    expression_of,
    is_broken,
    parsed,
    statement_of,
    texts_of,
    tree_of,
)
from tests.syntax.strategies import EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_parse(path) -> None:
    tree, diagnostics = parsed(path.read_text(encoding="utf-8"))
    assert diagnostics == []
    assert not is_broken(tree)
    assert tree.items


# Files and items


def test_empty_files() -> None:
    for text in ("", "\n", "  \n\n", "# comment", "\ufeff", "\ufeff\n# c\n", "\t\f\n"):
        tree = tree_of(text)
        assert tree.items == ()
        assert tree.span.text == text


def test_const() -> None:
    (const,) = tree_of("const sizes = 1, x\n").items
    assert isinstance(const, nodes.Const)
    assert (const.name, const.name_span.text) == ("sizes", "sizes")
    assert isinstance(const.value, nodes.TupleDisplay)
    assert const.value.span.text == "1, x"


def test_import() -> None:
    (node,) = tree_of('from "a/b.net" import residual, encoder as code\n').items
    assert isinstance(node, nodes.Import)
    assert (node.path, node.path_span.text) == ("a/b.net", '"a/b.net"')
    assert [(n.name, n.alias) for n in node.names] == [("residual", None), ("encoder", "code")]
    assert texts_of(node.names) == ["residual", "encoder as code"]


def test_import_in_parentheses() -> None:
    (node,) = tree_of('from "a.net" import (\n    a,\n    b,\n)\n').items
    assert isinstance(node, nodes.Import)
    assert [n.name for n in node.names] == ["a", "b"]


@pytest.mark.parametrize("kind", ["model", "sequential", "block"])
def test_definition(kind: str) -> None:
    (node,) = tree_of(f"{kind} net(a, b=[1, 2],) {{\n    output a\n}}\n").items
    assert isinstance(node, nodes.Definition)
    assert (node.kind, node.name, node.name_span.text) == (kind, "net", "net")
    assert [(p.name, p.span.text) for p in node.parameters] == [("a", "a"), ("b", "b=[1, 2]")]
    assert node.parameters[0].default is None
    assert isinstance(node.parameters[1].default, nodes.ListDisplay)
    assert [type(s) for s in node.body] == [nodes.Output]


def test_definition_without_parameters() -> None:
    for text in ("model net {}", "model net() { }", "model net {\n}", "model net {\n# c\n}"):
        (node,) = tree_of(text).items
        assert isinstance(node, nodes.Definition)
        assert node.parameters == node.body == ()
        assert node.span.text == text


def test_train() -> None:
    (node,) = tree_of("train net {\n    loss = Mse()\n    metrics = [accuracy]\n}\n").items
    assert isinstance(node, nodes.Train)
    assert (node.model, node.model_span.text, node.broken) == ("net", "net", ())
    assert [(e.name, e.name_span.text) for e in node.entries] == [
        ("loss", "loss"),
        ("metrics", "metrics"),
    ]
    assert texts_of(node.entries) == ["loss = Mse()", "metrics = [accuracy]"]
    assert tree_of("train net {}").items[0].entries == ()


def test_train_keys_may_be_words_of_statements() -> None:
    (node,) = tree_of("train net {\n    weight = 1\n    input = 2\n}").items
    assert [entry.name for entry in node.entries] == ["weight", "input"]


# Statements


def test_input() -> None:
    node = statement_of('input image: float16[28, ?, C // 2, ...] as "the image"')
    assert isinstance(node, nodes.Input)
    assert (node.name, node.name_span.text) == ("image", "image")
    assert node.annotation.dtype == "float16"
    assert [type(d) for d in node.annotation.dims] == [
        nodes.Literal,
        nodes.UnknownDim,
        nodes.Binary,
        nodes.Literal,
    ]
    assert node.annotation.dims[3].value is ...
    assert node.annotation.span.text == "float16[28, ?, C // 2, ...]"
    assert node.layer_name.value == "the image"


def test_input_forms() -> None:
    assert statement_of("input x").annotation is None
    assert statement_of("input x: []").annotation.dims == ()
    assert statement_of("input x: [3,] as name").layer_name.id == "name"
    assert statement_of("input x: [T]").annotation.dtype is None
    assert statement_of('input x as f"a{i}"').layer_name.parts[0] == "a"


def test_input_without_name_in_a_sequential() -> None:
    for text, dtype in (("input [28, 28]", None), ("input int32[28] as ids", "int32")):
        (net,) = tree_of(f"sequential net {{ {text} }}").items
        (node,) = net.body
        assert (node.name, node.name_span, node.annotation.dtype) == (None, None, dtype)


def test_output() -> None:
    node = statement_of("output mask = m, x -> ReLU() as out, b")
    assert isinstance(node, nodes.Output)
    assert [item.name for item in node.items] == ["mask", None, None]
    assert texts_of(node.items) == ["mask = m", "x -> ReLU() as out", "b"]
    assert isinstance(node.items[1].value, nodes.Pipe)


def test_output_of_displays() -> None:
    pair = statement_of("output (a, b) -> Add()").items[0].value
    assert isinstance(pair.source, nodes.TupleDisplay)
    items = statement_of("output [a, b] -> Add()").items[0].value
    assert isinstance(items.source, nodes.ListDisplay)


def test_weight() -> None:
    node = statement_of("frozen weight table: int8[V, 4] = zeros")
    assert isinstance(node, nodes.Weight)
    assert (node.name, node.name_span.text, node.is_frozen) == ("table", "table", True)
    assert node.annotation.dtype == "int8"
    assert isinstance(node.value, nodes.Name)
    bare = statement_of("weight w: []")
    assert (bare.value, bare.is_frozen) == (None, False)


def test_require() -> None:
    node = statement_of("require params <= 1_500_000 and macs < 300e6")
    assert isinstance(node, nodes.Require)
    assert node.condition.operator == "and"


def test_assign() -> None:
    node = statement_of("a: [3], b = x, y")
    assert isinstance(node, nodes.Assign)
    assert [t.name for t in node.targets] == ["a", "b"]
    assert texts_of(node.targets) == ["a: [3]", "b"]
    assert isinstance(node.value, nodes.TupleDisplay)
    assert [type(t.annotation) for t in node.targets] == [nodes.Annotation, type(None)]


def test_evaluate() -> None:
    node = statement_of("Conv2D(32, 3) as stem")
    assert isinstance(node, nodes.Evaluate)
    assert isinstance(node.value, nodes.Named)


def test_for() -> None:
    node = statement_of("for stage, depth in enumerate(depths) { x = 1\n y = 2 }")
    assert isinstance(node, nodes.For)
    assert [(t.name, t.annotation, t.span.text) for t in node.targets] == [
        ("stage", None, "stage"),
        ("depth", None, "depth"),
    ]
    assert node.iterable.span.text == "enumerate(depths)"
    assert [s.span.text for s in node.body] == ["x = 1", "y = 2"]


@pytest.mark.parametrize("gap", [" ", "\n", "\n\n  ", "  # comment\n", "\n# comment\n# more\n"])
def test_if(gap: str) -> None:
    node = statement_of(f"if a {{ x = 1 }}{gap}elif b {{ }}{gap}else {{ x = 2 }}")
    assert isinstance(node, nodes.If)
    assert [b.test and b.test.span.text for b in node.branches] == ["a", "b", None]
    assert [len(b.body) for b in node.branches] == [1, 0, 1]
    assert texts_of(node.branches) == ["if a { x = 1 }", "elif b { }", "else { x = 2 }"]


def test_newlines_end_statements() -> None:
    assert texts_of(body_of("a = 1\n\n\nb = 2 # comment\n  # more\nc")) == ["a = 1", "b = 2", "c"]


def test_lines_that_begin_with_an_arrow_go_on() -> None:
    text = "y = x # one\n\n    # two\n    -> A()\n  ->\tB() -> C()"
    node = statement_of(text)
    assert [s.span.text for s in node.value.stages] == ["A()", "B()", "C()"]
    assert node.span.text == text


def test_newlines_inside_brackets_mean_nothing() -> None:
    node = statement_of('f(\n  a,\n\n b\n) -> g([1,\n 2], {\n "k"\n: 1\n}, x[\n0\n])')
    assert isinstance(node.value, nodes.Pipe)


def test_line_ends() -> None:
    lines = ["model m {", "    a = 1", "    b = 2", "}", ""]
    plain = tree_of("\n".join(lines))
    for end in ("\r\n", "\r"):
        tree = tree_of(end.join(lines))
        assert texts_of(tree.items[0].body) == texts_of(plain.items[0].body) == ["a = 1", "b = 2"]


# Expressions


def test_literals() -> None:
    values = {"1": 1, "2.5": 2.5, '"a"': "a", "True": True, "False": False, "None": None}
    for text, value in values.items():
        node = expression_of(text)
        assert isinstance(node, nodes.Literal)
        assert node.value == value
        assert type(node.value) is type(value)
        assert node.span.text == text
    assert expression_of("...").value is ...


def test_lower_case_truth_values_are_names() -> None:
    for text in ("true", "false", "none", "null"):
        assert isinstance(expression_of(text), nodes.Name)


def test_displays() -> None:
    assert texts_of(expression_of("[a, b -> C(),]").items) == ["a", "b -> C()"]
    assert texts_of(expression_of("(a, b)").items) == ["a", "b"]
    assert expression_of("()").items == expression_of("[]").items == expression_of("{}").items == ()
    single = expression_of("(x,)")
    assert isinstance(single, nodes.TupleDisplay)
    assert single.span.text == "(x,)"
    pairs = expression_of('{"a": 1, b: c -> D(),}')
    assert isinstance(pairs, nodes.DictDisplay)
    assert [(k.span.text, v.span.text) for k, v in pairs.items] == [('"a"', "1"), ("b", "c -> D()")]


def test_parentheses_leave_no_node() -> None:
    for text in ("x", "(x)", "((x))", "(\nx\n)"):
        node = expression_of(text)
        assert isinstance(node, nodes.Name)
        assert node.span.text == "x"


def test_bundle() -> None:
    pipe = expression_of("(query=x, value=y) -> Attention()")
    assert isinstance(pipe.source, nodes.Bundle)
    assert [(a.name, a.value.id) for a in pipe.source.arguments] == [("query", "x"), ("value", "y")]
    assert isinstance(expression_of("(only=x)"), nodes.Bundle)


def test_call() -> None:
    node = expression_of("Dense(64, relu, use_bias=not x, model=y,)")
    assert isinstance(node, nodes.Call)
    assert node.function.id == "Dense"
    assert [a.name for a in node.arguments] == [None, None, "use_bias", "model"]
    assert [a.name_span and a.name_span.text for a in node.arguments][2:] == ["use_bias", "model"]
    assert texts_of(node.arguments) == ["64", "relu", "use_bias=not x", "model=y"]


def test_index() -> None:
    node = expression_of("x[..., :half, 1:2:3, ::, None]")
    assert isinstance(node, nodes.Index)
    assert node.is_tuple
    assert texts_of(node.items) == ["...", ":half", "1:2:3", "::", "None"]
    half = node.items[1]
    assert isinstance(half, nodes.Slice)
    assert (half.lower, half.upper.id, half.step) == (None, "half", None)
    full = node.items[2]
    assert (full.lower.value, full.upper.value, full.step.value) == (1, 2, 3)
    assert not expression_of("x[0]").is_tuple
    assert expression_of("x[0,]").is_tuple
    assert expression_of("x[::s]").items[0].step.id == "s"


def test_attribute() -> None:
    node = expression_of("x.shape[-1]")
    assert isinstance(node.value, nodes.Attribute)
    assert (node.value.name, node.value.name_span.text) == ("shape", "shape")


def test_pipe() -> None:
    node = expression_of("x -> A() as first -> B -> C()")
    assert isinstance(node, nodes.Pipe)
    assert node.source.id == "x"
    assert [type(s) for s in node.stages] == [nodes.Named, nodes.Name, nodes.Call]
    assert node.stages[0].span.text == "A() as first"
    assert (node.stages[0].value.span.text, node.stages[0].name.id) == ("A()", "first")


def test_pipes_stand_anywhere_in_parentheses() -> None:
    total = expression_of("(x -> Dense(3)) + y")
    assert isinstance(total, nodes.Binary)
    assert isinstance(total.left, nodes.Pipe)
    assert total.span.text == "(x -> Dense(3)) + y"
    assert total.left.span.text == "x -> Dense(3)"
    assert isinstance(expression_of("f(x -> A(), k=y -> B())").arguments[1].value, nodes.Pipe)
    inner = expression_of("x -> (y -> A())")
    assert isinstance(inner.stages[0], nodes.Pipe)


def test_conditional() -> None:
    node = expression_of("a if b else c if d else e")
    assert isinstance(node, nodes.Conditional)
    assert (node.value.id, node.test.id) == ("a", "b")
    assert isinstance(node.otherwise, nodes.Conditional)
    pipe = expression_of("a if b else c -> D()")
    assert isinstance(pipe.source, nodes.Conditional)
    assert isinstance(expression_of("a if b else {}").otherwise, nodes.DictDisplay)


def test_fstring() -> None:
    node = expression_of('f"stage{i + 1}_{{{name}}}"')
    assert isinstance(node, nodes.FString)
    first, number, second, name, last = node.parts
    assert (first, second, last) == ("stage", "_{", "}")
    assert (number.span.text, name.span.text) == ("i + 1", "name")
    assert isinstance(number, nodes.Binary)


def test_fstring_forms() -> None:
    assert expression_of('f""').parts == ()
    assert expression_of('f"plain"').parts == ("plain",)
    assert expression_of('F"\\x41{x}"').parts[0] == "A"
    assert expression_of('rf"\\x41{x}"').parts[0] == "\\x41"
    assert expression_of("f'''{x}\n'''").parts[1] == "\n"
    nested = expression_of("""f"a{d['k']}{f'{x}b'}" """).parts
    assert isinstance(nested[1], nodes.Index)
    assert nested[2].parts[1] == "b"
    assert expression_of('f"{ {1: 2}[1] != x }"').parts[0].operators == ("!=",)


def test_soft_words_are_names_in_expressions() -> None:
    words = "model sequential block train const from import input output weight frozen require"
    for word in words.split():
        assert expression_of(word).id == word
        assert statement_of(f"x = {word} + f({word}={word}).{word}")
        assert expression_of(f"x -> A() as {word}").stages[0].name.id == word
        (item,) = tree_of(f"block {word}({word}=1) {{ input {word}: [{word}] }}").items
        assert (item.name, item.parameters[0].name) == (word, word)


def test_names_are_normalised_as_in_python() -> None:
    assert expression_of("ﬁlters").id == "filters"
    assert expression_of("größe").id == "größe"


def test_equal_names_are_one_object() -> None:
    a, b = body_of("alpha = beta\nbeta = alpha")
    assert a.targets[0].name is b.value.id


# Fragments


def test_parse_expression() -> None:
    sink = Sink()
    assert parse_expression(SourceFile("<set>", "[1, 2]\n"), sink).span.text == "[1, 2]"
    assert sink.diagnostics == []
    for text in ("", "1 2", "a = 3", "[1", "x\ny", "("):
        sink = Sink()
        assert parse_expression(SourceFile("<set>", text), sink) is None
        assert sink.error_count == 1


def test_parse_annotation() -> None:
    sink = Sink()
    shape = parse_annotation(SourceFile("<input>", "int32[T, ?]"), sink)
    assert (shape.dtype, texts_of(shape.dims)) == ("int32", ["T", "?"])
    assert parse_annotation(SourceFile("<input>", " [250, 250, 3]"), sink).dtype is None
    assert sink.diagnostics == []
    for text in ("250, 250", "x", "[3", "[3]]", "float32"):
        sink = Sink()
        assert parse_annotation(SourceFile("<input>", text), sink) is None
        assert sink.error_count == 1


def test_collection_of_garbage_is_as_it_was() -> None:
    file = SourceFile("a", "model a {")
    assert gc.isenabled()
    parse(file, Sink())
    assert gc.isenabled()
    gc.disable()
    try:
        parse(file, Sink())
        assert not gc.isenabled()
    finally:
        gc.enable()
